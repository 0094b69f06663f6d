"""`python -m mcs` is mcs."""

from mcs.cli import main

main()
