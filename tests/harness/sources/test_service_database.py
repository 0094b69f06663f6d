"""The service's database says what the service says."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.sides import ReceivedSide
from mcs.harness.sources import service_database
from mcs.harness.sources.opening import open_received
from mcs.harness.sources.service import Service
from mcs.server.store.tables import SCHEMA_VERSION
from tests.harness.sides import PRICES, DataSpace, deletion, price
from tests.harness.sources.written import received_lines, rejected_lines, without
from tests.server.running import RunningService, config, running


def database(service: RunningService) -> str:
    return service.store.shown_url.removeprefix("sqlite:///")


@pytest.fixture
def direct(service: RunningService, data_space: DataSpace) -> Iterator[ReceivedSide]:
    """The data space, read from the database of the running service."""
    place = f"db:{database(service)}"
    with open_received(place, data_space_id=data_space.id.upper()) as side:
        yield side


def test_its_lists_are_those_of_the_service(
    direct: ReceivedSide, data_space: DataSpace, tmp_path: Path
) -> None:
    data_space.receive(price("A"), price("B"), price("B", 2))
    data_space.receive(deletion(PRICES, price("A")), price("C", regular="12,50"))  # type: ignore[arg-type]  # meant

    with Service(data_space.url, data_space.id) as service:
        for lists in (received_lines, rejected_lines):
            asked = lists(service, tmp_path)
            assert without(lists(direct, tmp_path), "data_space_id", "resends") == without(
                asked, "resends"
            )
            assert asked


def test_the_versions_of_an_item_are_those_of_the_service(
    direct: ReceivedSide, data_space: DataSpace, tmp_path: Path
) -> None:
    for regular in (1, 2, 3):
        data_space.receive(price("A", regular))
    [line] = received_lines(direct, tmp_path)

    with Service(data_space.url, data_space.id) as service:
        asked = service.versions("prices", line["key"])

    assert direct.versions("prices", line["key"]) == asked
    assert len(asked) == 3


def test_what_is_not_sorted_in_yet_is_read_as_the_service_would_tell_it(
    tmp_path: Path,
) -> None:
    with running(config(tmp_path)) as service:
        service.sorting.close()
        _compare_what_waits(service, tmp_path)


def _compare_what_waits(service: RunningService, tmp_path: Path) -> None:
    data_space, other = DataSpace(service.data_space()), DataSpace(service.data_space())
    data_space.receive(price("A"), price("B"))
    other.receive(price("A"))
    keys = [line["key"] for line in data_space.client.received()]
    data_space.receive(price("A", 2), price("C"), price("C", 3))
    data_space.receive(deletion(PRICES, price("B")), price("A", 2))
    other.receive(price("B"), deletion(PRICES, price("A")))

    # Not through the service: whoever asks it has it sort in first.
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(database(service))) as live, closing(sqlite3.connect(copy)) as own:
        live.backup(own)
        [waiting] = own.execute("SELECT count(*) FROM inbox").fetchone()
    with open_received(f"db:{copy}", data_space_id=data_space.id) as side:
        before = received_lines(side, tmp_path)
        versions = [len(side.versions("prices", line["key"])) for line in before]
        elsewhere = [one.key for one in side.elsewhere("prices", keys)]
    with Service(data_space.url, data_space.id) as asked:
        after = received_lines(asked, tmp_path)

    assert waiting
    assert without(before, "data_space_id", "resends") == without(after, "resends")
    assert versions == [line["versions"] for line in after]
    assert len(elsewhere) == 1


def test_it_knows_where_else_an_identity_is_alive(
    direct: ReceivedSide, data_space: DataSpace, service: RunningService, tmp_path: Path
) -> None:
    other = DataSpace(service.data_space())
    other.receive(price("A"), price("B"))
    other.receive(deletion(PRICES, price("B")))
    data_space.receive(price("A"), price("B"))
    keys = [line["key"] for line in received_lines(direct, tmp_path)]

    found = [one for one in direct.elsewhere("prices", keys) if one.data_space_id == other.id]

    assert len(found) == 1


def test_it_tells_what_the_journal_says_of_a_request(
    direct: ReceivedSide, data_space: DataSpace
) -> None:
    batch = data_space.receive(price("A"), price("C", regular="12,50"))  # type: ignore[arg-type]  # meant

    found = direct.requests([batch.request_id, "unknown"])

    [facts] = found.values()
    assert (facts.feed, facts.status, facts.items) == ("prices", 400, 2)
    assert (facts.accepted, facts.rejected) == (1, 1)


def test_several_data_spaces_are_refused_until_one_is_picked(
    service: RunningService, data_space: DataSpace, tmp_path: Path
) -> None:
    place = f"db:{database(service)}"
    DataSpace(service.data_space()).receive(price("A"))
    data_space.receive(price("B"))

    with pytest.raises(UsageError, match="mixes data spaces"), open_received(place):
        pass
    unknown = open_received(place, data_space_id="x")
    with pytest.raises(CouldNotTell, match="holds no data space x"), unknown:
        pass
    with open_received(place, mixed=True) as side:
        assert len(received_lines(side, tmp_path)) >= 2


def test_the_version_of_the_tables_that_it_knows_is_the_servers() -> None:
    assert service_database.SCHEMA_VERSION == SCHEMA_VERSION


def test_tables_of_another_version_are_refused(service: RunningService, tmp_path: Path) -> None:
    copy = tmp_path / "server.sqlite"
    with closing(sqlite3.connect(database(service))) as there, closing(sqlite3.connect(copy)) as to:
        there.backup(to)
        to.execute("update schema_version set version = 99")
        to.commit()

    side = open_received(str(copy), mixed=True)
    with pytest.raises(CouldNotTell, match=f"version 99, this reader knows {SCHEMA_VERSION}"), side:
        pass


@pytest.mark.parametrize(
    ("statement", "told"),
    [("create table x (a)", "it has no table schema_version"), ("", "it has no table")],
    ids=["other-database", "empty"],
)
def test_a_database_of_something_else_is_told(tmp_path: Path, statement: str, told: str) -> None:
    path = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)

    with pytest.raises(CouldNotTell, match=told), open_received(f"db:{path}"):
        pass
    away = open_received(f"db:{path}.away")
    with pytest.raises(CouldNotTell, match="there is no such file"), away:
        pass
