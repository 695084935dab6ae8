"""`alertd framework` and its page: row by row what stands out, in a browser, with small numbers hidden."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alertd.app import open_application
from alertd.cli.framework import command
from alertd.workbench.framework import standings_of
from alertd.workbench.framework_page import page_of
from tests.edges.rendering.test_in_a_browser import FLAGS, PATIENCE
from tests.edges.test_backtest_page import contrast, shown
from tests.journeys.support import fill, write_home

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SEEN = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to show the page with")
HOSTILE = "<script>alert(1)</script> & Sons"
MONTHS = [f"{year}-{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)]
FRAMEWORK = """\
framework:
  reviewed_on: 2020-12-31
  quadrants: {1: One, 2: Two}
  roles: {calls: {title: Head of calls, owner: lead, rows: [M1]}}
  priorities: {people: {title: Our People, rows: [M1, D6], inferred: true}}
  rows:
    M1: {title: Calls <b>answered</b>, kind: measure, quadrant: 1, led_by: The Chief, peel: {values: [Efficiency], inferred: true}}
    M2: {title: Response, kind: measure, quadrant: 1}
    M3: {title: Frontline, kind: measure, quadrant: 1}
    D6: {title: High impact, kind: diagnostic, quadrant: 2, exceptions_only: true}
"""
RULES = """\
measures:
  calls: {name: Calls, framework: M1, table: calls, grain: month, period: period, by: [place], count: n, improvement: decrease,
          owner: lead, marking: OFFICIAL-SENSITIVE}
  quiet: {name: Minutes, framework: M2, table: quiet, grain: month, period: period, count: n, owner: lead}
  grave: {name: Grave crime, framework: D6, table: grave, grain: month, period: period, by: [place], count: n, owner: lead,
          improvement: decrease, small_numbers: {fewer_than: 10}, review_by: 2030-01-01}
rules:
  busy: {measure: calls, threshold: {above: 100}}
  calm: {measure: quiet, threshold: {above: 100}}
  grave-high: {measure: grave, threshold: {above: 5}}
"""


def home(root: Path, grave: int = 7, rules: str = RULES) -> Path:
    write_home(root, rules, extra={"config/framework.yaml": FRAMEWORK})
    columns = "period varchar, place varchar, n integer"
    last = len(MONTHS) - 1
    fill(
        root,
        "calls",
        columns,
        [
            (m, p, 150 if (i, p) == (last, HOSTILE) else 80 + i % 5)
            for i, m in enumerate(MONTHS)
            for p in (HOSTILE, "South")
        ],
    )
    fill(root, "quiet", "period varchar, n integer", [(m, 20 + i % 3) for i, m in enumerate(MONTHS)])
    fill(root, "grave", columns, [(m, "North", grave if i == last else 0) for i, m in enumerate(MONTHS)])
    return root


def run(root: Path, *args: str) -> Any:
    return CliRunner().invoke(command, ["--home", str(root), "--as-of", "2022-01-10", *args], standalone_mode=False)


def page(root: Path) -> str:
    app = open_application(root, environ={}, with_store=False)
    return page_of(standings_of(app.home, app.warehouse, app.end_of(datetime(2022, 1, 10)), as_of=True))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(home(tmp_path_factory.mktemp("page")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield opened
        opened.close()


def test_each_row_is_told_with_its_measures_rules_owner_newest_period_state_and_age(tmp_path: Path) -> None:
    done = run(home(tmp_path), "--format", "json")
    assert done.return_value == 0
    records = [json.loads(line) for line in done.output.splitlines()]
    rows = {one["row"]: one for one in records if one["record"] == "row"}
    assert {name: row["state"] for name, row in rows.items()} == {
        "M1": "exception",
        "M2": "nothing unusual",
        "M3": "not watched",
        "D6": "exception",
    }
    assert (rows["M1"]["measures"], rows["M1"]["rules"], rows["M1"]["owner"]) == (["calls"], ["busy"], ["lead"])
    assert (rows["M1"]["newest"], rows["M1"]["data_age"]) == ("2021-12", 9)
    assert rows["M1"]["exceptions"] == [f"busy: {HOSTILE}, 2021-12"]
    assert "open_cases" not in rows["M1"], "there is no state database yet"
    overdue = {one["id"] for one in records if one["record"] == "overdue"}
    assert overdue == {"calls", "quiet", "busy", "calm", "grave-high"}, "R45: a year after all were reviewed"


LATE = """\
  calls-late: {measure: calls, freshness: {missing: any}, to: lead}
