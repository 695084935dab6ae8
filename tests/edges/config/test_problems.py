"""Every error at once, at the place where it was written, with what to write instead."""

import re
from pathlib import Path

import pytest

import alertd.config
from alertd.config.catalogue import codes, explain_code
from alertd.config.load import Reading
from alertd.config.problems import Problem, render_problems
from alertd.core.errors import UsageError
from tests.edges.config.homes import Read, found

_CODE = re.compile(r'"([AW]\d{3})"')
_LINK = re.compile(r"\[([AW]\d{3})\]")


def _only(reading: Reading) -> Problem:
    (problem,) = reading.problems
    return problem


def test_a_sound_home_has_no_problems(read: Read) -> None:
    assert found(read()) == []


def test_an_error_looks_as_the_contract_says(read: Read) -> None:
    text = "rules:\n  complaints-high:\n    measure: m\n    treshold: {above: 12}\n"
    assert render_problems(read({"rules/bad.yaml": text}).problems) == (
        "error[A101]: unknown key `treshold` in rule `complaints-high`\n"
        " --> rules/bad.yaml:4:5\n"
        "  |\n"
        "4 |     treshold: {above: 12}\n"
        "  |     ^^^^^^^^ did you mean `threshold`?\n"
        "  = note: without it this rule has no detector and could never fire"
    )


