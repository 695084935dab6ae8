"""`alertd test`: the `tests:` of rule files, without a warehouse."""

import json
import re
from pathlib import Path

import pytest

from tests.journeys.support import alertd, write_home

RULES = """\
measures:
  response_grade1:
    name: Grade 1 incidents attended within the standard
    table: nowhere
    grain: month
    period: month_start
    by: [district]
    numerator: within_standard
    denominator: incidents
    unit: percent
    improvement: increase
    owner: lead
rules:
  response-low:
    measure: response_grade1
    threshold: {below: 85}         # above, at_or_above, below, at_or_below, outside: [a, b]
    for: 2 periods                 # also: 2 of 3 periods
    clear: {at_or_above: 87}       # hysteresis
  response-late: {measure: response_grade1, freshness: {missing: any}, to: data_steward}
  response-spc: {measure: response_grade1, spc: mdc}
"""
EXAMPLES = """\
tests:
  fires-on-second-low-month:
    rule: response-low
    values: 91*3  84 88 84 83 86 88           # also 93/126 (numerator/denominator), _ (missing), grades by name
    expect: ...   p  .  p  F  o  C            # . quiet, p pending, F fired, o open, C cleared, L learning, ? unknown (quote the text when it begins with ?)
  exactly-85-is-quiet: {rule: response-low, values: 85*6, expect: quiet}
"""
WRONG = """\
  cleared-too-soon:
    rule: response-low
    values: 91*3 84 83 86 88
    expect: ...  p  F  C  .
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_home(tmp_path, RULES, extra={"rules/tests.yaml": EXAMPLES})


def add(home: Path, text: str, name: str = "tests.yaml") -> None:
    (home / "rules" / name).write_text(EXAMPLES + text)


def test_the_examples_of_the_language_pass_without_a_warehouse(home: Path) -> None:
    assert alertd("test", home=home).stdout == "2 passed, 0 failed\n"
    assert not (home / "warehouse.duckdb").exists()


def test_a_failed_test_shows_where_and_what_the_rule_said(home: Path) -> None:
    add(home, WRONG)
    assert alertd("test", home=home, code=1).stdout == (
        "FAIL cleared-too-soon  rules/tests.yaml:7  rule `response-low`\n"
        "  values  91*3  84  83  86  88\n"
        "  expect  .*3   p   F   C   .\n"
        "  got     .*3   p   F   o   C\n"
        "                        ^\n"
        "  at 2024-11: expected `C` cleared, got `o` open\n"
        "  the rule said: Grade 1 incidents attended within the standard, example, November 2024: 86%, an exception; "
        "it fires below 85%.\n"
        "  state exception, no signal; value 86, lower 85\n"
        "\n"
        "2 passed, 1 failed\n"
    )


def test_a_long_timeline_is_wrapped_with_a_caret_under_the_difference(home: Path) -> None:
    values = " ".join(f"{90 + j % 7}/{100 + j % 5}" for j in range(60))
    add(home, f"  long: {{rule: response-low, values: {values}, expect: .*30 F .*29}}\n")
    shown = alertd("test", home=home, code=1).stdout.splitlines()
    until = next(number for number, line in enumerate(shown) if line.startswith("  at 2022-07"))
    assert max(map(len, shown[:until])) <= 80
    caret = next(number for number, line in enumerate(shown) if line.strip() == "^")
    assert (shown[caret - 2][shown[caret].index("^")], shown[caret - 1][shown[caret].index("^")]) == ("F", ".")
    assert shown[1] == "  from 2020-01"
    assert sum(line.count("/") for line in shown[2:until]) == 60


def test_json_has_one_object_for_each_series(home: Path) -> None:
    add(
        home,
        WRONG
        + "  two: {rule: response-low, values: {Preston: 84*2, Burnley: 90*2}, expect: {Preston: pF, Burnley: quiet}}\n",
    )
    lines = [json.loads(line) for line in alertd("test", "--format", "json", home=home, code=1).stdout.splitlines()]
    assert [(one["test"], one["series"], one["passed"]) for one in lines] == [
        ("fires-on-second-low-month", "", True),
        ("exactly-85-is-quiet", "", True),
        ("cleared-too-soon", "", False),
        ("two", "Preston", True),
        ("two", "Burnley", True),
    ]
    wrong = lines[2]
    assert (wrong["period"], wrong["state"], wrong["value"], wrong["lower"]) == ("2024-11", "exception", 86.0, 85.0)
    assert (wrong["file"], wrong["line"], wrong["got"]) == ("rules/tests.yaml", 7, ".*3 p F o C")


def test_csv_has_a_line_for_each_series_or_with_coverage_for_each_rule(home: Path) -> None:
    lines = alertd("test", "--format", "csv", home=home).stdout.splitlines()
    assert lines[0] == "test,rule,file,line,series,passed,values,expect,got,period,state,error"
    assert lines[2].startswith("exactly-85-is-quiet,response-low,rules/tests.yaml,6,,true,85*6,quiet,.*6,")
    lines = alertd("test", "--format", "csv", "--coverage", home=home).stdout.splitlines()
    assert lines[:2] == ["rule,tested,fires,quiet", "response-low,true,fires-on-second-low-month,exactly-85-is-quiet"]


def test_coverage_names_the_rules_that_no_test_shows_firing_and_quiet(home: Path) -> None:
    shown = alertd("test", "--coverage", home=home).stdout
    assert "response-low: tested\n" in shown
    assert "response-spc: untested: no test in which it fires, and none in which it stays quiet\n" in shown
    assert "response-late: untested" in shown
    assert "1 of 3 rules tested\n" in shown
    assert alertd("test", "--coverage", "--exit-code", home=home, code=1).stdout == shown
    last = alertd("test", "--coverage", "--format", "json", home=home).stdout.splitlines()[-1]
    assert json.loads(last) == {"rule": "response-spc", "tested": False, "fires": [], "quiet": []}


def test_a_test_that_cannot_be_tried_is_an_error_and_the_others_are_tried(home: Path) -> None:
    short = "  short: {rule: response-low, values: 84*3, expect: pF}"
    add(home, f"  wrong: {{rule: response-low, values: 1/0, expect: quiet}}\n{short}\n")
    shown = alertd("test", home=home, code=1).stdout
    assert "ERROR wrong  rules/tests.yaml:7  rule `response-low`\n  `1/0` has a denominator that is not above" in shown
    assert "ERROR short  rules/tests.yaml:8" in shown
    assert shown.endswith("2 passed, 0 failed, 2 cannot be tried\n")
    checked = alertd("check", "--offline", home=home, code=1).stdout
    assert checked.count("error[A122]") == 2
    assert f"--> rules/tests.yaml:8:{short.index('pF') + 1}\n" in checked
    assert "cannot be tried" in alertd("check", "--explain", "A122", home=home).stdout


def test_a_path_limits_what_is_tried(home: Path) -> None:
    (home / "rules" / "more.yaml").write_text("tests:\n" + WRONG)
    assert alertd("test", home=home, code=1).stdout.endswith("2 passed, 1 failed\n")
    assert alertd("test", "rules/tests.yaml", home=home).stdout == "2 passed, 0 failed\n"
    assert "there are no tests" in alertd("test", "rules/rules.yaml", home=home).stdout


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("  t: {rule: response-lo, values: 1, expect: quiet}\n", "A102"),
        ("  t: {rule: response-low, value: 1, expect: quiet}\n", "A101"),
        ("  t: {rule: response-low, values: [1, 2], expect: quiet}\n", "A103"),
        ("  t: {rule: response-low, values: 1, expect: quiet, starts: soon}\n", "A103"),
        ("  t: {rule: [\n", "A108"),
    ],
)
def test_a_home_that_cannot_be_read_is_wrong_use(home: Path, test: str, code: str) -> None:
    add(home, test)
    assert f"[{code}]" in alertd("test", home=home, code=2).stderr


OWNERS = """\
owners:
  lead:
    by: district
    fallback: data_steward
    posts:
      Preston:
        - name: Supt A Example
          email: a.example@example.org
          from: 2021-01-01
          to: 2024-06-30
          deputy: b.example@example.org
          away: [{from: 2024-04-01, to: 2024-04-30}]
        - {name: Supt C Example, email: c.example@example.org, from: 2024-07-01}
  data_steward: {email: steward@example.org}
