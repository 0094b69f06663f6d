"""What reads bytes of strangers bears any bytes; finds of longer runs stand here for good."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

FINDS = sorted((Path(__file__).parent / "finds").glob("*/*"))


@st.composite
def spoiled(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Good input with some places cut, doubled or overwritten; or no good input at all."""
    text = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 40)))
        noise = draw(
            st.one_of(
                st.binary(max_size=8),
                st.just(text[begin:end] * 2),
                st.sampled_from([b"null", b"[", b"{}", b'"', b"\\u0000", b"-1e999", b"\xff"]),
            )
        )
        text = text[:begin] + noise + text[end:]
    return text


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_bytes_make_a_reader_fail(name: str, data: st.DataObject) -> None:
    tried = TARGETS[name]

    tried.target(data.draw(spoiled(tried.seeds)))


@pytest.mark.parametrize("name", TARGETS)
def test_good_bytes_are_read(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].target(seed)


def test_what_was_found_once_is_borne_for_good() -> None:
    for find in FINDS:
        TARGETS[find.parent.name].target(base64.b64decode(find.read_bytes()))
