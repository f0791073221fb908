"""What is kept of people, as a declared map; and what follows from it: a copy for them, erasure, retention."""
