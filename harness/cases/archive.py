"""The case file: a zip of case.yaml, NDJSON members, logs, and a checksum of each.

case.yaml may be edited; checksums.txt (as `sha256sum -c` reads it) binds all others. A file that
is damaged, tries to climb out of its folder or to fill the disk is refused before anything of it
is used.
"""

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_ISLNK
from tempfile import TemporaryDirectory
from typing import IO

from mcs.contract.errors import UsageError

CASE = "case.yaml"
CHECKSUMS = "checksums.txt"
REQUESTS = "requests.ndjson"
SENT = "sent.ndjson"
RECEIVED = "received.ndjson"
DISCREPANCIES = "discrepancies.ndjson"
ELSEWHERE = "elsewhere.ndjson"
STATE = "state.json"
LOG = "log.ndjson"
LOGS = "logs/"
_KNOWN = (CASE, CHECKSUMS, REQUESTS, SENT, RECEIVED, DISCREPANCIES, ELSEWHERE, STATE, LOG)

LARGEST_BYTES = 16 << 30
MOST_MEMBERS = 10_000
LARGEST_RATIO = 400
SMALL_BYTES = 64 << 20
"""A bomb is told by how much more it unpacks to than it has, and small ones do no harm."""
CHUNK_BYTES = 1 << 20

NO_ZIP = (
    "{path}: it cannot be read as a case file ({reason}). It may be cut off: compare its size with "
    "the sender's, or have it sent again."
)
NO_FILE = "{path}: it cannot be read ({reason}). Give the path of a case file."
NO_CASE = "{path}: it is a zip, but holds no {member}, so it is no case of `mcs case`."
CLIMBS = '{path}: its member "{member}" would be unpacked outside of its folder. Do not trust it.'
ODD = '{path}: its member "{member}" {what}. A case has only plain files, each once.'
BOMB = (
    "{path}: it would unpack to {size:,} bytes out of {packed:,}, which is a bomb, not a case "
    "(at most {limit})."
)
CHANGED = (
    "{path}: {member} is not what it was when the case was written (its checksum differs). Take "
    "another copy; if it was edited on purpose, take its line out of {checksums}."
)
UNWRITABLE = "{path}: it cannot be written ({reason}). Give a path in a folder that exists."

_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A folder to put the members into, which becomes the case file at the end of the block.

    The file is there when it is whole; nothing is left of it if the block fails. Raises UsageError
    if the place cannot be written to, before the block begins.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=0o600)
    except OSError as error:
        raise UsageError(UNWRITABLE.format(path=path, reason=error.strerror)) from None
    try:
        # Beside the case, where there is room for it if there is for the case.
        with TemporaryDirectory(prefix=".mcs-case-", dir=path.parent) as folder:
            yield Path(folder)
            _pack(Path(folder), draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A temporary folder with the checked members of a case file. Raises UsageError."""
    with TemporaryDirectory(prefix="mcs-case-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, path, Path(folder))
        except OSError as error:
            raise UsageError(NO_FILE.format(path=path, reason=error.strerror or error)) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise UsageError(NO_ZIP.format(path=path, reason=error)) from None
        yield Path(folder)


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Changes each line of a member that is being written; nothing if there is none."""
    if not path.is_file():
        return
    draft = path.with_name(path.name + ".draft")
    with path.open("rb") as lines, draft.open("wb") as out:
        out.writelines(map(change, lines))
    draft.replace(path)


def _pack(folder: Path, draft: Path, path: Path) -> None:
    try:
        _zip(folder, draft)
        draft.replace(path)
    except OSError as error:
        raise UsageError(UNWRITABLE.format(path=path, reason=error.strerror or error)) from None


def _zip(folder: Path, draft: Path) -> None:
    names = sorted(
        str(PurePosixPath(one.relative_to(folder)))
        for one in folder.rglob("*")
        if one.is_file() and one.name != CHECKSUMS
    )
    # What a person opens first comes first.
    names.sort(key=lambda name: name != CASE)
    sums = [f"{_sha256(folder / name)}  {name}\n" for name in names if name != CASE]
    (folder / CHECKSUMS).write_text("".join(sums), "utf-8")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in [*names, CHECKSUMS]:
            archive.write(folder / name, name)


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path) -> None:
    members = archive.infolist()
    _refuse_unfit(members, path)
    for needed in (CASE, REQUESTS, CHECKSUMS):
        if needed not in archive.namelist():
            raise UsageError(NO_CASE.format(path=path, member=needed))
    sums = _checksums(archive)
    for member in members:
        is_known = member.filename in _KNOWN or member.filename.startswith(LOGS)
        if member.is_dir() or not is_known:
            continue
        target = folder / member.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, target.open("wb") as file:
            found = _copied(packed, file)
        if member.filename in sums and sums[member.filename] != found:
            raise UsageError(CHANGED.format(path=path, member=member.filename, checksums=CHECKSUMS))


def _refuse_unfit(members: list[zipfile.ZipInfo], path: Path) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.filename
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
            raise UsageError(CLIMBS.format(path=path, member=name))
        what = ""
        if S_ISLNK(member.external_attr >> 16):
            what = "is a link"
        elif member.flag_bits & 0x1:
            what = "is encrypted"
        elif name in seen:
            what = "is there twice"
        if what:
            raise UsageError(ODD.format(path=path, member=name, what=what))
        seen.add(name)
    size, packed = sum(one.file_size for one in members), path.stat().st_size
    is_bomb = size > SMALL_BYTES and size > packed * LARGEST_RATIO
    if is_bomb or size > LARGEST_BYTES or len(members) > MOST_MEMBERS:
        limit = f"{LARGEST_RATIO} times its size, {LARGEST_BYTES >> 30} GiB, {MOST_MEMBERS} members"
        raise UsageError(BOMB.format(path=path, size=size, packed=packed, limit=limit))


def _checksums(archive: zipfile.ZipFile) -> Mapping[str, str]:
    text = archive.read(CHECKSUMS).decode("utf-8", "replace")
    return {match[2]: match[1] for match in map(_SUM.fullmatch, text.splitlines()) if match}


def _copied(packed: IO[bytes], file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    # zipfile reads no more of a member than its declared size, which was added up before.
    while chunk := packed.read(CHUNK_BYTES):
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
