"""`mcs support-bundle`: what is to be sent with a support ticket, in one zip without secrets.

Source: seed, "Troubleshooting", "Profiling", "Submit support request".
"""

import csv
import platform
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Integer, column, func, inspect, select, table

import mcs
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.harness.cases import archive
from mcs.harness.cases.capture import write_log
from mcs.harness.cases.redaction import Redactor
from mcs.harness.cases.secrets import REMOVED, Scrubber
from mcs.harness.cases.service import CaseService
from mcs.harness.cases.shop_secrets import is_secret_path
from mcs.harness.database import exporter_database
from mcs.harness.errors import CouldNotTell
from mcs.harness.logs import Note, entries
from mcs.harness.source_file import GZIP_ERRORS, SourceFile

README = """\
Support bundle of {at}

{summary}

summary.json        versions and the counts of the lines below
configuration.json  core_config_data of the connector; secrets are replaced
indexers.csv        each indexer with its status, its last update and how many changes wait
feeds.csv           the rows of each feed table by export status
failed-items.ndjson the rows that were not exported, with what was answered
profiler.csv        what collecting took, if it was profiled (EXPORTER_PROFILER=1)
service.json        what the service says of the data space: settings, runs, requests, items
logs/               the exporter's log files
checksums.txt       sha256 of each file

{missing}
"""
NO_SHOP = "the shop's database was not read: {reason}"
NO_SERVICE = "the service was not asked: {reason}"
NO_LOGS = "there are no logs in {places}"
NO_PROFILE = "collecting was not profiled; run it once with EXPORTER_PROFILER=1"
DAMAGED = "{path}: behind a damage nothing was read ({reason})"
MOST_FAILED = 1_000
_STATUSES = {
    str(int(ExportStatus.SUBMITTED)): "exported",
    str(int(ExportStatus.FAILED_ITEM)): "refused",
    str(int(ExportStatus.BAD_REQUEST)): "in a refused batch",
    str(int(ExportStatus.RETRYABLE)): "to be sent again",
}
_PREFIXES = ("services_connector", "magento_saas", "commerce_data_export", "mock_commerce")
_PROFILED = re.compile(r"((?:\|_ )*[\w\\./:-]+), (\d+), ([\d.]+)(?: ms| s)?, ([\d.]+)")
_PACKAGES = ("flask", "gunicorn", "sqlalchemy", "duckdb", "urllib3", "orjson")
_CONFIG = table("core_config_data", column("path"), column("value"))
_INDEXERS = table("indexer_state", column("indexer_id"), column("status"), column("updated"))
_VIEWS = table("mview_state", column("view_id"), column("version_id", Integer))

Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look. commerce: the shop's database; service: with the data space to ask about."""

    commerce: str | None
    logs: Sequence[Path]
    service: CaseService | None
    data_space: str | None
    secrets: Sequence[str] = field(default=(), repr=False)


@dataclass
class Bundle:
    """What was collected. missing: what could not be, a sentence each."""

    summary: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    removed: int = 0


def collect(
    places: Places,
    folder: Path,
    redactor: Redactor | None = None,
    watch: Watch = lambda *_: None,
) -> Bundle:
    """Puts all there is into a folder; what there is not is said in the bundle itself."""
    bundle, scrubber = Bundle(), Scrubber(places.secrets)
    bundle.summary["versions"] = _versions()
    if places.commerce is None:
        bundle.missing.append(NO_SHOP.format(reason="there is none"))
    else:
        watch("the shop's database", 0, 0)
        try:
            with exporter_database(places.commerce) as connection:
                _of_shop(connection, folder, bundle)
        except CouldNotTell as error:
            bundle.missing.append(NO_SHOP.format(reason=error))
    _of_service(places, folder, bundle)
    profile: list[Sequence[str]] = []
    for number, path in enumerate(places.logs, start=1):
        watch("logs", number, len(places.logs))
        write_log(path, folder, scrubber)
        profile += _profile(path, bundle)
    _write_profile(folder, profile, bundle)
    bundle.removed = scrubber.removed
    if redactor is not None:
        for path in [*sorted((folder / archive.LOGS).glob("*")), folder / "failed-items.ndjson"]:
            archive.rewrite(path, redactor.line)
    _write_texts(folder, bundle)
    return bundle


def summary_lines(bundle: Bundle) -> Iterator[str]:
    """The bundle in a few lines."""
    said = bundle.summary
    versions = said["versions"]
    yield f"mcs {versions['mcs']}, Python {versions['python']}, {versions['system']}"
    for name in ("commerce", "data space"):
        if name in said:
            yield f"{name}: {said[name]}"
    for feed, counts in said.get("feeds", {}).items():
        told = ", ".join(
            f"{count:,} {_STATUSES.get(status, f'with status {status}')}"
            for status, count in counts.items()
        )
        yield f"{feed}: {told or 'nothing exported'}"
    waiting = {one["indexer"]: one["waiting"] for one in said.get("indexers", ()) if one["waiting"]}
    if waiting:
        told = ", ".join(f"{name} {count:,}" for name, count in waiting.items())
        yield f"changes that wait: {told}"
    if "requests" in said:
        told = ", ".join(f"{count:,} × {status}" for status, count in said["requests"].items())
        yield f"requests at the service: {told or 'none'}"


def _versions() -> dict[str, str]:
    packages = {name: version_of(name) for name in _PACKAGES}
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return {"mcs": mcs.__version__, "python": sys.version.split()[0], "system": system, **packages}


