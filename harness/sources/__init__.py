"""Where the two sides are read from; each module is one adapter to the lists in `harness.sides`."""
