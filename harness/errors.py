"""What keeps the harness from a verdict; for a wrong question it uses contract.errors."""


class CouldNotTell(Exception):
    """A side could not be read to its end, so that no verdict is possible (exit code 3)."""
