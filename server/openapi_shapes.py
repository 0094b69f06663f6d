"""What the JSON Schemas of the server's values are made of."""

from typing import Any

from mcs.contract.dialects import ALL_FEEDS

Schema = dict[str, Any]


def object_of(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
AT_LEAST_ONE: Schema = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
FEED: Schema = {"type": "string", "enum": list(ALL_FEEDS)}
WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
UUID: Schema = {"type": "string", "format": "uuid"}
KEY: Schema = {"type": "string"}
IDENTITY: Schema = {"type": ["object", "null"], "additionalProperties": {"type": "string"}}
ANYTHING: Schema = {}
