"""A file as plain UTF-8 bytes, whatever it was packed and written with, from any place in it."""

import codecs
import gzip
import io
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self, cast

from mcs.harness.errors import CouldNotTell

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = codecs.BOM_UTF8
UNREADABLE = "{place}: it cannot be read ({reason}). Give the path of a readable file."
DAMAGED = (
    "{place}: its gzip stream is damaged behind byte {byte} of the unpacked text ({reason}). Take "
    "another copy, or read what is there with --lenient."
)
_PACKED = {b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip"}
OTHER_PACKING = "{place}: it is a {kind} file, expected plain text or gzip. Unpack it first."
# A null byte at every second place tells UTF-16 even without its mark.
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CHUNK_BYTES = 1 << 16
# What a damaged, or a vanished, packed file raises while it is read.
GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)


class SourceFile:
    """A file that is read from its beginning, and then at the places that were noted.

    Use it in a `with` block: a packed file is unpacked to a temporary one for the second.
    encoding: "utf-8", or what it is read from, such as "utf-16-le".
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.name = name or str(path)
        self._unpacked: IO[bytes] | None = None
        try:
            with path.open("rb") as file:
                start = file.read(6)
                self.is_gzip = start.startswith(GZIP_MAGIC)
                file.seek(0)
                self.encoding = _encoding(_unzipped(file) if self.is_gzip else file)
        except OSError as error:
            reason = error.strerror or error
            raise CouldNotTell(UNREADABLE.format(place=self.name, reason=reason)) from None
        for magic, kind in _PACKED.items():
            if start.startswith(magic):
                raise CouldNotTell(OTHER_PACKING.format(place=self.name, kind=kind))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the unpacked copy."""
        if self._unpacked is not None:
            self._unpacked.close()
            self._unpacked = None

    @contextmanager
    def plain(self) -> Iterator[IO[bytes]]:
        """The plain text from its beginning, without a byte order mark.

        Reading it raises one of GZIP_ERRORS where a gzip stream is damaged.
        """
        with self.path.open("rb") as raw:
            file: IO[bytes] = raw
            if self.is_gzip:
                file = _unzipped(raw)
            if self.encoding != "utf-8":
                file = io.BufferedReader(cast(Any, _Recoded(file, self.encoding)), _CHUNK_BYTES)
            elif not self.is_gzip and file.read(len(BYTE_ORDER_MARK)) != BYTE_ORDER_MARK:
                file.seek(0)
            elif self.is_gzip:
                file = _without_mark(file)
            yield file

    @contextmanager
    def at(self, byte: int) -> Iterator[IO[bytes]]:
        """The plain text from one of its bytes on."""
        if self.is_gzip or self.encoding != "utf-8":
            file = self._seekable()
            file.seek(byte)
            yield file
            return
        with self.plain() as file:
            # The byte order mark, which was passed by, is not counted.
            file.seek(file.tell() + byte)
            yield file

    def _seekable(self) -> IO[bytes]:
        if self._unpacked is None:
            self._unpacked = cast(IO[bytes], TemporaryFile())  # noqa: SIM115 - closed by close()
            # Behind a damage nothing was noted that could be asked for.
            with self.plain() as file, suppress(*GZIP_ERRORS):
                shutil.copyfileobj(file, self._unpacked)
        return self._unpacked

    def beginning(self, count: int) -> bytes:
        """The first bytes of the plain text, as many as can be read."""
        start = b""
        # In pieces: what comes before a damage would be lost with it.
        with self.plain() as file, suppress(*GZIP_ERRORS):
            while len(start) < count and (
                piece := cast(io.BufferedReader, file).read1(count - len(start))
            ):
                start += piece
        return start


def position(file: IO[bytes]) -> int | None:
    """How far a file has been read, if it can tell; for messages."""
    try:
        return file.tell()
    except (OSError, ValueError):
        return None


def _unzipped(file: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=file))


def _encoding(file: IO[bytes]) -> str:
    try:
        start = file.read(4)
    except GZIP_ERRORS:
        return "utf-8"
    if start[:2] in _UTF_16:
        return _UTF_16[start[:2]]
    if len(start) == 4 and start[1] == start[3] == 0 and start[0] and start[2]:
        return "utf-16-le"
    return "utf-8"


def _without_mark(file: IO[bytes]) -> IO[bytes]:
    buffered = io.BufferedReader(_Pieces(file), _CHUNK_BYTES)
    try:
        if buffered.peek(3)[:3] == BYTE_ORDER_MARK:
            buffered.read(3)
    except GZIP_ERRORS:
        # It is met again by the reader, who can name the place.
        pass
    return cast(IO[bytes], buffered)


class _Pieces(io.RawIOBase):
    """A packed file piece by piece, so that what comes before a damage is not lost with it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = cast(io.BufferedIOBase, file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._file.readinto1(buffer)

    def tell(self) -> int:
        return self._file.tell()


class _Recoded(io.RawIOBase):
    """Text of another encoding as UTF-8."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._left = b""
        self._is_first = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = self._file.read(_CHUNK_BYTES)
            text = self._decoder.decode(chunk, final=not chunk)
            if self._is_first and text:
                text, self._is_first = text.removeprefix("\ufeff"), False
            self._left = text.encode()
            if not chunk:
                break
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count
