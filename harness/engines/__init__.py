"""What runs the reconciliation's queries, which are the same for all: see `harness.verdict`."""
