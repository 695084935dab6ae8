"""The examples of the reference pages are right, and the pages name every key and default of the contract."""

import re
from pathlib import Path

import pytest

from alertd.core.parameters.baseline import ROLLING
from alertd.core.periods import Grain
from tests.edges.config.homes import Read
from tests.edges.config.schemas import faults, schema

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("rule-files", "config-files")


def _page(name: str) -> str:
    return (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")


def _examples(name: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", _page(name), flags=re.DOTALL)


def test_the_examples_of_all_pages_together_are_a_home_without_a_problem(read: Read) -> None:
    files: dict[str, str | bytes] = {
        f"config/{name}-{number}.yaml": text for name in PAGES for number, text in enumerate(_examples(name))
    }
    assert len(files) > 15
    sql = {
        "config/sql/response_grade1.sql": "select month_start, district, within_standard, incidents from response where month_start >= :since"
    }
    reading = read({**files, **sql, "config/owners.yaml": "", "rules/rules.yaml": ""})
    assert [f"{one.place} {one.message}" for one in reading.errors] == []


@pytest.mark.parametrize("text", [text for name in PAGES for text in _examples(name)], ids=lambda text: text.split()[1])
def test_an_editor_underlines_nothing_in_an_example(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    "detector", ["threshold", "spc", "seasonal", "drift", "funnel", "change", "rating", "freshness", "forecast"]
)
def test_every_detector_has_a_table_and_an_example(detector: str) -> None:
    _, _, part = _page("rule-files").partition(f"### `rules.ID.{detector}`\n")
    own = part.partition("\n### ")[0].partition("\n## ")[0]
    assert "| key | form | default | meaning |" in own
    assert f"{detector}:" in own.partition("```yaml")[2]


def test_the_usual_baselines_are_those_of_the_contract_and_stand_in_the_page() -> None:
    contract = {
        Grain.MONTH: (24, 3),
        Grain.WEEK: (52, 6),
        Grain.DAY: (84, 10),
        Grain.QUARTER: (12, 1),
        Grain.HALF_YEAR: (10, 1),
        Grain.YEAR: (10, 1),
    }
    assert {grain: ROLLING[grain] for grain in contract} == contract
    assert all(
        f"| {grain.words} | {length} | {gap} |" in _page("rule-files") for grain, (length, gap) in ROLLING.items()
    )


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("Spc.screen", False),
        ("Spc.min_baseline", 12),
        ("Spc.multiplier", 3),
        ("Drift.min_baseline", 12),
        ("Drift.shift", 1),
        ("Drift.false_alarm_every", 370),
        ("Seasonal.years", 5),
        ("Seasonal.half_window", 3),
        ("Seasonal.noperiods", 10),
        ("Seasonal.reweight", True),
        ("Seasonal.weights_threshold", 2.58),
        ("Seasonal.exclude_recent", 26),
        ("Seasonal.trend", True),
        ("Seasonal.trend_p", 0.05),
        ("Seasonal.threshold", "nb_plugin"),
        ("Seasonal.alpha", 0.01),
        ("Seasonal.limit54", [5, 4]),
        ("Seasonal.window", 7),
        ("Funnel.limits", 99.8),
        ("Funnel.winsorise", 10),
        ("Funnel.min_peers", 10),
        ("Measure.absent", "missing"),
        ("Measure.marking", "OFFICIAL"),
        ("Rule.status", "live"),
        ("Rule.enabled", True),
        ("Settings.max_letters_per_round", 200),
    ],
)
def test_a_default_of_the_contract_is_that_of_the_schema(key: str, default: object) -> None:
    model, _, name = key.partition(".")
    properties = (schema() if model == "Settings" else schema()["$defs"][model])["properties"]
    assert properties[name]["default"] == default


def test_the_three_enumerations_called_improvement_have_three_sets_of_names() -> None:
    defs = schema()["$defs"]
    assert defs["Improvement"]["enum"] == ["increase", "decrease", "neither"]
    assert defs["Rule"]["properties"]["improvement"]["enum"] == ["report", "ignore"]
    assert defs["Route"]["properties"]["improvement"]["enum"] == ["now", "digest", "ignore"]


def test_every_test_that_a_decision_is_held_by_exists() -> None:
    page = (ROOT / "docs" / "decisions-and-tests.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_/]+)::([a-z0-9_]+)`", page)
    assert len(named) > 50
    files = {name: (ROOT / "tests" / f"{Path(name).parent}" / f"test_{Path(name).name}.py") for name, _ in named}
    gone = [
        f"{name}::{test}" for name, test in named if f"def test_{test}(" not in files[name].read_text(encoding="utf-8")
    ]
    assert gone == []
