"""A listing as an answer: lines as they come, in constant memory."""

from collections.abc import Iterable
from itertools import chain

from flask import Response, request

from mcs.server import listings


def streamed(lines: Iterable[bytes]) -> Response:
    """An answer of NDJSON lines, compressed where that is welcome."""
    parts = iter(listings.chunks(lines))
    answer = Response(mimetype="application/x-ndjson")
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        answer.headers["Content-Encoding"] = "gzip"
        parts = iter(listings.gzipped(parts))
    # The first part is made here, so that what fails at once is answered as an error.
    first = next(parts, b"")
    answer.response = chain([first], parts)
    return answer
