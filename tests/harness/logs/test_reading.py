"""A log as entries: whatever came in between, no byte is lost and none is told twice."""

from io import BytesIO
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.harness.logs import Entry, Failure, Note, Payload, ProgressLine, Unread, entries, spans
from mcs.harness.logs.blocks import Block, blocks
from tests.contract.test_facts import FACTS, needs_facts
from tests.harness.logs.lines import failure, log_line, payload, progress

THREE = [payload("prices", [{"sku": "A"}]), progress("prices", "Complete"), failure("prices")]


def read(*parts: bytes) -> list[Entry]:
    return list(entries(BytesIO(b"".join(parts))))


def covered(found: list[Entry]) -> list[tuple[int, int]]:
    """Where the pieces of all entries begin and end, in their order in the file."""
    pieces = [span for entry in found for span in spans(entry)]
    return sorted((span.byte, span.byte + span.length) for span in pieces)


def assert_every_byte_once(text: bytes, found: list[Entry]) -> None:
    pieces = covered(found)
    assert [end for _, end in pieces[:-1]] == [begin for begin, _ in pieces[1:]]
    assert (pieces[0][0], pieces[-1][1]) == (0, len(text)) if pieces else text == b""


def test_each_kind_of_line_is_an_entry_of_its_kind() -> None:
    note = log_line("mcs.exporter.indexers.prices, 40, 1.00, 2.00")

    batch, done, failed, other = read(*THREE, note)

    assert isinstance(batch, Payload)
    assert (batch.feed, batch.items, batch.line, batch.byte) == ("prices", [{"sku": "A"}], 1, 0)
    assert isinstance(done, ProgressLine)
    assert (done.status, done.pid, done.line) == ("Complete", "main(1)::child(2)", 9)
    assert isinstance(failed, Failure)
    assert (failed.code, failed.request_id, failed.status_code) == ("CDE02-09", "r-1", 400)
    assert isinstance(other, Note)
    assert other.text.startswith("mcs.exporter.indexers.prices")


@pytest.mark.parametrize("items", [{"0": {"message": "no", "status": 1}}, [{"message": "no"}]])
def test_failed_items_are_told_by_index_as_an_object_or_as_a_list(items: object) -> None:
    [found] = read(failure("prices", failedItems=items))

    assert isinstance(found, Failure)
    assert {index: item.message for index, item in found.failed_items.items()} == {0: "no"}


def test_a_failure_may_repeat_its_batch() -> None:
    [found] = read(failure("prices", payload='[{"sku":"A"}]'))

    assert isinstance(found, Failure)
    assert found.items == [{"sku": "A"}]


@pytest.mark.parametrize("at", range(10, 120, 7))
def test_a_payload_that_others_interrupt_anywhere_is_put_together(at: int) -> None:
    whole = payload("prices", [{"sku": "A", "name": "  two  words  "}])
    at += 40

    *others, found = read(whole[:at], *THREE[1:], whole[at:])

    assert [type(entry) for entry in others] == [ProgressLine, Failure]
    assert isinstance(found, Payload)
    assert found.items == [{"sku": "A", "name": "  two  words  "}]
    assert "put together from 2 pieces" in found.remark


def test_payloads_within_payloads_are_put_together() -> None:
    outer, inner = (payload("prices", [{"sku": sku}]) for sku in "AB")

    found = read(outer[:90], inner[:100], THREE[1], inner[100:], outer[90:])

    payloads = [entry for entry in found if isinstance(entry, Payload)]
    assert [entry.items for entry in payloads] == [[{"sku": "B"}], [{"sku": "A"}]]
    assert not any(isinstance(entry, Unread) for entry in found)


def test_a_tail_that_breaks_off_is_told_with_its_place() -> None:
    whole = payload("prices", [{"sku": "A"}])

    first, tail = read(whole, whole[:-20])

    assert isinstance(first, Payload)
    assert isinstance(tail, Unread)
    assert (tail.line, tail.byte, tail.at_end) == (9, len(whole), True)


def test_what_a_killed_process_left_does_not_spoil_what_follows() -> None:
    whole = payload("prices", [{"sku": "A"}])

    found = read(whole[:80], whole, THREE[2])

    assert [type(entry) for entry in found] == [Payload, Failure, Unread]
    assert_every_byte_once(b"".join([whole[:80], whole, THREE[2]]), found)


def test_a_failure_whose_context_breaks_off_is_no_mere_text() -> None:
    [found] = read(failure("prices")[:-30])

    assert isinstance(found, Unread)


def test_text_of_another_encoding_is_read_and_said_so() -> None:
    line = failure("prices", reason="Köln").replace("Köln".encode(), "Köln".encode("cp1252"))
    escaped = failure("prices").replace(b"Bad Request", "Köln".encode("cp1252"))

    [found, other] = read(line, escaped)

    assert isinstance(found, Failure)
    assert isinstance(other, Failure)
    assert (found.reason, other.reason) == ("Köln", "Köln")
    assert "Windows-1252" in other.remark


def test_blocks_are_the_same_however_the_file_is_read() -> None:
    text = b"".join(THREE * 3)

    found = [list(blocks(BytesIO(text), size)) for size in (1, 7, 129, 1 << 20)]

    assert len(found[0]) == 9
    assert all(other == found[0] for other in found)


def test_what_is_longer_than_memory_may_hold_is_told_in_parts() -> None:
    text = payload("prices", [{"sku": "A" * 1000}]) + THREE[1]

    found = list(blocks(BytesIO(text), 100, longest=300))

    assert b"".join(block.data for block in found) == text
    assert [block.is_too_long for block in found[:2]] == [True, True]
    assert found[-1] == Block(THREE[1], 9, len(text) - len(THREE[1]))


def test_a_payload_that_is_no_json_is_unread() -> None:
    [found] = read(payload("prices", [{"sku": "A"}]).replace(b": [", b": [[["))

    assert isinstance(found, Unread)


@needs_facts
def test_the_sample_of_a_genuine_log_is_read_whole() -> None:
    text = (FACTS / "samples" / "saas-export.log").read_bytes()

    found = read(text)

    assert [type(entry) for entry in found] == [Payload, Failure, Payload]
    assert_every_byte_once(text, found)


cuts = st.lists(st.integers(0, 2_000), max_size=12)
writers = st.lists(
    st.tuples(st.sampled_from(["products", "prices"]), st.integers(0, 3)), min_size=1, max_size=4
)


@given(writers, cuts, st.randoms(use_true_random=False), st.integers(0, 60))
def test_no_interleaving_and_no_cut_loses_a_byte(
    wanted: list[tuple[str, int]], places: list[int], chance: Random, cut: int
) -> None:
    lines = [payload(feed, [{"sku": feed}] * count) for feed, count in wanted]
    pieces = [piece for line in [*lines, *THREE] for piece in _pieces(line, places)]
    chance.shuffle(pieces)
    text = b"".join(pieces)
    text = text[: len(text) - cut]

    assert_every_byte_once(text, read(text))


@given(st.binary(max_size=300), st.sampled_from([b"", *THREE]))
def test_no_bytes_at_all_make_it_fail(noise: bytes, line: bytes) -> None:
    text = noise + line + noise

    assert_every_byte_once(text, read(text))


def _pieces(line: bytes, places: list[int]) -> list[bytes]:
    cut = sorted({0, len(line), *(place % len(line) for place in places)})
    return [line[begin:end] for begin, end in pairwise(cut)]
