"""Whether the present request waited behind too many others. gunicorn's worker tells the app."""

from threading import local

from mcs.contract.errors import ContractError

RETRY_AFTER_S = 2

_present = local()


def tell(*, overloaded: bool) -> None:
    """Says it of the request that this thread answers next."""
    _present.overloaded = overloaded


def refuse_if_overloaded() -> None:
    """Raises ContractError 503 if the present request had better come again."""
    if getattr(_present, "overloaded", False):
        raise ContractError(
            503,
            "overloaded",
            "Service Unavailable",
            "More batches came than can be taken in, so nothing of this one was recorded. Send it "
            f"again in {RETRY_AFTER_S} s.",
            retry_after_s=RETRY_AFTER_S,
        )
