"""An editor and `alertd check` say the same of a file, as far as a JSON Schema can say it.

Two things are left out. A bare `true` where a text belongs is the text `true` for `check`, and underlined: if the schema took
it, an editor would offer `true` and `false` for every text. And the range of a number in quotes is known to `check` alone.
"""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.config.problems import Problem
from tests.edges.config.homes import reading_of, write_home
from tests.edges.config.schemas import Json, branches, faults, resolved, schema

FORMS = ("A101", "A103", "A106", "A114")
"""Codes for keys, their forms, a rule's one detector, and what is lacking."""
JUNK = ("word", "NO", "no", "on", "0101", "12:30", "1E2", "-1", "0", "1", "5", "5.0", "0.5", "'true'", "1_000", "99999999",
        ".inf", "2022-10", "2022-10-03", "[]", "[a]", "[a, b]", "[1, 2]", "[2, 1]", "{}", "{a: 1}", "20 percent", "2 periods", "5 days",
        "every 4 weeks", "weekdays 07:00", "last 24 periods", "''", "a.b@example.org", "all")  # fmt: skip
ENTRIES = ("measures", "rules", "tests", "annotations", "suppressions", "routes", "owners", "channels", "places")


@st.composite
def written(draw: st.DrawFn, part: Json, strange: int) -> str:
    """YAML that a part of the schema allows, but for one in `strange` places, where something else stands."""
    if draw(st.integers(1, strange)) == 1:
        return draw(st.sampled_from(JUNK))
    part = draw(st.sampled_from(branches(schema(), part)))
    if "enum" in part or "const" in part:
        return json.dumps(draw(st.sampled_from(part.get("enum") or [part["const"]])))
    if "properties" in part:
        return draw(mapping(part, strange))
    kinds = part.get("type", [])
    if kinds == "object":
        below = part["additionalProperties"]
        return "{North: " + draw(written(below, strange)) + "}"
    if kinds == "array":
        items = part.get("prefixItems") or [part["items"]] * draw(st.integers(part.get("minItems", 0), 3))
        return "[" + ", ".join(draw(written(item, strange)) for item in items) + "]"
    if part.get("examples"):
        return json.dumps(draw(st.sampled_from(part["examples"])))
    if part.get("format") == "date":
        return "2022-10-03"
    if "boolean" in kinds and "pattern" in part:
        return draw(st.sampled_from(("true", "False", "yes", "no", "'on'", "0", "1")))
    if "integer" in kinds or ("number" in kinds and "pattern" in part):
        low = part.get("minimum", part.get("exclusiveMinimum", -3))
        high = part.get("maximum", part.get("exclusiveMaximum", low + 60))
        return str(
            draw(
                st.sampled_from(
                    (low, high, (low + high) // 2, low + (high - low) * 0.25, f"'{(low + high) // 2}'", low - 1)
                )
            )
        )
    return draw(st.sampled_from(("m", "lead", "word", "some words", "7"))) if "pattern" not in part else "m"


@st.composite
def mapping(draw: st.DrawFn, part: Json, strange: int) -> str:
    """A mapping with what is required, some more, and now and then a key too many or too few."""
    known = list(part["properties"])
    keys = [*part.get("required", ())]
    for group in part.get("allOf", ()):
        keys += draw(st.sampled_from([one["required"] for one in next(iter(group.values()))]))
    keys += draw(st.lists(st.sampled_from(known), max_size=3))
    for key in list(keys):
        keys += part.get("dependentRequired", {}).get(key, ())
    if draw(st.integers(1, strange)) == 1:
        keys.append("colour")
    if keys and draw(st.integers(1, strange)) == 1:
        keys.pop(0)
    texts = {key: draw(written(part["properties"].get(key, {}), strange)) for key in dict.fromkeys(keys)}
    return "{" + ", ".join(f"{key}: {text}" for key, text in texts.items()) + "}"


@st.composite
def files(draw: st.DrawFn, section: str) -> str:
    """A file with one entry."""
    part = schema()["properties"][section]["additionalProperties"]
    strange = draw(st.sampled_from((10**9, 10**9, 40, 8)))
    chosen = draw(st.sampled_from(branches(schema(), part)))
    return f"{section}:\n  entry: " + draw(mapping(resolved(schema(), chosen), strange)) + "\n"


def _told(problems: tuple[Problem, ...]) -> list[str]:
    found = [f"{one.code} {one.message}" for one in problems if one.file == "rules/x.yaml"]
    return [one for one in found if one.startswith((*FORMS, "A102 unknown kind of channel"))]


def _of_form(told: str) -> bool:
    """Whether a schema can say it too: of one key or value, and not of several together."""
    words = ("is not one of", "is no number", "is no whole number", "a list belongs", "a mapping belongs", "a text belongs",
             "neither `true` nor `false`", "must be at", "must be above", "must be below", "entries belong")  # fmt: skip
    return not told.startswith("A103") or any(word in told for word in words)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_home(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("section", ENTRIES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_check_takes_an_editor_takes_and_what_an_editor_takes_has_its_form(
    home: Path, section: str, data: st.DataObject
) -> None:
    text = data.draw(files(section))
    (home / "rules" / "x.yaml").write_text(text, encoding="utf-8")
    told, underlined = _told(reading_of(home).errors), faults(text)
    if not told:
        assert underlined == [], text
    if not underlined:
        assert [one for one in told if _of_form(one)] == [], text
