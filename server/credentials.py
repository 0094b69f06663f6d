"""Key pairs for data spaces: made here, shown once, kept in files that only their owner reads."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from mcs.contract import signature
from mcs.contract.catalog import SCOPES
from mcs.contract.errors import UsageError
from mcs.server.config import Settings
from mcs.server.gateway import key_hash
from mcs.server.store.repository import Store


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """An API key with its key pair. Only the key's hash and the public key are stored."""

    api_key: str
    private_key: str
    public_key: str

    def as_json(self) -> dict[str, str]:
        """The three by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """What makes access tokens for a data space. Only the secret's hash is stored."""

    client_id: str
    client_secret: str

    def as_json(self) -> dict[str, str]:
        """The two by name."""
        return asdict(self)


def issue(store: Store, data_space: str, name: str, settings: Settings) -> IssuedKey | None:
    """Makes a data space with its first key; None if the id is taken."""
    if store.add_data_space(data_space, name, settings) is None:
        return None
    return issue_another(store, data_space)


def issue_another(store: Store, data_space: str) -> IssuedKey:
    """Makes one more key that may send to a data space, besides those it has."""
    private_key, public_key = signature.key_pair()
    api_key = secrets.token_hex(16)
    store.register_key(data_space, key_hash(api_key), public_key)
    return IssuedKey(api_key, private_key, public_key)


def issue_client(store: Store, data_space: str, scopes: Sequence[str] = SCOPES) -> IssuedClient:
    """Makes a client that may ask for tokens for a data space, with these scopes at most."""
    issued = IssuedClient(secrets.token_hex(16), f"p8e-{secrets.token_urlsafe(24)}")
    store.tokens.add_client(issued.client_id, key_hash(issued.client_secret), data_space, scopes)
    return issued


def write(directory: Path, name: str, content: dict[str, Any], private_key: str) -> Path:
    """Writes `<name>.json` and `<name>.pem`, readable by the owner alone; returns the former."""
    _write_secret(directory / f"{name}.pem", private_key.encode())
    path = directory / f"{name}.json"
    _write_secret(path, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return path


def make_room(directory: Path, name: str) -> None:
    """Sees to it that credentials of this name can be written; they cannot be made again.

    Raises UsageError if there are some already, or the directory cannot be made.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {directory}: {error.strerror}.") from None
    for path in (directory / f"{name}.json", directory / f"{name}.pem"):
        if path.exists():
            raise UsageError(f"{path} exists already. Take another name, or move the file away.")


def free_name(directory: Path, name: str) -> str:
    """`<name>-2`, or the first after it that no file has."""
    number = 2
    while (directory / f"{name}-{number}.json").exists():
        number += 1
    return f"{name}-{number}"


def _write_secret(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
