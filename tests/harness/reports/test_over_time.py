"""When items in discrepancy were modified, in spans a chart can show."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.reports.over_time import MOST_SPANS, moment, timeline
from tests.harness.reports.verdicts import discrepancy

LATE = DiscrepancyKind.LATE
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - as noted
    datetime.isoformat
)


@settings(max_examples=100)
@given(st.lists(st.none() | MOMENTS, max_size=20))
def test_each_discrepancy_is_counted_once_in_a_bounded_number_of_spans(
    moments: list[str | None],
) -> None:
    found = [discrepancy(sent={"modified_at": at}) for at in moments]

    line = timeline(found)

    if line is None:
        assert not any(moments)
        return
    assert sum(map(sum, line.counts.values())) + line.untimed == len(found)
    assert all(len(counts) == len(line.labels) <= MOST_SPANS for counts in line.counts.values())


def test_spans_are_as_wide_as_suits_the_time_between() -> None:
    at = [f"2026-11-22T{hour:02}:30:00Z" for hour in (8, 8, 10)]
    found = [discrepancy(sent={"modified_at": one}) for one in at]

    line = timeline([*found, discrepancy(kind=LATE, sent={"modified_at": at[2]})])

    assert line is not None
    assert line.width == "10 minutes"
    assert (line.labels[0], line.labels[-1]) == ("11-22 08:30", "11-22 10:30")
    assert (line.counts[LATE][-1], line.counts[DiscrepancyKind.MISSING][0]) == (1, 2)


def test_the_time_is_of_modification_else_of_receipt_and_in_utc() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=2)))

    told = [
        discrepancy(
            sent={"modified_at": "2026-11-22 12:00:00"}, received={"received_at": "2027-01-01"}
        ),
        discrepancy(sent=None, received={"modified_at": None, "received_at": east.isoformat()}),
        discrepancy(sent={"modified_at": "yesterday"}),
        discrepancy(sent=None),
    ]

    assert [moment(one) for one in told] == [noon, noon, None, None]
