"""Mail to colleagues: digests of the day and invitations."""
