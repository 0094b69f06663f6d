"""POST /<route>/<data space>: the one thing that exporters do. Decode, judge, record, answer."""

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import BaseConverter

from mcs.contract.answer import ErrorShape
from mcs.contract.catalog import ROOT as CATALOG_ROOT
from mcs.contract.dialects import FEEDS_DIALECT
from mcs.contract.errors import ContractError
from mcs.server import gateway
from mcs.server.answers import error_answer
from mcs.server.config import RESERVED_SEGMENTS
from mcs.server.faults.actions import Part
from mcs.server.faults.answering import answer_instead, journal_message, malformed
from mcs.server.faults.connection import delivered
from mcs.server.faults.course import Course
from mcs.server.faults.rules import Rule
from mcs.server.interference import Incoming, signature_clock
from mcs.server.judging import Judgement, call_of, feed_of, judge
from mcs.server.manner import Manner, manner_of
from mcs.server.overload import refuse_if_overloaded
from mcs.server.receipt import Receipt, new_receipt
from mcs.server.service import Service, current_service
from mcs.server.store.repository import Store
from mcs.server.store.values import Batch
from mcs.server.throttle import too_many

FAULT = "fault"
"""The journal's code of a request that a fault answered in the place of the service."""

ingest = Blueprint("ingest", __name__)


class FeedRoute(BaseConverter):
    """Any path before the last segment, empty segments included, that is not another room's, nor a
    call of a dialect that names the data space first.

    Base URLs are configured with a slash at their end and without, so double ones are common.
    """

    regex = (
        r"(?!(?:" + "|".join(RESERVED_SEGMENTS) + r")(?:/|$))"
        r"(?!/*[^/]+/+" + CATALOG_ROOT.replace("/", "/+") + r"/).*?"
    )
    part_isolating = False


def mount(app: Flask) -> None:
    """Adds the ingest routes to an app."""
    app.url_map.converters["feed_route"] = FeedRoute
    app.register_blueprint(ingest)


@ingest.post("/<feed_route:route>/<data_space>", provide_automatic_options=False)
def receive(route: str, data_space: str) -> Response:
    """Records one batch. The answer is given after the commit, also if items were refused."""
    refuse_if_overloaded()
    service = current_service()
    receipt = new_receipt(service, route)
    try:
        target = _target(service, receipt, data_space)
        receipt.read(service.config)
        with service.at_work:
            with service.judging:
                incoming, manner, judgement = _judged(service, receipt, target)
            answer = judged_answer(incoming, manner, judgement)
    except ContractError as refusal:
        journal_refusal(service, receipt, refusal)
        raise
    return delivered(*answer)


@ingest.route(
    "/<feed_route:route>/<data_space>", methods=["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]
)
def only_post(route: str, data_space: str) -> Response:
    """Says that feeds are posted; 404 where there is no feed at all."""
    found = current_service().store.data_spaces.find(gateway.normalised_id(data_space) or "")
    gateway.target_of(route, data_space, found)
    if request.method == "OPTIONS":
        return Response(headers={"Allow": "OPTIONS, POST"})
    detail = f"{request.method} is not possible here. Send a batch with POST."
    return error_answer(405, "method_not_allowed", "Method Not Allowed", detail, ["POST"])


def _judged(
    service: Service, receipt: Receipt, target: gateway.Target
) -> tuple[Incoming, Manner, Judgement]:
    settings, feeds = target.data_space.settings, target.feeds
    items = receipt.items(service.config, call_of(feeds[0]) if len(feeds) == 1 else None)
    call = call_of(feed_of(feeds, items))
    judgement = judge(call, items, settings)
    incoming = Incoming(service.store, receipt, call.feed, items)
    return incoming, manner_of(call, FEEDS_DIALECT, settings), judgement


def _target(service: Service, receipt: Receipt, data_space_id: str) -> gateway.Target:
    addressed = service.store.data_spaces.addressed(gateway.normalised_id(data_space_id) or "")
    found = addressed.data_space if addressed else None
    receipt.addressed = addressed
    signature = gateway.shown_signature(request.headers.get(gateway.SIGNATURE))
    receipt.note(data_space=found and found.id, signature=signature)
    target = gateway.target_of(receipt.came.route, data_space_id, found)
    if len(target.feeds) == 1:
        receipt.note(feed=target.feeds[0].name)
    clock = signature_clock(service, receipt, target.feeds)
    gateway.authenticate(service, request.headers, target.data_space.id, clock)
    receipt.note_verified()
    limit = target.data_space.settings.requests_per_minute
    if limit is not None:
        wait_s = service.store.data_spaces.take_token(target.data_space.id, limit, service.clock())
        if wait_s:
            raise too_many(limit, wait_s)
    return target


def judged_answer(
    incoming: Incoming, manner: Manner, judgement: Judgement
) -> tuple[Response, Course]:
    """Records a judged batch, or what rules make of it; the answer, and how it is to go out."""
    course = incoming.course()
    incoming.receipt.note(feed=incoming.feed.name, answered=course.answered)
    if course.instead is not None:
        answer = _answer_instead(incoming, manner, course.instead)
    else:
        answer = _record_and_answer(incoming, manner, judgement, course)
    malformation = course.of(Part.BODY)
    if malformation is not None:
        answer = malformed(answer, malformation)
    return answer, course


def _answer_instead(incoming: Incoming, manner: Manner, rule: Rule) -> Response:
    receipt = incoming.receipt
    answer = answer_instead(rule, html_when_throttled=manner.html_when_throttled)
    receipt.note(status=answer.status_code, code=FAULT, message=journal_message(rule))
    _journal(incoming.store, receipt)
    return answer


def _record_and_answer(
    incoming: Incoming, manner: Manner, judgement: Judgement, course: Course
) -> Response:
    receipt = incoming.receipt
    shapes: dict[int, ErrorShape] = {}
    if course.recorded:
        judgement, shapes = incoming.rejected(judgement)
    refused = bool(judgement.rejected)
    status = manner.refused_status if refused else 200
    kept = judgement.accepted if manner.keeps_valid or not refused else []
    receipt.note(status=status, accepted=len(kept), rejected=len(judgement.rejected))
    if course.recorded:
        batch = Batch(
            incoming.feed.name,
            receipt.body or b"",
            kept,
            judgement.rejected,
            packed=receipt.packed,
            operation=manner.operation,
        )
        script = incoming.script(kept)
        incoming.store.intake.record(receipt.timed(), batch, script, settle=receipt.settles)
        current_service().sorting.note()
    else:
        _journal(incoming.store, receipt)
    current_service().activity.note(
        incoming.data_space, len(kept), len(judgement.rejected), current_service().clock()
    )
    body = manner.answer(incoming.items, judgement.errors, manner.shape, shapes)
    return Response(body, status, content_type=manner.content_type)


def journal_refusal(service: Service, receipt: Receipt, refusal: ContractError) -> None:
    """Journals a request that is refused whole."""
    receipt.note(status=refusal.status, code=refusal.code, message=str(refusal))
    _journal(service.store, receipt)


def _journal(store: Store, receipt: Receipt) -> None:
    store.intake.journal(receipt.timed(), receipt.body, receipt.packed, settle=receipt.settles)
