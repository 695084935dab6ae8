"""`alertd check` finds what is wrong with a home's templates before a letter is made, without a warehouse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from alertd.cli.check import command
from tests.edges.config.homes import MakeHome

NOTICE = "templates/notice.html.j2"


def _found(root: Path) -> list[str]:
    result = CliRunner().invoke(
        command, ["--home", str(root), "--offline", "--format", "json"], standalone_mode=False, catch_exceptions=False
    )
    problems = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.return_value or 0) == int(bool(problems))
    return [f"{one['code']} {one['file']}:{one['line']}:{one['column']} {one['message']}" for one in problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ok\n{% if view %}\n", [f"A118 {NOTICE}:2:1 Unexpected end of template."]),
        ("a\nb {{ view. }}\n", [f"A118 {NOTICE}:2:1 expected name or number"]),
        ("{% block a %}{% endblock %}\n{% block a %}{% endblock %}\n", [f"A118 {NOTICE}:2:1 block 'a' defined twice"]),
        ("a\n{% if view %}{{ view.x | uper }}{% endif %}\n", [f"A118 {NOTICE}:2:26 there is no filter `uper`"]),
        ("{{ 1 | pprint }}\n{{ 2 is evn }}", [f"A118 {NOTICE}:1:8 there is no filter", f"A118 {NOTICE}:2:9 there is no test"]),
        ("\n{% extends 'gone.j2' %}", [f"A118 {NOTICE}:2:13 there is no template `gone.j2`"]),
        ("{% include 'gone.j2' %}{% import 'x.j2' as x %}", [f"A118 {NOTICE}:1:13 ", f"A118 {NOTICE}:1:35 "]),
        ("{% extends 'notice.html.j2' %}", [f"A118 {NOTICE}:1:13 this template extends itself"]),
        ("{% include 'gone.j2' ignore missing %}", []),
        ("{% extends 'shipped/notice.html.j2' %}", []),
        ("{% include 'notice.txt.j2' %}{{ view.no_such_thing | upper }}", [f"A118 {NOTICE}:1:38 letters have nothing called `no_such_thing`"]),
        ("{{ subjct }}", [f"A118 {NOTICE}:1:4 letters have nothing called `subjct`"]),
        ("{% for part in view.parts %}{{ part.plce }}{% endfor %}", [f"A118 {NOTICE}:1:37 letters have nothing called `plce`"]),
        ("{% extends 'shipped/notice.html.j2' %}{% block head %}{{ super() }}{{ view.summary }}{% endblock %}", []),
        ("{% set n = view.parts | length %}{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% for a in view.parts %}{{ loop.index }}{{ n }}{% endfor %}", []),
        ("{% if " + "(" * 5000 + "1" + ")" * 5000 + " %}{% endif %}", [f"A118 {NOTICE}:1:1 this is nested too deeply"]),
    ],
)  # fmt: skip
def test_a_template_that_could_not_be_used_is_an_error(make_home: MakeHome, text: str, expected: list[str]) -> None:
    said = _found(make_home({NOTICE: text}))
    assert len(said) == len(expected)
    assert all(one.startswith(beginning) for one, beginning in zip(said, expected, strict=True)), said


def test_every_template_is_looked_at_and_other_files_are_not(make_home: MakeHome) -> None:
    files = {
        "templates/parts/head.html.j2": "{{",
        "templates/subject.txt.j2": b"\xff",
        "templates/README.md": "{{",
        "templates/.notice.html.j2.swp": "{{",
    }
    assert [one.split()[1] for one in _found(make_home(files))] == [
        "templates/parts/head.html.j2:1:1",
        "templates/subject.txt.j2:1:1",
    ]


def test_a_home_without_templates_does_not_wait_for_their_engine(make_home: MakeHome) -> None:
    root = make_home({"templates/README.md": "Nothing yet."})
    code = (
        "import sys\nfrom alertd.cli.check import command\n"
        f"command(['--home', {str(root)!r}, '--offline'], standalone_mode=False)\n"
        "print('jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.splitlines()[-1] == "False"