RULE = "rules:\n  r:\n    measure: m\n    threshold: {above: 1}\n"
MEASURE = "measures:\n  n:\n    name: N\n    table: t\n    grain: month\n    period: p\n    value: v\n    owner: lead\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RULE.replace("above: 1", "above: ten"), ["A103 rules/x.yaml:4:24"]),
        (RULE.replace("above: 1", "abve: 1"), ["A101 rules/x.yaml:4:17"]),
        (RULE.replace("measure: m", "measure: nope"), ["A102 rules/x.yaml:3:14"]),
        (RULE.replace("    measure: m\n", ""), ["A114 rules/x.yaml:2:3"]),
        (RULE + "    to: nobody\n", ["A102 rules/x.yaml:5:9"]),
        (RULE + "    route: fast\n", ["A102 rules/x.yaml:5:12"]),
        (RULE + "    spc: mdc\n", ["A106 rules/x.yaml:2:3"]),
        (RULE + "    for: 2 perods\n", ["A103 rules/x.yaml:5:10"]),
        (RULE + "    where: {plac: North}\n", ["A107 rules/x.yaml:5:13"]),
        (RULE + "    where: {place: []}\n", ["A103 rules/x.yaml:5:20"]),
        (RULE + "    status: shadw\n", ["A103 rules/x.yaml:5:13"]),
        (RULE + "    id: x\n", ["A101 rules/x.yaml:5:5"]),
        (RULE + "    enabled: false\n    to: nobody\n", ["A102 rules/x.yaml:6:9"]),
        (RULE + "    for_: 2 periods\n", ["A101 rules/x.yaml:5:5"]),
        (RULE + "    clear: {}\n", ["A103 rules/x.yaml:5:12"]),
        ("rules:\n  r: {measure: m}\n", ["A106 rules/x.yaml:2:3"]),
        ("rules:\n  r:\n    measure: m\n    threshold:\n", ["A106 rules/x.yaml:2:3", "A145 rules/x.yaml:4:5"]),
        ("rules:\n  r: {measure: m, spc: {rules: mdc, baseline: lots}}\n", ["A103 rules/x.yaml:2:47"]),
        ("rules:\n  r: {measure: m, spc: nelson-9}\n", ["A103 rules/x.yaml:2:24"]),
        ("rules:\n  9 r: {measure: m, spc: mdc}\n", ["A103 rules/x.yaml:2:3"]),
        ("rules:\n  r:\n", ["A103 rules/x.yaml:2:3"]),
        ("rules: [a, b]\n", ["A103 rules/x.yaml:1:1"]),
        ("- a\n", ["A103 rules/x.yaml:1:1"]),
        ("rule:\n  r: {measure: m, spc: mdc}\n", ["A101 rules/x.yaml:1:1"]),
        ("rule:\n  r: {measure: m}\n", ["A101 rules/x.yaml:1:1", "A106 rules/x.yaml:2:3"]),
        ("time_zone: Europe/London\n", ["A101 rules/x.yaml:1:1"]),
        (MEASURE, []),
        (MEASURE.replace("owner: lead", "owner: leed"), ["A102 rules/x.yaml:8:12"]),
        (MEASURE.replace("grain: month", "grain: fortnight"), ["A103 rules/x.yaml:5:12"]),
        (MEASURE.replace("    table: t\n", ""), ["A103 rules/x.yaml:2:3"]),
        (MEASURE + "    statement: SELECT 1\n", ["A101 rules/x.yaml:9:5"]),
        (MEASURE + "    settles_after: a while\n", ["A103 rules/x.yaml:9:20"]),
        (
            MEASURE.replace("value: v", "count: v") + "    denominator: {colum: d}\n",
            ["A101 rules/x.yaml:9:19"],
        ),
        ("channels:\n  pigeon: {kind: emial}\n", ["A102 rules/x.yaml:2:18"]),
        ("channels:\n  pigeon: {smtp: 'x:1'}\n", ["A114 rules/x.yaml:2:3"]),
        ("routes:\n  r: {to: nobody, channel: emial}\n", ["A102 rules/x.yaml:2:11", "A102 rules/x.yaml:2:28"]),
        ("routes:\n  r: {escalate: {after: 2 periods, to: nobody}}\n", ["A102 rules/x.yaml:2:40"]),
        (
            "owners:\n  o: {by: place, posts: {N: [{name: A, email: a.example.org, from: 2020-01-01}]}}\n",
            ["A103 rules/x.yaml:2:47"],
        ),
        ("owners:\n  o: {email: a@example.org, fallback: nobody}\n", ["A102 rules/x.yaml:2:39"]),
        ("owners:\n  owner: {email: a@example.org}\n", ["A103 rules/x.yaml:2:3"]),
        ("annotations:\n  a: {effect: rebase, measures: m, from: 2022-01, reason: x}\n", ["A116 rules/x.yaml:2:3"]),
        (
            "annotations:\n  a: {effect: known_event, measures: [m, n], from: 2022-01, reason: x}\n",
            ["A102 rules/x.yaml:2:42"],
        ),
        (
            "suppressions:\n  s: {measures: m, from: 2022, to: 2023, effect: mute, reason: x}\n",
            ["A103 rules/x.yaml:2:26", "A103 rules/x.yaml:2:36"],
        ),
        (
            "suppressions:\n  s: {measures: m, from: 2022-05, to: 2022-04, effect: mute, reason: x}\n",
            ["A103 rules/x.yaml:2:39"],
        ),
        ("suppressions:\n  s: {measures: m, from: 2022-05, effect: mute, reason: x}\n", ["A114 rules/x.yaml:2:3"]),
        ("tests:\n  t: {rule: hihg, values: 85*6, expect: quiet}\n", ["A102 rules/x.yaml:2:13"]),
        ("tests:\n  t: {rule: high, values: 85*6}\n", ["A114 rules/x.yaml:2:3"]),
        ("places:\n  N: {level: place, parent: F}\n", ["A102 rules/x.yaml:2:29"]),
        ("unallocated: Not located\n", ["A103 rules/x.yaml:1:1"]),
        (RULE + "    for:\n", ["A145 rules/x.yaml:5:5"]),
        (
            RULE + "    for:\n    at: # later\n    to: null\n",
            ["A145 rules/x.yaml:5:5", "A145 rules/x.yaml:6:5", "W218 rules/x.yaml:7:9"],
        ),
        (RULE.replace("{above: 1}", "{above: 1, below: }"), ["A145 rules/x.yaml:4:27"]),
        (RULE.replace("{above: 1}", "{above: }"), ["A145 rules/x.yaml:4:17"]),
        (RULE.replace("{above: 1}", "{above: ~}"), ["A103 rules/x.yaml:4:17", "W218 rules/x.yaml:4:24"]),
        (RULE + "    where:\n", ["A145 rules/x.yaml:5:5"]),
        (RULE + "    at: []\n", ["A103 rules/x.yaml:5:9"]),
        (RULE.replace("measure: m", "measure:"), ["A145 rules/x.yaml:3:5"]),
        (MEASURE + "    settles_after:\n    small_numbers: ~\n", ["A145 rules/x.yaml:9:5", "W218 rules/x.yaml:10:20"]),
        *(
            (
                MEASURE.replace("    value: v\n", "") + f"rules:\n  r: {{measure: n, spc: {{chart: {chart}}}}}\n",
                ["A103 rules/x.yaml:2:3"],
            )
            for chart in ("u", "c", "t")
        ),
        (MEASURE.replace("name: N", "name: ''"), ["A145 rules/x.yaml:3:5"]),
        (RULE + "    where: {place: ['']}\n    advice: \" \"\n", ["A145 rules/x.yaml:6:5"]),
        ("owners:\n  o: {email: o@example.org, name: }\n", ["A145 rules/x.yaml:2:29"]),
        ("routes:\n  r: {remind: }\n", ["A145 rules/x.yaml:2:7"]),
        ("rules:\nmeasures:\nunallocated:\n", []),
        (
            "framework: {quadrants: {1: One}, rows: {M1: {title: T, kind: measur, quadrant: 1}}}\n",
            ["A103 rules/x.yaml:1:62"],
        ),
    ],
)
def test_a_mistake_is_named_at_its_own_place(read: Read, text: str, expected: list[str]) -> None:
    assert found(read({"rules/x.yaml": text})) == expected


