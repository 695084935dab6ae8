"""How `check` tells its problems to machines: lines of JSON, annotations of GitHub's, and SARIF 2.1.0.

Sources: "Workflow commands for GitHub Actions"; OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alertd.config.catalogue import explain_code
from alertd.config.problems import Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "HOME"
"""What SARIF calls the folder that its paths are relative to."""
_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), 127) if code not in (9, 10, 13)}


def json_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """One object a line."""
    for problem in problems:
        yield json.dumps(
            {
                "code": problem.code,
                "severity": problem.severity,
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "length": problem.length,
                "message": problem.message,
                "hint": problem.hint,
                "note": problem.note,
            }
        )


def github_lines(problems: Sequence[Problem], root: Path, here: Path) -> Iterator[str]:
    """One workflow command a problem; paths are relative to `here`, the top of the checkout, where the home lies in it."""
    for problem in problems:
        properties: dict[str, object] = {}
        if not _is_file(problem):  # an environment variable: GitHub has no place for it
            properties["title"] = f"{problem.code} {problem.file}"
        else:
            properties["file"] = _path_from(problem.file, root, here)
            if problem.line:
                properties |= {"line": problem.line, "col": problem.column, "endColumn": _end(problem)}
            properties["title"] = problem.code
        written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
        yield f"::{problem.severity} {written}::{_data(_words(problem))}"


def sarif(problems: Sequence[Problem], root: Path, *, version: str) -> str:
    """A whole log of one run. Paths are relative to the home, whose own place `originalUriBaseIds` says."""
    codes = sorted({problem.code for problem in problems})
    results = [_result(problem, codes, number) for problem, number in _numbered(problems)]
    driver = {
        "name": "alertd",
        "version": version,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": root.resolve().as_uri() + "/"}},
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _numbered(problems: Sequence[Problem]) -> Iterator[tuple[Problem, int]]:
    """Each problem with how many of the same words, in the same file, stand before it."""
    seen: dict[tuple[str, str, str], int] = {}
    for problem in problems:
        key = (problem.code, problem.file, problem.message)
        seen[key] = seen.get(key, -1) + 1
        yield problem, seen[key]


def _result(problem: Problem, codes: Sequence[str], number: int) -> dict[str, Any]:
    # Lines move with every edit above them: what is wrong and where it stands in the home tell a problem from another.
    identity = "\x1f".join((problem.code, problem.file, problem.message, problem.source_line.strip(), str(number)))
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.severity,
        "message": {"text": _words(problem)},
        "partialFingerprints": {"problem/v1": sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()},
    }
    if not _is_file(problem):
        place = {"fullyQualifiedName": problem.file.partition(": ")[2] or problem.file, "kind": "variable"}
        result["locations"] = [{"logicalLocations": [place]}]
        return result
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(problem.file, safe="/"), "uriBaseId": _ROOT},
    }
    if problem.line:
        physical["region"] = {
            "startLine": problem.line,
            "startColumn": problem.column,
            "endLine": problem.line,
            "endColumn": _end(problem),
        }
    result["locations"] = [{"physicalLocation": physical}]
    return result


def _rule(code: str) -> dict[str, Any]:
    page = explain_code(code)
    title, _, text = page.partition("\n")
    return {
        "id": code,
        "shortDescription": {"text": title.removeprefix(f"# {code}:").strip()},
        "help": {"text": text.strip(), "markdown": page},
        "defaultConfiguration": {"level": "warning" if code.startswith("W") else "error"},
    }


def _is_file(problem: Problem) -> bool:
    return not problem.file.startswith("environment")


def _end(problem: Problem) -> int:
    """The column after the last one that is meant."""
    return problem.column + max(problem.length, 1)


def _words(problem: Problem) -> str:
    """Everything that is said of a problem, with a line for each part."""
    parts = [problem.message, problem.hint, f"note: {problem.note}" if problem.note else ""]
    return "\n".join(part for part in parts if part).translate(_CONTROL)


def _path_from(file: str, root: Path, here: Path) -> str:
    """A file of the home as a reader in the folder `here` would name it."""
    path, base = root.resolve() / file, here.resolve()
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def _data(text: str) -> str:
    """Text as a workflow command's message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Text as a workflow command's property."""
    return _data(text.translate(_CONTROL)).replace(":", "%3A").replace(",", "%2C")
