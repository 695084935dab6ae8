"""A JSON Schema of the home's files, made from the models, for editors."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from alertd.config.sections import SECTIONS
from alertd.config.settings import Settings
from alertd.config.shape import FILLED_IN
from alertd.core.channels import ChannelSettings
from alertd.core.framework import Framework
from alertd.core.measure_keys import FIGURES
from alertd.core.rules import COMPOSITES, DETECTORS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXACTLY_ONE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Measure": (("sql", "table"), FIGURES),
    "Rule": (tuple(DETECTORS),),
}
"""Groups of keys of which exactly one is written."""

Json = dict[str, Any]


def files_schema(kinds: Mapping[str, type[ChannelSettings]], *, settings: bool) -> Json:
    """The schema of any file of a home; with `settings` the keys of `config/alertd.yaml` may stand there too."""
    models: list[type[BaseModel]] = [*SECTIONS.values(), *kinds.values(), Framework, Settings]
    references, document = models_json_schema([(model, "validation") for model in models], by_alias=True)
    defs: dict[str, Json] = document["$defs"]
    for name, definition in defs.items():
        _as_authored(name, definition)
    entry = {model: references[(model, "validation")] for model in models}
    channels = [_channel(defs, entry[model], name) for name, model in kinds.items()]
    properties: Json = {}
    for section, model in SECTIONS.items():
        one = {"oneOf": channels} if section == "channels" else entry[model]
        about = (model.__doc__ or "").strip().partition("\n")[0]
        properties[section] = {"type": ["object", "null"], "description": about, "additionalProperties": one}
    properties["unallocated"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Names in the data that stand for no place; their series go to the data steward.",
    }
    properties["framework"] = entry[Framework]
    if settings:
        properties |= defs["Settings"]["properties"]
    schema = {
        "$schema": DIALECT,
        "title": "A file of an alertd home",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": defs,
    }
    loosened: Json = _loosened(schema)
    return _without_unused(loosened)


def settings_schema(kinds: Mapping[str, type[ChannelSettings]]) -> Json:
    """The schema of `config/alertd.yaml`."""
    schema = files_schema(kinds, settings=True)
    schema["title"] = "config/alertd.yaml"
    schema["required"] = [name for name, field in Settings.model_fields.items() if field.is_required()]
    return schema


def _as_authored(name: str, definition: Json) -> None:
    """Take out what the loader fills in, and say of which keys exactly one is written."""
    properties = definition.get("properties", {})
    for key in FILLED_IN & set(properties):
        del properties[key]
    required = [key for key in definition.get("required", []) if key not in FILLED_IN]
    definition.pop("required", None)
    if required:
        definition["required"] = required
    groups = _EXACTLY_ONE.get(name, ())
    if groups:
        definition["allOf"] = [{"oneOf": [{"required": [key]} for key in group]} for group in groups]
    if name == "Rule":  # the loader fills in the measure of a rule that joins others
        del definition["required"]
        definition["allOf"].append({"anyOf": [{"required": [key]} for key in ("measure", *COMPOSITES)]})
    if name == "Measure":  # the date of an event says which period it lies in
        definition["required"].remove("period")
        definition["allOf"].append({"anyOf": [{"required": [key]} for key in ("period", "event")]})
    for one in properties.values():
        one.pop("title", None)


def _channel(defs: dict[str, Json], reference: Json, kind: str) -> Json:
    definition = defs[reference["$ref"].rpartition("/")[2]]
    definition["properties"]["kind"] = {"const": kind, "description": "Which kind of channel it is."}
    definition["required"] = sorted({*definition.get("required", []), "kind"})
    return reference


def _loosened(schema: Any) -> Any:
    """Every scalar is read from its text, so a number or a boolean may stand where a text belongs."""
    if isinstance(schema, list):
        return [_loosened(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    loosened = {key: _loosened(value) for key, value in schema.items()}
    if schema.get("type") == "string" and not {"enum", "const", "format"} & set(schema):
        loosened["type"] = ["string", "number", "boolean"]
    return loosened


def _without_unused(schema: Json) -> Json:
    """Leave out definitions that nothing refers to."""
    while True:
        text = json.dumps(schema)
        unused = [name for name in schema["$defs"] if f'"#/$defs/{name}"' not in text]
        if not unused:
            return schema
        for name in unused:
            del schema["$defs"][name]
