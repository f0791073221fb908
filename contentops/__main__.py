"""`python -m contentops`."""

from contentops.cli import main

main()
