"""A form comes in: reading it strictly, storing it with everything that belongs to it in one commit."""
