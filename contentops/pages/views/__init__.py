"""Pieces of content turned into what templates are given (contentops.pages.contract)."""
