"""What came to a data space, in some lines for the report of a failed test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcs.contract.answer import reason_phrase
from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.testing.seen import SeenRequest

if TYPE_CHECKING:
    from mcs.testing.services import CommerceServices

SHOWN_REQUESTS = 10
DATA_SPACE = "data space {id} of {url}"
NO_REQUEST = "No request came."
EARLIER = "… and {count} earlier requests"
REQUEST = "{time} {feed} {answer}; items {items}, accepted {accepted}, refused {rejected}"


def what_came(services: "CommerceServices") -> str:
    """The data space and its latest requests; why not, if the service cannot tell."""
    head = DATA_SPACE.format(id=services.data_space_id, url=services.url)
    try:
        requests = services.requests()
    except (UsageError, CouldNotTell) as error:
        return f"{head}\n{error}"
    return "\n".join([head, *_lines(requests)])


def _lines(requests: list[SeenRequest]) -> Iterator[str]:
    if not requests:
        yield NO_REQUEST
    if len(requests) > SHOWN_REQUESTS:
        yield EARLIER.format(count=len(requests) - SHOWN_REQUESTS)
    for request in requests[-SHOWN_REQUESTS:]:
        answer = f"{request.status} {reason_phrase(request.status)}"
        yield REQUEST.format(
            time=f"{request.received_at:%H:%M:%S}",
            feed=request.feed or "no feed's route",
            items=request.items,
            accepted=request.accepted,
            rejected=request.rejected,
            answer=f"{answer}: {request.code}" if request.code else answer,
        )
