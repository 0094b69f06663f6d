"""The catalog database of the Commerce side. It knows nothing of feeds."""
