"""An analyst slips, and runs `alertd check`: each slip is told at its very word, with what to write instead."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from alertd.cli import cli
from alertd.demo.sample import PLACES
from tests.journeys.support import alertd

RULES = "rules/calls.yaml"
OWNERS = "config/owners.yaml"
SQL = "rules/sql/calls_in_time.sql"
ROSTER = "places:\n" + "".join(f"  {place}: {{level: place}}\n" for place in PLACES)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `alertd init` writes, with the places that its figures are of."""
    home = tmp_path_factory.mktemp("slips") / "home"
    alertd("init", home)
    (home / "config/places.yaml").write_text(ROSTER)
    assert alertd("check", home=home).stdout == "no errors in 1 measure, 3 rules\n"
    return home


@pytest.mark.parametrize(
    ("file", "right", "wrong", "word", "said", "code"),
    [
        pytest.param(RULES, "threshold:", "treshold:", "treshold", "did you mean `threshold`?", 1, id="a key"),
        pytest.param(RULES, "below: 80}", "< 80}", "< 80", "write `below: 80`", 1, id="a symbol for a word"),
        pytest.param(RULES, "below: 80", "below: 0.8", "0.8", "did you mean `80`?", 0, id="a fraction for a percentage"),
        pytest.param(RULES, "unit: percent", "unit: percents", "percents", "write `percent`", 1, id="a unit"),
        pytest.param(RULES, "spc: mdc", "spc: {signals: [astronomic]}", "astronomic", "did you mean `astronomical`?", 1, id="a signal in a list"),
        pytest.param(RULES, "spc: mdc", "spc: mdc\n    where: {place: Harbor}", "Harbor", "did you mean `Harbour`?", 1, id="a value of the data"),
        pytest.param(OWNERS, "Market:", "Markt:", "Markt", "did you mean `Market`?", 1, id="a post"),
        pytest.param(OWNERS, "2023-04-01, deputy", "2024-04-01, deputy", "2023-03-31", "from 2023-04-01 to 2024-03-31", 0, id="a gap between posts"),
        pytest.param(SQL, "FROM", "FORM", "FORM", "did you mean `FROM`?", 1, id="a word of SQL"),
        pytest.param(SQL, "    place", "    plce", "plce", "did you mean `place`?", 1, id="a column in SQL"),
        pytest.param("config/places.yaml", "Moorside", "Moorsde", "Moorsde", "did you mean `Moorside`?", 1, id="a place"),
        pytest.param("templates/subject.txt.j2", "", "{{ view.sumary }}", "sumary", "did you mean `summary`?", 1, id="a word of a template"),
    ],
)  # fmt: skip
def test_a_slip_is_told_at_its_word_with_what_to_write_instead(
    started: Path, tmp_path: Path, file: str, right: str, wrong: str, word: str, said: str, code: int
) -> None:
    home = tmp_path / "home"
    shutil.copytree(started, home)
    path = home / file
    text = path.read_text() if path.exists() else ""
    assert right in text
    path.write_text(text.replace(right, wrong, 1) if right else wrong)
    result = CliRunner().invoke(cli, ["check", "--home", str(home)], standalone_mode=False)
    assert result.exception is None
    assert (result.return_value or 0) == code
    shown = result.stdout
    where = [(number, line) for number, line in enumerate(path.read_text().splitlines(), 1) if word in line]
    places = [f"--> {file}:{number}:{line.index(word) + 1}\n" for number, line in where]
    assert any(place in shown for place in places), shown
    told = next(block for block in shown.split("\n\n") if any(place in f"{block}\n" for place in places))
    assert f"{'^' * len(word)}" in told
    assert said in told


def test_one_slip_in_each_kind_of_file_is_told_in_one_run(started: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(started, home)
    for file, right, wrong in (
        ("config/alertd.yaml", "time_zone: Europe/London", "time_zone: Europe/Lodnon"),
        ("config/routes.yaml", "to: owner", "to: owners"),
        ("channels/files.yaml", "folder: mail", "foler: mail"),
        (OWNERS, "fallback: data_steward", "fallback: data_stewrd"),
        (RULES, "improvement: increase", "improvement: increse"),
    ):
        text = (home / file).read_text()
        (home / file).write_text(text.replace(right, wrong, 1))
    shown = alertd("check", "--offline", home=home, code=1).stdout
    for file in ("config/alertd.yaml", "config/routes.yaml", "channels/files.yaml", OWNERS, RULES):
        assert f"--> {file}:" in shown
    assert "5 errors in" in shown


def test_a_column_that_entries_have_not_is_told_once(started: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(started, home)
    (home / "rules/checks.yaml").write_text(
        "measures:\n  checks: {name: Checks, recorded: reality_check, grain: month, period: done_on, by: [place], grade: result,\n"
        "           scale: [failed, passed], owner: data_steward}\n"
    )
    shown = alertd("check", home=home, code=1).stdout
    assert shown.count("has no column `done_on`") == 1
    assert "error[A129]: measure `checks`: an entry of kind `reality_check` has no column `done_on`" in shown
