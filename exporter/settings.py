"""What the exporter is told from outside: where its files are, and the seed's switches."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """How this run of the exporter behaves.

    var: the folder of the commerce database and the logs.
    extended_log: EXPORTER_EXTENDED_LOG=1 writes payloads to saas-export.log (seed, Check feed
    payload). persist_payload: PERSIST_EXPORTED_FEED=1 keeps whole items in the feed tables (seed,
    Preserve payload in feed index table).
    """

    var: Path = Path("var")
    extended_log: bool = False
    persist_payload: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Reads MCS_VAR and the exporter's own switches."""
        return cls(
            var=Path(environ.get("MCS_VAR", "var")),
            extended_log=environ.get("EXPORTER_EXTENDED_LOG") == "1",
            persist_payload=environ.get("PERSIST_EXPORTED_FEED") == "1",
        )

    @property
    def database(self) -> Path:
        """The commerce database: catalog, configuration and feed tables."""
        return self.var / "commerce.sqlite"

    @property
    def log_dir(self) -> Path:
        """Where the log files are (seed, Troubleshooting)."""
        return self.var / "log"
