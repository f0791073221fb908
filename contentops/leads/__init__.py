"""Who asked for what and what they agreed to: submission, contact keys, consent, personal links, export."""
