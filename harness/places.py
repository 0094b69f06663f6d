"""Where both sides of a diff are, by the options of a command, the shop's settings, or defaults."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.connector import connected_service, tenant_of
from mcs.harness.credentials import Credentials, credentials_files, read_credentials
from mcs.harness.database import exporter_database
from mcs.harness.errors import CouldNotTell
from mcs.harness.sides import ReceivedSide, SentSide
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.opening import open_received, open_sent
from mcs.harness.sources.service import Service

Tell = Callable[[str], None]
DEFAULT_URL = "http://127.0.0.1:8080"
COMMERCE_DATABASE = "commerce.sqlite"
NO_DATA_SPACE = (
    "which data space? {shop}, and {folder} holds {found}. Name "
    "it with --data-space ID; `mcs dataspace list` shows them."
)
UNCONFIGURED = "{commerce} has no services_connector/services_id/environment_id"
NO_SHOP = "There is no shop's database"
CONVERTED = (
    "{commerce} is of a shop that sends to the catalog data ingestion API, so its feed tables hold "
    "other items than the service. Run `mcs exporter sent sent.ndjson`, then give that with --sent "
    "sent.ndjson."
)
BY_CREDENTIALS = "data space {data_space} at {url}: the one of {path}"
NOBODY_SENT = (
    "nobody says what was sent: {commerce} is not there. Name the exporter's database with "
    "--commerce, or what was sent with --sent (a saas-export.log, a dump of a feed table, an HTTP "
    "archive, a file of items)."
)
TWO_RECEIVED = "--url and --received both say what was received. Give one of them."


@dataclass(frozen=True, slots=True)
class Places:
    """What a command was given.

    sent: none stands for `commerce`, which else only tells the service. received: None for the
    service that the shop is configured for. tell: told which service is meant where no option and
    no shop named it. The other options are those of `Reading`.
    """

    var: Path
    commerce: str | None = None
    sent: tuple[str, ...] = ()
    received: str | None = None
    url: str | None = None
    data_space_id: str | None = None
    token: str | None = None
    feeds: tuple[Feed, ...] | None = None
    mixed: bool = False
    lenient: bool = False
    tell: Tell = lambda _: None

    @property
    def has_sent(self) -> bool:
        """True if something says what was sent, or was named for it."""
        return bool(self.sent) or shop_at_hand(self.commerce, self.var) is not None


@contextmanager
def opened_sides(places: Places) -> Iterator[tuple[SentSide, ReceivedSide]]:
    """Both sides, open. Raises UsageError, CouldNotTell."""
    if places.received and places.url:
        raise UsageError(TWO_RECEIVED)
    # Where the received side is may ask the shop's database, whose absence is to be told.
    received_side = opened_received(places)
    if not places.has_sent:
        raise CouldNotTell(NOBODY_SENT.format(commerce=places.var / COMMERCE_DATABASE))
    with _sent(places) as sent, received_side as received:
        yield sent, received


def service_of_shop(
    commerce: str | None,
    var: Path,
    data_space: str | None,
    url: str | None,
    tell: Tell = lambda _: None,
) -> tuple[str, str]:
    """The data space and URL to ask: as given, as the shop has them, as the credentials say.

    commerce: None if there is no shop's database. tell: told if it was the credentials. Raises
    UsageError, CouldNotTell.
    """
    if commerce is not None:
        with exporter_database(commerce) as connection:
            shop_data_space, shop_url = connected_service(connection)
        url = url or shop_url
        data_space = data_space or shop_data_space
    if data_space and url:
        return data_space, url
    known = _known_credentials(var, data_space)
    # Whoever names a service of several means the data space there.
    there = {path: one for path, one in known.items() if url and _is_same(one.url, url)}
    fitting = there if there and len(known) > 1 else known
    if data_space and not fitting:
        return data_space, DEFAULT_URL
    if not data_space and len(fitting) != 1:
        shop = UNCONFIGURED.format(commerce=commerce) if commerce else NO_SHOP
        folder, found = var / "credentials", _listed(fitting)
        raise UsageError(NO_DATA_SPACE.format(shop=shop, folder=folder, found=found))
    path, chosen = next(iter(fitting.items()))
    url = url or chosen.url
    tell(BY_CREDENTIALS.format(data_space=chosen.data_space_id, url=url, path=path))
    return chosen.data_space_id, url


def _known_credentials(var: Path, data_space: str | None) -> dict[Path, Credentials]:
    """The credentials at hand, of one data space if it is named: those know the service that has
    it. Raises UsageError if it is not named and a file is none."""
    found = {}
    for path in credentials_files(var):
        # A file that is not asked for is nobody's trouble.
        with suppress(UsageError) if data_space else nullcontext():
            found[path] = read_credentials(path)
    return {path: one for path, one in found.items() if data_space in (None, one.data_space_id)}


def _is_same(url: str, other: str) -> bool:
    return url.rstrip("/") == other.rstrip("/")


def _listed(known: Mapping[Path, Credentials]) -> str:
    """How many credentials files there are, and of which data spaces."""
    if not known:
        return "no credentials files"
    named = ", ".join(f"{one.data_space_id} ({path.name})" for path, one in known.items())
    return f"{len(known)} credentials files: {named}"


def has_other_items(commerce: str) -> bool:
    """Whether a shop's feed tables hold other items than what it sends is converted to."""
    with exporter_database(commerce) as connection:
        return tenant_of(connection) is not None


def shop_at_hand(commerce: str | None, var: Path) -> str | None:
    """The shop's database that was named, or that is in its place; None if there is none."""
    default = var / COMMERCE_DATABASE
    return commerce or (str(default) if default.is_file() else None)


def _sent(places: Places) -> AbstractContextManager[SentSide]:
    if not places.sent:
        _refuse_feed_tables_of_tenant(places)
        return opened(_shop(places))
    return open_sent(
        places.sent,
        feeds=places.feeds,
        data_space_id=places.data_space_id,
        mixed=places.mixed,
        lenient=places.lenient,
    )


def opened_received(places: Places) -> AbstractContextManager[ReceivedSide]:
    """The received side alone, to be opened. Raises UsageError, CouldNotTell."""
    if places.received is None:
        data_space, url = _service(places)
        return Service(url, data_space, places.token)
    return open_received(
        places.received,
        feeds=places.feeds,
        data_space_id=places.data_space_id,
        mixed=places.mixed,
        lenient=places.lenient,
        token=places.token,
    )


def _service(places: Places) -> tuple[str, str]:
    # Where files tell what was sent, a shop only tells where to; it need not be there.
    shop = shop_at_hand(places.commerce, places.var)
    return service_of_shop(shop, places.var, places.data_space_id, places.url, places.tell)


def _refuse_feed_tables_of_tenant(places: Places) -> None:
    """Feed tables tell nothing of a service that holds what their items were converted to."""
    if places.data_space_id or places.received:
        return
    if has_other_items(_shop(places)):
        raise UsageError(CONVERTED.format(commerce=_shop(places)))


def _shop(places: Places) -> str:
    return places.commerce or str(places.var / COMMERCE_DATABASE)
