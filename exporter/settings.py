"""What the exporter is told from outside: where its files are, and the seed's switches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mcs.contract.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """How this run of the exporter behaves. variable: the environment variable that says it."""

    var: Path = field(
        default=Path("var"),
        metadata={
            "variable": "MCS_VAR",
            "help": "Folder of the commerce database, the logs and the locks.",
        },
    )
    database_url: str | None = field(
        default=None,
        metadata={
            "variable": "MCS_COMMERCE",
            "help": "SQLAlchemy URL of the commerce database; by default commerce.sqlite in the "
            "var directory.",
        },
    )
    extended_log: bool = field(
        default=False,
        metadata={
            "variable": "EXPORTER_EXTENDED_LOG",
            "help": "1 writes payloads to saas-export.log (seed, Check feed payload).",
        },
    )
    persist_payload: bool = field(
        default=False,
        metadata={
            "variable": "PERSIST_EXPORTED_FEED",
            "help": "1 keeps whole items in the feed tables (seed, Preserve payload in feed index "
            "table).",
        },
    )
    profiler: bool = field(
        default=False,
        metadata={
            "variable": "EXPORTER_PROFILER",
            "help": "1 writes what collecting takes to commerce-data-export.log (seed, Profiling).",
        },
    )
    log_interval_s: float | None = field(
        default=None,
        metadata={
            "variable": "EXPORTER_LOG_PROGRESS_INTERVAL",
            "help": "Seconds between two notes of a sync's progress in the log.",
        },
    )
    control_token: str | None = field(
        default=None,
        metadata={
            "variable": "MCS_CONTROL_TOKEN",
            "help": "Token to ask a service on another machine for requested resyncs.",
        },
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Reads MCS_VAR, MCS_COMMERCE and the exporter's own switches. Raises UsageError."""
        return cls(
            var=Path(environ.get("MCS_VAR") or "var"),
            database_url=environ.get("MCS_COMMERCE") or None,
            extended_log=environ.get("EXPORTER_EXTENDED_LOG") == "1",
            persist_payload=environ.get("PERSIST_EXPORTED_FEED") == "1",
            profiler=environ.get("EXPORTER_PROFILER") == "1",
            log_interval_s=_seconds(environ.get("EXPORTER_LOG_PROGRESS_INTERVAL")),
            control_token=environ.get("MCS_CONTROL_TOKEN") or None,
        )

    @property
    def database(self) -> Path | str:
        """The commerce database: catalog, configuration and feed tables."""
        return self.database_url or self.var / "commerce.sqlite"

    @property
    def log_dir(self) -> Path:
        """Where the log files are (seed, Troubleshooting)."""
        return self.var / "log"

    @property
    def lock_dir(self) -> Path:
        """Where running syncs hold their feeds."""
        return self.var / "locks"


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            f'EXPORTER_LOG_PROGRESS_INTERVAL is "{text}"; set it to a number of seconds.'
        ) from None
