"""What can go wrong, by whose fault it is. Messages say where, what came, and what to do next."""


class UsageError(Exception):
    """The caller asked for something there is not, or set something up wrongly."""


class ContractError(Exception):
    """A request that breaks the contract as a whole.

    status: the HTTP status of the answer. code: a stable word for machines. detail: what came and
    what to send instead; `message` alone is what a genuine client compares. retry_after_s: when
    to come again, where that helps.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: str = "",
        *,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(_sentences(message, detail))
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.retry_after_s = retry_after_s


class MissingIdentity(Exception):
    """An item lacks a field of its identity, or has no usable value there."""

    def __init__(self, feed_name: str, path: str) -> None:
        super().__init__(
            f"{feed_name}: no usable value at {path}. Send a non-empty string or number there: "
            "it names the item."
        )
        self.path = path


def _sentences(message: str, detail: str) -> str:
    # A message is a fact of the wire, and most end without a full stop.
    ends = "" if message.endswith((".", "!", "?", ":")) else "."
    return f"{message}{ends} {detail}" if detail else message