def test_an_empty_key_says_what_to_write(read: Read) -> None:
    assert (
        _only(read({"rules/x.yaml": RULE + "    for:\n"})).hint
        == "write for example `for: 2 periods`, or remove the key"
    )
    told = _only(read({"rules/x.yaml": RULE + "    at:\n"}))
    assert told.message == "`at` of rule `r` is empty: nothing stands after its colon"
    assert told.hint == "write a value, or remove the key"
    assert _only(read({"rules/x.yaml": RULE.replace("measure: m", "measure:")})).hint == "write a value"


def test_one_bad_entry_hides_no_error_in_another(read: Read) -> None:
    texts = {
        "rules/a.yaml": "rules:\n  a: {measure: m, treshold: {above: 1}, to: nobody}\n",
        "rules/b.yaml": "rules:\n  b: {measure: nope, threshold: {above: ten}}\n",
        "rules/c.yaml": "rules: &x\n  c: {measure: m}\n",
    }
    assert found(read(texts)) == [
        "A101 rules/a.yaml:2:19",
        "A102 rules/a.yaml:2:45",
        "A102 rules/b.yaml:2:16",
        "A103 rules/b.yaml:2:41",
        "A109 rules/c.yaml:1:8",
        "A106 rules/c.yaml:2:3",
    ]


def test_a_bad_measure_is_still_known_to_its_rules(read: Read) -> None:
    text = MEASURE.replace("grain: month", "grain: fortnight") + "rules:\n  r: {measure: n, spc: mdc}\n"
    assert found(read({"rules/x.yaml": text})) == ["A103 rules/x.yaml:5:12"]


def test_what_a_broken_file_seems_to_declare_is_not_called_unknown(read: Read) -> None:
    files = {
        "rules/broken.yaml": MEASURE + "  [\n",
        "rules/x.yaml": "rules:\n  r: {measure: n, spc: mdc}\n  s: {measure: o, spc: mdc}\n",
    }
    assert [one.split()[0] for one in found(read(files))] == ["A108", "A102"]


@pytest.mark.parametrize("name", ["rules/a.yaml", "rules/z.yaml", "config/z.yaml"])
def test_both_places_of_a_double_id_are_named_whatever_the_order(read: Read, name: str) -> None:
    problems = read({name: "rules:\n  high: {measure: m, threshold: {above: 5}}\n"}).problems
    assert {one.place for one in problems} == {f"{name}:2:3", "rules/rules.yaml:4:3"}
    for problem, other in (problems, problems[::-1]):
        assert other.place in problem.note


def test_any_key_may_stand_in_any_folder(read: Read) -> None:
    reading = read(
        {
            "channels/x.yaml": RULE,
            "config/deep/er/y.yml": MEASURE,
            "rules/z/place.yaml": "places:\n  N: {level: place}\n",
        }
    )
    assert found(reading) == []
    assert set(reading.parts.rules) == {"high", "r"}
    assert set(reading.parts.measures) == {"m", "n"}


def test_a_secret_in_a_file_is_refused_and_not_repeated(read: Read) -> None:
    text = 'channels:\n  other: {kind: email, smtp: "h:25", from: a@example.org, username: u, password: hunter2}\n'
    problem = _only(read({"channels/other.yaml": text}))
    assert (problem.code, problem.line, problem.column) == ("A103", 2, 82)
    assert "hunter2" not in render_problems([problem])


