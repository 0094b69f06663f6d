"""What both sides of the wire agree on. No files, no sockets, no Flask, no SQLAlchemy."""
