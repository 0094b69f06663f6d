"""A small exporter, what can be wrong with it, and whether the conformance suite sees that."""
