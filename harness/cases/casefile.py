"""An opened case: its document, its requests in the order of replay, and both sides as frozen."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.cases import archive
from mcs.harness.cases.document import Case, case_text, parsed_case
from mcs.harness.cases.requests import Request, parsed_request
from mcs.harness.cases.symptom import Told

NO_SUCH_REQUEST = (
    "{path}: its steps name request {number}, and requests.ndjson has no such line. It has "
    "{known} requests."
)
NO_LINE = "{path}: {member}, line {line}: {reason}. Take another copy of the case."
NO_MOMENT = "{path}: request {number} came at {at!r}, which is no moment."


@dataclass(frozen=True)
class CaseFile:
    """A case whose members lie in a folder. path: how messages call it."""

    path: Path
    folder: Path
    case: Case

    def requests(self) -> Iterator[tuple[Request, datetime]]:
        """The requests in the order of the steps, each with the moment to send it.

        Raises UsageError for a step that leads nowhere.
        """
        began: datetime | None = None
        with (self.folder / archive.REQUESTS).open("rb") as file:
            for number, at_s in self.case.numbers():
                place = self._places.get(number)
                if place is None:
                    known = len(self._places)
                    told = NO_SUCH_REQUEST.format(path=self.path, number=number, known=known)
                    raise UsageError(told)
                file.seek(place)
                request = parsed_request(
                    file.readline(), f"{self.path}: requests.ndjson, request {number}"
                )
                at = self._moment(request)
                began = began or self.began(at)
                yield request, at if at_s is None else _later(began, at_s)

    def began(self, first: datetime) -> datetime:
        """The moment that times of steps count from."""
        given = self.case.began_at
        return aware(given) if given else first

    @cached_property
    def sent(self) -> "CaseSent":
        """What the exporter says it sent."""
        return CaseSent(self.folder / archive.SENT, str(self.path))

    def expected(self) -> dict[Told, dict[str, str]] | None:
        """The discrepancies that the case had, with the identity of each; None if nobody knows."""
        if not (self.folder / archive.DISCREPANCIES).exists():
            return None
        return {
            (line["kind"], line["feed"], line["key"]): line.get("identity") or {}
            for line in self.lines(archive.DISCREPANCIES)
        }

    def state(self) -> dict[str, Any]:
        """What else was frozen of the data space, by name; empty if nothing."""
        path = self.folder / archive.STATE
        if not path.exists():
            return {}
        found: dict[str, Any] = next(self._parsed(archive.STATE, [path.read_bytes()]))
        return found

    def lines(self, member: str) -> Iterator[dict[str, Any]]:
        """The lines of a member; none if it is not there. Raises UsageError."""
        path = self.folder / member
        if path.exists():
            with path.open("rb") as file:
                yield from self._parsed(member, file)

    @cached_property
    def _places(self) -> dict[int, int]:
        places: dict[int, int] = {}
        byte = 0
        with (self.folder / archive.REQUESTS).open("rb") as file:
            for line in file:
                # The number stands first, so that a line need not be parsed for it.
                begin = line[:32].partition(b":")[2].partition(b",")[0]
                number = int(begin) if begin.isdigit() else 0
                if number in places or not number:
                    reason = "a request without a number of its own"
                    told = {"path": self.path, "member": archive.REQUESTS, "line": len(places) + 1}
                    raise UsageError(NO_LINE.format(**told, reason=reason))
                places[number] = byte
                byte += len(line)
        return places

    def _parsed(self, member: str, lines: Any) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(lines, start=1):
            told = {"path": self.path, "member": member, "line": number}
            try:
                found = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise UsageError(NO_LINE.format(**told, reason=error)) from None
            if not isinstance(found, dict):
                raise UsageError(NO_LINE.format(**told, reason="it is no JSON object"))
            yield found

    def _moment(self, request: Request) -> datetime:
        try:
            return aware(request.at)
        except ValueError:
            told = NO_MOMENT.format(path=self.path, number=request.number, at=request.at)
            raise UsageError(told) from None


@dataclass(frozen=True)
class CaseSent:
    """A sent side: the sent lines of a case, with items where they were kept."""

    path: Path
    name: str
    _places: dict[tuple[str, str], int] = field(default_factory=dict)

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the lines of these feeds, without the items."""
        self._places.clear()
        wanted = {feed.name for feed in feeds}
        byte = 0
        with path.open("wb") as out:
            for text in self._texts():
                line = orjson.loads(text)
                if line.get("feed") in wanted:
                    if line.pop("item", None) is not None:
                        self._places[line["feed"], str(line.get("locator"))] = byte
                    out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                byte += len(text)

    def items(self, feed: Feed, locators: Sequence[str]) -> Mapping[str, Item]:
        """The items that were kept of these rows."""
        found: dict[str, Item] = {}
        for locator in locators:
            place = self._places.get((feed.name, locator))
            if place is not None:
                with self.path.open("rb") as file:
                    file.seek(place)
                    found[locator] = orjson.loads(file.readline())["item"]
        return found

    def _texts(self) -> Iterator[bytes]:
        if self.path.exists():
            with self.path.open("rb") as file:
                yield from file


@contextmanager
def opened_case(path: Path) -> Iterator[CaseFile]:
    """The case in a file, checked. Raises UsageError."""
    with archive.unpacked(path) as folder:
        case = parsed_case((folder / archive.CASE).read_bytes(), f"{path}: {archive.CASE}")
        yield CaseFile(path, folder, case)


def write_document(folder: Path, case: Case) -> None:
    """Puts case.yaml into the folder of a case that is being written."""
    (folder / archive.CASE).write_text(case_text(case), "utf-8")


def aware(text: str) -> datetime:
    """A moment of a case; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _later(began: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(began.timestamp() + seconds, UTC)
