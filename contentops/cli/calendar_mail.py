"""calendar: what goes to colleagues by mail."""
