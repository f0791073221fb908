"""The outbox: what was queued in the same transaction as a lead leaves the house, at least once, in its own time."""
