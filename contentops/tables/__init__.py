"""Spreadsheets that come from outside, read as cells; what the columns mean is said by the room that asked."""
