"""Reads a log as entries; one that was interrupted by others is put together again.

Law: every byte of the file is in an entry or in an `Unread`, exactly once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from mcs.harness.logs.blocks import HEAD, LONGEST_BLOCK, Block, blocks
from mcs.harness.logs.entries import Entry, Span, Unread, spans
from mcs.harness.logs.meaning import meaning

BROKEN_OFF = "a log line that breaks off"
NO_LOG_LINE = "no log line"
TOO_LONG = f"longer than {LONGEST_BLOCK >> 20} MiB"
PUT_TOGETHER = "put together from {pieces} pieces"

# More writers than these do not write one log at the same time.
MOST_BEGUN = 16
# What an entry ends with; only text that has it is worth trying to read again.
_MAY_END = re.compile(rb"\} ?[\[{]|\}\s*\Z")


def entries(file: IO[bytes]) -> Iterator[Entry]:
    """The entries of a log, in the order of their ends, each byte of it in one of them.

    file: the plain text. Memory: a few entries of at most 64 MiB together.
    """
    reader = _Reader()
    for block in blocks(file):
        yield from reader.read(block)
    yield from reader.unfinished()


class _Reader:
    def __init__(self) -> None:
        self._begun: list[_Begun] = []
        self._end = 0

    def read(self, block: Block) -> Iterator[Entry]:
        self._end = block.byte + len(block.data)
        if block.is_too_long:
            yield _unread(block, TOO_LONG)
            return
        rest: Block | None = block
        while rest is not None and rest.data:
            if rest.begins_entry:
                entry, rest = self._begin(rest)
            else:
                entry, rest = self._continue(rest)
            if entry is not None:
                yield entry
        yield from self._drop_oldest()

    def unfinished(self) -> Iterator[Entry]:
        """What was begun and never ended."""
        for begun in self._begun:
            yield from begun.unread(self._end)
        self._begun.clear()

    def _begin(self, block: Block) -> tuple[Entry | None, Block | None]:
        found = meaning(block.data, block.line, block.byte)
        if found is not None:
            entry, end = found
            return entry, _rest(block, end)
        inner = HEAD.search(block.data, 1)
        first, rest = block.split(inner.start()) if inner else (block, None)
        self._begun.append(_Begun([first]))
        return None, rest

    def _continue(self, block: Block) -> tuple[Entry | None, Block | None]:
        inner = HEAD.search(block.data)
        piece, rest = block.split(inner.start()) if inner else (block, None)
        if not self._begun:
            return _unread(piece, NO_LOG_LINE), rest
        begun = self._begun[-1]
        begun.pieces.append(piece)
        entry, left = begun.entry()
        if entry is None:
            return None, rest
        self._begun.pop()
        return entry, _joined(left, rest)

    def _drop_oldest(self) -> Iterator[Entry]:
        while self._begun and (
            len(self._begun) > MOST_BEGUN
            or sum(begun.size for begun in self._begun) > LONGEST_BLOCK
        ):
            yield from self._begun.pop(0).unread(self._end)


@dataclass(slots=True)
class _Begun:
    """An entry whose end has not come yet."""

    pieces: list[Block]

    @property
    def size(self) -> int:
        return sum(len(piece.data) for piece in self.pieces)

    def entry(self) -> tuple[Entry | None, Block | None]:
        """The entry, if the last piece ends it, and what of the piece is left."""
        last = self.pieces[-1]
        if not _MAY_END.search(last.data):
            return None, None
        first = self.pieces[0]
        data = b"".join(piece.data for piece in self.pieces)
        found = meaning(data, first.line, first.byte)
        if found is None or isinstance(found[0], Unread):
            return None, None
        entry, end = found
        own, left = last.split(len(last.data) - (len(data) - end))
        return _from_pieces(entry, [*self.pieces[:-1], own]), left

    def unread(self, file_end: int) -> Iterator[Unread]:
        for piece in self.pieces:
            yield _unread(piece, BROKEN_OFF, at_end=piece.byte + len(piece.data) == file_end)


def _from_pieces(entry: Entry, pieces: list[Block]) -> Entry:
    if isinstance(entry, Unread):
        return entry
    first, *others = (Span(piece.line, piece.byte, len(piece.data)) for piece in pieces)
    remark = PUT_TOGETHER.format(pieces=len(pieces))
    remark = f"{entry.remark}; {remark}" if entry.remark else remark
    return replace(entry, length=first.length, further=tuple(others), remark=remark)


def _unread(block: Block, why: str, *, at_end: bool = False) -> Unread:
    return Unread(block.line, block.byte, len(block.data), why, at_end)


def _rest(block: Block, end: int) -> Block | None:
    return block.split(end)[1] if end < len(block.data) else None


def _joined(left: Block | None, rest: Block | None) -> Block | None:
    if left is None or not left.data:
        return rest
    if rest is None:
        return left
    return Block(left.data + rest.data, left.line, left.byte)


__all__ = ["entries", "spans"]
