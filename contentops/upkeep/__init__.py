"""Keeping it running: checks before the start, readiness, backups and their return."""
