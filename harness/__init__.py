"""Did everything arrive? Reads both sides by their documented formats, so any exporter will do."""
