"""The pages say what the code does: lists are derived from the code and looked for in the pages."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from alertd.cli import COMMANDS
from alertd.config.settings import Settings
from alertd.core import errors
from alertd.core.framework import Framework
from alertd.core.parameters.spc import ChartKind
from alertd.core.rules import DETECTORS
from alertd.core.rulesets import RULE_SETS
from alertd.core.verdicts import State
from alertd.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_reference_pages_are_what_the_code_says() -> None:
    """Every setting, key, channel, command, metric and error code, because the pages are written from them."""
    command = [sys.executable, "scripts/write_reference.py", "--check"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    assert f"## `alertd {command}`" in _page("docs/reference/commands.md")


def test_every_metric_is_documented() -> None:
    names = re.findall(r"# HELP (\S+)", Metrics().exposition().decode())
    assert len(names) > 10
    page = _page("docs/reference/metrics.md")
    assert [name for name in names if f"`{name}`" not in page] == []


def test_alarms_use_metrics_that_exist() -> None:
    families = set(re.findall(r"# HELP (\S+)", Metrics().exposition().decode()))
    used = set(re.findall(r"alertd_[a-z_]+", _page("docs/operations.md"))) - {"alertd_reader"}
    assert used
    assert {name for name in used if name not in families} == set()


def test_the_alarm_for_rules_that_are_no_longer_judged_outlasts_a_weekend() -> None:
    (days,) = re.findall(r"rule_last_success_timestamp_seconds > (\d+) \* 86400", _page("docs/operations.md"))
    schedule, zone = Settings.model_fields["schedule"].default, ZoneInfo("Europe/London")
    slots = schedule.slots(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), zone)
    longest = max(later.at - earlier.at for earlier, later in pairwise(slots))
    assert longest + timedelta(hours=12) <= timedelta(days=int(days)) <= longest + timedelta(days=2)


def test_every_exit_code_is_documented() -> None:
    classes = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AlertdError)
    ]
    page = _page("docs/operations.md")
    assert [kind for kind in classes if f"| {kind.exit_code} |" not in page] == []


@pytest.mark.parametrize("word", [*DETECTORS, *State, *get_args(ChartKind), *RULE_SETS])
def test_every_detector_state_chart_and_rule_set_is_named_in_a_page(word: str) -> None:
    assert any(f"`{word}`" in page.read_text(encoding="utf-8") for page in PAGES)


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_term_stands_once_in_the_glossary_and_in_order() -> None:
    terms = re.findall(r"^\| ([a-z][^|]*?) \|", _page("docs/glossary.md"), flags=re.MULTILINE)[1:]
    assert len(terms) > 40
    assert len(terms) == len(set(terms))
    assert terms == sorted(terms)


def test_every_decision_is_in_the_list_of_decisions() -> None:
    index = _page("docs/adr/README.md")
    records = sorted(path.name for path in (ROOT / "docs" / "adr").glob("0*.md"))
    assert records
    assert re.findall(r"\((0[^)]+\.md)\)", index) == records


def test_the_readme_names_only_commands_and_targets_that_exist() -> None:
    readme = _page("README.md")
    targets = set(re.findall(r"^([a-z-]+):.*##", _page("Makefile"), flags=re.MULTILINE))
    used = re.findall(r"^ +(make|alertd) ([a-z-]+)", readme, flags=re.MULTILINE)
    assert ("make", "demo") in used
    assert ("make", "test") in used
    assert [word for tool, word in used if word not in (targets if tool == "make" else COMMANDS)] == []


def test_the_framework_has_twelve_of_each_in_four_quadrants() -> None:
    """R40: and every flag that cannot be read from the framework's text says so."""
    import yaml

    written = yaml.safe_load(_page("config/framework.yaml"))["framework"]
    framework = Framework.model_validate(written)
    kinds = [row.kind for row in framework.rows.values()]
    assert (kinds.count("measure"), kinds.count("diagnostic")) == (12, 12)
    assert set(framework.rows) == {f"{letter}{number}" for letter in "MD" for number in range(1, 13)}
    assert {row.quadrant for row in framework.rows.values()} == set(framework.quadrants) == {1, 2, 3, 4}
    assert all(flags.inferred for row in framework.rows.values() for flags in (row.peel, row.iserve) if flags)
    assert all(row.components and row.led_by and row.source for row in framework.rows.values())
    assert [name for name, row in framework.rows.items() if row.exceptions_only] == ["D6"], "R50"


def test_every_component_of_every_row_has_a_measure_that_names_it() -> None:
    """So that W224 is asked of the shipped home at all, and says nothing."""
    import yaml

    rows = yaml.safe_load(_page("config/framework.yaml"))["framework"]["rows"]
    named: dict[str, set[str]] = {row: set() for row in rows}
    for path in (ROOT / "rules").rglob("*.yaml"):
        for measure in (yaml.safe_load(path.read_text(encoding="utf-8")).get("measures") or {}).values():
            said = measure.get("component", [])
            named[measure["framework"]] |= {said} if isinstance(said, str) else set(said)
    assert named == {name: set(row["components"]) for name, row in rows.items()}


def test_the_framework_has_its_plans_priorities_reviews_roles_and_tiers() -> None:
    """R25, R46, R47, R48, R51: everything around the rows, and every row in the second list of priorities."""
    import yaml

    framework = Framework.model_validate(yaml.safe_load(_page("config/framework.yaml"))["framework"])
    plans = [plan.quadrant for plan in framework.plans.values()]
    assert [plans.count(quadrant) for quadrant in (1, 2, 3, 4)] == [10, 13, 12, 8]
    assert all(plan.inferred is (plan.quadrant != 1) for plan in framework.plans.values())
    titles = [one.title for one in framework.priorities.values()]
    assert titles == ["Local Policing", "Protecting Vulnerable People", "Value for Money", "Our People"]
    assert {row for one in framework.priorities.values() for row in one.rows} == set(framework.rows)
    assert all(4 <= len(role.rows) <= 6 for role in framework.roles.values())
    assert list(framework.governance) == ["place", "division", "force", "strategic"]
    assert framework.commitments


@pytest.mark.parametrize("quadrant", ["1-local-policing", "2-crime", "3-vulnerable", "4-communities"])
def test_every_quadrant_has_a_measure_with_a_rule(quadrant: str) -> None:
    files = list((ROOT / "rules" / quadrant).glob("*.yaml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema="), file
        assert "\nmeasures:" in text
        assert "\nrules:" in text
