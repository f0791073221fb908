"""The calendar as it comes back: what others moved, shown as a difference and then applied."""
