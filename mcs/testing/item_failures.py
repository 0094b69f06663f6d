"""What a failing assertion about one item says: what became of it, and what there is instead."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcs.harness.fields import Difference
from mcs.harness.reports.parts import identity_text
from mcs.testing.evidence import Evidence
from mcs.testing.seen import RefusedItem, is_named
from mcs.testing.wording import faults, fields, listed

NOT_HELD = "the service holds no {feed} item with {named}"
DELETED = "the service holds the {feed} item with {named} deleted since {received_at}"
DELETED_BY = "Request {request_id} deleted it."
SEVERAL = "{count} {feed} items have {named}; name one of them:"
OTHER_FIELDS = "the {feed} item with {named} was not received as expected"
NOT_REFUSED = "the service refused no {feed} item with {named}{where}"
ACCEPTED = "It accepted it at {received_at} (request {request_id}, item {index} of it)."
REFUSED_OTHERWISE = "It refused it for another reason:"
REFUSED_OTHERS = "It refused others:"
REFUSED_NONE = "It refused none of this feed."
STILL_ALIVE = "the service holds the {feed} item with {named} alive since {received_at}"
HOLDS_OTHERS = "It holds:"
ANY = "any identity"

Line = Mapping[str, Any]
"""What the service says of an item it holds."""


def not_held(feed: str, wanted: Mapping[str, str], held: Sequence[Line], evidence: Evidence) -> str:
    """Why there is no living item of this name. held: what the service holds of the feed."""
    named = _named(wanted)
    deleted = [line for line in held if line["deleted"] and is_named(line["identity"], wanted)]
    if deleted:
        head = DELETED.format(feed=feed, named=named, received_at=deleted[0]["received_at"])
        said = [f"  {DELETED_BY.format_map(deleted[0])}"]
    else:
        head = NOT_HELD.format(feed=feed, named=named)
        said = [f"  {sentence}" for sentence in evidence.of_named(feed, wanted)]
    if not said:
        said = [f"  {sentence}" for sentence in evidence.of_feed(feed)]
        near = sorted(held, key=lambda line: -_likeness(line, wanted))
        said += listed(HOLDS_OTHERS, near, _identity)
    return "\n".join([head, *said, f"  {evidence.summary(feed)}"])


def several(feed: str, wanted: Mapping[str, str], found: Sequence[Line]) -> str:
    """Why one item cannot be told from others."""
    head = SEVERAL.format(count=len(found), feed=feed, named=_named(wanted))
    return "\n".join([head, *listed("", found, _identity)[1:]])


def other_fields(feed: str, wanted: Mapping[str, str], differences: Sequence[Difference]) -> str:
    """Which expected fields an item does not have as expected."""
    head = OTHER_FIELDS.format(feed=feed, named=_named(wanted))
    return "\n".join([head, *fields(differences, "expected")])


def not_refused(
    feed: str,
    wanted: Mapping[str, str],
    where: Mapping[str, str],
    held: Sequence[Line],
    evidence: Evidence,
) -> str:
    """Why no refusal fits. where: what else was asked of it, such as the pointer."""
    asked = "".join(f', {name} "{value}"' for name, value in where.items())
    said = [NOT_REFUSED.format(feed=feed, named=_named(wanted), where=asked)]
    accepted = [line for line in held if wanted and is_named(line["identity"], wanted)]
    said += [f"  {ACCEPTED.format_map(line)}" for line in accepted[:1]]
    refused = [one for one in evidence.refused if one.feed == feed]
    same = [one for one in refused if is_named(one.identity, wanted)]
    said += listed(REFUSED_OTHERWISE if same else REFUSED_OTHERS, same or refused, _refusal)
    said += [] if refused else [f"  {REFUSED_NONE}"]
    return "\n".join([*said, f"  {evidence.summary(feed)}"])


def still_alive(feed: str, wanted: Mapping[str, str], line: Line) -> str:
    """Why an item does not count as deleted."""
    return STILL_ALIVE.format(feed=feed, named=_named(wanted), received_at=line["received_at"])


def _named(wanted: Mapping[str, str]) -> str:
    return identity_text(wanted) if wanted else ANY


def _identity(line: Line) -> str:
    deleted = " (deleted)" if line["deleted"] else ""
    return identity_text(line["identity"] or {}, line["key"]) + deleted


def _refusal(item: RefusedItem) -> str:
    return f"{identity_text(item.identity, item.key or '')}: {faults(item.errors)}"


def _likeness(line: Line, wanted: Mapping[str, str]) -> int:
    return sum((line["identity"] or {}).get(path) == value for path, value in wanted.items())
