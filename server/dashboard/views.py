"""View models that more than one page has. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page cannot be shown."""

    status: int
    code: str
    message: str
    detail: str


@dataclass(frozen=True, slots=True)
class Login:
    """next: where to go after login. refused: why the last try failed."""

    next: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SpaceLink:
    """A data space and its first page."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class DataSpaces:
    """All data spaces, oldest first."""

    data_spaces: tuple[SpaceLink, ...]