"""
ROUTES = """\
routes:
  default: {send: weekdays 07:00, remind: every 4 weeks, escalate: {after: 3 periods, to: data_steward}}
"""
TOLD = """\
tests:
  holder: {rule: response-low, starts: 2023-12, values: {Preston: 84*3 90}, expect: pFoC, told: a.example@example.org}
  deputy: {rule: response-low, starts: 2024-02, values: {Preston: 84*2}, expect: pF, told: b.example@example.org}
  successor: {rule: response-low, starts: 2024-05, values: {Preston: 84*2}, expect: pF, told: c.example@example.org}
  fallback: {rule: response-low, starts: 2024-05, values: {Burnley: 84*2}, expect: pF, told: steward@example.org}
  an-owner: {rule: response-low, starts: 2024-05, values: {Preston: 84*2}, expect: pF, told: lead}
  nobody: {rule: response-low, values: 84 90, expect: p., told: nobody}
  by-name:
    rule: response-low
    starts: 2023-12
    values: {Preston: 84*3, Burnley: 84*3, Chorley: 90*3}
    expect: {Preston: pFo, Burnley: pFo, Chorley: quiet}
    told: {Preston: [a.example@example.org], Burnley: data_steward, Chorley: nobody}
    says: [84%, agreed level]
    subject: below 85%
    never_says: usual range
  words:
    rule: response-low
    starts: 2023-12
    values: {Preston: 168/200*3}
    expect: pFo
    says: 168 of 200 (84%) in January 2024
  reminded: {rule: response-low, starts: 2023-12, values: {Preston: 84*5}, expect: pFooo, notice: reminded, told: lead}
  escalated:
    rule: response-low
    starts: 2023-12
    values: {Preston: 84*6}
    expect: pFoooo
    notice: escalated
    told: data_steward
  cleared: {rule: response-low, starts: 2024-04, values: {Preston: 84*2 88}, expect: pFC, notice: cleared, told: c.example@example.org}
