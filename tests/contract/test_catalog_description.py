"""Our OpenAPI of the ingestion API against the given one: equal but for what is listed here.

Both are reduced to what counts for an item: types, required fields, enumerations and limits.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mcs.contract.catalog_openapi import catalog_components, catalog_paths
from tests.contract.test_facts import FACTS

GIVEN = FACTS / "catalog-ingestion-openapi.yaml"
needs_description = pytest.mark.skipif(not GIVEN.exists(), reason=f"{GIVEN} is not there")

INT32 = "what the format int32 means, which both have, in words that JSON Schema knows"
NAMED = "an empty text names nothing, and the item could not be told from others"
DIFFERENCES = {
    # What ours has and the given one has not.
    "minLength 1 of sku": NAMED,
    "minLength 1 of code": NAMED,
    "minLength 1 of priceBookId": NAMED,
    "minLength 1 of locale": NAMED,
    "minLength 1 of layer": NAMED,
    f"minimum {-(2**31)} of position": INT32,
    f"maximum {2**31 - 1} of position": INT32,
    "answer 404": "a data space that was never made is told apart from a bad token",
    "answer 413": "a body has a size that the machine bears",
    "answer 415": "a body that cannot be read is told apart from a bad item",
    "answer 503": "the store can be away",
    "path /ims/token/v2": "the given description leaves the token service out",
    "path /ims/token/v3": "the given description leaves the token service out",
    # What the given one has and ours has not.
    "header Authorization": "OpenAPI wants it as a security scheme, and ours has it there",
    "header Content-Type": "OpenAPI wants it as the media type of the body, and ours has it there",
}
ANSWERS = {
    "200": ("status", "acceptedCount"),
    "400": ("status", "message", "errors"),
    "401": ("title", "status", "error_code", "message"),
    "403": ("title", "status", "error_code", "message"),
}


def given() -> dict[str, Any]:
    description: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(GIVEN).read_text("utf-8"))
    return description


def ours() -> dict[str, Any]:
    paths = {path.removeprefix("/{data_space_id}"): one for path, one in catalog_paths().items()}
    return {"paths": paths, "components": {"schemas": catalog_components()}}


@needs_description
def test_our_description_says_of_every_item_what_the_given_one_says() -> None:
    theirs, own = _statements(given()), _statements(ours())

    assert {_kind(one) for one in theirs ^ own} == set(DIFFERENCES)
    assert len(theirs & own) > 700


@needs_description
def test_answers_have_the_fields_of_the_given_ones() -> None:
    for description in (given(), ours()):
        for path, item in description["paths"].items():
            if not path.startswith("/v1/"):
                continue
            for operation in item.values():
                for status, names in ANSWERS.items():
                    answer = _resolved(description, operation["responses"][status])
                    [content] = answer["content"].values()
                    schema = _resolved(description, content["schema"])
                    assert tuple(schema["properties"]) == names
                [html] = _resolved(description, operation["responses"]["429"])["content"]
                assert html.startswith("text/html")


def _statements(description: dict[str, Any]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for path, item in description["paths"].items():
        for method, operation in item.items():
            place = f"{method} {path}"
            found.add((place, "path", path))
            if not path.startswith("/v1/"):
                continue
            found.add((place, "operation", operation["operationId"]))
            found |= {(place, "answer", status) for status in operation["responses"]}
            found |= set(_headers(description, place, operation))
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            assert body["type"] == "array"
            found |= set(_said(description, body["items"], place))
    return found


def _headers(
    description: dict[str, Any], place: str, operation: dict[str, Any]
) -> Iterator[tuple[str, ...]]:
    for parameter in operation["parameters"]:
        parameter = _resolved(description, parameter)
        if parameter["in"] == "header":
            yield place, "header", parameter["name"]


def _said(description: dict[str, Any], schema: Any, at: str) -> Iterator[tuple[str, ...]]:
    """What a schema says of each place in a value, whichever way it is written."""
    schema = _resolved(description, schema)
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches and branches[-1] == {"type": "null"}:
        yield at, "nullable"
        yield from _said(description, branches[0], at)
    elif branches:
        yield at, "oneOf" if "oneOf" in schema else "anyOf", str(len(branches))
        resolved = [_resolved(description, branch) for branch in branches]
        yield from _required(resolved, at)
        for branch in resolved:
            yield from _properties(description, branch, at)
    elif "properties" in schema:
        yield from _required([schema], at)
        yield from _properties(description, schema, at)
        if schema.get("additionalProperties") is False:
            yield at, "closed"
    else:
        yield from _scalar(description, schema, at)


def _required(branches: list[dict[str, Any]], at: str) -> Iterator[tuple[str, ...]]:
    for required in {tuple(sorted(branch.get("required", ()))) for branch in branches}:
        yield at, "required", *required


def _properties(description: dict[str, Any], schema: Any, at: str) -> Iterator[tuple[str, ...]]:
    for name, inner in schema["properties"].items():
        yield at, "field", name
        yield from _said(description, inner, f"{at}/{name}")


def _scalar(description: dict[str, Any], schema: Any, at: str) -> Iterator[tuple[str, ...]]:
    kind = schema.get("type", "string")
    kinds = kind if isinstance(kind, list) else [kind]
    if schema.get("nullable") or "null" in kinds:
        yield at, "nullable"
    yield at, "type", next(one for one in kinds if one != "null")
    if "array" in kinds:
        yield from _said(description, schema["items"], f"{at}[]")
    if "enum" in schema:
        yield at, "enum", *schema["enum"]
    for limit in ("minLength", "maxLength", "pattern", "format", "minimum", "maximum"):
        if limit in schema:
            yield at, limit, str(schema[limit])


def _kind(statement: tuple[str, ...]) -> str:
    """What a difference is of, wherever it is."""
    at, what, *rest = statement
    if what in ("answer", "header", "path"):
        return f"{what} {rest[0]}"
    return f"{what} {' '.join(rest)} of {at.rpartition('/')[2]}"


def _resolved(description: dict[str, Any], value: Any) -> dict[str, Any]:
    while "$ref" in value:
        target: Any = description
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        value = target
    found: dict[str, Any] = value
    return found
