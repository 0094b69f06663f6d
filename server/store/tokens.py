"""Clients of the token service, and the tokens that they were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from mcs.server.store.database import Database
from mcs.server.store.dialect_tables import ImsClients, ImsTokens

_COLUMNS = (
    ImsClients.client_id,
    ImsClients.secret_hash,
    ImsClients.data_space,
    ImsClients.scopes,
    ImsClients.created_at,
)


@dataclass(frozen=True, slots=True)
class ImsClient:
    """Who may make tokens, and with which scopes at most."""

    client_id: str
    secret_hash: str
    data_space: str
    scopes: tuple[str, ...]
    created_at: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a token lets its bearer do."""

    data_space: str
    scopes: tuple[str, ...]
    expires_at: str
    revoked: bool


class Tokens:
    """The memory of the token service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_client(
        self, client_id: str, secret_hash: str, data_space: str, scopes: Sequence[str]
    ) -> ImsClient:
        """Lets a client make tokens for a data space."""
        made = ImsClient(client_id, secret_hash, data_space, tuple(scopes), self._database.now())
        row = {
            "client_id": client_id,
            "secret_hash": secret_hash,
            "data_space": data_space,
            "scopes": " ".join(scopes),
            "created_at": made.created_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(ImsClients), row)
        return made

    def clients(self, data_space: str) -> list[ImsClient]:
        """The clients of a data space, oldest first."""
        query = select(*_COLUMNS).where(ImsClients.data_space == data_space)
        query = query.order_by(ImsClients.created_at, ImsClients.client_id)
        with self._database.reading() as connection:
            return [_client(row) for row in connection.execute(query)]

    def client(self, client_id: str) -> ImsClient | None:
        """The client of this id, or None."""
        query = select(*_COLUMNS).where(ImsClients.client_id == client_id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _client(row)

    def add(
        self, token_hash: str, client_id: str, scopes: Sequence[str], expires_at: datetime
    ) -> None:
        """Keeps a token until a day after it expires; older ones of the client are forgotten."""
        row = {
            "token_hash": token_hash,
            "client_id": client_id,
            "scopes": " ".join(scopes),
            "expires_at": _written(expires_at),
            "revoked": False,
        }
        old = datetime.fromisoformat(self._database.now()) - timedelta(days=1)
        with self._database.writing() as connection:
            own = (ImsTokens.client_id == client_id, ImsTokens.expires_at < _written(old))
            connection.execute(delete(ImsTokens).where(*own))
            connection.execute(insert(ImsTokens), row)

    def token(self, token_hash: str) -> Token | None:
        """The token with this hash, good or not; None if it was never made."""
        query = (
            select(ImsClients.data_space, ImsTokens.scopes, ImsTokens.expires_at, ImsTokens.revoked)
            .join(ImsClients, ImsClients.client_id == ImsTokens.client_id)
            .where(ImsTokens.token_hash == token_hash)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Token(row.data_space, tuple(row.scopes.split()), row.expires_at, row.revoked)

    def revoke(
        self, data_space: str, client_id: str | None = None, token_hash: str | None = None
    ) -> int:
        """Revokes the tokens of a data space, or of one client, or one; returns how many were."""
        own = select(ImsClients.client_id).where(ImsClients.data_space == data_space)
        meant: list[Any] = [ImsTokens.client_id.in_(own), ImsTokens.revoked.is_(False)]
        if client_id is not None:
            meant.append(ImsTokens.client_id == client_id)
        if token_hash is not None:
            meant.append(ImsTokens.token_hash == token_hash)
        with self._database.writing() as connection:
            revoked = connection.execute(update(ImsTokens).where(*meant).values(revoked=True))
            return int(revoked.rowcount)


def _client(row: Any) -> ImsClient:
    scopes = tuple(row.scopes.split())
    return ImsClient(row.client_id, row.secret_hash, row.data_space, scopes, row.created_at)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
