"""Schemas as `alertd schema` prints them, and YAML as a language server reads it."""

import json
import re
from functools import cache
from typing import Any

import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from alertd.cli.schema import command

Json = dict[str, Any]


@cache
def schema(kind: str = "any") -> Json:
    """What `alertd schema --kind` prints."""
    result = CliRunner().invoke(command, ["--kind", kind])
    assert result.exit_code == 0
    parsed: Json = json.loads(result.stdout)
    return parsed


@cache
def _validator(kind: str) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema(kind))
    return Draft202012Validator(schema(kind), format_checker=FormatChecker(["date"]))


def faults(text: str, kind: str = "any") -> list[str]:
    """What an editor underlines in a file: the path and the words of each fault."""
    found = _validator(kind).iter_errors(as_edited(text))
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found]


def as_edited(text: str) -> Any:
    """A file's data with scalars typed by the core schema of YAML 1.2, as editors have it."""
    return yaml.load(text, Loader=_Core)


class _Core(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] - the pure parser takes no `?` in a word
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own form


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = node.value
    return int(text, 0) if text[:2] in ("0x", "0o") else float(text) if re.search("[.eEnN]", text) else int(text)


_FORMS = {
    "null": (r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    "bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    "float": (
        r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$",
        list("-+.0123456789"),
    ),
}
for name, (form, first) in _FORMS.items():
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(form), first)
_Core.add_constructor("tag:yaml.org,2002:float", _number)


def resolved(root: Json, part: Json) -> Json:
    """A part of a schema with its reference followed; what stands beside the reference stays."""
    while "$ref" in part:
        beside = {key: value for key, value in part.items() if key != "$ref"}
        part = {**root["$defs"][part["$ref"].rpartition("/")[2]], **beside}
    return part


def branches(root: Json, part: Json) -> list[Json]:
    """The alternatives of a part, or the part alone; those of required keys only are not alternatives."""
    part = resolved(root, part)
    found = [*part.get("anyOf", ()), *part.get("oneOf", ())]
    return [one for branch in found for one in branches(root, branch)] if found else [part]
