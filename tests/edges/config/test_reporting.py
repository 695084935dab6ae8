"""What `check` says to machines: annotations as GitHub's documentation has them, and a log as SARIF 2.1.0 requires it."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest

from alertd.cli.reporting import github_lines, sarif
from alertd.config.catalogue import explain_code
from alertd.config.problems import Problem
from tests.edges.config.homes import MakeHome
from tests.edges.config.test_check import _check

BAD = "rules:\n  a: {measure: high}\n  b: {measure: m, threshold: {abve: 1}, to: ops}\n"
_COMMAND = re.compile(r"::(?P<level>error|warning) (?P<properties>[^\n]*?)::(?P<message>[^\r\n]*)")


def _unescaped(text: str) -> str:
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def _commands(lines: str) -> list[dict[str, str]]:
    """Workflow commands as the runner reads them."""
    read = []
    for line in lines.splitlines():
        found = _COMMAND.fullmatch(line)
        assert found is not None, line
        pairs = (pair.split("=", 1) for pair in found["properties"].split(","))
        read.append(
            {
                "level": found["level"],
                "message": _unescaped(found["message"]),
                **{key: _unescaped(value) for key, value in pairs},
            }
        )
    return read


def _problem(**fields: Any) -> Problem:
    return Problem(
        **{"code": "A101", "file": "rules/x.yaml", "line": 3, "column": 5, "length": 4, "message": "m", **fields}
    )


def test_each_problem_is_an_annotation_at_its_words(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_home({"rules/bad.yaml": BAD})
    monkeypatch.chdir(root.parent)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    result = _check("--home", root, "--offline", "--format", "github")
    assert result.exit_code == 1
    found = _commands(result.stdout)
    assert [{key: one[key] for key in ("level", "file", "line", "col", "endColumn", "title")} for one in found] == [
        {"level": "error", "file": "home/rules/bad.yaml", "line": "2", "col": "3", "endColumn": "4", "title": "A106"},
        {"level": "error", "file": "home/rules/bad.yaml", "line": "2", "col": "16", "endColumn": "20", "title": "A102"},
        {"level": "error", "file": "home/rules/bad.yaml", "line": "3", "col": "31", "endColumn": "35", "title": "A101"},
    ]
    assert found[2]["message"].splitlines()[1] == "did you mean `above`?"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root))
    assert "file=rules/bad.yaml," in _check("--home", root, "--offline", "--format", "github").stdout


def test_nothing_wrong_is_no_annotation(make_home: MakeHome) -> None:
    result = _check("--home", make_home(), "--offline", "--format", "github")
    assert (result.exit_code, result.stdout) == (0, "")


def test_no_text_of_a_file_can_write_a_command_of_its_own(tmp_path: Path) -> None:
    nasty = "100%25 of a,b:c\r\n::set-output name=x::y\x1b[31m"
    odd = _problem(file="rules/a,b:c%\n::error::d.yaml", message=nasty, hint=nasty, note=nasty)
    elsewhere = _problem(file="environment: ALERTD_X", line=0, column=0, length=0)
    lines = list(github_lines([odd, elsewhere], tmp_path, tmp_path))
    assert all("\n" not in line and "\r" not in line and "\x1b" not in line for line in lines)
    first, second = _commands("\n".join(lines))
    assert first["file"] == "rules/a,b:c%\n::error::d.yaml"
    assert first["message"].startswith("100%25 of a,b:c\r\n::set-output name=x::y")
    assert (second["title"], "file" in second) == ("A101 environment: ALERTD_X", False)


def test_a_file_outside_the_checkout_keeps_its_whole_path(tmp_path: Path) -> None:
    (line,) = github_lines([_problem()], tmp_path / "home", tmp_path / "elsewhere")
    assert f"file={tmp_path / 'home/rules/x.yaml'}," in line


def _log(text: str) -> dict[str, Any]:
    """A SARIF log of one run, held against what the specification requires (OASIS, 3.13 to 3.49)."""
    log: dict[str, Any] = json.loads(text)
    assert log["version"] == "2.1.0"
    assert urlparse(log["$schema"]).scheme == "https"
    (run,) = log["runs"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] == "alertd"
    assert driver["version"]
    bases = run["originalUriBaseIds"]
    assert all(base["uri"].endswith("/") and urlparse(base["uri"]).scheme == "file" for base in bases.values())
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"] == explain_code(rule["id"])
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
        assert result["message"]["text"]
        assert all(isinstance(one, str) and one for one in result["partialFingerprints"].values())
        for location in result["locations"]:
            physical = location.get("physicalLocation")
            if physical is None:
                assert location["logicalLocations"]
                continue
            uri = physical["artifactLocation"]["uri"]
            assert not urlparse(uri).scheme
            assert not uri.startswith("/")
            assert re.fullmatch(r"[A-Za-z0-9\-._~%!$&'()*+,;=:@/]+", uri)
            assert physical["artifactLocation"]["uriBaseId"] in bases
            region = physical.get("region")
            if region is not None:
                assert region["startLine"] >= 1
                assert region["startColumn"] >= 1
                assert (region["endLine"], region["endColumn"]) > (region["startLine"], region["startColumn"])
    return run


def test_the_log_of_a_home_is_as_the_specification_asks(make_home: MakeHome) -> None:
    root = make_home({"rules/bad.yaml": BAD, "rules/left over.sql": "SELECT 1\n", "config/b\u00e4d.yaml": "a: [\n"})
    result = _check("--home", root, "--offline", "--format", "sarif")
    assert result.exit_code == 1
    run = _log(result.stdout)
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert "config/b\u00e4d.yaml" in {unquote(place["artifactLocation"]["uri"]) for place in places}
    assert run["results"][-1]["ruleId"] == "A101"
    assert places[-1]["region"] == {"startLine": 3, "startColumn": 31, "endLine": 3, "endColumn": 35}
    assert urlparse(run["originalUriBaseIds"]["HOME"]["uri"]).path == f"{root}/"


def test_a_sound_home_is_a_log_without_results(make_home: MakeHome) -> None:
    result = _check("--home", make_home(), "--offline", "--format", "sarif")
    run = _log(result.stdout)
    assert (result.exit_code, run["results"], run["tool"]["driver"]["rules"]) == (0, [], [])


def test_fingerprints_outlast_lines_above_and_tell_twins_apart(tmp_path: Path) -> None:
    def marks(*problems: Problem) -> list[str]:
        run = _log(sarif(problems, tmp_path, version="1"))
        return [one["partialFingerprints"]["problem/v1"] for one in run["results"]]

    assert marks(_problem(line=3)) == marks(_problem(line=9))
    assert marks(_problem()) != marks(_problem(message="another"))
    assert len(set(marks(_problem(line=3), _problem(line=9)))) == 2


def test_problems_without_a_line_or_a_file_have_a_place_all_the_same(tmp_path: Path) -> None:
    whole = _problem(line=0, column=0)
    variable = _problem(file="environment: ALERTD_X", line=0, column=0, length=0)
    run = _log(sarif([whole, variable], tmp_path, version="1"))
    first, second = (one["locations"][0] for one in run["results"])
    assert "region" not in first["physicalLocation"]
    assert second["logicalLocations"][0]["fullyQualifiedName"] == "ALERTD_X"
