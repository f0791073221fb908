"""The calendar as others get it: events for Outlook and its like, workbooks for Excel."""
