"""JSON Schema of a feed's items, derived from the marshmallow schemas by apispec.

It comes in two grades: strict, and lenient (what the real service bears). The fast path, the
OpenAPI document and the reference pages all read it here.
"""

from functools import cache
from typing import Any, ClassVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.fields import JsonSchema, Judged, RecordSchema

OPENAPI_VERSION = "3.1.0"
_COMPONENTS = "#/components/schemas/"


@cache
def item_schema(feed_name: str, *, strict: bool) -> JsonSchema:
    """The schema of one item, self-contained: its nested records stand under `$defs`."""
    records = _moved(components([feed_name], strict=strict), "#/$defs/")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": f"#/$defs/{component_name(feed_name)}",
        "$defs": records,
    }


def components(feed_names: list[str], *, strict: bool) -> dict[str, JsonSchema]:
    """The schemas of these feeds' items and records by name, as OpenAPI keeps them."""
    plugin = _StrictPlugin(_record_name) if strict else _LenientPlugin(_record_name)
    spec = APISpec("", "", OPENAPI_VERSION, plugins=[plugin])
    for feed_name in feed_names:
        spec.components.schema(component_name(feed_name), schema=ITEM_SCHEMAS[feed_name])
    schemas: dict[str, JsonSchema] = spec.to_dict()["components"]["schemas"]
    return schemas


def component_name(feed_name: str) -> str:
    """The name of a feed's item among the components."""
    return ITEM_SCHEMAS[feed_name].__name__


class _GradedConverter(OpenAPIConverter):
    """Asks our fields for their own schema, and tells requiredness by grade."""

    strict: ClassVar[bool]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_attribute_function(type(self)._graded)  # type: ignore[no-untyped-call]  # apispec has no types

    def _graded(self, field: fields.Field[Any], ret: JsonSchema) -> JsonSchema:
        if not isinstance(field, Judged):
            raise TypeError(f"{field!r} cannot say its own schema")
        nullable = field.bears_null(self.strict)
        if isinstance(field, fields.List):
            ret["type"] = ["array", "null"] if nullable else "array"
        elif not isinstance(field, fields.Nested):
            ret.pop("type", None)
            own = field.json_schema(self.strict)
            ret.update({"anyOf": [own, {"type": "null"}]} if nullable else own)
        elif nullable and "$ref" in ret:
            ret["anyOf"] = [{"$ref": ret.pop("$ref")}, {"type": "null"}]
        bears_text = not (self.strict or field.demanded or field.exact)
        if isinstance(field, fields.Nested) and bears_text:
            ret["anyOf"].append({"const": ""})
        return ret

    def schema2jsonschema(self, schema: type[Schema] | Schema) -> JsonSchema:
        converted: JsonSchema = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        instance = resolve_schema_instance(schema)
        converted = self._with_presence(converted, instance)
        if isinstance(instance, RecordSchema) and instance.alternatives:
            return _by_alternative(converted, instance)
        return converted

    def _with_presence(self, converted: JsonSchema, instance: Schema) -> JsonSchema:
        if not self.strict:
            if not (isinstance(instance, RecordSchema) and instance.closed):
                converted.pop("additionalProperties", None)
            converted.pop("required", None)
            demanded = [
                field.data_key or name
                for name, field in instance.fields.items()
                if isinstance(field, Judged) and field.insisted_on
            ]
            return {**converted, "required": sorted(demanded)} if demanded else converted
        if isinstance(instance, RecordSchema) and instance.required_unless_deleted:
            deleted = {"properties": {"deleted": {"const": True}}, "required": ["deleted"]}
            live = {"required": list(instance.required_unless_deleted)}
            converted["anyOf"] = [deleted, live]
        return converted


def _by_alternative(whole: JsonSchema, instance: RecordSchema) -> JsonSchema:
    """One schema per alternative, each complete in itself, as generators of clients want them."""
    branches = []
    for name in instance.alternatives:
        others = [other for other in instance.alternatives if other != name]
        branch = {**whole, "required": sorted([*whole.get("required", ()), name])}
        if instance.only_one:
            own = {key: one for key, one in whole["properties"].items() if key not in others}
            absent = {"anyOf": [{"required": [other]} for other in others]}
            branch |= {"properties": own, "not": absent}
        branches.append(branch)
    return {"oneOf" if instance.only_one else "anyOf": branches}


class _Strict(_GradedConverter):
    strict = True


class _Lenient(_GradedConverter):
    strict = False


class _StrictPlugin(MarshmallowPlugin):
    Converter = _Strict


class _LenientPlugin(MarshmallowPlugin):
    Converter = _Lenient


def _record_name(schema: Any) -> str:
    return type(resolve_schema_instance(schema)).__name__


def _moved(value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return {
            name: inner.replace(_COMPONENTS, prefix) if name == "$ref" else _moved(inner, prefix)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_moved(inner, prefix) for inner in value]
    return value
