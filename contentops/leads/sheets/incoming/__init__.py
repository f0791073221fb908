"""Lists of people that others wrote come in as leads: read, compared with what is known, stored."""
