"""One discrepancy as a view model: what is the matter, both sides, and whether it still is."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mcs.contract.errors import ContractError
from mcs.server.dashboard.diff_page import RunRow, identity_of, run_row
from mcs.server.dashboard.diff_runs import DiffRuns
from mcs.server.dashboard.json_diff import MOST_LINES, pretty
from mcs.server.dashboard.side_by_side import Line, folded, patched, side_by_side
from mcs.server.dashboard.table import Column, Table
from mcs.server.store.comparisons import DiffRun
from mcs.server.store.history import History

NO_DISCREPANCY = "Comparison {run} has no discrepancy {index}."
RESOLVED = "Resolved: comparison {run} no longer finds it."
STILL_THERE = "Comparison {run} still finds it."
NO_SENT_JSON = (
    "What was sent is not known field by field. An exporter that keeps what it sends (persisted "
    "payloads) makes that possible."
)
FROM_DIFFERENCES = "What was sent is put together from what is held and the differences."
EDIT = "mcs catalog edit name {sku} 'The same name with a period.'"
NOT_HELD = "The service holds nothing of it now."

DIFFERENCE_COLUMNS = (
    Column("pointer", "Field"),
    Column("sent", "Sent"),
    Column("received", "Received"),
)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A field that differs. sent, received: JSON, empty where the side has no such field."""

    pointer: str
    sent: str
    received: str


@dataclass(frozen=True, slots=True)
class DiscrepancyPage:
    """One discrepancy. resolved: whether the newest comparison finds it no more; None if this is
    the newest. sku, store_view: of a product that has a page."""

    data_space: str
    run: RunRow
    index: int
    kind: str
    feed: str
    identity: str
    key: str
    explanation: str
    story: tuple[str, ...]
    cause: str
    log_code: str | None
    errors: tuple[str, ...]
    resolved: bool | None
    newer: str
    differences: Table
    lines: tuple[Line, ...]
    lines_note: str
    sent_known: str
    received_known: str
    sku: str | None
    store_view: str | None
    edit: str


@dataclass(frozen=True, slots=True)
class Found:
    """A discrepancy of an item in the newest comparison, for other pages."""

    run: int
    index: int
    kind: str
    explanation: str


def discrepancy_page(
    runs: DiffRuns, history: History, data_space: str, run: DiffRun, index: int
) -> DiscrepancyPage:
    """One discrepancy of a comparison. Raises ContractError 404."""
    found = runs.document(data_space, run.number)["discrepancies"]
    if index >= len(found):
        message = NO_DISCREPANCY.format(run=run.number, index=index)
        raise ContractError(404, "unknown_discrepancy", "Not Found", message)
    one = found[index]
    resolved, newer = _fate(runs, data_space, run, one)
    lines, note = _side_by_side(history, data_space, one)
    is_product = one["feed"] == "products" and "sku" in one["identity"]
    return DiscrepancyPage(
        data_space=data_space,
        run=run_row(run),
        index=index,
        kind=one["kind"],
        feed=one["feed"],
        identity=identity_of(one),
        key=one["key"],
        explanation=one["explanation"],
        story=tuple(one.get("story", ())),
        cause=one.get("cause", ""),
        log_code=one.get("log_code"),
        errors=tuple(_error(error) for error in one["errors"]),
        resolved=resolved,
        newer=newer,
        differences=Table("Differences", DIFFERENCE_COLUMNS, _differences(one)),
        lines=lines,
        lines_note=note,
        sent_known=_indented(one["sent"]),
        received_known=_indented(one["received"]),
        sku=one["identity"]["sku"] if is_product else None,
        store_view=one["identity"].get("storeViewCode") if is_product else None,
        edit=EDIT.format(sku=shlex.quote(one["identity"]["sku"])) if is_product else "",
    )


def discrepancies_of(runs: DiffRuns, data_space: str, feed: str, key: str) -> tuple[Found, ...]:
    """What the newest comparison finds of an item; nothing if there is none, or it is too large."""
    run = runs.newest_report(data_space)
    if run is None:
        return ()
    try:
        found = runs.document(data_space, run.number)["discrepancies"]
    except ContractError:
        return ()
    return tuple(
        Found(run.number, index, one["kind"], one["explanation"])
        for index, one in enumerate(found)
        if one["key"] == key and one["feed"] == feed
    )


def _side_by_side(
    history: History, data_space: str, one: Mapping[str, Any]
) -> tuple[tuple[Line, ...], str]:
    key = one["key"]
    held = history.held(data_space, one["feed"], [key], with_texts=True).get(key)
    if held is None or held.text is None:
        return (), NOT_HELD
    received = pretty(held.text, sort_keys=True)
    if not one["differences"]:
        return tuple(Line("same", "", line) for line in received.splitlines()), NO_SENT_JSON
    try:
        made = patched(orjson.loads(held.text), one["differences"])
    except (LookupError, ValueError, TypeError):
        # The item has changed since, so that a place is there no more.
        return tuple(Line("same", "", line) for line in received.splitlines()), NO_SENT_JSON
    sent = pretty(orjson.dumps(made).decode(), sort_keys=True)
    if max(sent.count("\n"), received.count("\n")) > MOST_LINES:
        return (), NO_SENT_JSON
    return folded(side_by_side(sent, received)), FROM_DIFFERENCES


def _fate(
    runs: DiffRuns, data_space: str, run: DiffRun, one: Mapping[str, Any]
) -> tuple[bool | None, str]:
    newest = runs.newest_report(data_space)
    if newest is None or newest.number == run.number:
        return None, ""
    still = discrepancies_of(runs, data_space, one["feed"], one["key"])
    text = STILL_THERE if still else RESOLVED
    return not still, text.format(run=newest.number)


def _differences(one: Mapping[str, Any]) -> list[DifferenceRow]:
    return [
        DifferenceRow(
            place["pointer"],
            *(
                "" if place.get("absent") == side else orjson.dumps(place.get(side)).decode()
                for side in ("sent", "received")
            ),
        )
        for place in one["differences"]
    ]


def _indented(value: Any) -> str:
    return "" if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _error(error: Mapping[str, Any]) -> str:
    return f"{error.get('pointer', '')} {error.get('message', '')}".strip()