"""


def told_home(tmp_path: Path, tests: str) -> Path:
    return write_home(tmp_path, RULES, owners=OWNERS, routes=ROUTES, extra={"rules/tests.yaml": tests})


def test_those_who_are_told_and_the_words_are_those_of_a_real_round(tmp_path: Path) -> None:
    home = told_home(tmp_path, TOLD)
    assert alertd("test", home=home).stdout == "11 passed, 0 failed\n"
    assert "A122" not in alertd("check", "--offline", home=home).stdout


def test_a_wrong_recipient_and_wrong_words_are_shown_beside_what_is_there(tmp_path: Path) -> None:
    home = told_home(
        tmp_path,
        """\
tests:
  wrong:
    rule: response-low
    starts: 2024-02
    values: {Preston: 84*2 90}
    expect: pFC
    told: a.example@example.org
    says: 84% in April 2024
    never_says: agreed level
""",
    )
    shown = alertd("test", home=home, code=1).stdout.splitlines()
    assert shown[1:6] == [
        "  series Preston:",
        "  told: expected a.example@example.org",
        "        the notice of 2024-03, sent on 1 April 2024, goes to",
        "        b.example@example.org (Deputy for Supt A Example; `lead`: deputy while the holder is away)",
        '  says: the notice does not say "84% in April 2024"; the nearest words:',
    ]
    assert "84% in March 2024" in shown[6]
    assert shown[6][: shown[7].index("^")].endswith("84% in ")
    assert shown[8] == '  never_says: the notice says "agreed level":'
    assert shown[9][shown[10].index("^") :].startswith("agreed level")
    (record,) = [json.loads(line) for line in alertd("test", "--format", "json", home=home, code=1).stdout.splitlines()]
    assert record["notice"]["told"] == [
        {"email": "b.example@example.org", "owner": "lead", "via": "deputy while the holder is away"}
    ]
    assert (record["passed"], record["notice"]["on"]) == (False, "2024-04-01")


EVERY_KIND = """\
measures:
  overtime: {name: Overtime hours, table: t, grain: week, period: p, by: [district], value: h, improvement: decrease, owner: lead}
  homicide: {name: Homicides, table: t, event: {date: d, complete_to: c}, grain: month, improvement: decrease, owner: lead}
  survey: {name: Confidence, table: t, grain: quarter, period: p, value: v, standard_error: se, improvement: increase, owner: lead}
  files:
    {name: File grades, table: t, grain: month, period: p, aggregate: rows, grade: g, scale: [Bad, Good], owner: lead}
  checks: {name: Self-assessment, table: t, grain: quarter, period: p, grade: g, scale: [Bad, Good], owner: lead, by: [district]}
