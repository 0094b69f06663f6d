"""One name's whole timeline: what both sides know of each of its items, step by step, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.chosen import ChosenRows, chosen_items
from mcs.harness.diff import Options, diff
from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind
from mcs.harness.evidence import BEFORE_ALL, Evidence, Hit, Journal, Refusal, Visibility, moment
from mcs.harness.explain import Explanation, explanation_of
from mcs.harness.fields import Difference, difference
from mcs.harness.known import KnownItem, NamedItems, Wanted, near, received_of, sent_of
from mcs.harness.sides import Line, ReceivedSide, RequestFacts, SentSide, Version, is_plain

_BESIDE = (DiscrepancyKind.DUPLICATED, DiscrepancyKind.LATE)


@dataclass(frozen=True, slots=True)
class Step:
    """One write that the service accepted.

    number: from 1 on, by arrival. differences: to the version before, without the times of sending;
    None for the first, and where a text is forgotten. is_sent: it has the content that the exporter
    noted last. is_wrong: from it on the sides differ.
    """

    number: int
    version: Version
    differences: tuple[Difference, ...] | None
    is_sent: bool
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class ItemTimeline:
    """One identity. sent, received: what each side holds now, None if nothing.

    wrong_since: the request that first made the sides differ, if they do. note: what is to be said
    of it although the sides agree.
    """

    feed: str
    identity: Mapping[str, str]
    key: str
    sent: Line | None
    received: Line | None
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...]
    faults: tuple[Hit, ...]
    requests: Mapping[str, RequestFacts]
    visibility: tuple[Visibility, ...]
    discrepancies: tuple[Discrepancy, ...]
    wrong_since: str | None = None
    note: Explanation | None = None

    @property
    def happenings(self) -> list["Happening"]:
        """What happened to it, oldest first: the last sending, writes, refusals, faults."""
        happened: list[tuple[datetime | None, Happening]] = [
            *((moment(hit.at), hit) for hit in self.faults),
            *((moment(step.version.received_at), step) for step in self.steps),
            *((moment(refusal.received_at), refusal) for refusal in self.refusals),
        ]
        if self.sent:
            happened.insert(0, (moment(self.sent["modified_at"]), Sending(self.sent)))
        return [one for _, one in sorted(happened, key=lambda pair: pair[0] or BEFORE_ALL)]


@dataclass(frozen=True, slots=True)
class Sending:
    """What the exporter noted when it sent an item last."""

    row: Line


Happening = Sending | Step | Refusal | Hit


@dataclass(frozen=True, slots=True)
class Timeline:
    """All items of a name, in the order of the feeds. near: other names, if it has none.
    is_compared: whether anything says what was sent."""

    name: str
    items: tuple[ItemTimeline, ...]
    near: tuple[str, ...] = ()
    is_compared: bool = True

    @property
    def in_sync(self) -> bool:
        """True if there is something, and nothing wrong with any of it."""
        return bool(self.items) and not any(item.discrepancies for item in self.items)


def timeline(sent: SentSide | None, received: ReceivedSide, wanted: Wanted) -> Timeline:
    """Everything that is known of the wanted items; sent: None if nothing says what was sent.

    Raises CouldNotTell if a side cannot tell.
    """
    if sent is None:
        return _uncompared(received, wanted)
    known = received_of(received, wanted)
    lines = sent_of(sent, wanted, [one.key for one in known])
    name = wanted.name or wanted.key or ""
    if not known and not lines:
        return Timeline(name, (), near(sent, received, wanted))
    by_name: dict[tuple[str, str], KnownItem | None] = {(one.feed, one.key): one for one in known}
    rows = {(line["feed"], line["key"]): line for line in _latest_last(lines)}
    result = diff(
        ChosenRows(sent, lines), chosen_items(received, known), Options(tuple(wanted.feeds))
    )
    told = [
        _item(
            received,
            place,
            rows.get(place),
            by_name.get(place),
            result.discrepancies,
            plain=is_plain(sent),
        )
        for place in dict.fromkeys((*by_name, *rows))
    ]
    return Timeline(name, tuple(sorted(told, key=_place)))


def _uncompared(received: ReceivedSide, wanted: Wanted) -> Timeline:
    known = received_of(received, wanted)
    told = [_item(received, (one.feed, one.key), None, one, ()) for one in known]
    # What is noted of an item is about how it stands to what was sent.
    items = tuple(sorted((replace(item, note=None) for item in told), key=_place))
    names = () if items else near(None, received, wanted)
    return Timeline(wanted.name or wanted.key or "", items, names, is_compared=False)


def _latest_last(lines: Sequence[Line]) -> list[Line]:
    """Of rows of one identity the one that counts comes last: the living one, then the latest."""
    return sorted(lines, key=lambda line: (not line["deleted"], line["modified_at"] or ""))


def _item(
    side: ReceivedSide,
    place: tuple[str, str],
    row: Line | None,
    known: KnownItem | None,
    found: Sequence[Discrepancy],
    *,
    plain: bool = False,
) -> ItemTimeline:
    feed, key = place
    own = tuple(one for one in found if (one.feed, one.key) == place)
    identity = (known.identity if known else {}) or (row["identity"] if row else {})
    item = ItemTimeline(
        feed=feed,
        identity=identity,
        key=key,
        sent=row,
        received=known.received if known else None,
        steps=(),
        refusals=known.history.refusals if known else (),
        faults=known.history.faults if known else (),
        requests=side.requests(_request_ids(row, known)),
        visibility=tuple(_visibility(side, feed, key, known)),
        discrepancies=own,
    )
    steps = _steps(item, known.versions if known else ())
    item = replace(item, steps=steps, wrong_since=_wrong_since(item, steps))
    evidence = replace(_evidence(side, item, known), plain=plain)
    return replace(item, note=None if own else explanation_of(evidence))


def _visibility(
    side: ReceivedSide, feed: str, key: str, known: KnownItem | None
) -> Sequence[Visibility]:
    if not isinstance(side, NamedItems) or known is None or known.received is None:
        return ()
    return side.visibility(feed, key)


def _request_ids(row: Line | None, known: KnownItem | None) -> list[str]:
    ids = [row["request_id"]] if row else []
    if known:
        ids += [version.request_id for version in known.versions]
        ids += [refusal.request_id for refusal in known.history.refusals]
        ids += [hit.request_id for hit in known.history.faults]
    return sorted(set(filter(None, ids)))


def _steps(item: ItemTimeline, versions: Sequence[Version]) -> tuple[Step, ...]:
    is_sent = [_is_sent(item.sent, version) for version in versions]
    is_wrong_at = _first_wrong(item, is_sent)
    return tuple(
        Step(
            number=at + 1,
            version=version,
            differences=_change(item.feed, versions[at - 1], version) if at else None,
            is_sent=is_sent[at],
            is_wrong=at == is_wrong_at,
        )
        for at, version in enumerate(versions)
    )


def _is_sent(row: Line | None, version: Version) -> bool:
    if row is None or bool(row["deleted"]) != version.deleted:
        return False
    # A deletion has no content that counts.
    return version.deleted or bool(row["hash"] == version.hash)


def _first_wrong(item: ItemTimeline, is_sent: Sequence[bool]) -> int | None:
    """Where the write is that came over the sent content; None if none did."""
    if not is_sent or not _is_wrong(item):
        return None
    if item.sent is None:
        return 0
    if True not in is_sent:
        return None
    after_last = len(is_sent) - is_sent[::-1].index(True)
    return after_last if after_last < len(is_sent) else None


def _is_wrong(item: ItemTimeline) -> bool:
    return any(one.kind not in _BESIDE for one in item.discrepancies)


def _wrong_since(item: ItemTimeline, steps: Sequence[Step]) -> str | None:
    """The request of the first wrong write, else the one that should have brought the content."""
    if not _is_wrong(item):
        return None
    wrong = [step.version.request_id for step in steps if step.is_wrong]
    if wrong:
        return wrong[0]
    return item.sent["request_id"] if item.sent else None


def _change(feed: str, before: Version, after: Version) -> tuple[Difference, ...] | None:
    # A service may have forgotten the text of an old write.
    if before.item is None or after.item is None:
        return None
    unhashed = (f"/{name}" for name in ALL_FEEDS[feed].unhashed)
    return tuple(difference(before.item, after.item, unhashed))


def _evidence(side: ReceivedSide, item: ItemTimeline, known: KnownItem | None) -> Evidence:
    evidence = Evidence(
        item.feed,
        item.identity,
        item.key,
        None,
        item.sent,
        item.received,
        requests=item.requests,
        journalled=isinstance(side, Journal),
        visibility=item.visibility,
    )
    return replace(evidence, history=known.history) if known else evidence


def _place(item: ItemTimeline) -> tuple[Any, ...]:
    return (list(ALL_FEEDS).index(item.feed), *item.identity.values())
