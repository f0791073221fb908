"""What people get next: mail to colleagues about the calendar."""