rules:
  overtime-high: {measure: overtime, threshold: {above: 100}}
  pressure: {all_of: [response-low, overtime-high], within: 2 periods}
  homicide-many: {measure: homicide, threshold: {above: 2}}
  confidence-low: {measure: survey, threshold: {below: 50}}
  files-poor: {measure: files, rating: {share_above: {grade: Bad, share: 20 percent}}}
  checks-overdue: {measure: checks, rating: {overdue: 30 days}}
  in-shadow: {measure: survey, threshold: {below: 50}, status: shadow}
tests:
  pressure:
    rule: pressure
    starts: 2024-01
    values: {response_grade1: {Preston: 84*3}, overtime: {Preston: 90*8 120*5}}
    expect: ..F
    told: b.example@example.org       # sent on 1 April, the first day of the leave
    says: [Grade 1 incidents attended within the standard, Overtime hours]
  homicide: {rule: homicide-many, starts: 2024-01, values: 0 3 0, expect: .FC, says: Homicides}
  confidence: {rule: confidence-low, starts: 2024-Q1, values: 51±2 49±2 45±2, expect: ..F, says: 45, told: data_steward}
  files: {rule: files-poor, starts: 2024-01, values: Good:4+Bad Good:3+Bad, expect: .F, says: File grades}
  checks: {rule: checks-overdue, starts: 2023-Q1, values: {Preston: Good _ Good}, expect: .FC, says: overdue, told: lead}
  late: {rule: response-late, starts: 2024-01, values: {Preston: 1*2, Burnley: 1 _}, expect: {Burnley: .F}, says: Burnley}
  shadow: {rule: in-shadow, values: 40±2, expect: F, told: data_steward}
"""


def test_every_kind_of_rule_can_be_tested_to_its_notice(tmp_path: Path) -> None:
    home = write_home(tmp_path, RULES, owners=OWNERS, extra={"rules/kinds.yaml": EVERY_KIND})
    assert alertd("test", home=home).stdout == "7 passed, 0 failed\n"


def test_an_improvement_that_nobody_asked_for_is_told_to_nobody(tmp_path: Path) -> None:
    steady = "901/1000 893/995 905/1010 897/1000 " * 4
    test = f"tests:\n  t: {{rule: response-spc, values: {steady} 980/1000, expect: L*14 .. F, told: lead}}\n"
    shown = alertd("test", home=told_home(tmp_path, test), code=1).stdout
    assert "nobody is told: it fires for the better, and neither the rule nor its route asks for improvement" in shown


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("told: leed", "did you mean `lead`?"),
        ("told: [nobody, lead]", "and not both"),
        ("told: {Burnley: lead}", "names `Burnley`"),
        ("notice: opend, told: lead", "[A103]"),
        ("told: nobody, says: words", "no notice with any words"),
        ("says: words, expect: p.", "nothing is expected to fire"),
    ],
)
def test_what_cannot_be_expected_of_a_notice_is_refused_by_check(tmp_path: Path, told: str, words: str) -> None:
    expect = "" if "expect" in told else ", expect: pF"
    test = f"tests:\n  t: {{rule: response-low, values: {{Preston: 84 84}}{expect}, {told}}}\n"
    home = told_home(tmp_path, test.replace("84 84", "84 90") if "p." in told else test)
    assert words in alertd("check", "--offline", home=home, code=1).stdout


def test_the_rules_of_this_repository_are_all_tested() -> None:
    root = Path(__file__).resolve().parents[2]
    shown = alertd("test", "--coverage", "--exit-code", home=root).stdout
    assert re.search(r"\b(\d{3}) of \1 rules tested", shown)
    assert " 0 failed" in shown
