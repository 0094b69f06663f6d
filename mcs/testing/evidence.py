"""What the service knows of items that are not as they should be; asked once, for a failure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mcs.contract.answer import reason_phrase
from mcs.testing.seen import FaultEvent, RefusedItem, SeenRequest, is_named, reasons

EVER = datetime.min.replace(tzinfo=UTC)

REFUSED = "The service refused it: {reasons} (request {request_id}, item {index} of it)"
HIT = "The fault {action} hit it (fault {fault}, request {request_id})."
TURNED_AWAY = "{requests} of {all} requests of {feed} {were} turned away whole: {answers}."
NO_REQUEST = "No request of {feed} came to this data space."
CAME = "{feed} in all: requests {requests}, items {items}, accepted {accepted}, refused {rejected}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Refused items, hits of faults and requests of a data space, each in order of time."""

    refused: Sequence[RefusedItem]
    hits: Sequence[FaultEvent]
    requests: Sequence[SeenRequest]

    def of_item(self, feed: str, key: str, held_since: datetime = EVER) -> list[str]:
        """A sentence for each thing that happened to an identity; of refusals the latest alone.

        held_since: when what the service holds of it came; what was before that is past.
        """
        refusals = [
            one
            for one in self.refused
            if (one.feed, one.key) == (feed, key) and one.received_at >= held_since
        ]
        hits = [
            hit for hit in self.hits if (hit.feed, hit.key) == (feed, key) and hit.at >= held_since
        ]
        return [*map(_refusal, refusals[-1:]), *map(_hit, hits)]

    def of_named(self, feed: str, wanted: Mapping[str, str]) -> list[str]:
        """The same, of every identity that has the wanted values."""
        sides: list[RefusedItem | FaultEvent] = [*self.refused, *self.hits]
        keys = (one.key for one in sides if one.feed == feed and is_named(one.identity, wanted))
        known = dict.fromkeys(key for key in keys if key)
        return [sentence for key in known for sentence in self.of_item(feed, key)]

    def of_feed(self, feed: str) -> list[str]:
        """What may have kept items of a feed away: no request, or requests turned away."""
        requests = [request for request in self.requests if request.feed == feed]
        if not requests:
            return [NO_REQUEST.format(feed=feed), *self._strays()]
        whole = [one for one in requests if not one.accepted and not one.rejected]
        away = [one for one in whole if one.status >= 300]
        return [_turned_away(feed, away, len(requests))] if away else []

    def summary(self, feed: str) -> str:
        """The requests of a feed in one line."""
        requests = [request for request in self.requests if request.feed == feed]
        return CAME.format(
            feed=feed,
            requests=len(requests),
            items=sum(request.items for request in requests),
            accepted=sum(request.accepted for request in requests),
            rejected=sum(request.rejected for request in requests),
        )

    def _strays(self) -> list[str]:
        """Requests that name no feed, such as those to a wrong route."""
        strays = [request for request in self.requests if request.feed is None]
        return [_turned_away("no feed", strays, len(strays))] if strays else []


def _refusal(item: RefusedItem) -> str:
    return REFUSED.format(
        reasons=reasons(item.errors), request_id=item.request_id, index=item.index
    )


def _hit(event: FaultEvent) -> str:
    return HIT.format(action=event.action, fault=event.fault, request_id=event.request_id)


def _turned_away(feed: str, requests: Sequence[SeenRequest], total: int) -> str:
    answers = Counter(_answer(request) for request in requests)
    return TURNED_AWAY.format(
        requests=len(requests),
        all=total,
        feed=feed,
        were="was" if len(requests) == 1 else "were",
        answers="; ".join(f"{count} × {answer}" for answer, count in answers.most_common()),
    )


def _answer(request: SeenRequest) -> str:
    said = f"{request.status} {reason_phrase(request.status)}"
    return f"{said} ({request.code})" if request.code else said
