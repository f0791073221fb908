"""When each step is due, and for whom: working days, milestones, the calendar that goes to Outlook."""