def _of_shop(connection: Connection, folder: Path, bundle: Bundle) -> None:
    known = inspect(connection)
    if known.has_table(_CONFIG.name):
        rows = connection.execute(select(_CONFIG.c.path, _CONFIG.c.value).order_by("path"))
        configuration = {
            row.path: REMOVED.decode() if row.value and is_secret_path(row.path) else row.value
            for row in rows
            if row.path.startswith(_PREFIXES)
        }
        _write_json(folder / "configuration.json", configuration)
    indexers = list(_indexers(connection)) if known.has_table(_INDEXERS.name) else []
    bundle.summary["indexers"] = indexers
    _write_csv(folder / "indexers.csv", ("indexer", "status", "updated", "waiting"), indexers)
    counts = {
        feed.name: _by_status(connection, feed)
        for feed in FEEDS.values()
        if known.has_table(feed.table)
    }
    bundle.summary["feeds"] = counts
    rows_of_feeds = [
        {"feed": feed, "status": status, "rows": count}
        for feed, statuses in counts.items()
        for status, count in statuses.items()
    ]
    _write_csv(folder / "feeds.csv", ("feed", "status", "rows"), rows_of_feeds)
    failed = (row for name in counts for row in _failed(connection, FEEDS[name]))
    with (folder / "failed-items.ndjson").open("wb") as file:
        file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in failed)


def _indexers(connection: Connection) -> Iterator[dict[str, Any]]:
    known = inspect(connection)
    versions: dict[str, int] = {}
    if known.has_table(_VIEWS.name):
        views = connection.execute(select(_VIEWS))
        versions = {row.view_id: row.version_id for row in views}
    tables = {feed.indexer: feed.table for feed in FEEDS.values()}
    for row in connection.execute(select(_INDEXERS).order_by("indexer_id")):
        yield {
            "indexer": row.indexer_id,
            "status": row.status,
            "updated": str(row.updated),
            # A view is called like its indexer, or like the feed's table.
            "waiting": sum(
                _waiting(connection, view, versions.get(view, 0))
                for view in (row.indexer_id, tables.get(row.indexer_id, ""))
                if known.has_table(f"{view}_cl")
            ),
        }


def _waiting(connection: Connection, view: str, version: int) -> int:
    """How many changes a view has not been told of."""
    log = table(f"{view}_cl", column("version_id", Integer))
    later = select(func.count()).select_from(log).where(log.c.version_id > version)
    return int(connection.scalar(later) or 0)


def _by_status(connection: Connection, feed: Feed) -> dict[str, int]:
    rows = table(feed.table, column("status", Integer), column("is_deleted"))
    query = select(rows.c.status, func.count()).group_by(rows.c.status).order_by(rows.c.status)
    return {str(status): count for status, count in connection.execute(query)}


def _failed(connection: Connection, feed: Feed) -> Iterator[dict[str, Any]]:
    names = ("feed_id", "status", "errors", "metadata", "modified_at")
    rows = table(feed.table, *(column(name) for name in names))
    query = select(rows).where(rows.c.status != int(ExportStatus.SUBMITTED)).limit(MOST_FAILED)
    for row in connection.execute(query):
        yield {"feed": feed.name, **{name: _plain(getattr(row, name)) for name in names}}


def _of_service(places: Places, folder: Path, bundle: Bundle) -> None:
    if places.service is None or places.data_space is None:
        bundle.missing.append(NO_SERVICE.format(reason="nothing says where it is"))
        return
    service, space = places.service, places.data_space
    bundle.summary["data space"] = space
    try:
        requests = service.requests(space)
        statuses = Counter(str(one["status"]) if one["answered"] else "cut" for one in requests)
        told = {
            "version": service.version(),
            "data_space": service.described(space),
            "runs": service.runs(space),
            "feed_status": service.feed_status(space),
            "resyncs": service.resyncs(space),
            "requests": dict(statuses),
        }
    except CouldNotTell as error:
        bundle.missing.append(NO_SERVICE.format(reason=error))
        return
    bundle.summary["requests"] = dict(statuses)
    _write_json(folder / "service.json", told)


def _profile(path: Path, bundle: Bundle) -> Iterator[Sequence[str]]:
    """The profiler's lines of a log, each as time and columns."""
    with SourceFile(path) as source, source.plain() as text:
        try:
            for entry in entries(text):
                match = _PROFILED.fullmatch(entry.text.strip()) if isinstance(entry, Note) else None
                if match:
                    yield (entry.at.isoformat(), *match.groups())  # type: ignore[union-attr]  # Note
        except GZIP_ERRORS as error:
            bundle.missing.append(DAMAGED.format(path=path.name, reason=error))


def _write_profile(folder: Path, profile: Sequence[Sequence[str]], bundle: Bundle) -> None:
    if not profile:
        bundle.missing.append(NO_PROFILE)
        return
    names = ("at", "provider", "entities", "time", "memory_mb")
    rows = [dict(zip(names, row, strict=True)) for row in profile]
    _write_csv(folder / "profiler.csv", names, rows)


def _write_texts(folder: Path, bundle: Bundle) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    summary = "\n".join(summary_lines(bundle))
    missing = "\n".join(["Not in it:", *(f"- {one}" for one in bundle.missing)])
    text = README.format(at=at, summary=summary, missing=missing if bundle.missing else "")
    (folder / "README.txt").write_text(text, "utf-8")
    _write_json(folder / "summary.json", bundle.summary | {"missing": bundle.missing})


def _write_json(path: Path, value: object) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)
