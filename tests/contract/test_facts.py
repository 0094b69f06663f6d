"""The registry and the schemas hold the facts of the contract, and the genuine samples pass.

The facts stand beside a checkout, or where MCS_TEST_FACTS says; where they are absent these tests
are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields

from mcs.contract.feeds import FEEDS, Certainty, Routes
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.fields import Choice, Judged, RecordSchema
from mcs.contract.validation import Mode, fast_accepts, validate

BESIDE = Path(__file__).parents[3] / "shared" / "contract"
FACTS = Path(os.environ.get("MCS_TEST_FACTS", BESIDE))
needs_facts = pytest.mark.skipif(
    not (FACTS / "feeds.json").exists(), reason=f"the facts are not at {FACTS}"
)
SAMPLES = {
    "products-exact": "products",
    "products-loose": "products",
    "product-attributes": "productAttributes",
    "scopes-customer-group": "scopesCustomerGroup",
    "scopes-website": "scopesWebsite",
    "prices": "prices",
    "product-overrides": "productOverrides",
    "variants": "variants",
    "categories": "categories",
    "category-permissions": "categoryPermissions",
}
TYPES = {"String": "string", "Int": "integer", "Float": "number", "Boolean": "boolean"}


def facts_of(feed_name: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((FACTS / "feeds.json").read_text("utf-8"))[feed_name]
    return facts


def sample(name: str) -> list[Any]:
    items: list[Any] = json.loads((FACTS / "samples" / f"{name}.json").read_text("utf-8"))
    return items


@needs_facts
@pytest.mark.parametrize("name", SAMPLES)
def test_a_genuine_sample_passes_fast_in_lenient_mode(name: str) -> None:
    items = sample(name)

    assert fast_accepts(SAMPLES[name], items, strict=False)
    assert not validate(FEEDS[SAMPLES[name]], items, Mode.LENIENT).errors


@needs_facts
@pytest.mark.parametrize("feed_name", FEEDS)
def test_the_registry_agrees_with_the_facts(feed_name: str) -> None:
    feed, facts = FEEDS[feed_name], facts_of(feed_name)

    assert list(feed.cli_names) == facts["cli_names"]
    assert (feed.indexer, feed.table) == (facts["indexer"], facts["table"])
    assert feed.batch_size == facts["default_batch_size"]
    assert feed.export_mode == facts["export_mode"]
    if facts["route"]:
        assert feed.route == facts["route"]
    else:
        assert feed.route_certainty is Certainty.ASSUMED
    identities = [facts["identity"], facts.get("identity_before_2026_06")]
    assert list(feed.identity) in identities
    assert feed.later_identity is None or list(feed.later_identity) in identities


@needs_facts
@pytest.mark.parametrize("feed_name", FEEDS)
def test_a_schema_has_every_field_of_the_facts_and_no_other(feed_name: str) -> None:
    assert _shape_of_schema(ITEM_SCHEMAS[feed_name]()) == _shape_of_facts(
        facts_of(feed_name)["fields"]
    )


@pytest.mark.parametrize(
    ("route", "feed_names"),
    [
        ("feeds/categories/v1", ["categories"]),
        ("feeds/categories/permissions/v1", ["categoryPermissions"]),
        ("/feeds//categories/v1/", ["categories"]),
        ("feeds/scopes/v2", ["scopesCustomerGroup", "scopesWebsite"]),
        ("anything/at/all/variants", ["variants"]),
        ("feeds/categories", []),
    ],
)
def test_a_route_leads_to_its_feeds(route: str, feed_names: list[str]) -> None:
    assert [feed.name for feed in Routes().feeds_at(route)] == feed_names


def test_a_route_that_is_configured_replaces_the_default() -> None:
    routes = Routes(overrides={"variants": "feeds/my/own"})

    assert [feed.name for feed in routes.feeds_at("feeds/my/own")] == ["variants"]
    assert routes.feeds_at("feeds/products/v1/other") == ()


def _shape_of_schema(schema: RecordSchema) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    for name, field in schema.fields.items():
        assert isinstance(field, Judged)
        shape[field.data_key or name] = {
            "nullable": field.allow_none,
            "required": field.required,
            "type": _type_of(field),
        }
    return shape


def _type_of(field: fields.Field[Any]) -> Any:
    if isinstance(field, fields.List):
        return [_type_of(field.inner)]
    if isinstance(field, fields.Nested):
        assert isinstance(field.schema, RecordSchema)
        return _shape_of_schema(field.schema)
    assert isinstance(field, Judged)
    if isinstance(field, Choice):
        return list(field.values)
    return field.metadata.get("x-known-values") or field.json_schema(strict=True)["type"]


def _shape_of_facts(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "nullable": bool(fact.get("nullable")),
            # An identity is demanded of records too, where the facts say no more than "always".
            "required": bool(fact.get("required")) or "when_empty" not in fact,
            "type": _type_of_fact(fact),
        }
        for name, fact in facts.items()
    }


def _type_of_fact(fact: dict[str, Any]) -> Any:
    if fact["type"] == "array":
        return [_type_of_fact(fact["items"])]
    if fact["type"] == "record":
        return _shape_of_facts(fact["fields"])
    return fact.get("enum") or TYPES[fact["type"]]
