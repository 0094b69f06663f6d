"""POST /<route>/<data space>: the one thing that exporters do. Decode, judge, record, answer."""

import time
from dataclasses import dataclass, field, replace

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import BaseConverter

from mcs.contract.answer import ErrorShape, answer_body
from mcs.contract.errors import ContractError
from mcs.contract.feeds import Feed
from mcs.server import decoding, gateway
from mcs.server.answers import JSON, error_answer, request_id
from mcs.server.config import RESERVED_SEGMENTS, Settings
from mcs.server.judging import Judgement, feed_of, judge
from mcs.server.service import Service, current_service
from mcs.server.store.repository import timestamp
from mcs.server.store.values import Arrival, Batch

LARGEST_NUMBER = 2**53
"""What a database can hold of a Content-Length that is made up."""

ingest = Blueprint("ingest", __name__)


class FeedRoute(BaseConverter):
    """Any path before the last segment, empty segments included, that is not another room's.

    Base URLs are configured with a slash at their end and without, so double ones are common.
    """

    regex = r"(?!(?:" + "|".join(RESERVED_SEGMENTS) + r")(?:/|$)).*?"
    part_isolating = False


def mount(app: Flask) -> None:
    """Adds the ingest routes to an app."""
    app.url_map.converters["feed_route"] = FeedRoute
    app.register_blueprint(ingest)


@dataclass
class Receipt:
    """What is known of the present request so far, for the journal."""

    arrival: Arrival
    started: float = field(default_factory=time.perf_counter)
    body: bytes | None = None

    def note(self, **known: object) -> None:
        """Adds to what is known."""
        self.arrival = replace(self.arrival, **known)  # type: ignore[arg-type]  # names of Arrival

    def timed(self) -> Arrival:
        """What is known, with the time taken until now."""
        taken_ms = (time.perf_counter() - self.started) * 1000
        return replace(self.arrival, duration_ms=round(taken_ms, 3))


@ingest.post("/<feed_route:route>/<data_space>")
def receive(route: str, data_space: str) -> Response:
    """Records one batch. The answer is given after the commit, also if items were refused."""
    service = current_service()
    receipt = _receipt(service, route)
    try:
        target = _target(service, receipt, data_space)
        items = _decode(service, receipt)
        feed = feed_of(target.feeds, items)
        settings = target.data_space.settings
        judgement = judge(feed, items, settings)
    except ContractError as refusal:
        _journal_refusal(service, receipt, refusal)
        raise
    return _record_and_answer(service, receipt, feed, settings, judgement, len(items))


@ingest.route("/<feed_route:route>/<data_space>", methods=["GET", "PUT", "PATCH", "DELETE"])
def only_post(route: str, data_space: str) -> Response:
    """Says that feeds are posted; 404 where there is no feed at all."""
    found = current_service().store.data_space(gateway.normalised_id(data_space) or "")
    gateway.target_of(route, data_space, found)
    detail = f"{request.method} is not possible here. Send a batch with POST."
    return error_answer(405, "method_not_allowed", "Method Not Allowed", detail, ["POST"])


def _receipt(service: Service, route: str) -> Receipt:
    return Receipt(
        Arrival(
            request_id=request_id(),
            received_at=timestamp(service.clock()),
            route=route,
            headers=gateway.redacted(request.headers),
            body_bytes=min(request.content_length or 0, LARGEST_NUMBER),
        )
    )


def _target(service: Service, receipt: Receipt, data_space_id: str) -> gateway.Target:
    found = service.store.data_space(gateway.normalised_id(data_space_id) or "")
    receipt.note(data_space=found.id if found else None)
    target = gateway.target_of(receipt.arrival.route, data_space_id, found)
    if len(target.feeds) == 1:
        receipt.note(feed=target.feeds[0].name)
    gateway.authenticate(service, request.headers, target.data_space.id)
    limit = target.data_space.settings.requests_per_minute
    service.throttle.admit(target.data_space.id, limit, service.clock())
    return target


def _decode(service: Service, receipt: Receipt) -> list[object]:
    body = decoding.raw_body(request, service.config)
    receipt.note(body_bytes=len(body))
    receipt.body = decoding.decoded_body(request, body, service.config)
    receipt.note(decoded_bytes=len(receipt.body))
    items = decoding.parsed_batch(receipt.body)
    receipt.note(items=len(items))
    return items


def _record_and_answer(
    service: Service,
    receipt: Receipt,
    feed: Feed,
    settings: Settings,
    judgement: Judgement,
    item_count: int,
) -> Response:
    refused = bool(judgement.rejected)
    status = settings.partial_failure if refused else 200
    kept = judgement.accepted if settings.keep_valid_items or not refused else []
    receipt.note(
        feed=feed.name, status=status, accepted=len(kept), rejected=len(judgement.rejected)
    )
    batch = Batch(feed.name, receipt.body or b"", kept, judgement.rejected)
    service.store.record(receipt.timed(), batch)
    service.activity.note(
        receipt.arrival.data_space or "", len(kept), len(judgement.rejected), service.clock()
    )
    body = answer_body(item_count, judgement.errors, ErrorShape(settings.error_shape))
    return Response(body, status, mimetype=JSON)


def _journal_refusal(service: Service, receipt: Receipt, refusal: ContractError) -> None:
    receipt.note(status=refusal.status, code=refusal.code, message=str(refusal))
    service.store.record_refusal(receipt.timed(), receipt.body)
