"""The settings of the server, and those of each data space. Nothing is opened or read here."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from mcs.contract.answer import ErrorShape
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Routes
from mcs.contract.validation import Mode
from mcs.server.consumers import Consumer

ENVIRONMENT_PREFIX = "MCS_"
MEBIBYTE = 1024 * 1024
LONGEST_LAG_S = 366 * 24 * 3600
RESERVED_SEGMENTS = (
    "control",
    "dashboard",
    "data-spaces",
    "docs",
    "gateway",
    "ims",
    "merchant-registry",
    "schemas",
)
"""First segments of paths that are no feed's."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What one server runs with. Command line option > environment variable > default."""

    var: Path = field(
        default=Path("var"),
        metadata={"help": "Directory of the default database and of credentials files."},
    )
    database: str | None = field(
        default=None,
        metadata={
            "help": "SQLAlchemy URL of the database; by default server.sqlite in the var directory."
        },
    )
    host: str = field(default="127.0.0.1", metadata={"help": "Address to listen on."})
    port: int = field(
        default=8080, metadata={"help": "Port to listen on; 0 takes any that is free."}
    )
    threads: int = field(
        default=8, metadata={"help": "Requests that are answered at the same time."}
    )
    workers: int = field(
        default=1,
        metadata={"help": "Processes that answer. Beyond 1 the clock cannot be turned."},
    )
    queue: int = field(
        default=256,
        metadata={
            "help": "Batches that may wait for a thread of a process; further ones are told to "
            "come again (503 with Retry-After)."
        },
    )
    max_body_bytes: int = field(
        default=16 * MEBIBYTE, metadata={"help": "Largest request body, as it comes."}
    )
    max_decoded_bytes: int = field(
        default=128 * MEBIBYTE, metadata={"help": "Largest request body once unpacked."}
    )
    max_items: int = field(
        default=20_000, metadata={"help": "Most items in a request, whatever its data space says."}
    )
    request_timeout_s: int = field(
        default=30,
        metadata={
            "help": "Seconds that a client may take to send a request; then it is told so (408)."
        },
    )
    database_wait_s: int = field(
        default=30,
        metadata={
            "help": "Seconds to wait while others hold the database; then exporters are told to "
            "come again (503 with Retry-After)."
        },
    )
    jwt_leeway_s: int = field(
        default=30, metadata={"help": "How long after its expiry a signature is still taken."}
    )
    journal_size: int = field(
        default=100_000,
        metadata={
            "help": "Requests remembered; older ones go unless a current item came with them."
        },
    )
    backlog: int = field(
        default=2_000,
        metadata={
            "help": "Requests that are answered before their items are sorted in; beyond that each "
            "further one takes its part in it."
        },
    )
    control_token: str | None = field(
        default=None,
        metadata={"help": "Bearer token that opens /control to other machines than this one."},
    )
    ready_file: Path | None = field(
        default=None,
        metadata={
            "help": "File that is written, with URL and process id, once requests are answered."
        },
    )
    dashboard_token: str | None = field(
        default=None,
        metadata={
            "help": "What opens the pages where other machines reach the server; by default a new "
            "one that `mcs serve` prints."
        },
    )
    live_streams: int = field(
        default=8,
        metadata={
            "help": "Pages kept up to date at the same time; each has a thread of its own. Further "
            "ones ask now and then."
        },
    )

    def __post_init__(self) -> None:
        for name in (
            "threads",
            "workers",
            "queue",
            "journal_size",
            "max_items",
            "request_timeout_s",
        ):
            if getattr(self, name) < 1:
                raise UsageError(f"{name}: got {getattr(self, name)}, expected 1 or more.")

    @property
    def database_url(self) -> str:
        """The database that is meant, the default one with its absolute path."""
        return self.database or f"sqlite:///{self.var.absolute() / 'server.sqlite'}"

    @property
    def url(self) -> str:
        """Where exporters on this machine find the server; its port must not be 0 for that."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "ServerConfig":
        """The configuration that the variables MCS_<FIELD> describe; empty ones do not count.

        Raises UsageError for a value that does not fit.

        >>> ServerConfig.from_env({"MCS_PORT": "0"}).port
        0
        """
        given = {}
        for option in fields(cls):
            name = ENVIRONMENT_PREFIX + option.name.upper()
            text = environ.get(name)
            if text:
                given[option.name] = _from_text(name, text, option.type)
        return cls(**given)


def _from_text(name: str, text: str, kind: Any) -> Any:
    if kind is int:
        if not text.isdecimal():
            raise UsageError(f'{name}: got "{text}", expected a whole number of 0 or more.')
        return int(text)
    return Path(text) if kind in (Path, Path | None) else text


@dataclass(frozen=True, slots=True)
class Settings:
    """How the service treats one data space. What nobody could see of the real service is a
    switch here (contract/wire.md)."""

    mode: str = field(
        default="lenient",
        metadata={"help": "What is refused: strict, lenient or record (nothing)."},
    )
    partial_failure: int = field(
        default=400, metadata={"help": "Status of an answer that refuses some items: 400 or 200."}
    )
    keep_valid_items: bool = field(
        default=True, metadata={"help": "Whether the valid items of such a batch are recorded."}
    )
    error_shape: str = field(
        default="field", metadata={"help": "How refused items are named: field or code."}
    )
    # Assumed: a limit is known to exist, its numbers are not; genuine small clients send more
    # than one batch of the exporter's size in a request.
    items_limit: Mapping[str, int] | None = field(
        default=None,
        metadata={"help": 'Most items in one request, by feed, such as {"products": 100}.'},
    )
    # Assumed: the real limit is not known; 300 a minute is that of the newer API.
    requests_per_minute: int | None = field(
        default=None, metadata={"help": "Requests that are taken per minute; null for any number."}
    )
    # contract/ingestion-api.md: 300 a minute.
    catalog_requests_per_minute: int | None = field(
        default=300,
        metadata={
            "help": "Requests of the catalog ingestion API that are taken per minute; null for any "
            "number."
        },
    )
    routes: Mapping[str, str] | None = field(
        default=None,
        metadata={
            "help": 'Other routes than the usual ones, by feed, such as {"variants": "feeds/v/v1"}.'
        },
    )
    # In life minutes: Live Search documents 15 to 60 (contract/support-cases.md, case 1).
    visibility_lag_s: Mapping[str, float] | None = field(
        default=None,
        metadata={
            "help": "Seconds from acceptance until a service shows an item, by service, such as "
            '{"live_search": 900}; null for none.'
        },
    )

    @classmethod
    def from_json(cls, given: Any) -> "Settings":
        """The settings a JSON object describes; what it leaves out has its default.

        Raises UsageError for an unknown name or a value that does not fit.

        >>> Settings.from_json({"mode": "strict"}).mode
        'strict'
        """
        if not isinstance(given, dict):
            raise UsageError(f"settings: got {given!r}, expected an object. {_known_settings()}")
        for name, value in given.items():
            if name not in _ACCEPTED:
                raise UsageError(f'settings: "{name}" is no setting. {_known_settings()}')
            expected, accepts = _ACCEPTED[name]
            if not accepts(value):
                raise UsageError(f"settings.{name}: got {value!r}, expected {expected}.")
        settings = cls(**given)
        if settings.partial_failure == 200 and not settings.keep_valid_items:
            raise UsageError(
                "settings: partial_failure 200 tells an exporter that the valid items are kept, so "
                "it does not go with keep_valid_items false. Change one of them."
            )
        _refuse_unreachable(settings.routes or {})
        return settings

    def as_json(self) -> dict[str, Any]:
        """All settings by name, as the control API shows them."""
        return {option.name: getattr(self, option.name) for option in fields(self)}

    def changed(self, given: Any) -> "Settings":
        """These settings with those that a JSON object names in their place.

        Raises UsageError as from_json does.

        >>> Settings(partial_failure=200).changed({"mode": "strict"}).partial_failure
        200
        """
        if not isinstance(given, dict):
            raise UsageError(f"settings: got {given!r}, expected an object. {_known_settings()}")
        return Settings.from_json(self.as_json() | given)

    def lag_of(self, consumer: Consumer) -> timedelta:
        """How long after its acceptance a service shows an item."""
        return timedelta(seconds=(self.visibility_lag_s or {}).get(consumer, 0))


def _refuse_unreachable(routes: Mapping[str, str]) -> None:
    for name, route in routes.items():
        first = route.strip("/").split("/")[0]
        if first in RESERVED_SEGMENTS:
            raise UsageError(
                f'settings.routes.{name}: "{route}" begins with "{first}", where something else is '
                f"served. Reserved are: {', '.join(RESERVED_SEGMENTS)}."
            )
        at_route = Routes(overrides=routes).feeds_at(route)
        if len(at_route) > 1 and not all(feed.wrapper for feed in at_route):
            names = " and ".join(feed.name for feed in at_route)
            raise UsageError(
                f'settings.routes.{name}: at "{route}" the items of {names} cannot be told apart.'
            )


def _known_settings() -> str:
    return f"Take of: {', '.join(_ACCEPTED)}."


def _one_of(*values: Any) -> tuple[str, Callable[[Any], bool]]:
    def accepts(given: Any) -> bool:
        return any(given == value and type(given) is type(value) for value in values)

    return "one of " + ", ".join(str(value) for value in values), accepts


def _map_of(
    expected: str, accepts: Callable[[Any], bool], key: str, names: Iterable[str]
) -> tuple[str, Callable[[Any], bool]]:
    known = list(names)

    def accepts_map(given: Any) -> bool:
        if given is None:
            return True
        return isinstance(given, dict) and all(
            name in known and accepts(value) for name, value in given.items()
        )

    return f"null or an object of {expected} by {key} ({', '.join(known)})", accepts_map


def _is_limit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**53


def _is_rate(value: Any) -> bool:
    return value is None or _is_limit(value)


def _is_lag(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= LONGEST_LAG_S


def _is_route(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip("/"))


_ACCEPTED: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "mode": _one_of(*(mode.value for mode in Mode)),
    "partial_failure": _one_of(400, 200),
    "keep_valid_items": _one_of(True, False),
    "error_shape": _one_of(*(shape.value for shape in ErrorShape)),
    "items_limit": _map_of("numbers of 1 or more", _is_limit, "feed", ALL_FEEDS),
    "requests_per_minute": ("null or a number of 1 or more", _is_rate),
    "catalog_requests_per_minute": ("null or a number of 1 or more", _is_rate),
    "routes": _map_of("routes", _is_route, "feed", FEEDS),
    "visibility_lag_s": _map_of("seconds of 0 or more", _is_lag, "service", Consumer),
}
