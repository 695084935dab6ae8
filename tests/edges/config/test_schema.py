"""The JSON Schema says what the models say, as it is written in files."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from alertd.cli.init import command as init
from alertd.cli.schema import command
from alertd.config.schema_hints import DEPENDENT, EXACTLY_ONE, EXAMPLES, ONE_AT_LEAST, WORDS
from alertd.config.sections import SECTIONS
from alertd.config.settings import Settings
from alertd.core.rules import DETECTORS, Rule
from tests.edges.config.schemas import as_edited, faults, schema

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted(
    path
    for home in (ROOT, ROOT / "alertd" / "starter")
    for folder in ("config", "rules", "channels")
    for path in (home / folder).rglob("*.yaml")
)
MEASURE = "measures:\n  m: {name: M, table: t, grain: month, period: p, value: v, owner: lead}\n"


def test_every_section_and_setting_stands_in_one_schema() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema()["properties"]) == {*SECTIONS, "unallocated", "framework", *Settings.model_fields}
    assert set(schema("files")["properties"]) == {*SECTIONS, "unallocated", "framework"}
    assert schema("settings")["required"] == ["instance", "warehouse", "ops"]


@pytest.mark.parametrize("kind", ["any", "files", "settings"])
def test_it_is_a_schema_of_its_draft_with_a_name_and_titles(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))
    assert schema(kind)["$id"] == f"urn:alertd:schema:{kind}"
    assert all(one.get("title") and one.get("description") for one in [schema(kind), *schema(kind)["$defs"].values()])


def test_an_entry_has_the_keys_that_are_written_and_not_those_that_are_filled_in() -> None:
    defs = schema()["$defs"]
    written = {field.alias or name for name, field in Rule.model_fields.items()} - {"id"}
    assert set(defs["Rule"]["properties"]) == written
    assert "required" not in defs["Rule"]
    assert not {"id", "statement"} & set(defs["Measure"]["properties"])


def test_no_mapping_with_known_keys_takes_others() -> None:
    open_ones = []

    def look(part: Any) -> None:
        if isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, dict):
            if "properties" in part and part.get("additionalProperties") is not False:
                open_ones.append(sorted(part["properties"]))
            for one in part.values():
                look(one)

    look(schema())
    assert open_ones == []


def test_exactly_one_detector_is_asked_for_and_a_measure_where_it_joins_no_other_rules() -> None:
    one, measured = schema()["$defs"]["Rule"]["allOf"]
    assert one == {"oneOf": [{"required": [name]} for name in DETECTORS]}
    assert measured == {"anyOf": [{"required": [name]} for name in ("measure", "all_of", "any_of")]}


def test_what_is_added_to_the_models_belongs_to_keys_that_they_have() -> None:
    defs = schema()["$defs"]
    for place in (*WORDS, *EXAMPLES):
        model, _, key = place.partition(".")
        assert key in (defs[model] if model != "Settings" else schema())["properties"], place
    for model, groups in {**EXACTLY_ONE, **ONE_AT_LEAST}.items():
        assert {key for group in groups for key in group} <= set(defs[model]["properties"]), model
    for model, pairs in DEPENDENT.items():
        assert {*pairs, *(key for others in pairs.values() for key in others)} <= set(defs[model]["properties"]), model


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(schema())
    names = {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert names == set(schema()["$defs"])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_file_is_as_its_schema_says(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), "settings" if path.name == "alertd.yaml" else "files") == []


@pytest.mark.parametrize("arguments", [[], ["--framework"]])
def test_every_file_of_a_new_home_names_a_schema_that_is_there_and_is_as_it_says(
    tmp_path: Path, arguments: list[str]
) -> None:
    home = tmp_path / "home"
    assert CliRunner().invoke(init, [*arguments, str(home)]).exit_code == 0
    files = sorted(home.rglob("*.yaml"))
    assert len(files) >= 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        first, _, name = text.splitlines()[0].partition("$schema=")
        assert first == "# yaml-language-server: ", file
        named = json.loads((file.parent / name).read_text(encoding="utf-8"))
        found = [error.message for error in Draft202012Validator(named).iter_errors(as_edited(text))]
        assert found == [], file
        assert (
            named["$id"]
            == f"urn:alertd:schema:{'settings' if file.name == 'alertd.yaml' else file.relative_to(home).parts[0]}"
        )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_file_names_the_schema_of_its_folder(path: Path) -> None:
    """`alertd schema --write schemas`, which setting up and `alertd init` do, puts it there."""
    home = ROOT / "alertd" / "starter" if "starter" in path.parts else ROOT
    first, _, name = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")
    folder = path.relative_to(home).parts[0]
    assert first == "# yaml-language-server: "
    assert (path.parent / name).resolve() == home / "schemas" / (
        "settings.json" if path.name == "alertd.yaml" else f"{folder}.json"
    )


def test_four_files_are_written_one_for_each_folder_and_one_for_settings(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, ["--write", str(tmp_path / "schemas")]).exit_code == 0
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "schemas").iterdir()}
    assert set(written) == {"settings", "rules", "config", "channels"}
    assert all(one["$id"] == f"urn:alertd:schema:{name}" for name, one in written.items())
    assert written["settings"]["required"] == ["instance", "warehouse", "ops"]


@pytest.mark.parametrize(
    "text",
    [
        MEASURE + "rules:\n  r: {measure: m, spc: mdc}\n",
        MEASURE + "rules:\n  r: {measure: m, spc: {chart: t}}\n",
        MEASURE
        + "rules:\n  r: {measure: m, threshold: {below: 85}, for: 2 of 3 periods, clear: {at_or_above: '87'}, enabled: NO}\n",
        MEASURE + "rules:\n  r: {all_of: [a, b], within: 2 periods}\n",
        MEASURE + "rules:\n  r: {measure: m, threshold: {above: 1E2}, where: {district: [0101, NO]}}\n",
        MEASURE + "rules:\n  r: {measure: m, spc: {baseline: {from: 2020-01, to: 2021}}}\n",
        "measures:\nrules:\n",
        "",
    ],
)
def test_what_the_language_allows_is_not_underlined(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("rulse: {}\n", ""),
        ("rules:\n  r: {measure: m, treshold: {above: 12}}\n", "rules.r"),
        ("rules:\n  r: {measure: m, threshold: {abve: 12}}\n", "rules.r.threshold"),
        ("rules:\n  r: {measure: m, threshold: {}}\n", "rules.r.threshold"),
        ("rules:\n  r: {measure: m}\n", "rules.r"),
        ("rules:\n  r: {threshold: {above: 1}}\n", "rules.r"),
        ("rules:\n  r: {measure: m, threshold: {above: 12}, spc: mdc}\n", "rules.r"),
        ("rules:\n  r: {measure: m, spc: mcd}\n", "rules.r.spc"),
        ("rules:\n  r: {measure: m, spc: {chart: xmrs}}\n", "rules.r.spc"),
        ("rules:\n  r: {measure: m, spc: {signals: [shfit]}}\n", "rules.r.spc"),
        ("rules:\n  r: {measure: m, threshold: {above: twelve}}\n", "rules.r.threshold.above"),
        ("rules:\n  r: {measure: m, threshold: {outside: [1]}}\n", "rules.r.threshold.outside"),
        ("rules:\n  r: {measure: m, spc: mdc, for: two months}\n", "rules.r.for"),
        ("rules:\n  r: {measure: m, spc: mdc, priority: 10}\n", "rules.r.priority"),
        ("rules:\n  r: {measure: m, spc: mdc, enabled: perhaps}\n", "rules.r.enabled"),
        ("rules:\n  r: {measure: m, spc: mdc, clear: }\n", "rules.r.clear"),
        ("rules:\n  r: {measure: m, change: {versus: previous period, worse_by: 20 percent}}\n", "rules.r"),
        ("rules:\n  1r: {measure: m, spc: mdc}\n", "rules"),
        (MEASURE.replace("month", "fortnight"), "measures.m.grain"),
        (MEASURE.replace("value: v, ", ""), "measures.m"),
        (MEASURE.replace("value: v", "value: v, count: c"), "measures.m"),
        (MEASURE.replace("value: v", "numerator: n"), "measures.m"),
        (MEASURE.replace("owner: lead", "review_by: soon, owner: lead"), "measures.m.review_by"),
        ("channels:\n  c: {kind: pigeon}\n", "channels.c"),
        ("channels:\n  c: {kind: email, smtp: 'a:25', from: a@example.org, password: secret}\n", "channels.c"),
        ("owners:\n  o: {name: Nobody}\n", "owners.o"),
        ("owners:\n  o: {email: nobody}\n", "owners.o.email"),
        ("routes:\n  r: {remind: 4 weeks}\n", "routes.r.remind"),
        ("annotations:\n  a: {effect: rebase, measures: [], from: 2022-01, reason: r}\n", "annotations.a.measures"),
        ("suppressions:\n  s: {effect: mute, measures: m, from: 2022-01, reason: r}\n", "suppressions.s"),
    ],
)  # fmt: skip
def test_what_check_refuses_is_underlined_where_it_stands(text: str, where: str) -> None:
    assert where in {fault.partition(":")[0] for fault in faults(text)}
