"""The windows: the next one, and what came in since each of the last ones opened. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mcs.server.dashboard.sync_status import SyncState
from mcs.server.dashboard.table import Column, Table
from mcs.server.dashboard.windows import Windows
from mcs.server.store.runs import RunState, SyncRun
from mcs.server.store.traffic import Delivery

WINDOWS_SHOWN = 6
NEXT, NOTHING_CAME = "Next", "Nothing came"
CAPTION = "Schedule"


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window and the time until the next one. count: runs that were reported, or else requests.

    submitted, failed: items. waiting: resyncs that the window will take.
    """

    opens_at: str
    state: str
    tone: str
    count: int | None
    submitted: int | None
    failed: int | None
    waiting: str


def schedule(
    runs: Sequence[SyncRun],
    deliveries: Sequence[Delivery],
    waiting: Sequence[str],
    windows: Windows,
    now: datetime,
    *,
    reported: bool,
) -> Table:
    """The next window and the last ones, newest first. waiting: the resyncs for the next one.

    runs, deliveries: newest first, maybe cut off; a window before the oldest is not shown.
    """
    happened = [_of_run(run) for run in runs] if reported else [_of_delivery(d) for d in deliveries]
    coming = windows.next_after(now)
    rows = [WindowRow(_text(coming), NEXT, "neutral", None, None, None, ", ".join(waiting))]
    oldest = happened[-1].at if happened else now
    for number in range(1, WINDOWS_SHOWN + 1):
        opened = coming - windows.every * number
        if opened + windows.every <= oldest:
            break
        within = [one for one in happened if opened <= one.at < opened + windows.every]
        rows.append(_row(opened, within))
    columns = (
        Column("opens_at", "Window"),
        Column("state", "Status"),
        Column("count", "Runs" if reported else "Requests", numeric=True),
        Column("submitted", "Submitted", numeric=True),
        Column("failed", "Failed", numeric=True),
        Column("waiting", "Resyncs that wait for it"),
    )
    return Table(CAPTION, columns, rows)


@dataclass(frozen=True, slots=True)
class _Happened:
    """A run or a request. about: its feed, whose later runs make an earlier failure good."""

    at: datetime
    about: str
    submitted: int
    failed: int
    went_wrong: bool


def _row(opened: datetime, within: Sequence[_Happened]) -> WindowRow:
    state, tone = (SyncState.SUCCESS.value, "good") if within else (NOTHING_CAME, "neutral")
    last: dict[str, _Happened] = {}
    for one in within:
        last.setdefault(one.about, one)
    if any(one.went_wrong for one in last.values()):
        state, tone = SyncState.FAILED.value, "bad"
    submitted, failed = sum(one.submitted for one in within), sum(one.failed for one in within)
    return WindowRow(_text(opened), state, tone, len(within), submitted, failed, "")


def _of_run(run: SyncRun) -> _Happened:
    moment, failed = datetime.fromisoformat(run.started_at), run.state is RunState.FAILED
    return _Happened(moment, run.feed, run.submitted, run.failed, failed)


def _of_delivery(delivery: Delivery) -> _Happened:
    moment = datetime.fromisoformat(delivery.received_at)
    name = f"request {delivery.id}"
    return _Happened(moment, name, delivery.accepted, delivery.rejected, delivery.refused)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
