"""The API keys of data spaces: registered, listed, retired. Only their hashes are kept."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update

from mcs.server.store.database import Database
from mcs.server.store.tables import ApiKeys, DataSpaces
from mcs.server.store.values import ListedKey, RegisteredKey

MINUTE = len("2026-11-22T19:10")


class Keys:
    """Who may send where. What was asked once is remembered until a key is retired."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, list[RegisteredKey]] = {}
        self._retired: dict[str, int] = {}
        self._used: dict[tuple[str, str, str | None], str] = {}

    def register(self, data_space: str, key_hash: str, public_key: str, shown: str) -> None:
        """Lets a key, known by its hash, send to a data space, besides those that may already."""
        row = {
            "key_hash": key_hash,
            "data_space": data_space,
            "public_key": public_key,
            "shown": shown,
            "created_at": self._database.now(),
        }
        with self._database.writing() as connection:
            connection.execute(insert(ApiKeys), row)

    def registrations_of(self, key_hash: str) -> list[RegisteredKey]:
        """Where a key may send to, oldest first; empty if it is not known, or good no more."""
        query = select(ApiKeys.data_space, ApiKeys.public_key).where(
            ApiKeys.key_hash == key_hash, ApiKeys.retired_at.is_(None)
        )
        with self._database.reading() as connection:
            found = [RegisteredKey(*row) for row in connection.execute(query.order_by(ApiKeys.id))]
        if found:
            self._known[key_hash] = found
        return found

    def known_registrations(self, key_hash: str) -> list[RegisteredKey]:
        """Where a key may send to as far as this process was asked; see `note_retired`."""
        return self._known.get(key_hash, [])

    def note_retired(self, data_space: str, count: int) -> None:
        """Forgets what is known of keys if more of a data space were retired, by any process."""
        if self._retired.get(data_space, 0) != count:
            self._known.clear()
            self._retired[data_space] = count

    def note_used(self, key_hash: str, public_key: str, data_space: str | None) -> None:
        """Notes that a key signed a good request, to a data space if it named one.

        Once a minute the database is told: each request would be slower by a transaction.
        """
        now, which = self._database.now(), (key_hash, public_key, data_space)
        if self._used.get(which) == now[:MINUTE]:
            return
        own = [
            ApiKeys.key_hash == key_hash,
            ApiKeys.public_key == public_key,
            ApiKeys.retired_at.is_(None),
        ]
        if data_space is not None:
            own.append(ApiKeys.data_space == data_space)
        with self._database.writing() as connection:
            connection.execute(update(ApiKeys).where(*own).values(last_used_at=now))
        self._used[which] = now[:MINUTE]

    def retired_at(self, key_hash: str) -> str | None:
        """When a key was retired last; None if it never was."""
        query = select(ApiKeys.retired_at).where(
            ApiKeys.key_hash == key_hash, ApiKeys.retired_at.is_not(None)
        )
        with self._database.reading() as connection:
            return connection.scalar(query.order_by(ApiKeys.retired_at.desc()).limit(1))

    def of(self, data_space: str) -> list[ListedKey]:
        """The keys of a data space, oldest first, the retired ones included."""
        columns = (
            ApiKeys.id,
            ApiKeys.shown,
            ApiKeys.created_at,
            ApiKeys.retired_at,
            ApiKeys.last_used_at,
        )
        query = select(*columns).where(ApiKeys.data_space == data_space).order_by(ApiKeys.id)
        with self._database.reading() as connection:
            return [ListedKey(*row) for row in connection.execute(query)]

    def retire(self, data_space: str, numbers: Sequence[int]) -> int:
        """Makes keys of a data space good no more; returns how many of them were until now."""
        own = (
            ApiKeys.data_space == data_space,
            ApiKeys.id.in_(numbers),
            ApiKeys.retired_at.is_(None),
        )
        ended = update(ApiKeys).where(*own).values(retired_at=self._database.now())
        with self._database.writing() as connection:
            retired = int(connection.execute(ended).rowcount)
            # Servers look at this with each request.
            space = update(DataSpaces).where(DataSpaces.id == data_space)
            connection.execute(space.values(keys_retired=DataSpaces.keys_retired + retired))
        return retired
