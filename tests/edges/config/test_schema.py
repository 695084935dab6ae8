"""The JSON Schema says what the models say, as it is written in files."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alertd.cli.schema import command
from alertd.config.document import read_document
from alertd.config.sections import SECTIONS
from alertd.config.settings import Settings
from alertd.config.source import Source
from alertd.core.rules import DETECTORS, Rule

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted(path for folder in ("config", "rules", "channels") for path in (ROOT / folder).rglob("*.yaml"))


def _schema(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(command, list(arguments))
    assert result.exit_code == 0
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def test_every_section_and_setting_stands_in_one_schema() -> None:
    schema = _schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {*SECTIONS, "unallocated", "framework", *Settings.model_fields}
    assert set(_schema("--kind", "files")["properties"]) == {*SECTIONS, "unallocated", "framework"}
    assert _schema("--kind", "settings")["required"] == ["instance", "warehouse", "ops"]


def test_an_entry_has_the_keys_that_are_written_and_not_those_that_are_filled_in() -> None:
    defs = _schema()["$defs"]
    written = {field.alias or name for name, field in Rule.model_fields.items()} - {"id"}
    assert set(defs["Rule"]["properties"]) == written
    assert "required" not in defs["Rule"]
    assert defs["Rule"]["additionalProperties"] is False
    assert not {"id", "statement"} & set(defs["Measure"]["properties"])
    assert all(field.get("description") for field in defs["Rule"]["properties"].values())


def test_exactly_one_detector_is_asked_for_and_a_measure_where_it_joins_no_other_rules() -> None:
    one, measured = _schema()["$defs"]["Rule"]["allOf"]
    assert one == {"oneOf": [{"required": [name]} for name in DETECTORS]}
    assert measured == {"anyOf": [{"required": [name]} for name in ("measure", "all_of", "any_of")]}


def test_short_forms_are_allowed() -> None:
    rule = _schema()["$defs"]["Rule"]["properties"]
    text = ["string", "number", "boolean"]
    assert {"type": text} in rule["spc"]["anyOf"]
    assert {"$ref": "#/$defs/Spc"} in rule["spc"]["anyOf"]
    assert {"type": text} in rule["for"]["anyOf"]
    assert {"type": text} in rule["where"]["additionalProperties"]["anyOf"]


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(_schema())
    names = {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert names == set(json.loads(text)["$defs"])


def _unknown_keys(schema: dict[str, Any], part: dict[str, Any], data: Any, path: str) -> list[str]:
    """Keys of the data that the schema does not have, following references and alternatives."""
    if "$ref" in part:
        return _unknown_keys(schema, schema["$defs"][part["$ref"].rpartition("/")[2]], data, path)
    alternatives = [*part.get("anyOf", []), *part.get("oneOf", [])]
    if alternatives:
        return min((_unknown_keys(schema, one, data, path) for one in alternatives), key=len)
    if isinstance(data, list):
        inner = part.get("items", {})
        return [
            key for item in data for key in _unknown_keys(schema, inner if isinstance(inner, dict) else {}, item, path)
        ]
    if not isinstance(data, dict):
        return []
    known, more = part.get("properties", {}), part.get("additionalProperties", False)
    found = []
    for key, value in data.items():
        if key not in known and more is False:
            found.append(f"{path}.{key}")
        else:
            found += _unknown_keys(schema, known.get(key, more), value, f"{path}.{key}")
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_key_of_the_shipped_home_stands_in_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    schema = _schema("--kind", "settings" if path.name == "alertd.yaml" else "files")
    data = read_document(Source.of(path.name, text), text).data
    assert _unknown_keys(schema, schema, data, "") == []
    assert _unknown_keys(schema, schema, {"rules": {"r": {"treshold": "1"}}}, "") == [".rules.r.treshold"]
