"""Scripted misbehaviour: seeded rules per data space, what they do, and the journal's events.

All here is pure but `connection` and `answering`, which speak to the client; the store keeps it.
"""
