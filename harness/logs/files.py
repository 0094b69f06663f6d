"""Which files a log is made of, oldest first: rotated ones, plain or gzip."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

from mcs.contract.errors import UsageError
from mcs.harness.logs.blocks import HEAD
from mcs.harness.source_file import SourceFile

NONE_FOUND = (
    "{place}: there is no such log. Give a file, a folder such as var/log, or a pattern such as "
    "'var/log/saas-export.log*'."
)
NONE_IN_FOLDER = (
    "{place}: no file in this folder is called {name}, or begins so. Give the folder that has it, "
    "such as var/log, or the log itself."
)
LOG_NAME = "saas-export.log"
# Far enough to pass by whatever a rotation cut in two.
_LOOKED_AT = 1 << 20
_ROTATION = re.compile(r"\.(\d+)(?:\.gz)?$")


def log_files(places: Iterable[str | Path], name: str = LOG_NAME) -> list[Path]:
    """The files that these paths, patterns and folders name, each once, oldest entries first.

    name: of the log to take out of a folder, its rotated files included. The first time in a file
    decides; for files of one time, or without any, the number of the rotation.
    Raises UsageError where a place names nothing.
    """
    found: dict[Path, Path] = {}
    for place in places:
        for path in _named(str(place), name):
            found.setdefault(path.resolve(), path)
    return sorted(found.values(), key=_age)


def _named(place: str, name: str) -> Sequence[Path]:
    path = Path(place)
    if path.is_dir():
        paths = [one for one in sorted(path.iterdir()) if one.name.startswith(name)]
    else:
        paths = [path] if path.is_file() else [Path(one) for one in sorted(glob(place))]
    files = [one for one in paths if one.is_file()]
    if not files and path.is_dir():
        raise UsageError(NONE_IN_FOLDER.format(place=place, name=name))
    if not files:
        raise UsageError(NONE_FOUND.format(place=place))
    return files


def _age(path: Path) -> tuple[datetime, int, str]:
    number = _ROTATION.search(path.name)
    rotation = int(number[1]) if number else 0
    return _first_moment(path), -rotation, path.name


def _first_moment(path: Path) -> datetime:
    with SourceFile(path) as file:
        start = file.beginning(_LOOKED_AT)
    for head in HEAD.finditer(start):
        try:
            moment = datetime.fromisoformat(head[1].decode())
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.max.replace(tzinfo=UTC)
