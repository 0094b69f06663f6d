"""Locust users that post seeded catalogs, and benchmarks. Needs the extra `load` for Locust."""
