"""What is raised where a request does not come in time, or not whole. For any WSGI server."""


class ClientTooSlow(Exception):
    """A request did not come in time.

    No OSError: what catches those takes the client for gone, and this one is owed an answer.
    """

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"The request did not come within {limit_s:g} s, so nothing of it was recorded. "
            "Send it again; the server's MCS_REQUEST_TIMEOUT_S may be raised."
        )


class ClientHoldsOthersUp(ClientTooSlow):
    """A request came so slowly that others, for which there was no thread, waited for it."""

    def __init__(self, waited_s: float) -> None:
        Exception.__init__(
            self,
            f"The server waited {waited_s:.0f} s for this request while others waited for their "
            "turn, so nothing of it was recorded. Send it again, without pauses.",
        )


class BrokenBody(Exception):
    """A body ends too early, or is not framed as HTTP wants it. Says how."""
