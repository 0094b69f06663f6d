"""Logins to the pages, as all processes of a server know them, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mcs.server.dashboard.admission import SESSION_LIFE, Admission, new_form_key, token_hash
from mcs.server.store.repository import Store
from tests.exporter.databases import KINDS, fresh_database

TOKEN = "open-sesame"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store on each database."""
    with (
        fresh_database(request.param, tmp_path_factory.mktemp("sessions")) as url,
        Store(url) as store,
    ):
        yield store


def door(store: Store, form_key: bytes) -> Admission:
    """The door of one process; those of a server have the same key."""
    return Admission(
        required=True,
        login_hash=token_hash(TOKEN),
        form_key=form_key,
        sessions=store.sessions,
    )


def test_a_login_holds_until_its_time_is_over(store: Store) -> None:
    admission = door(store, new_form_key())
    session = admission.log_in(TOKEN, NOW)

    admitted = [
        admission.admits(session, NOW + later)
        for later in (timedelta(0), SESSION_LIFE - timedelta(seconds=1), SESSION_LIFE)
    ]

    assert admitted == [True, True, False]


def test_a_login_is_good_for_no_other_server_of_the_database(store: Store) -> None:
    key = new_form_key()
    session = door(store, key).log_in(TOKEN, NOW)

    assert door(store, key).admits(session, NOW)
    assert not door(store, new_form_key()).admits(session, NOW)


def test_only_so_many_are_logged_in_and_the_oldest_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcs.server.dashboard.admission.SESSIONS_KEPT", 2)
    here, elsewhere = door(store, new_form_key()), door(store, new_form_key())
    other = elsewhere.log_in(TOKEN, NOW - timedelta(hours=1))
    sessions = [here.log_in(TOKEN, NOW + timedelta(seconds=second)) for second in range(3)]

    assert [here.admits(session, NOW) for session in sessions] == [False, True, True]
    assert elsewhere.admits(other, NOW)


def test_a_turned_clock_ends_no_sessions_of_other_servers(store: Store) -> None:
    here, turned = door(store, new_form_key()), door(store, new_form_key())
    session = here.log_in(TOKEN, NOW)

    turned.log_in(TOKEN, NOW + timedelta(days=365))

    assert here.admits(session, NOW)
