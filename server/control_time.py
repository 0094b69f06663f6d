"""/control: the service's clock, and what the consuming services show at a moment."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson
from flask import Blueprint, Response, request

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import ContractError, UsageError
from mcs.server import listings
from mcs.server.answers import json_answer
from mcs.server.asked import KEY, admit, json_body, wanted_feed, wanted_key, wants_items
from mcs.server.clock import EARLIEST, LATEST
from mcs.server.config import Settings
from mcs.server.consumers import Consumer, Write, hides, view_at
from mcs.server.control_settings import asked_data_space
from mcs.server.service import Service, current_service
from mcs.server.store.repository import timestamp
from mcs.server.store.values import ItemVersion
from mcs.server.store.visibility import Question
from mcs.server.streaming import streamed

control_time = Blueprint("control_time", __name__, url_prefix="/control")
control_time.before_request(admit)

MOMENT = (
    "{name}: got {given!r}, expected a moment of the years 1970 to 9998 with its zone, such as "
    "2026-11-22T19:10:00+00:00 (in a URL the + is written %2B; Z does, too)."
)
TURNS = ("now", "advance_s", "real")
WHICH_TURN = (
    'Send one of {"now": "2026-11-22T19:10:00Z"}, which stops the clock there, {"advance_s": 60}, '
    'which moves it on, or {"real": true}, which returns to the machine\'s time.'
)


CLOCK_OF_ONE = (
    "The clock cannot be turned: this service has several processes, each with a clock of its own. "
    "Serve with --workers 1 for tests that turn it."
)


@control_time.get("/clock")
def show_clock() -> Response:
    """The service's time, and which clock it is from: real, offset or fixed."""
    return json_answer(_clock(current_service()))


@control_time.put("/clock")
def turn_clock() -> Response:
    """Turns the service's clock, for all data spaces, until the server ends."""
    service, given = current_service(), json_body(*TURNS)
    if service.config.workers > 1:
        raise ContractError(409, "several_workers", CLOCK_OF_ONE)
    match given:
        case {"now": text, **others} if not others:
            service.clock.freeze(_moment("now", text))
        case {"advance_s": seconds, **others} if not others:
            service.clock.advance(_seconds(seconds))
        case {"real": True, **others} if not others:
            service.clock.run_real()
        case _:
            raise UsageError(WHICH_TURN)
    return json_answer(_clock(service))


@control_time.get("/data-spaces/<data_space>/visible")
def visible(data_space: str) -> Response:
    """A line per item that a service shows: in which version, and since when it has that."""
    space, moment = asked_data_space(data_space), _asked_moment()
    consumer = _consumer(request.args.get("service"))
    lag = space.settings.lag_of(consumer)
    question = Question(
        consumer,
        timestamp(moment - lag),
        wanted_feed(),
        wanted_key(),
        with_items=wants_items(),
    )
    found = current_service().store.received.visible(space.id, question)
    return streamed(listings.visible(item, lag) for item in found)


@control_time.get("/data-spaces/<data_space>/visible/<feed>/<key>")
def visible_item(data_space: str, feed: str, key: str) -> Response:
    """What each service shows of one item, since when, or from when on."""
    space, moment = asked_data_space(data_space), _asked_moment()
    is_name = feed in ALL_FEEDS and KEY.fullmatch(key)
    versions = current_service().store.received.versions(space.id, feed, key) if is_name else []
    if not versions:
        raise ContractError(
            404, "unknown_item", f"Data space {space.id} holds no item {key} of feed {feed}."
        )
    services = {
        consumer.value: _shown(consumer, feed, versions, space.settings, moment)
        for consumer in Consumer
    }
    return json_answer({"feed": feed, "key": key, "at": timestamp(moment), "services": services})


def _clock(service: Service) -> dict[str, Any]:
    reading = service.clock.reading()
    return {"clock": reading.kind, "now": timestamp(reading.now), "offset_s": reading.offset_s}


def _seconds(given: Any) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return given
    raise UsageError(f"advance_s: got {given!r}, expected a number of seconds.")


def _asked_moment() -> datetime:
    given = request.args.get("at")
    return current_service().clock() if given is None else _moment("at", given)


def _moment(name: str, given: Any) -> datetime:
    try:
        parsed = datetime.fromisoformat(given)
        if parsed.tzinfo is not None and EARLIEST <= parsed <= LATEST:
            return parsed
    except (TypeError, ValueError):
        pass
    raise UsageError(MOMENT.format(name=name, given=given))


def _consumer(given: str | None) -> Consumer:
    if given not in list(Consumer):
        raise UsageError(f"service: got {given!r}, expected one of: {', '.join(Consumer)}.")
    return Consumer(given)


def _shown(
    consumer: Consumer,
    feed: str,
    versions: list[ItemVersion],
    settings: Settings,
    moment: datetime,
) -> dict[str, Any]:
    lag = settings.lag_of(consumer)
    writes = [_write(consumer, feed, number, found) for number, found in enumerate(versions)]
    view = view_at(writes, lag, moment)
    return {
        "visible": view.visible,
        "since": view.since and timestamp(view.since),
        "from": view.from_moment and timestamp(view.from_moment),
        "lag_s": lag.total_seconds(),
        "version": view.write and _version(versions, view.write, lag),
        "coming": [_version(versions, write, lag) for _, write in view.coming],
    }


def _write(consumer: Consumer, feed: str, number: int, version: ItemVersion) -> Write:
    # What was forgotten says nothing against being shown.
    item = orjson.loads(version.item) if version.item else {"displayable": True}
    shown = not version.deleted and not hides(consumer, feed, item)
    return Write(number, datetime.fromisoformat(version.received_at), shown)


def _version(versions: list[ItemVersion], write: Write, lag: timedelta) -> dict[str, Any]:
    version = asdict(versions[write.number])
    del version["item"]
    return version | {"visible_at": timestamp(write.accepted_at + lag)}
