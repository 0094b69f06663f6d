"""How the bodies of requests are kept: compressed, and as they came where they came so."""

import zlib

from isal import isal_zlib

# The fastest: a body of a batch shrinks to a tenth all the same.
COMPRESSION_LEVEL = 1
ANY_WINDOW = 47
"""What isal wants to be told in order to read gzip as well as its own format."""


def packed(body: bytes) -> bytes:
    """A decoded body as it is kept."""
    return zlib.compress(body, COMPRESSION_LEVEL)


def unpacked(kept: bytes) -> bytes:
    """A decoded body out of what is kept: zlib's format, or the one gzip member that came.

    >>> import gzip
    >>> unpacked(packed(b"[]")), unpacked(gzip.compress(b"[]"))
    (b'[]', b'[]')
    """
    return isal_zlib.decompress(kept, ANY_WINDOW)
