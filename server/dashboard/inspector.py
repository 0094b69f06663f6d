"""Inspector: what came in, live; single requests; what was refused."""

from dataclasses import dataclass

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import ContractError
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.filters import plural
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import fragment, show
from mcs.server.dashboard.refused_page import refused_page
from mcs.server.dashboard.request_list import RequestList, request_list
from mcs.server.dashboard.request_page import request_page
from mcs.server.dashboard.saved_request import saved_request
from mcs.server.dashboard.state import current_dashboard
from mcs.server.dashboard.traffic_charts import Traffic, traffic
from mcs.server.resending import resend
from mcs.server.service import current_service
from mcs.server.store.journal import Entry
from mcs.server.store.values import JournalledRequest

OVERVIEW, REQUEST, REFUSED = "inspect.html", "request.html", "refused.html"

UNKNOWN_REQUEST = 'There is no request "{number}" here, or the journal has let it go.'
NO_BODY = "The body of request {number} was never read, so there is nothing to send or download."
RETENTION = (
    "The journal has {count} of this data space. The server keeps the newest {limit}; older ones "
    "go, unless a current item came with them."
)
MOST_EVENTS = 10_000
NOT_CONFIRMED = "Nothing was forgotten: tick the box first."

pages = page_blueprint("inspector")


@dataclass(frozen=True, slots=True)
class Inspector:
    """The page Inspector. retention: how much is remembered; left out where only the list, or only
    the charts, are told."""

    data_space: str
    requests: RequestList | None
    traffic: Traffic | None
    retention: str


@pages.get("/inspect")
def overview(data_space: str) -> Response:
    """The newest requests, live, in charts and as a list."""
    space, service = known_data_space(data_space), current_service()
    journal, part = service.store.journalled, request.args.get("fragment")
    listed = request_list(journal, space.id, request.path, request.args)
    charts = None if part == "requests" else traffic(journal.samples(space.id), service.clock())
    view = Inspector(space.id, listed, charts, _retention(space.id))
    return show(OVERVIEW, view, listed.table)


@pages.get("/inspect/charts")
def charts(data_space: str) -> Response:
    """The charts alone."""
    space, service = known_data_space(data_space), current_service()
    drawn = traffic(service.store.journalled.samples(space.id), service.clock())
    view = Inspector(space.id, None, drawn, "")
    return show(OVERVIEW, view) if request.args else Response(fragment(OVERVIEW, "charts", view))


@pages.get("/inspect/live")
def live(data_space: str) -> Response:
    """The newest page of the list as server-sent events, at most 4 a second."""
    space, journal = known_data_space(data_space), current_service().store.journalled
    url, query = url_for(".overview", data_space=space.id), request.args.to_dict()
    query.pop("before", None)

    def look() -> str:
        listed = request_list(journal, space.id, url, query)
        return fragment(OVERVIEW, "requests", Inspector(space.id, listed, None, ""))

    topic = f"requests {space.id} {sorted(query.items())}"
    return current_dashboard().live.stream(topic, "status", look)


@pages.get("/inspect/requests/<int:number>")
def one_request(data_space: str, number: int) -> Response:
    """One request, and what became of each of its items."""
    space, store = known_data_space(data_space), current_service().store
    entry, journalled = _entry(space.id, number), store.journalled.request(space.id, number)
    headers = journalled.arrival.headers if journalled else {}
    view = request_page(store, space.id, entry, headers)
    return show(REQUEST, view, view.verdicts)


@pages.get("/inspect/requests/<int:number>/body")
def download(data_space: str, number: int) -> Response:
    """The body of a request, unpacked, byte for byte; never rendered."""
    _, body = _with_body(known_data_space(data_space).id, number)
    answer = Response(body, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="request-{number}.json"'
    return answer


@pages.get("/inspect/requests/<int:number>/case")
def save(data_space: str, number: int) -> Response:
    """The request, what it brought, what became of it and which faults hit it, as one file."""
    space, store = known_data_space(data_space), current_service().store
    entry, journalled = _entry(space.id, number), store.journalled.request(space.id, number)
    headers = journalled.arrival.headers if journalled else {}
    body, journal = store.journalled.body(space.id, number), store.journalled
    refused = journal.refused(space.id, request=number, limit=max(1, entry.items))
    events = journal.events(space.id, entry.request_id, MOST_EVENTS) if entry.fault else []
    file = saved_request(entry, space.id, headers, body, refused, events, request.host_url)
    answer = Response(file, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="request-{number}.har"'
    return answer


@pages.post("/inspect/requests/<int:number>/resend")
def send_again(data_space: str, number: int) -> AnyResponse:
    """The same body once more through the same judging; leads to the new request."""
    space, service = known_data_space(data_space), current_service()
    original, body = _with_body(space.id, number)
    made = service.store.journalled.number_of(space.id, resend(service, original, body))
    return redirect(url_for(".one_request", data_space=space.id, number=made), 303)


@pages.get("/inspect/refused")
def refused(data_space: str) -> Response:
    """The refused items, newest first."""
    space = known_data_space(data_space)
    view = refused_page(current_service().store.journalled, space.id, request.path, request.args)
    return show(REFUSED, view, view.table)


@pages.post("/inspect/reset")
def reset(data_space: str) -> AnyResponse:
    """Forgets all that the data space received, and ends its faults; its keys stay."""
    space = known_data_space(data_space)
    if request.form.get("sure") != "yes":
        raise ContractError(400, "not_confirmed", "Bad Request", NOT_CONFIRMED)
    current_service().store.data_spaces.reset(space.id)
    return redirect(url_for(".overview", data_space=space.id), 303)


def _retention(data_space: str) -> str:
    service = current_service()
    count = plural(service.store.journalled.size(data_space), "request")
    return RETENTION.format(count=count, limit=f"{service.config.journal_size:,}")


def _entry(data_space: str, number: int) -> Entry:
    entry = current_service().store.journalled.entry(data_space, number) if _fits(number) else None
    if entry is None:
        message = UNKNOWN_REQUEST.format(number=number)
        raise ContractError(404, "unknown_request", "Not Found", message)
    return entry


def _with_body(data_space: str, number: int) -> tuple[JournalledRequest, bytes]:
    _entry(data_space, number)
    store = current_service().store
    found, body = (
        store.journalled.request(data_space, number),
        store.journalled.body(data_space, number),
    )
    if found is None or body is None:
        message = NO_BODY.format(number=number)
        raise ContractError(404, "no_body", "Not Found", message)
    return found, body


def _fits(number: int) -> bool:
    return number < 2**53
