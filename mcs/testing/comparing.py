"""The diff behind `assert_in_sync`: what was sent against one data space of a running service."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcs.harness.diff import Options, diff
from mcs.harness.sources.items import SentItems
from mcs.harness.sources.service import Service
from mcs.testing.failures import nothing_compared, out_of_sync
from mcs.testing.sent import Sent, opened_sent
from mcs.testing.told import speaks_for_itself

if TYPE_CHECKING:
    from mcs.testing.services import CommerceServices

__tracebackhide__ = speaks_for_itself


def failure(
    services: "CommerceServices", sent: Sent, feeds: Sequence[str], ignore: Sequence[str]
) -> str | None:
    """What does not agree, in words; None if all does. Raises as `opened_sent` and `diff` do."""
    with (
        opened_sent(sent, feeds) as (side, chosen),
        Service(services.url, services.data_space_id, services.control.token) as received,
    ):
        result = diff(side, received, Options(chosen, tuple(ignore)))
        plain = isinstance(side, SentItems)
    if not result.in_sync:
        return out_of_sync(result, services.evidence(), services.shown, plain=plain)
    alive = any(counts.sent or counts.received for counts in result.feeds.values())
    # Where all is deleted on both sides there is something to agree on.
    compared = alive or any(request.accepted for request in services.requests())
    return None if compared else nothing_compared(list(result.feeds))
