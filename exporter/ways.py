"""How an exporter reads the catalog, fills its batches and sends them, each a function of its own.

An exporter of another release, or one that is at fault, is this one with another function in the
place of one of these.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import urllib3

from mcs.exporter.collect import Collect, collect
from mcs.exporter.due import Due, batched
from mcs.exporter.service import Service
from mcs.exporter.submit import Submit, submitter

Submitter = Callable[[Service, urllib3.PoolManager, Callable[[], datetime]], Submit]
"""Makes what sends the batches of one sync: to a service, over a pool, by a clock."""
Batched = Callable[[Iterable[Due], int], Iterator[list[Due]]]
"""Puts what is due into batches of a size."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of Commerce's present exporter."""

    collect: Collect = collect
    batched: Batched = batched
    submitter: Submitter = submitter
