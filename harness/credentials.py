"""Who sends: a data space and the key pair that may write to it, as kept in a JSON file."""

from dataclasses import dataclass, field, fields
from pathlib import Path

import orjson

from mcs.contract.errors import UsageError

FOLDER = "credentials"
UNREADABLE = (
    "{path}: no credentials file ({reason}). Expected a JSON object with {names}, as "
    "`mcs dataspace create NAME` writes it."
)
NOT_ONE = (
    "{found} credentials files in {folder}. Name one with --credentials FILE; "
    "`mcs dataspace create NAME` writes one."
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client needs to send. private_key: a PEM text. url: of the service."""

    name: str
    data_space_id: str
    api_key: str
    private_key: str = field(repr=False)
    url: str


def read_credentials(path: Path) -> Credentials:
    """The credentials in a JSON file. Raises UsageError that says what is wrong with it."""
    names = [field.name for field in fields(Credentials)]
    try:
        values = orjson.loads(path.read_bytes())
        reason = _fault(values, names)
    except OSError as error:
        reason = str(error.strerror)
    except orjson.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}"
    if reason:
        raise UsageError(UNREADABLE.format(path=path, reason=reason, names=", ".join(names)))
    return Credentials(**{name: values[name] for name in names})


def credentials_files(var: Path) -> list[Path]:
    """The credentials files below a var folder, by name."""
    return sorted((var / FOLDER).glob("*.json"))


def only_credentials(var: Path) -> Credentials:
    """The credentials of the one file there is. Raises UsageError if there are none, or several."""
    paths = credentials_files(var)
    if len(paths) != 1:
        raise UsageError(NOT_ONE.format(found=len(paths) or "no", folder=var / FOLDER))
    return read_credentials(paths[0])


def _fault(values: object, names: list[str]) -> str:
    if not isinstance(values, dict):
        return f"got a JSON {type(values).__name__}"
    missing = [name for name in names if not isinstance(values.get(name), str)]
    return f"no text at {', '.join(missing)}" if missing else ""
