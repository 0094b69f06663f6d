"""docs/reference/control-api.md: every operation that the server has, from its OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from mcs.contract.reference import GENERATED
from mcs.reference.markdown import code, plain, table
from mcs.server.openapi import document

INTRODUCTION = """\
# The HTTP API

{generated}

What the server answers, from its own description: `/openapi.json` has all of it with the shape of
every value, `/docs/` shows that in a browser. `/control` is ours: tests and tools ask it, and by it
they make the service do things. It is open to this machine; from elsewhere it wants the header
`Authorization: Bearer <token>`, see `MCS_CONTROL_TOKEN` in the [configuration](configuration.md).

Lists come as NDJSON, a value per line. Errors have one shape: `status`, `code`, `message`,
`detail`.
"""
METHODS = ("get", "post", "put", "patch", "delete")


def control_api_page() -> str:
    """Every operation by tag, and the values that bodies and answers have."""
    described = document()
    lines = INTRODUCTION.format(generated=GENERATED).splitlines()
    operations = list(_operations(described))
    for tag in dict.fromkeys(operation["tags"][0] for _, _, operation in operations):
        own = [entry for entry in operations if entry[2]["tags"][0] == tag]
        lines += ["", f"## {tag.capitalize()}", ""]
        lines += table(("operation", "what it does", "query", "body", "answer"), map(_row, own))[
            :-1
        ]
    return "\n".join(lines) + "\n"


def _operations(described: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method, path, methods[method]


def _row(entry: tuple[str, str, dict[str, Any]]) -> tuple[str, ...]:
    method, path, operation = entry
    query = [found["name"] for found in operation.get("parameters", ()) if found["in"] == "query"]
    body = operation.get("requestBody", {}).get("content", {})
    answers = [
        _contents(answer.get("content", {}), status)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    return (
        code(f"{method.upper()} {path}"),
        plain(operation["summary"]),
        ", ".join(map(code, query)),
        _contents(body),
        "; ".join(answers),
    )


def _contents(content: Mapping[str, Any], status: str = "") -> str:
    shapes = [_shape(each.get("schema", {})) for each in content.values()]
    told = " or ".join(dict.fromkeys(shape for shape in shapes if shape))
    return f"{status}: {told}" if status and told else told or status


def _shape(schema: Mapping[str, Any]) -> str:
    if "x-line-schema" in schema:
        return f"lines of {_name(schema['x-line-schema'])}"
    if "$ref" in schema:
        return _name(schema["$ref"])
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {})) or 'values'}"
    for words in ("anyOf", "oneOf"):
        if words in schema:
            return " or ".join(dict.fromkeys(map(_shape, schema[words])))
    return str(schema.get("type", ""))


def _name(reference: str) -> str:
    return code(reference.rpartition("/")[2])
