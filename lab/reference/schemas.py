"""JSON schemas of our models, as another system should write and read them.

They say more than the models take: amounts are strings, so that no reader makes floats of them.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from lab.reference.text import described, prose

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
Mode = Literal["validation", "serialization"]

_OURS_ALONE: Final = ("kind", "carried", "mended")
"""Fields of a message that no other system sends: its name says the first."""


class _Generator(GenerateJsonSchema):
    """What a field means goes along; what is written back is written whole."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        owner: type[BaseModel] = schema["cls"]
        told = described(owner)
        made["description"] = prose(owner.__doc__)
        by_alias = {field.alias or name: name for name, field in owner.model_fields.items()}
        for shown, field in made.get("properties", {}).items():
            field.pop("title", None)
            if (words := told.get(by_alias.get(shown, shown))) is not None:
                field["description"] = words
        for name in getattr(owner, "absent", ()):
            del made["properties"][name]
            made["required"].remove(name)
        if getattr(owner, "never_null", False):
            _absent_instead_of_null(made)
        return made

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        places = schema.get("decimal_places")
        fraction = rf"(\.\d{{1,{places}}})?" if places else r"(\.\d+)?"
        whole = (schema.get("max_digits") or 18) - (places or 0)
        sign = "(?=.*[1-9])" if schema.get("gt") is not None else "-?"
        return {"type": "string", "pattern": rf"^{sign}\d{{1,{whole}}}{fraction}$"}

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def _absent_instead_of_null(schema: dict[str, Any]) -> None:
    """The sender leaves away what is null."""
    for name, field in schema["properties"].items():
        if {"type": "null"} in (ways := field.get("anyOf", [])):
            [way] = [one for one in ways if one != {"type": "null"}]
            del field["anyOf"]
            field.pop("default", None)
            field.update(way)
            schema["required"].remove(name)


def schema_of(model: type[BaseModel], mode: Mode = "validation") -> dict[str, Any]:
    """The schema of one model, with all that it refers to."""
    made = _sendable(model.model_json_schema(schema_generator=_Generator, mode=mode), model)
    definitions = _needed(made, made.pop("$defs", {}))
    plain: dict[str, Any] = _plain({"$defs": definitions, **made} if definitions else made)
    return plain


def schemas_of(models: dict[type[BaseModel], Mode]) -> dict[str, Any]:
    """The schemas of several models in one set of definitions, by name."""
    asked = list(models.items())
    keys, made = models_json_schema(asked, schema_generator=_Generator)
    definitions: dict[str, Any] = made["$defs"]
    for model, mode in asked:
        _sendable(definitions[name_in(keys[model, mode])], model)
    roots = {name_in(reference): definitions[name_in(reference)] for reference in keys.values()}
    plain: dict[str, Any] = _plain(dict(sorted((roots | _needed(roots, definitions)).items())))
    return plain


def name_in(reference: Any) -> str:
    """The name of the definition that a schema refers to."""
    return str(reference["$ref"]).rpartition("/")[2]


def _needed(schema: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that a schema refers to, also by others."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "$ref" in one and (name := name_in(one)) not in found:
                found.add(name)
                waiting.append(definitions[name])
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return {name: definitions[name] for name in sorted(found)}


def _plain(schema: Any) -> Any:
    """Descriptions as prose, wherever they stand."""
    if isinstance(schema, dict):
        return {
            key: prose(value) if key == "description" and isinstance(value, str) else _plain(value)
            for key, value in schema.items()
        }
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def _sendable(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    for name in _OURS_ALONE:
        ours = model.model_fields.get(name)
        if ours is not None and not ours.is_required():
            schema["properties"].pop(name, None)
            if name in schema.get("required", []):
                schema["required"].remove(name)
    return schema


def fields(schema: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Rows of a table of fields: name, whether needed, form, meaning."""
    definitions = schema.get("$defs", {})
    for name, field in schema.get("properties", {}).items():
        needed = "yes" if name in schema.get("required", []) else ""
        yield f"`{name}`", needed, form(field, definitions), field.get("description", "")


_FORMS: Final = {
    "date-time": "instant: ISO 8601 with an offset",
    "date": "date: ISO 8601",
}


def form(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The form of a field in a few words."""
    if "anyOf" in field:
        ways = [form(one, definitions) for one in field["anyOf"] if one.get("type") != "null"]
        return " or ".join(ways)
    if "$ref" in field:
        return form(definitions[name_in(field)], definitions)
    if "enum" in field:
        return " or ".join(f"`{one}`" for one in field["enum"])
    if field.get("type") == "array":
        return f"list of {form(field.get('items', {}), definitions)}"
    if field.get("type") == "object":
        inner = field.get("properties", {})
        return f"object of {', '.join(f'`{name}`' for name in inner)}" if inner else "object"
    told = _FORMS.get(field.get("format", "")) or str(field.get("type", "anything"))
    if "pattern" in field and "d{1," in field["pattern"]:
        return "amount: a decimal number as a string"
    limits = [
        f"{words} {field[key]}"
        for key, words in (("maxLength", "at most"), ("minimum", "from"), ("maximum", "to"))
        if key in field
    ]
    return ", ".join([told, *limits]) + (" characters" if "maxLength" in field else "")
