"""/<data space>/v1/catalog/…: the calls of the ingestion API. Admit, decode, judge, record, answer.

The dialect is contract/dialects.py's; recording, faults and journal are those of the feeds.
"""

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

from mcs.contract.calls import Call
from mcs.contract.catalog_answer import TOO_MANY_REQUESTS, failed, refusal
from mcs.contract.dialects import CATALOG_DIALECT, call_at
from mcs.contract.errors import ContractError
from mcs.server.faults.connection import delivered
from mcs.server.gateway import normalised_id
from mcs.server.ims import Refused, borne, good_token, let_in
from mcs.server.ingest import journal_refusal, judged_answer
from mcs.server.interference import Incoming, signature_clock
from mcs.server.judging import judge
from mcs.server.manner import manner_of
from mcs.server.overload import refuse_if_overloaded
from mcs.server.receipt import Receipt, new_receipt
from mcs.server.service import Service, current_service
from mcs.server.store.values import DataSpace
from mcs.server.throttle import too_many

HTML = "text/html;charset=UTF-8"
UNKNOWN_TENANT = (
    "ErrUnknownTenant",
    404,
    "404000",
    'There is no data space "{data_space}". Make one with "mcs dataspace create"',
)

catalog_ingest = Blueprint("catalog_ingest", __name__)


class CatalogRoute(BaseConverter):
    """What follows the data space: base URLs end with a slash or do not, so there may be two."""

    regex = r"/*v1/+catalog(?:/[^?]*)?"
    part_isolating = False
    weight = 1

    def to_python(self, value: str) -> str:
        """The route with single slashes."""
        return "/".join(segment for segment in value.split("/") if segment)


def mount(app: Flask) -> None:
    """Adds the calls to an app."""
    app.url_map.converters["catalog_route"] = CatalogRoute
    app.register_blueprint(catalog_ingest)


@catalog_ingest.route("/<data_space>/<catalog_route:route>", methods=["OPTIONS"])
def methods(data_space: str, route: str) -> Response:
    """Which methods a resource has."""
    return Response(headers={"Allow": ", ".join(["OPTIONS", *_methods(route)])})


@catalog_ingest.route(
    "/<data_space>/<catalog_route:route>",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    provide_automatic_options=False,
)
def receive(data_space: str, route: str) -> Response:
    """Takes all items of a call, or none. The answer is given after the commit."""
    refuse_if_overloaded()
    service = current_service()
    receipt = new_receipt(service, route)
    call = call_at(request.method, route)
    if call is None:
        raise _no_call(service, receipt, route, data_space)
    receipt.note(feed=call.feed.name)
    # The description sets no least number of items.
    receipt.may_be_empty = True
    try:
        space = _admitted(service, receipt, call, data_space)
        receipt.read(service.config)
        with service.at_work:
            with service.judging:
                items = receipt.items(service.config, call)
                judgement = judge(call, items, space.settings)
            incoming = Incoming(service.store, receipt, call.feed, items)
            manner = manner_of(call, CATALOG_DIALECT, space.settings)
            answer = judged_answer(incoming, manner, judgement)
    except ContractError as refused:
        journal_refusal(service, receipt, refused)
        raise
    except Refused as refused:
        code, message = refused.error_code, str(refused)
        receipt.note(status=refused.status, code=code, message=message)
        service.store.intake.journal(receipt.timed(), receipt.body, settle=receipt.settles)
        raise
    return delivered(*answer)


@catalog_ingest.errorhandler(Refused)
def refused_caller(refused: Refused) -> Response:
    """The answer to a caller that is not let in."""
    body = refusal(refused.title, refused.status, refused.error_code, str(refused))
    return Response(body, refused.status, content_type=CATALOG_DIALECT.content_type)


@catalog_ingest.errorhandler(ContractError)
def refused_request(refused: ContractError) -> Response:
    """The answer to a request that is refused whole: HTML if it came too soon."""
    said = f"{refused.message}. {refused.detail}".strip()
    if refused.status == 429:
        answer = Response(TOO_MANY_REQUESTS.format(said), 429, content_type=HTML)
        answer.headers["retry-after"] = str(refused.retry_after_s)
        return answer
    content_type = CATALOG_DIALECT.content_type
    answer = Response(failed(said), refused.status, content_type=content_type)
    if refused.retry_after_s is not None:
        answer.headers["Retry-After"] = str(refused.retry_after_s)
    return answer


def _no_call(service: Service, receipt: Receipt, route: str, data_space_id: str) -> HTTPException:
    """Why this is no call, journalled."""
    try:
        refused: HTTPException = MethodNotAllowed(_methods(route))
    except NotFound as unknown:
        refused = unknown
    addressed = service.store.data_spaces.addressed(normalised_id(data_space_id) or "")
    receipt.addressed = addressed
    receipt.note(
        data_space=addressed and addressed.data_space.id,
        status=refused.code,
        code="unknown_route" if isinstance(refused, NotFound) else "method_not_allowed",
        message=refused.description,
    )
    service.store.intake.journal(receipt.timed(), None, settle=receipt.settles)
    return refused


def _methods(route: str) -> list[str]:
    found = [one.method for one in CATALOG_DIALECT.calls if one.route == route]
    if found:
        return found
    routes = ", ".join(sorted({one.route for one in CATALOG_DIALECT.calls}))
    raise NotFound(f'"{route}" is no resource here. Take one of: {routes}.')


def _admitted(service: Service, receipt: Receipt, call: Call, data_space_id: str) -> DataSpace:
    addressed = service.store.data_spaces.addressed(normalised_id(data_space_id) or "")
    receipt.addressed = addressed
    receipt.note(data_space=addressed and addressed.data_space.id)
    clock = signature_clock(service, receipt, [call.feed])
    header = request.headers.get("Authorization")
    bearer = borne(service, header)
    receipt.note(signature=bearer and bearer.shown())
    token = good_token(bearer, header, clock)
    if addressed is None:
        title, status, code, message = UNKNOWN_TENANT
        raise Refused(title, status, code, message.format(data_space=data_space_id))
    space = addressed.data_space
    let_in(token, space.id)
    receipt.note_verified()
    limit = space.settings.catalog_requests_per_minute
    if limit is not None:
        wait_s = service.store.data_spaces.take_token(space.id, limit, service.clock())
        if wait_s:
            raise too_many(limit, wait_s, "catalog_requests_per_minute")
    return space
