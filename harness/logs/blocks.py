"""Cuts a log into blocks that begin where a line begins with a log line's head."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

HEAD = re.compile(
    rb"\[(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\] "
    rb"[\w.-]{1,40}\.([A-Z]{4,9}): ?"
)
LONGEST_HEAD = 128
CHUNK_BYTES = 1 << 20
LONGEST_BLOCK = 64 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes of a log and their place: line from 1, byte from 0.

    is_too_long: a part of something longer than what is held in memory.
    """

    data: bytes
    line: int
    byte: int
    is_too_long: bool = False

    @property
    def begins_entry(self) -> bool:
        """True if it begins with a head."""
        return HEAD.match(self.data) is not None

    def split(self, at: int) -> "tuple[Block, Block]":
        """The parts before and after so many bytes."""
        first = self.data[:at]
        line = self.line + first.count(b"\n")
        return (
            Block(first, self.line, self.byte, self.is_too_long),
            Block(self.data[at:], line, self.byte + at, self.is_too_long),
        )


def blocks(
    file: IO[bytes], chunk_bytes: int = CHUNK_BYTES, longest: int = LONGEST_BLOCK
) -> Iterator[Block]:
    """The whole file in blocks; only the first may begin with anything but a head.

    Memory: one block and one chunk. A block longer than `longest` comes in parts.
    """
    line, byte = 1, 0
    is_too_long = False
    for data, continues in _cut(file, chunk_bytes, longest):
        yield Block(data, line, byte, is_too_long or continues)
        is_too_long = continues
        line += data.count(b"\n")
        byte += len(data)


def _cut(file: IO[bytes], chunk_bytes: int, longest: int) -> Iterator[tuple[bytes, bool]]:
    """The data of each block, and whether it goes on in the next."""
    held, searched = b"", 0
    while chunk := file.read(chunk_bytes):
        held += chunk
        begin = 0
        # A head that is cut by the chunk's end is looked for again with the next chunk.
        while 0 <= (found := held.find(b"\n[", searched)) < len(held) - LONGEST_HEAD:
            searched = found + 1
            if HEAD.match(held, searched):
                yield held[begin:searched], False
                begin = searched
        searched = found if found >= 0 else max(len(held) - 1, begin)
        held, searched = held[begin:], searched - begin
        if len(held) > longest:
            yield held[:searched], True
            held, searched = held[searched:], 0
    yield from ((data, False) for data in _last(held, searched))


def _last(held: bytes, searched: int) -> Iterator[bytes]:
    begin = 0
    while (found := held.find(b"\n[", searched)) >= 0:
        searched = found + 1
        if HEAD.match(held, searched):
            yield held[begin:searched]
            begin = searched
    if held[begin:]:
        yield held[begin:]
