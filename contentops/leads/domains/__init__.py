"""What the domain of an e-mail address tells: a mailbox for ten minutes, or nobody who takes mail."""
