"""A support case: its file, and what is done with it.

Reading and writing a case file, what happened in it and how it is played again. Only cli.py and the
modules named after what they touch (archive, capture, player) do I/O. Nothing here knows the
server's insides: state comes and goes through its control API.
"""
