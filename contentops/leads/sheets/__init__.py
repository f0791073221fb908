"""Leads as files: what goes to Excel, what comes from events and WeCom."""
