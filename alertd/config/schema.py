"""A JSON Schema of the home's files, made from the models, for editors."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from alertd.config.schema_hints import DEFAULTS, DEPENDENT, EXACTLY_ONE, EXAMPLES, ONE_AT_LEAST, WORDS
from alertd.config.sections import SECTIONS
from alertd.config.settings import Settings, Warehouse
from alertd.config.shape import FILLED_IN
from alertd.core.channels import ChannelSettings
from alertd.core.durations import Span
from alertd.core.framework import Framework
from alertd.core.model import ID_MESSAGE, ID_PATTERN
from alertd.core.performance_year import YearStart
from alertd.core.rules import COMPOSITES
from alertd.core.schedules import Schedule

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = r"^\s*[+-]?([0-9][0-9_]*\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_WHOLE = r"^\s*[+-]?[0-9][0-9_]*(\.0*)?\s*$"
_TRUTH = r"^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[TtFfYyNn01])$"
_AS_TEXT: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": ["string", "number"]},
    "number": {"type": ["number", "string"], "pattern": _NUMBER},
    "integer": {"type": ["integer", "string"], "pattern": _WHOLE},
    "boolean": {"type": ["boolean", "string", "integer"], "pattern": _TRUTH, "minimum": 0, "maximum": 1},
}
"""Every scalar is read from its text, so that quotes make no difference, and a number may stand where a text belongs."""

Json = dict[str, Any]


def files_schema(kinds: Mapping[str, type[ChannelSettings]], *, settings: bool, name: str = "any") -> Json:
    """The schema of any file of a home; with `settings` the keys of `config/alertd.yaml` may stand there too.

    `name` tells schemas apart, in `$id`.
    """
    models: list[type[BaseModel]] = [*SECTIONS.values(), *kinds.values(), Framework, Settings]
    references, document = models_json_schema([(model, "validation") for model in models], by_alias=True)
    defs: dict[str, Json] = document["$defs"]
    for title, definition in defs.items():
        _as_authored(title, definition)
    described: list[type[BaseModel]] = [*models, Warehouse]
    for one in described:
        _defaults_as_written(one, defs[one.__name__])
    entry = {model: references[(model, "validation")] for model in models}
    channels = [_channel(defs, entry[model], kind) for kind, model in kinds.items()]
    properties: Json = {}
    for section, model in SECTIONS.items():
        below = {"oneOf": channels} if section == "channels" else entry[model]
        properties[section] = {
            "type": ["object", "null"],
            "description": f"{section.capitalize()} by id. {_about(model, section)}",
            "additionalProperties": below,
        }
        if section != "places":
            properties[section]["propertyNames"] = {"pattern": ID_PATTERN, "errorMessage": ID_MESSAGE}
    properties["places"]["description"] = properties["places"]["description"].replace("by id", "by name")
    properties["unallocated"] = {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "description": "Names in the data that stand for no place; their series go to the data steward.",
    }
    properties["framework"] = {**entry[Framework], "description": _about(Framework, "")}
    if settings:
        properties |= defs["Settings"]["properties"]
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:alertd:schema:{name}",
        "title": "A file of an alertd home",
        "description": "Any of these keys may stand in any YAML file of a home; ids are unique across the home.",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
        "$defs": defs,
    }
    finished: Json = _finished(schema)
    return _without_unused(finished)


def settings_schema(kinds: Mapping[str, type[ChannelSettings]]) -> Json:
    """The schema of `config/alertd.yaml`."""
    schema = files_schema(kinds, settings=True, name="settings")
    schema["title"] = "config/alertd.yaml"
    schema["description"] = "The settings of an installation; other keys of a home may stand here too."
    schema["type"] = "object"
    schema["required"] = [name for name, field in Settings.model_fields.items() if field.is_required()]
    return schema


def _about(model: type[BaseModel], section: str) -> str:
    """The first sentence of a model's docstring; a channel's own are under its kind."""
    if section == "channels":
        return "A way for letters to leave; `kind` says which, and the other keys depend on it."
    return (model.__doc__ or "").strip().partition("\n")[0]


def _as_authored(name: str, definition: Json) -> None:
    """Take out what the loader fills in, and add what the models say in words only: which keys go together."""
    definition["title"] = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
    properties = definition.get("properties", {})
    for key in FILLED_IN & set(properties):
        del properties[key]
    for key, one in properties.items():
        one.pop("title", None)
        _with_hints(f"{name}.{key}", one)
    required = [key for key in definition.pop("required", []) if key not in FILLED_IN]
    together: list[Json] = [_of_which(group, "oneOf") for group in EXACTLY_ONE.get(name, ())]
    together += [_of_which(group, "anyOf") for group in ONE_AT_LEAST.get(name, ())]
    if name == "Rule":  # the loader fills in the measure of a rule that joins others
        required.remove("measure")
        together.append(_of_which(("measure", *COMPOSITES), "anyOf"))
    if name == "Measure":  # the date of an event says which period it lies in
        required.remove("period")
        together.append(_of_which(("period", "event"), "anyOf"))
    if required:
        definition["required"] = required
    if together:
        definition["allOf"] = together
    if name in DEPENDENT:
        definition["dependentRequired"] = {key: list(others) for key, others in DEPENDENT[name].items()}


def _defaults_as_written(model: type[BaseModel], definition: Json) -> None:
    """Spans and schedules as they are written; a part with keys of its own shows the defaults of those."""
    for name, field in model.model_fields.items():
        one = definition["properties"].get(field.alias or name)
        if one is not None and isinstance(field.default, (Span, Schedule, YearStart)):
            one["default"] = str(field.default)
        elif one is not None and isinstance(one.get("default"), dict):
            del one["default"]


def _of_which(keys: tuple[str, ...], how: str) -> Json:
    return {how: [{"required": [key]} for key in keys]}


def _with_hints(place: str, one: Json) -> None:
    """Put in the words of which one is written, and examples, where the model has them in code only."""
    if place in DEFAULTS:
        one["default"] = DEFAULTS[place]
    scalars = [*one.get("anyOf", ()), one]
    if place in WORDS:
        lists = [part["items"] for part in scalars if part.get("type") == "array" and "items" in part]
        texts = [part for part in scalars if part.get("type") == "string"]
        (lists or texts)[0]["enum"] = list(WORDS[place])
    if place in EXAMPLES:
        texts = [part for part in scalars if part.get("type") == "string" or "examples" in part]
        lists = [part["items"] for part in scalars if part.get("type") == "array" and "items" in part]
        (texts or lists)[0]["examples"] = list(EXAMPLES[place])


def _channel(defs: dict[str, Json], reference: Json, kind: str) -> Json:
    definition = defs[reference["$ref"].rpartition("/")[2]]
    definition["properties"]["kind"] = {"const": kind, "description": "Which kind of channel it is."}
    definition["required"] = sorted({*definition.get("required", []), "kind"})
    return reference


def _finished(schema: Any) -> Any:
    """A schema as editors take it: without null, since an empty key means nothing; scalars of every kind; words to read."""
    if isinstance(schema, list):
        return [_finished(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _finished(value) for key, value in schema.items() if not (key == "default" and value is None)}
    left = [one for one in made.get("anyOf", ()) if one != {"type": "null"}]
    if left:
        outer = {key: value for key, value in made.items() if key != "anyOf"}
        made = {**left[0], **outer} if len(left) == 1 else {**outer, "anyOf": left}
    items = made.get("prefixItems")
    if items and all(one == items[0] for one in items):
        made["items"] = made.pop("prefixItems")[0]
    kind = made.get("type")
    if isinstance(kind, str) and kind in _AS_TEXT and not {"enum", "const", "format", "pattern"} & set(made):
        made = {**_AS_TEXT[kind], **made, "type": _AS_TEXT[kind]["type"]}
    if "pattern" in made and made.get("examples") and "errorMessage" not in made:  # the language server shows it
        made["errorMessage"] = "Write for example " + " or ".join(f"`{one}`" for one in made["examples"][:2]) + "."
    if isinstance(made.get("description"), str):
        made |= _described(made)
    return made


def _described(made: Json) -> Json:
    """A description on one line a paragraph, and the same for editors that show Markdown, with the default."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", made["description"].strip())]
    plain = "\n\n".join(paragraphs)
    default = made.get("default")
    shown = "" if default is None or default == [] else f"\n\nDefault: `{json.dumps(default).strip(chr(34))}`"
    return {"description": plain} | ({"markdownDescription": plain + shown} if shown or "`" in plain else {})


def _without_unused(schema: Json) -> Json:
    """Leave out definitions that nothing refers to."""
    while True:
        text = json.dumps(schema)
        unused = [name for name in schema["$defs"] if f'"#/$defs/{name}"' not in text]
        if not unused:
            return schema
        for name in unused:
            del schema["$defs"][name]
