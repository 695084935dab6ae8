"""`alertd backtest`: what rules would have sent, when and to whom; and what a change gains and loses."""

import csv
import io
import json
import subprocess
from collections import Counter
from datetime import datetime

import pytest

from tests.journeys.support import alertd, fill, write_home

OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  lead:
    by: place
    posts:
      North: [{name: Lead North, email: north@example.org, from: 2018-01-01}]
      South: [{name: Old South, email: old@example.org, from: 2018-01-01, to: 2021-06-30},
              {name: New South, email: south@example.org, from: 2021-07-01}]
"""
RULES = """\
measures:
  m: {name: Calls, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead, settles_after: 5 days}
rules:
  high: {measure: m, threshold: {above: 20}}
  spc: {measure: m, spc: three-sigma}
annotations:
  flood: {effect: known_event, measures: [m], from: 2021-03, where: {place: [North]}, reason: the flood}
  fair: {effect: known_event, measures: [m], from: 2021-09, reason: a fair that nobody noticed}
"""
MONTHS = [f"{year}-{month:02d}-01" for year in (2019, 2020, 2021) for month in range(1, 13)]
WAVE = (0.0, 1.5, -1.0, 0.5, -1.5, 1.0)
PLANTED = {("2021-03-01", "North"): 30.0, ("2021-08-01", "South"): 25.0, ("2021-09-01", "South"): 26.0}


@pytest.fixture
def home(tmp_path):
    root = write_home(tmp_path / "home", RULES, owners=OWNERS)
    fill(
        root,
        "t",
        "period date, place varchar, v double",
        [
            (month, place, PLANTED.get((month, place), 10 + WAVE[(5 * at + len(place)) % 6]))
            for at, month in enumerate(MONTHS)
            for place in ("North", "South")
        ],
    )
    return root


def notices(home, *args) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(alertd("backtest", *args, "--format", "csv", home=home).stdout)))


def records(home, *args, code=0) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for line in alertd("backtest", *args, "--format", "json", home=home, code=code).stdout.splitlines():
        record = json.loads(line)
        found.setdefault(record.pop("record"), []).append(record)
    return found


def test_every_notice_is_listed_with_the_day_it_would_have_left_and_who_held_the_post(home):
    told = notices(home, "high")
    assert [(one["series"], one["period"], one["transition"], one["email"], one["due"][:10]) for one in told] == [
        ("place=North", "2021-03", "opened", "north@example.org", "2021-04-06"),
        ("place=North", "2021-04", "cleared", "north@example.org", "2021-05-06"),
        ("place=South", "2021-08", "opened", "south@example.org", "2021-09-06"),
        ("place=South", "2021-10", "cleared", "south@example.org", "2021-11-08"),
    ]
    assert told[0] | {"signals": "limit", "value": "30", "upper": "20", "owner": "lead", "channel": "email"} == told[0]


def test_rules_months_leaders_and_known_events_add_up(home):
    found = records(home)
    told = found["notice"]
    assert sum(rule["notices"] for rule in found["rule"]) == len(told) == sum(one["notices"] for one in found["month"])
    assert sum(one["notices"] for one in found["leader"]) == len(told)
    by_rule = {rule["rule"]: rule for rule in found["rule"]}
    assert (
        by_rule["high"] | {"series": 2, "periods": 36, "exceptions": 2, "notices": 4, "series_told": 2}
        == by_rule["high"]
    )
    for rule in found["rule"]:
        assert 0 <= rule["false_share"] <= 1
        assert rule["expected_false"] >= 0
        assert rule["expected_false_error"] > 0
    leaders = {one["email"]: one["by_rule"] for one in found["leader"]}
    assert leaders["north@example.org"]["high"] == leaders["south@example.org"]["high"] == 2
    events = {
        (one["event"], one["rule"]): (one["series"], one["found"], one["after_periods"]) for one in found["event"]
    }
    assert events["flood", "high"] == (1, 1, 0)
    assert events["fair", "high"] == (2, 0, None)
    months = Counter(one["due"][:7] for one in told)
    assert {one["month"]: one["notices"] for one in found["month"] if one["notices"]} == months


def test_what_came_too_late_to_be_told_is_said(tmp_path):
    """A round judges the newest settled period; what an older one shows that comes with it, or later, is told to nobody."""
    rules = RULES.split("  spc:")[0].replace("value: v,", "value: v, loaded_at: loaded,")
    home = write_home(tmp_path, rules, owners=OWNERS)
    came = {"2021-08-01": "2021-11-10", "2021-09-01": "2021-11-10", "2021-10-01": "2021-11-10"}
    high = {
        ("2021-08-01", "North"),  # over when its figures come
        ("2021-09-01", "South"),  # lasts until they come: it is told then
        ("2021-10-01", "South"),
        ("2021-05-01", "South"),  # in time
    }
    rows = [
        (month, place, 30.0 if (month, place) in high else 10.0, came.get(month, f"{month[:8]}28"))
        for month in MONTHS
        for place in ("North", "South")
    ]
    revised = [("2021-02-01", "North", 30.0, "2021-05-20")]  # the figure that stands, loaded over an earlier one
    kept = [row for row in rows if row[:2] != revised[0][:2]]
    fill(home, "t", "period date, place varchar, v double, loaded date", kept + revised)
    found = records(home, "high")
    told = [(one["series"]["place"], one["period"]) for one in found["notice"] if one["transition"] == "opened"]
    assert told == [("South", "2021-05"), ("South", "2021-10")]
    late = [(one["series"]["place"], one["period"], one["email"], one["value"]) for one in found["late"]]
    assert late == [("North", "2021-02", "north@example.org", 30.0), ("North", "2021-08", "north@example.org", 30.0)]
    text = alertd("backtest", "high", home=home).stdout
    assert "there would have been 2 more notices of exceptions that no round saw" in text
    listed = alertd("backtest", "high", "--notices", home=home).stdout
    assert "Told to nobody, because the figures came too late" in listed


def test_a_part_of_the_past_begins_with_what_stood_then(home):
    told = notices(home, "high", "--from", "2021-09-15", "--to", "2021-10")
    assert [(one["series"], one["period"], one["reason"]) for one in told] == [
        ("place=South", "2021-08", "already so when watching began")
    ]


def test_a_table_says_what_was_replayed_and_what_is_to_be_expected(home):
    shown = alertd("backtest", "--notices", home=home).stdout
    for words in (
        "2 rules, replayed from",
        "2 people",
        "expected false",
        "By month",
        "By leader",
        "Known events",
        "not found",
    ):
        assert words in shown, words
    assert "Lead North" in shown


def test_nothing_told_is_said(home):
    shown = alertd("backtest", "high", "--to", "2020-12", home=home).stdout
    assert "nobody would have been told anything" in shown


def test_a_rule_and_its_variants_stand_side_by_side(home):
    found = records(home, "high", "--variant", "threshold.above=28", "--variant", "spc=three-sigma")
    assert [rule["rule"] for rule in found["rule"]] == ["high", "high [threshold.above=28]", "high [spc=three-sigma]"]
    assert [rule["exceptions"] for rule in found["rule"]][:2] == [2, 1]
    assert found["pair"][0] | {"both": 1, "only_rule": 1, "only_beside": 0, "later_days": 0} == found["pair"][0]
    assert records(home, "high", "spc", "--compare")["pair"][0]["beside"] == "spc"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nope",), "there is no rule `nope`; known: `high`, "),
        (("hihg",), "did you mean `high`"),
        (("high", "--from", "soon"), "--from: `soon` is no period"),
        (("high", "--from", "2022-13-01"), "--from: `2022-13-01` is no period"),
        (("high", "--from", "2022-01", "--to", "2021"), "and what is replayed ends on 2021-12-31; name an earlier one"),
        (("high", "--variant", "spc.wrong=3"), "`spc` has no keys of its own"),
        (("high", "--variant", "threshold.wrong=3"), "there is no key `wrong` to vary; the keys are above"),
        (("high", "--variant", "threshold.above=many"), "threshold.above=many"),
        (("--variant", "for=2 periods"), "name it"),
        (("high", "--compare"), "two or more"),
        (("--against", "main"), "git"),
        (("--against", "main", "--compare", "high", "spc"), "leave out"),
        (("high", "--to", "9999-12-31"), "--to: "),
        (("high", "--to", "9999-12"), "--to: "),
        (("high", "--from", "0001-01-01"), "--from: "),
        (("high", "--html", "/nowhere/at/all.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(home, args, said):
    assert said in alertd("backtest", *args, home=home, code=2).stderr


def test_a_warehouse_that_is_away_is_said(home):
    (home / "warehouse.duckdb").unlink()
    assert "warehouse" in alertd("backtest", home=home, code=3).stderr


def test_what_people_read_of_a_backtest_hides_figures_of_too_few_people(tmp_path):
    """The table is passed on, and Markdown goes into merge requests; csv is for programs, and exact."""
    rules = RULES.replace("value: v", "count: v, small_numbers: {fewer_than: 5}").split("annotations:")[0]
    home = write_home(tmp_path / "home", rules, owners=OWNERS)
    figures = [12, 13, 12, 14, 12, 30, 3, 12]
    fill(home, "t", "period date, place varchar, v integer", [(MONTHS[at], "North", n) for at, n in enumerate(figures)])
    (opened, cleared) = notices(home, "high")
    assert (opened["value"], cleared["value"]) == ("30", "3")
    table = alertd("backtest", "high", "--notices", home=home).stdout
    (line,) = [line for line in table.splitlines() if " cleared " in line]
    assert "too small to show" in line


def git(home, *words: str) -> None:
    identity = ("-c", "user.name=Analyst", "-c", "user.email=analyst@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=home, check=True, capture_output=True)


@pytest.fixture
def changed(home):
    """The home in a repository, with a change that is not committed yet."""
    (home / ".gitignore").write_text("warehouse.duckdb\nstate.db\n")
    git(home, "init", "-q", "-b", "main")
    git(home, "add", ".")
    git(home, "commit", "-q", "-m", "Rules")
    path = home / "rules" / "rules.yaml"
    text = path.read_text().replace("above: 20", "above: 28").replace("  spc: {measure: m, spc: three-sigma}\n", "")
    path.write_text(text.replace("rules:\n", "rules:\n  low: {measure: m, threshold: {above: 11.4}}\n"))
    return home


def test_a_change_shows_the_notices_that_it_gains_and_loses(changed):
    found = records(changed, "--against", "main")
    changes = {
        rule["rule"]: (rule["change"], rule["before"], rule["after"], rule["gained"], rule["lost"])
        for rule in found["rule"]
    }
    assert changes["high"] == ("changed", 4, 2, 0, 2)
    assert changes["low"][0] == "added"
    assert changes["low"][3] == changes["low"][2] > 0
    assert changes["spc"][0] == "withdrawn"
    assert {(one["email"], one["period"]) for one in found["lost"] if one["rule"] == "high"} == {
        ("south@example.org", "2021-08"),
        ("south@example.org", "2021-10"),
    }
    leaders = {one["email"]: one for one in found["leader"]}
    assert leaders["south@example.org"]["lost"] >= 2
    assert leaders["old@example.org"]["gained"] > 0


def test_a_change_is_told_as_text_and_for_a_merge_request(changed):
    text = alertd("backtest", "--against", "HEAD", home=changed).stdout
    assert "1 rule added, 1 rule changed, 1 rule withdrawn" in text
    assert "Lost: all" in text
    markdown = alertd("backtest", "--against", "HEAD", "--format", "markdown", home=changed).stdout
    assert markdown.startswith("## Against HEAD")
    assert "| rule | change | before |" in markdown
    assert "<details><summary>Lost: all" in markdown
    rows = list(
        csv.DictReader(io.StringIO(alertd("backtest", "--against", "main", "--format", "csv", home=changed).stdout))
    )
    assert {row["change"] for row in rows} == {"gained", "lost"}


def test_reminders_of_one_period_are_notices_of_their_own(changed):
    """A longer wait between reminders loses those in between, though no rule reads differently."""
    routes = changed / "config" / "routes.yaml"
    rules = changed / "rules" / "rules.yaml"
    often = "routes:\n  default: {to: owner, channel: email, remind: every 1 weeks}\n"
    routes.write_text(often, encoding="utf-8")
    git(changed, "commit", "-q", "-a", "-m", "Remind every week")
    before = {rule["rule"]: rule["notices"] for rule in records(changed)["rule"]}
    routes.write_text(often.replace("1 weeks", "2 weeks"), encoding="utf-8")
    found = records(changed, "--against", "HEAD")
    for rule in found["rule"]:
        assert rule["change"] == "told otherwise"
        assert rule["before"] - rule["lost"] == rule["after"] - rule["gained"]
        assert rule["lost"] > rule["gained"]
    routes.write_text(often, encoding="utf-8")
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("  low: {", "  low: {enabled: false, "), encoding="utf-8")
    (gone,) = records(changed, "--against", "HEAD")["rule"]
    assert (gone["change"], gone["lost"]) == ("withdrawn", before["low"])


def test_another_send_time_moves_notices_and_gains_and_loses_none(changed):
    git(changed, "checkout", "-q", "--", ".")
    routes = changed / "config" / "routes.yaml"
    routes.write_text("routes:\n  default: {to: owner, channel: email, send: mondays 07:00}\n", encoding="utf-8")
    found = records(changed, "--against", "HEAD")
    assert not found.keys() & {"gained", "lost"}
    assert {rule["change"] for rule in found["rule"]} == {"told otherwise"}
    moved = sum(rule["moved"] for rule in found["rule"])
    assert len(found["moved"]) == sum(leader["moved"] for leader in found["leader"]) == moved > 0
    assert all(one["due_before"] < one["due"] for one in found["moved"])
    assert {datetime.fromisoformat(one["due"]).strftime("%a %H:%M") for one in found["moved"]} == {"Mon 07:00"}
    text = alertd("backtest", "--against", "HEAD", home=changed).stdout
    assert f"0 notices gained, 0 lost, {moved} at another time or by another channel" in text
    assert "Moved: " in text


def test_no_change_gains_and_loses_nothing(changed):
    git(changed, "checkout", "-q", "--", ".")
    assert (
        "No rule reads differently, and no notice is gained or lost"
        in alertd("backtest", "--against", "main", home=changed).stdout
    )


@pytest.mark.parametrize(("revision", "said"), [("nope", "no revision `nope`"), ("--help-me", "no revision")])
def test_a_revision_that_is_not_there_is_said(changed, revision, said):
    assert said in alertd("backtest", f"--against={revision}", home=changed, code=2).stderr


def test_a_home_that_could_not_be_read_then_is_said(changed):
    (changed / "rules" / "rules.yaml").write_text("rules: {broken: {measure: nope}}\n")
    git(changed, "commit", "-aqm", "Break it")
    git(changed, "revert", "--no-edit", "HEAD")
    assert "cannot be read" in alertd("backtest", "--against", "HEAD~1", home=changed, code=2).stderr


def test_check_warns_of_a_rule_that_would_have_fired_often(home):
    (home / "rules" / "noisy.yaml").write_text("rules:\n  noisy: {measure: m, threshold: {above: 10.2}}\n")
    settings = home / "config" / "alertd.yaml"
    settings.write_text(settings.read_text() + "check: {most_exceptions: 10}\n")
    shown = alertd("check", home=home).stdout
    assert "warning[W220]: rule `noisy` would have fired 23 times in 24 months" in shown
    assert " --> rules/noisy.yaml:2:23" in shown
    assert "at 2 of 2 series" in shown
    assert "W220" not in alertd("check", "--no-replay", home=home).stdout
    assert "W220" not in alertd("check", "--offline", home=home).stdout
