"""What a diff looks at, how strictly, and with what engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.compare import Policy

MEMORY_LIMIT = "800MB"
DUCKDB = "duckdb"


@dataclass(frozen=True, slots=True)
class Options:
    """What a diff looks at and how it compares.

    feeds: None compares all. ignore, order_free, tolerance, null_is_absent: as in `Policy`; an
    item whose contents are at hand and differ in nothing that counts is in sync. late_after_s: what
    is in order, but was received longer than this after its modification, is LATE; None: nothing
    is. since, until: only items of that time, from since to before until, by when they were sent,
    else received; an item of unknown time is in. resends: tell content that was sent again
    unchanged as DUPLICATED. engine: "duckdb", "spark-local[4]" or a Spark master such as
    "spark://host:7077". memory_limit: of the reconciliation, as DuckDB writes it. digests: whether
    bucket digests may spare the listing of what they prove; None: where there is much of it.
    """

    feeds: tuple[Feed, ...] | None = None
    ignore: tuple[str, ...] = ()
    memory_limit: str = MEMORY_LIMIT
    order_free: tuple[str, ...] = ()
    tolerance: Mapping[str, float] = field(default_factory=dict)
    null_is_absent: bool = False
    late_after_s: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    resends: bool = False
    engine: str = DUCKDB
    digests: bool | None = None

    @property
    def chosen(self) -> tuple[Feed, ...]:
        """The feeds that are compared, each once."""
        return tuple(dict.fromkeys(self.feeds or ALL_FEEDS.values()))

    @property
    def policy(self) -> Policy:
        """What counts as a difference of content."""
        return Policy(self.ignore, self.order_free, self.tolerance, self.null_is_absent)

    @property
    def chosen_names(self) -> list[str] | None:
        """The names of the chosen feeds, or None for all."""
        return None if self.feeds is None else [feed.name for feed in self.chosen]

    @property
    def may_use_digests(self) -> bool:
        """False if something is asked for that only the rows themselves tell."""
        needs_rows = (self.late_after_s, self.since, self.until)
        return self.digests is not False and not self.resends and needs_rows == (None, None, None)
