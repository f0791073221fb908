"""What people get next: mail to colleagues about the calendar, and to visitors what they asked for."""
