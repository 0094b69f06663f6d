"""Secrets are taken out however they are written; other text stays as it is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.signature import key_pair, sign
from mcs.harness.cases.redaction import Redactor
from mcs.harness.cases.secrets import REMOVED, Scrubber

PRIVATE, _ = key_pair()
TOKEN = sign(PRIVATE, datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"signed with {TOKEN} just now", TOKEN),
        ('{"x-api-key": "0123456789abcdef"}', "0123456789abcdef"),
        ('{\\"x-api-key\\": \\"0123456789abcdef\\"}', "0123456789abcdef"),
        ("'magento-api-key' => '0123456789abcdef',", "0123456789abcdef"),
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("client_secret=p8e-abcdefgh&x=1", "p8e-abcdefgh"),
        ("services_integration/production_private_key: abcdefgh", "abcdefgh"),
        (repr(PRIVATE), PRIVATE.splitlines()[3]),
        ("its key is hunter2hunter2", "hunter2hunter2"),
    ],
    # Keys are others in each process, and so would be names that are made of them.
    ids=range(9),
)
def test_a_secret_is_taken_out(line: str, secret: str) -> None:
    scrubber = Scrubber(["hunter2hunter2"])

    cleaned = scrubber.clean(line.encode())

    assert secret.encode() not in cleaned
    assert REMOVED in cleaned
    assert scrubber.removed > 0


def test_a_key_over_many_lines_is_taken_out_of_a_log() -> None:
    lines = [f"{line}\n".encode() for line in ("before", *PRIVATE.splitlines(), "after")]

    cleaned = b"".join(Scrubber().clean_lines(lines))

    assert cleaned.startswith(b"before\n")
    assert cleaned.endswith(b"after\n")
    assert PRIVATE.splitlines()[1].encode() not in cleaned


@given(st.lists(st.text("abc ,.{}[]:\"'", max_size=40)))
def test_what_has_no_secret_stays_as_it_is(texts: list[str]) -> None:
    lines = [f"{text}\n".encode() for text in texts]

    assert list(Scrubber(["not in there at all"]).clean_lines(lines)) == lines


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_the_same_name_gets_the_same_stand_in_and_another_another(one: str, other: str) -> None:
    redactor = Redactor(("names",))

    stand_ins = [redactor.item({"name": name})["name"] for name in (one, other, one)]

    assert stand_ins[0] == stand_ins[2] != one
    assert (stand_ins[0] == stand_ins[1]) is (one == other)


def test_two_cases_join_by_the_same_key_only() -> None:
    item = {"name": "Ann", "contact": "write to ann@example.org", "price": 12.5, "sku": "A"}

    one, same = (Redactor(("names", "emails"), b"key").item(item) for _ in range(2))
    other = Redactor(("names", "emails"), b"other").item(item)

    assert one == same != other
    assert (one["sku"], one["price"]) == ("A", 12.5)
    assert "ann@" not in one["contact"]
    assert one["contact"].startswith("write to person-")


def test_prices_are_replaced_on_demand_and_stay_prices() -> None:
    item = {"regular": 10.0, "tierPrices": [{"price": "8.50", "qty": 5}], "weight": 3}

    redacted = Redactor(("prices",)).item(item)

    assert redacted["regular"] not in (0, 10.0)
    assert isinstance(redacted["tierPrices"][0]["price"], str)
    assert float(redacted["tierPrices"][0]["price"]) > 0
    assert (redacted["tierPrices"][0]["qty"], redacted["weight"]) == (5, 3)


def test_a_name_in_a_log_gets_the_stand_in_of_the_item() -> None:
    redactor = Redactor()
    name = redactor.item({"name": 'Bä"g/1'})["name"]

    line = redactor.line(b'  "name": "B\\u00e4\\"g\\/1",\n').decode()

    assert line == f'  "name": "{name}",\n'