def test_a_password_in_a_url_is_not_repeated(read: Read) -> None:
    settings = (
        "instance: x\nwarehouse: {url: 'postgresql://u:hunter2@h/d', timeout: soon}\nops: {email: o@example.org}\n"
    )
    problem = _only(read({"config/alertd.yaml": settings}))
    assert problem.code == "A103"
    assert "hunter2" not in render_problems([problem])


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("time_zone: Europe/Preston", "4:12"),
        ("timezone: Europe/London", "4:1"),
        ("schedule: now and then", "4:11"),
        ("web: {bind: '0.0.0.0:80'}", "4:13"),
        ("retention: 2 periods", "4:12"),
        ("state: {url: 'mysql://h/d'}", "4:14"),
        ("max_letters_per_round: 0", "4:24"),
    ],
)
def test_settings_are_checked(read: Read, line: str, place: str) -> None:
    settings = f"instance: x\nwarehouse: {{url: 'duckdb:///w'}}\nops: {{email: o@example.org}}\n{line}\n"
    assert _only(read({"config/alertd.yaml": settings})).place == f"config/alertd.yaml:{place}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MEASURE + "    reference: {value: 5, label: x}\nrules:\n  r: {measure: n, threshold: {above: 5}}\n", ["W201 rules/x.yaml:11:38"]),
        (
            MEASURE.replace("value: v", "numerator: v") + "    denominator: d\nrules:\n  r: {measure: n, threshold: {below: 85}}\n",
            ["W202 rules/x.yaml:11:38"],
        ),
        (
            MEASURE.replace("value: v", "numerator: v") + "    denominator: d\n    unit: percent\nrules:\n  r: {measure: n, threshold: {below: 85}}\n",
            [],
        ),
        (
            MEASURE.replace("value: v", "numerator: v") + "    denominator: d\n    unit: percent\nrules:\n  r: {measure: n, threshold: {above: 100}}\n",
            ["W202 rules/x.yaml:12:38"],
        ),
        (MEASURE.replace("value: v", "count: v") + "rules:\n  r: {measure: n, threshold: {at_or_below: 0}}\n", []),
        (MEASURE.replace("value: v", "count: v") + "rules:\n  r: {measure: n, threshold: {below: 0}}\n", ["W202 rules/x.yaml:10:38"]),
        ("rules:\n  r: {measure: m, spc: {baseline: all}}\n", ["W206 rules/x.yaml:2:35"]),
        ("rules:\n  r: {measure: m, status: shadow, spc: {baseline: all}}\n", []),
        ("routes:\n  r: {send: daily 01:30}\n", ["W204 rules/x.yaml:2:13"]),
        ("routes:\n  r: {send: daily 02:00}\n", []),
        (
            "owners:\n  o: {by: ward, posts: {N: [{name: A, email: a@example.org, from: 2020-01-01}]}}\n" + RULE + "    to: o\n",
            ["W205 rules/x.yaml:7:9"],
        ),
    ],
)  # fmt: skip
def test_what_is_probably_not_meant_is_a_warning(read: Read, text: str, expected: list[str]) -> None:
    assert found(read({"rules/x.yaml": text})) == expected


def test_a_data_steward_whom_nobody_declared_is_a_warning(read: Read) -> None:
    owners = "owners:\n  lead: {email: lead@example.org, fallback: data_steward}\n"
    assert found(read({"config/owners.yaml": owners})) == ["W207 config/owners.yaml:2:45"]


def test_a_home_without_the_default_channel_says_so(read: Read) -> None:
    channels = "channels:\n  files: {kind: file, folder: letters}\n"
    problem = _only(read({"channels/email.yaml": channels}))
    assert problem.code == "A102"
    assert "`email`" in problem.message


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    root = Path(alertd.config.__file__).parent.parent
    sources = [*root.glob("config/*.py"), *root.glob("cli/check*.py")]
    used = {code for path in sources for code in _CODE.findall(path.read_text(encoding="utf-8"))}
    assert used == set(codes())
    for code in codes():
        assert explain_code(code).startswith(f"# {code}: ")
    index = (root.parent / "docs/errors/README.md").read_text(encoding="utf-8")
    assert set(_LINK.findall(index)) == used


def test_an_unknown_code_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="did you mean `A1"):
        explain_code("A11l")


def test_a_caret_stands_right_in_a_long_line() -> None:
    problem = Problem(
        code="A101", file="f", line=1, column=5000, length=3, message="m", source_line="x" * 4999 + "abc" + "y" * 900
    )
    shown, carets = render_problems([problem]).splitlines()[3:5]
    assert len(shown) < 200
    assert shown[carets.index("^") : carets.index("^") + 3] == "abc"


def test_control_characters_reach_no_terminal() -> None:
    problem = Problem(
        code="A101", file="f\x1b[31m", line=1, column=1, length=1, message="\x1b]0;x\x07", source_line="\x1b[2J"
    )
    assert "\x1b" not in render_problems([problem])


def test_a_list_that_is_too_short_is_told_how_many_entries_it_needs(read: Read) -> None:
    problem = _only(read({"rules/x.yaml": MEASURE.replace("value: v", "grade: v") + "    scale: [Good]\n"}))
    assert problem.code == "A103"
    assert "at least 2 entries" in problem.message
