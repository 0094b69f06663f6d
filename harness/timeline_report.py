"""A timeline to read: a tree for a terminal, and to be pasted into a ticket."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from mcs.harness.evidence import Hit, Refusal
from mcs.harness.fields import ABSENT, Difference
from mcs.harness.reports.parts import identity_text
from mcs.harness.sides import RequestFacts
from mcs.harness.story import MEANING, TO_BE_RETRIED
from mcs.harness.timeline import Happening, ItemTimeline, Sending, Step, Timeline
from mcs.harness.wording import answer_of, messages, place_of, request_name, shown_time

NOTHING_KNOWN = (
    "{name}: neither the exporter's feed tables nor the service know it, so the exporter never "
    "generated an item of it. Check the spelling, look for codes CDE01 in "
    "commerce-data-export-errors.log, and check that it belongs to a website."
)
NEAR = "Close to it: {names}."
IN_ORDER, UNCOMPARED = "in order", "not compared"
COUNTS = "{name}: {items}, {wrong} of them not in order"
ALL_IN_ORDER = "{name}: {items}, all in order"
NONE_COMPARED = "{name}: {items}, compared with nothing"
SENT = "the exporter {deleted} it in {request}{outcome}"
EXPORTED, DELETED = "sent", "sent the deletion of"
SENT_AND_RECORDED = "sent and recorded in {request}{outcome}"
VERSION = "version {number}{deleted} in {place}{outcome}{mark}"
REFUSED = "refused in {place}{outcome}: {reasons}"
FAULT = "a fault of this mock hit it in {request}: {action}"
OUTCOME = " (batch of {items}, {answer})"
MARKS = {"sent": "  = what was sent", "wrong": "  < from here on it is wrong"}
ROW = "feed table: export status {status} ({meaning}), hash {hash}{errors}"
NO_ROW = "feed table: no row"
HELD = "service: {state} since {at}, {writes}, hash {hash}"
NOT_HELD = "service: nothing"
SHOWN = "{service}: {state}"
WRONG_SINCE = "first made wrong by {request}"
CAUSE = "{kind}: {cause}{log_code}"
FORGOTTEN = "its text is forgotten"
UNCHANGED = "same content as before"
SHOWN_PLACES = 12
MORE_PLACES = "and {count} more; --json lists all"
SHOWN_VALUE_LENGTH = 60
HASH_LENGTH = 12


def render_timeline(found: Timeline, console: Console) -> None:
    """Prints the items with their steps, oldest first, and what is the matter with them."""
    if not found.items:
        console.print(Text(NOTHING_KNOWN.format(name=found.name)), soft_wrap=True)
        if found.near:
            console.print(Text(NEAR.format(names=", ".join(found.near))), soft_wrap=True)
        return
    tree = Tree(Text(_counts(found.name, found.items, found.is_compared), style="bold"))
    for feed, items in groupby(found.items, lambda item: item.feed):
        of_feed = tuple(items)
        branch = tree.add(Text(_counts(feed, of_feed, found.is_compared), style="bold"))
        for item in of_feed:
            _add_item(branch, item, found.is_compared)
    console.print(tree)


def _counts(name: str, items: Sequence[ItemTimeline], is_compared: bool) -> str:
    wrong = sum(bool(item.discrepancies) for item in items)
    text = (COUNTS if wrong else ALL_IN_ORDER) if is_compared else NONE_COMPARED
    return text.format(name=name, items=_counted(len(items), "item"), wrong=wrong)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _add_item(tree: Tree, item: ItemTimeline, is_compared: bool) -> None:
    branch = tree.add(_heading(item, is_compared))
    if _is_plain(item):
        branch.add(_at(item.steps[0].version.received_at, _sent_and_recorded(item)))
        return
    for happening in item.happenings:
        step = branch.add(_at(*_told(item, happening)))
        for text in _details(happening):
            step.add(Text(text))
    for text in _present(item, is_compared):
        branch.add(Text(text, style="dim"))
    if item.wrong_since:
        branch.add(Text(WRONG_SINCE.format(request=request_name(item.wrong_since)), style="red"))
    for found in item.discrepancies:
        cause = branch.add(_cause(found.kind, found.cause, found.log_code))
        cause.add(Text(found.explanation))
        for text in _places(found.differences):
            cause.add(Text(text))
    if item.note:
        branch.add(_cause("note", item.note.cause, item.note.log_code)).add(Text(item.note.text))


def _is_plain(item: ItemTimeline) -> bool:
    """True if it was sent and recorded once, in one request, and nothing else is to be said."""
    hidden = [one for one in item.visibility if not one.visible]
    told = (item.discrepancies, item.note, item.refusals, item.faults, hidden)
    if any(told) or len(item.steps) != 1 or item.sent is None:
        return False
    return bool(item.steps[0].version.request_id == item.sent["request_id"])


def _sent_and_recorded(item: ItemTimeline) -> str:
    request_id = item.steps[0].version.request_id
    outcome = _outcome(item.requests.get(request_id))
    return SENT_AND_RECORDED.format(request=request_name(request_id), outcome=outcome)


def _heading(item: ItemTimeline, is_compared: bool) -> Text:
    kinds = ", ".join(found.kind for found in item.discrepancies)
    agreed = (IN_ORDER, "green") if is_compared else (UNCOMPARED, "yellow")
    verdict = (kinds, "red") if kinds else agreed
    return Text.assemble(verdict, "  ", identity_text(item.identity, item.key))


def _cause(kind: str, cause: str, log_code: str | None) -> Text:
    code = f" ({log_code})" if log_code else ""
    return Text(CAUSE.format(kind=kind, cause=cause, log_code=code), style="yellow")


def _at(at: str | None, text: str) -> Text:
    return Text.assemble((shown_time(at), "cyan"), "  ", text)


def _told(item: ItemTimeline, happening: Happening) -> tuple[str | None, str]:
    match happening:
        case Sending(row):
            request_id = row["request_id"]
            return row["modified_at"], SENT.format(
                deleted=DELETED if row["deleted"] else EXPORTED,
                request=request_name(request_id),
                outcome=_outcome(item.requests.get(request_id or "")),
            )
        case Step(version=version):
            is_told = item.sent is not None and item.sent["request_id"] == version.request_id
            request = None if is_told else item.requests.get(version.request_id)
            return version.received_at, VERSION.format(
                number=happening.number,
                deleted=", a deletion," if version.deleted else "",
                place=request_name(version.request_id),
                outcome=_outcome(request),
                mark=_mark(happening),
            )
        case Refusal():
            return happening.received_at, REFUSED.format(
                place=place_of(happening.request_id, happening.index),
                outcome=_outcome(item.requests.get(happening.request_id)),
                reasons=messages(happening.errors),
            )
        case Hit(action=action, request_id=request_id, at=at):
            return at, FAULT.format(request=request_name(request_id), action=action)


def _outcome(request: RequestFacts | None) -> str:
    if request is None:
        return ""
    return OUTCOME.format(items=request.items, answer=answer_of(request))


def _mark(step: Step) -> str:
    if step.is_wrong:
        return MARKS["wrong"]
    return MARKS["sent"] if step.is_sent else ""


def _details(happening: Happening) -> Iterator[str]:
    if not isinstance(happening, Step) or happening.number == 1:
        return
    if happening.differences is None:
        yield FORGOTTEN
    elif not happening.differences:
        yield UNCHANGED
    else:
        yield from _listed([_change(place) for place in happening.differences])


def _places(differences: Sequence[Difference]) -> Iterator[str]:
    texts = (
        f"{place.pointer or '(item)'}: sent {_shown(place.sent)}, received {_shown(place.received)}"
        for place in differences
    )
    yield from _listed(list(texts))


def _listed(texts: Sequence[str]) -> Iterator[str]:
    yield from texts[:SHOWN_PLACES]
    if (more := len(texts) - SHOWN_PLACES) > 0:
        yield MORE_PLACES.format(count=more)


def _change(place: Difference) -> str:
    return f"{place.pointer or '(item)'}: {_shown(place.sent)} -> {_shown(place.received)}"


def _present(item: ItemTimeline, is_compared: bool) -> Iterator[str]:
    row, held = item.sent, item.received
    if row is None and is_compared:
        yield NO_ROW
    if row is not None:
        yield ROW.format(
            status=row["status"],
            meaning=MEANING.get(row["status"], TO_BE_RETRIED),
            hash=str(row["hash"])[:HASH_LENGTH],
            errors=f", error: {row['errors']}" if row["errors"] else "",
        )
    if held is None:
        yield NOT_HELD
    else:
        yield HELD.format(
            state="deleted" if held["deleted"] else "alive",
            at=shown_time(held["received_at"]),
            writes=_counted(held["versions"], "write"),
            hash=str(held["hash"])[:HASH_LENGTH],
        )
    for one in item.visibility:
        since = f" since {shown_time(one.since)}" if one.since else ""
        later = f", but from {shown_time(one.since)} on" if one.since else ""
        state = f"visible{since}" if one.visible else f"not visible{later}"
        yield SHOWN.format(service=one.service, state=state)


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    text = orjson.dumps(value).decode()
    return text if len(text) <= SHOWN_VALUE_LENGTH else f"{text[: SHOWN_VALUE_LENGTH - 1]}…"
