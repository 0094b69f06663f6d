"""`mcs send`: a file of items goes to the service as a small client would send it."""

import json
from collections.abc import Iterator

import pytest

from tests.contract.test_facts import FACTS, SAMPLES, needs_facts
from tests.stories.shop import Shop, serving


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    var = tmp_path_factory.mktemp("shop")
    with serving(var) as server:
        shop = Shop(var)
        made = shop.mcs("dataspace", "create", "samples")
        assert made.returncode == 0, made.stderr
        credentials = var / "credentials" / "samples.json"
        content = json.loads(credentials.read_text("utf-8"))
        credentials.write_text(json.dumps({**content, "url": server.url}), "utf-8")
        yield shop


@needs_facts
@pytest.mark.parametrize("name", SAMPLES)
def test_a_genuine_sample_is_accepted_as_it_is(shop: Shop, name: str) -> None:
    sample = FACTS / "samples" / f"{name}.json"

    sent = shop.mcs("send", str(sample), "--feed", SAMPLES[name])

    assert sent.returncode == 0, sent.stdout + sent.stderr


def test_ndjson_from_standard_input_is_accepted(shop: Shop) -> None:
    line = '{"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": false}\n'

    sent = shop.mcs("send", "-", "--feed", "prices", stdin=line * 3)

    assert sent.returncode == 0, sent.stdout + sent.stderr


def test_a_refused_item_is_named_with_the_services_reason(shop: Shop) -> None:
    item = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}
    items = json.dumps([item, {**item, "regular": "12,50"}])

    sent = shop.mcs("send", "-", "--feed", "prices", stdin=items)

    assert sent.returncode == 1
    assert '/regular is not a number, got "12,50".' in sent.stdout + sent.stderr


@pytest.mark.parametrize(
    ("stdin", "feed", "code", "expected"),
    [
        ("[1,", "prices", 2, "line 1"),
        ("[]", "orders", 2, 'unknown feed "orders"'),
    ],
    ids=["broken-json", "unknown-feed"],
)
def test_a_file_that_cannot_be_sent_is_told_why(
    shop: Shop, stdin: str, feed: str, code: int, expected: str
) -> None:
    sent = shop.mcs("send", "-", "--feed", feed, stdin=stdin)

    assert sent.returncode == code
    assert expected in sent.stderr
