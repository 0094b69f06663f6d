"""Key pairs for data spaces: made here, shown once, kept in files that only their owner reads."""

import re
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
from mcs.server.gateway import key_hash, shown_key
from mcs.server.store.repository import Store
from mcs.whole_files import write_secret


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """An API key with its key pair. Only the key's hash and the public key are stored.

    private_key: None if the user keeps it.
    """

    api_key: str
    private_key: str | None
    public_key: str

    def as_json(self) -> dict[str, str | None]:
        """The three by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """What is not to be made up, since the user has it. public_key: PEM."""

    api_key: str | None = None
    public_key: str | None = None


NOTHING_OWN = OwnKey()
OWN_API_KEY = re.compile(r"[\x21-\x7e]{16,200}")


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """What makes access tokens for a data space. Only the secret's hash is stored."""

    client_id: str
    client_secret: str

    def as_json(self) -> dict[str, str]:
        """The two by name."""
        return asdict(self)


def issue(
    store: Store, data_space: str, name: str, settings: Settings, own: OwnKey = NOTHING_OWN
) -> IssuedKey | None:
    """Makes a data space with its first key; None if the id is taken."""
    if store.data_spaces.add(data_space, name, settings) is None:
        return None
    return issue_another(store, data_space, own)


def issue_another(store: Store, data_space: str, own: OwnKey = NOTHING_OWN) -> IssuedKey:
    """Makes one more key that may send to a data space, besides those it has."""
    private_key, public_key = (
        signature.key_pair() if own.public_key is None else (None, own.public_key)
    )
    api_key = own.api_key or secrets.token_hex(16)
    store.keys.register(data_space, key_hash(api_key), public_key, shown_key(api_key))
    return IssuedKey(api_key, private_key, public_key)


def own_key(api_key: str | None, public_key_file: Path | None) -> OwnKey:
    """What a user brings along. Raises UsageError if it is of no use."""
    if api_key is not None and not OWN_API_KEY.fullmatch(api_key):
        raise UsageError("--api-key: expected 16 to 200 visible characters without a space.")
    if public_key_file is None:
        return OwnKey(api_key)
    try:
        text = public_key_file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--public-key: cannot read {public_key_file}: {error}.") from None
    return OwnKey(api_key, signature.checked_public_key(text))


def issue_client(store: Store, data_space: str, scopes: Sequence[str] = SCOPES) -> IssuedClient:
    """Makes a client that may ask for tokens for a data space, with these scopes at most."""
    issued = IssuedClient(secrets.token_hex(16), f"p8e-{secrets.token_urlsafe(24)}")
    store.tokens.add_client(issued.client_id, key_hash(issued.client_secret), data_space, scopes)
    return issued


def write(directory: Path, name: str, content: dict[str, Any], private_key: str | None) -> Path:
    """Writes `<name>.json` and `<name>.pem`, readable by the owner alone; returns the former.

    Without a private key there is no `<name>.pem`.
    """
    if private_key is not None:
        write_secret(directory / f"{name}.pem", private_key.encode())
    path = directory / f"{name}.json"
    write_secret(path, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
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