"""


def test_a_feed_that_is_late_is_a_data_fault_and_no_exception_of_its_row(tmp_path: Path) -> None:
    root = home(tmp_path, rules=RULES + LATE)
    rows = [(m, place, 80 + i % 5) for i, m in enumerate(MONTHS) for place in ("North", "South")]
    fill(root, "calls", "period varchar, place varchar, n integer", rows[:-2] + rows[-1:])
    done = run(root, "--format", "json")
    row = next(one for line in done.output.splitlines() if (one := json.loads(line)).get("row") == "M1")
    assert (row["state"], row["exceptions"]) == ("nothing unusual", [])
    assert row["data_faults"] == ["calls-late: North, 2021-12"]
    assert run(root, "--exit-code").return_value == 1, "D6 still has an exception"
    tile = page(root).partition('id="M1"')[2].partition("</article>")[0]
    assert "Figures of 1 series are late or missing." in tile


def test_exceptions_change_the_exit_code_only_when_asked_and_an_unreadable_measure_always(tmp_path: Path) -> None:
    assert run(home(tmp_path / "a"), "--exit-code").return_value == 1
    wrong = home(tmp_path / "b", rules=RULES.replace("table: quiet", "table: nowhere"))
    done = run(wrong, "--format", "csv")
    assert done.return_value == 1
    assert re.search(r"^M2,.*not known", done.output, flags=re.MULTILINE)


def test_open_cases_and_the_last_round_come_from_the_state_database(tmp_path: Path) -> None:
    from tests.journeys.support import alertd

    root = home(tmp_path)
    alertd("run", "--once", "--as-of", "2022-01-10", home=root, code=None)
    records = [json.loads(line) for line in run(root, "--format", "json").output.splitlines()]
    rows = {one["row"]: one for one in records if one["record"] == "row"}
    assert (rows["M1"]["open_cases"], rows["M2"]["open_cases"]) == (1, 0)
    assert rows["M1"]["last_round"]
    assert rows["M3"]["last_round"] is None


def test_a_row_of_exceptions_only_shows_nothing_else(tmp_path: Path) -> None:
    """R50."""
    tile = page(home(tmp_path, grave=0)).partition('id="D6"')[2].partition("</article>")[0]
    assert "no exceptions" in tile
    assert "<figure" not in tile
    assert "Newest figures" not in tile


def test_small_numbers_cannot_be_read_from_the_page(tmp_path: Path) -> None:
    """R31: pages that differ in hidden counts alone are the same, to the last coordinate."""
    assert page(home(tmp_path / "a", grave=7)) == (hidden := page(home(tmp_path / "b", grave=9)))
    assert "a number too small to show" in hidden


@SEEN
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_the_page_stands_by_itself_and_can_be_read(
    browser: Any, tmp_path: Path, made: str, width: int, scheme: str
) -> None:
    facts = shown(browser, tmp_path, made, width, scheme)
    assert facts["wide"] <= width, "nothing runs off the screen, with everything unfolded"
    assert facts["language"] == "en-GB"
    assert facts["scripts"] == facts["foreign"] == 0
    assert len(facts["names"]) >= 2
    assert all(role == "img" and name and description for role, name, description in facts["names"])
    assert len(set(facts["ids"])) == len(facts["ids"])
    assert facts["targets"]
    assert all(facts["targets"])
    assert min(facts["small"]) >= 24
    assert [words for words in facts["words"] if contrast(words[1], words[2]) < 4.5] == []
    assert min(size for size, *_ in facts["words"]) >= 12


@SEEN
def test_the_page_says_in_words_what_stands_out_who_owns_it_and_what_is_inferred(
    browser: Any, tmp_path: Path, made: str
) -> None:
    text = shown(browser, tmp_path, made, 1200, "light")["text"]
    assert text.startswith("OFFICIAL-SENSITIVE")
    assert text.rstrip().endswith("OFFICIAL-SENSITIVE")
    assert f"Calls, {HOSTILE}: December 2021: 150" in text
    assert "Calls <b>answered</b>" in text
    assert "Efficiency (inferred)" in text
    assert "its silence proves nothing" in text
    assert "Overdue for review" in text
    assert text.index("1. One") < text.index("M3 Frontline") < text.index("D6 High impact")
    assert "Head of calls" in text, "an owner by the title of its role"
    assert "nobody" not in made, "nothing was replayed, so that who was told is not known"


def test_a_figure_beyond_its_usual_range_is_said_once_with_the_unit_once(tmp_path: Path) -> None:
    chart = RULES.replace("count: n, improvement: decrease,\n", "value: n, unit: minutes, improvement: decrease,\n", 1)
    tile = page(home(tmp_path, rules=chart.replace("threshold: {above: 100}", "spc: mdc", 1)))
    told = tile.partition('class="told"')[2].partition("</li>")[0]
    assert re.search(r"December 2021: 150 minutes, usual range [\d.]+ to [\d.]+ minutes$", told), told
