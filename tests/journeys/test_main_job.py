"""The main job from outside: the right people told once, and only when something stands out."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.starts import Forked
from tests.journeys.support import Sink, alertd, fill, write_home

MONTHS = [f"{year}-{month:02d}-01" for year in (2020, 2021, 2022, 2023) for month in range(1, 13)]
WAVE = [0.0, 1.5, -1.0, 0.5, -1.5, 1.0]
RULES = """\
measures:
  m:
    name: Complaints per hundred staff
    table: t
    grain: month
    period: period
    by: [place]
    value: v
    improvement: decrease
    owner: lead
rules:
  high: {measure: m, threshold: {above: 50}}
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  lead:
    by: place
    posts:
      North: [{name: Lead North, email: north@example.org, from: 2019-01-01}]
      South: [{name: Lead South, email: south@example.org, from: 2019-01-01}]
    fallback: data_steward
"""


def rows(until=36, **spikes):
    """Quiet figures for North and South up to a month, with spikes by `place_month`."""
    for i in range(until):
        for place in ("North", "South"):
            yield MONTHS[i], place, spikes.get(f"{place}_{i}", 10 + WAVE[(i * 5 + (place == "South")) % 6])


def fresh(root: Path, sink: Sink, **more) -> Path:
    return write_home(root, more.pop("rules", RULES), smtp_port=sink.port, owners=OWNERS, **more)


def load(root: Path, *args, **spikes) -> None:
    fill(root, "t", "period date, place varchar, v double", rows(*args, **spikes))


def keys(sink: Sink) -> list[str]:
    return [str(mail["X-Alertd-Key"]).replace("\n", "").replace(" ", "") for _, mail in sink.mails]


def test_an_exception_is_told_once_worsens_and_clears(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 35)
        alertd("run", "--once", "--as-of", "2022-12-05", home=home)
        assert sink.mails == [], "no exception, no mail (R20)"
        load(home, 36, North_35=60)
        for _ in range(2):
            alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert sink.recipients == ["north@example.org"]
        load(home, 37, North_35=60, North_36=61)
        alertd("run", "--once", "--as-of", "2023-02-05", home=home)
        assert len(sink.mails) == 1, "no worse, so nothing is said"
        load(home, 38, North_35=60, North_36=61, North_37=99)
        alertd("run", "--once", "--as-of", "2023-03-05", home=home)
        load(home, 39, North_35=60, North_36=61, North_37=99)
        alertd("run", "--once", "--as-of", "2023-04-05", home=home)
        kinds = [key.rsplit("/", 1)[1] for key in keys(sink)]
        assert kinds == ["opened", "worsened", "cleared"]
        first, *later = [mail for _, mail in sink.mails]
        assert all(first["Message-ID"] in mail["References"] for mail in later), "one thread for one exception"
        listed = json.loads(alertd("exceptions", "list", "--all", "--format", "json", home=home).stdout)
        assert (listed["rule"], listed["state"]) == ("high", "cleared")
        shown = alertd("exceptions", "show", listed["id"], home=home).stdout
        assert shown.count("N-") == 3


def test_a_revision_is_corrected_by_number(tmp_path):
    """R18."""
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 35)
        alertd("run", "--once", "--as-of", "2022-12-05", home=home)
        load(home, 36, South_35=70)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        load(home, 36)
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        first, second = (mail for _, mail in sink.mails)
        number = first.get_body(("plain",)).get_content().split("N-")[1][:8]
        assert keys(sink)[1].endswith("/corrected")
        assert f"N-{number}" in second.get_body(("plain",)).get_content()


def test_the_first_round_says_that_it_was_already_so(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36, North_20=90, North_34=60, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        (mail,) = sink.to("north@example.org")
        assert "already so when watching began" in mail.get_body(("plain",)).get_content().lower()
        assert len(sink.mails) == 1, "the old spike of month 20 is history"


def test_no_data_is_never_quiet_and_never_clears(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        told = len(sink.mails)
        fill(
            home,
            "t",
            "period date, place varchar, v double",
            [r for r in rows(37, North_35=60) if r[:2] != (MONTHS[36], "North")],
        )
        alertd("run", "--once", "--as-of", "2023-02-05", home=home)
        states = {
            line["series"]["place"]: line["state"]
            for line in map(
                json.loads,
                alertd("evaluate", "--all", "--as-of", "2023-02-05", "--format", "json", home=home).stdout.splitlines(),
            )
        }
        assert states == {"North": "unknown", "South": "quiet"}
        assert [
            line["state"]
            for line in map(
                json.loads,
                alertd("exceptions", "list", "--rule", "high", "--format", "json", home=home).stdout.splitlines(),
            )
        ] == ["open"]
        new = sink.mails[told:]
        assert [recipients for recipients, _ in new] == [["steward@example.org"]], "the leader never gets a data fault"
        assert "North" in new[0][1].get_body(("plain",)).get_content()


def test_everything_one_owner_is_due_is_one_message(tmp_path):
    """R22."""
    rules = RULES + "  higher: {measure: m, threshold: {above: 55}, priority: 1}\n"
    with Sink() as sink:
        home = fresh(tmp_path, sink, rules=rules)
        load(home, 35)
        alertd("run", "--once", "--as-of", "2022-12-05", home=home)
        load(home, 36, North_35=60, South_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert Counter(sink.recipients) == {"north@example.org": 1, "south@example.org": 1}
        assert keys(sink)[0].startswith("higher/"), "most serious first"
        assert keys(sink)[0].count("/opened") == 2


def test_a_withdrawn_rule_closes_its_exceptions_and_tells_who_was_told(tmp_path):
    """Decision 8."""
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        (home / "rules/rules.yaml").write_text(
            (home / "rules/rules.yaml")
            .read_text()
            .replace("threshold: {above: 50}", "threshold: {above: 50}, enabled: false")
        )
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert [key.rsplit("/", 1)[1] for key in keys(sink)] == ["opened", "withdrawn"]


def test_a_route_with_a_send_time_waits_for_it(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink, routes="routes:\n  default: {to: owner, channel: email, send: weekdays 07:00}\n")
        load(home, 36, North_35=60)
        first = alertd("run", "--once", "--as-of", "2023-01-05", home=home).stdout
        assert sink.mails == []
        assert "1 notice waits for a send time; the next is 6 January 2023 07:00" in first
        second = alertd("run", "--once", "--as-of", "2023-01-06", home=home).stdout
        assert sink.recipients == ["north@example.org"]
        assert "wait" not in second


def test_escalation_and_reminder_follow_the_route(tmp_path):
    routes = "routes:\n  default: {to: owner, remind: every 4 weeks, escalate: {after: 2 periods, to: boss}}\n"
    with Sink() as sink:
        home = fresh(tmp_path, sink, routes=routes)
        (home / "config/owners.yaml").write_text(
            OWNERS + "  boss: {email: boss@example.org, name: Divisional commander}\n"
        )
        spikes = {f"North_{month}": 60 for month in range(35, 40)}
        for month, day in ((36, "2023-01-05"), (37, "2023-02-05"), (38, "2023-03-05"), (39, "2023-04-05")):
            load(home, month, **spikes)
            alertd("run", "--once", "--as-of", day, home=home)
        assert [key.rsplit("/", 1)[1] for key in keys(sink)] == ["opened", "reminded", "escalated", "reminded"]
        assert [recipients[0].split("@")[0] for recipients, _ in sink.mails] == ["north", "north", "boss", "north"]


def test_more_letters_than_a_round_may_send_are_held_and_ops_are_told(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink, settings="max_letters_per_round: 1\n")
        load(home, 36, North_35=60, South_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert sorted(sink.recipients) == ["north@example.org", "ops@example.org"]
        alertd("outbox", "release", home=home)
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert sink.recipients.count("south@example.org") == 1


def test_a_rule_that_cannot_be_judged_is_an_error_that_ops_hear_of_once(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        fill(home, "t", "period date, place varchar, other double", [])
        alertd("run", "--once", "--as-of", "2023-01-06", home=home, code=1)
        alertd("run", "--once", "--as-of", "2023-01-07", home=home, code=1)
        assert sorted(sink.recipients[1:]) == ["ops@example.org", "steward@example.org"]
        assert [
            line["state"]
            for line in map(json.loads, alertd("exceptions", "list", "--format", "json", home=home).stdout.splitlines())
        ] == ["open"]


def test_improvement_stands_apart_and_only_where_asked_for(tmp_path):
    """R17."""
    with Sink() as sink:
        rules = RULES.replace("{above: 50}", "{below: 5}")
        home = fresh(tmp_path, sink, rules=rules)
        load(home, 36, North_35=1)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert sink.mails == []
        (home / "config/routes.yaml").write_text("routes:\n  default: {to: owner, improvement: now}\n")
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        (mail,) = sink.to("north@example.org")
        assert "better" in mail.get_body(("plain",)).get_content().lower()


def test_a_shadow_rule_is_judged_and_tells_nobody(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink, rules=RULES.replace("{above: 50}", "{above: 50}, status: shadow"))
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert sink.mails == []
        assert json.loads(alertd("exceptions", "list", "--format", "json", home=home).stdout)["told"] is False


def test_a_quiet_round_is_on_record(tmp_path):
    """R20: silence is provable."""
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
    with sqlite3.connect(home / "state.db") as state:
        assert state.execute("select count(*) from rounds").fetchone() == (1,)
        assert state.execute("select rule, status, series, exceptions from rule_outcomes").fetchall() == [
            ("high", "ok", 2, 0)
        ]


@pytest.mark.parametrize("kills", [6])
def test_killing_a_run_while_it_delivers_loses_no_letter(tmp_path, kills):
    """Every kill may double the letter in flight; none may be lost (the fault matrix, kill -9)."""
    places = [f"P{i:02d}" for i in range(30)]
    owners = "owners:\n  data_steward: {email: steward@example.org}\n  lead:\n    by: place\n    posts:\n" + "".join(
        f"      {place}: [{{name: {place}, email: {place.lower()}@example.org, from: 2019-01-01}}]\n"
        for place in places
    )

    class Killing(Sink):
        """Kills the sending process in the middle of a delivery, after the data and before the answer."""

        victim: Forked | None = None
        left = kills
        seen = 0

        async def handle_DATA(self, server, session, envelope):
            answer = await super().handle_DATA(server, session, envelope)
            self.seen += 1
            if self.left and self.seen % 4 == 0 and self.victim is not None:
                self.left -= 1
                os.kill(self.victim.pid, signal.SIGKILL)
            return answer

    with Killing() as sink:
        home = write_home(tmp_path, RULES, smtp_port=sink.port, owners=owners)
        fill(
            home,
            "t",
            "period date, place varchar, v double",
            [(MONTHS[i], p, 60 if i == 35 else 10) for i in range(36) for p in places],
        )
        for _ in range(kills + 3):
            sink.victim = Forked(["run", "--once", "--as-of", "2023-01-05", "--home", str(home)])
            if sink.victim.wait(300) == 0:
                break
        assert sink.left == 0
        told = Counter(sink.recipients)
        assert set(told) >= {f"{place.lower()}@example.org" for place in places}, "a letter was lost"
        ids = Counter(str(mail["Message-ID"]) for _, mail in sink.mails)
        doubled = sum(count - 1 for count in ids.values())
        assert doubled <= kills, "no more doubles than kills between acceptance and mark"


def test_a_run_that_is_told_to_stop_finishes_the_letter_under_way_and_doubles_none(tmp_path):
    places = [f"P{i:02d}" for i in range(8)]
    posts = "".join(f"      {p}: [{{name: {p}, email: {p.lower()}@example.org, from: 2019-01-01}}]\n" for p in places)
    owners = "owners:\n  data_steward: {email: steward@example.org}\n  lead:\n    by: place\n    posts:\n" + posts

    class Stopping(Sink):
        """Tells the sending process to stop while it waits for the answer to its second letter."""

        victim: subprocess.Popen[str] | None = None

        async def handle_DATA(self, server, session, envelope):
            if len(self.mails) == 1 and self.victim is not None:
                self.victim.send_signal(signal.SIGTERM)
            return await super().handle_DATA(server, session, envelope)

    with Stopping() as sink:
        home = write_home(tmp_path, RULES, smtp_port=sink.port, owners=owners)
        high = [(MONTHS[i], p, 60 if i == 35 else 10) for i in range(36) for p in places]
        fill(home, "t", "period date, place varchar, v double", high)
        command = [sys.executable, "-m", "alertd", "run", "--once", "--as-of", "2023-01-05", "--home", str(home)]
        sink.victim = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        _, said = sink.victim.communicate(timeout=300)
        assert sink.victim.returncode == 5
        assert "stay in the outbox" in said
        sink.victim = None
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert Counter(sink.recipients) == dict.fromkeys([f"{p.lower()}@example.org" for p in places], 1)


def test_the_holder_on_the_day_of_sending_is_told(tmp_path):
    """Judged on Friday, sent on Monday: who holds the post on Monday counts."""
    routes = "routes:\n  default: {to: owner, send: mondays 07:00}\n"
    owners = OWNERS.replace(
        "North: [{name: Lead North, email: north@example.org, from: 2019-01-01}]",
        "North: [{name: Old, email: old@example.org, from: 2019-01-01, to: 2023-01-07},"
        " {name: New, email: new@example.org, from: 2023-01-08}]",
    )
    with Sink() as sink:
        home = fresh(tmp_path, sink, routes=routes)
        (home / "config/owners.yaml").write_text(owners)
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        alertd("run", "--once", "--as-of", "2023-01-09", home=home)
        assert sink.recipients == ["new@example.org"]


def exceptions(home: Path, *more: str) -> list[dict]:
    listed = alertd("exceptions", "list", *more, "--format", "json", home=home).stdout
    return [json.loads(line) for line in listed.splitlines()]


def test_a_list_without_exceptions_says_whether_anything_was_judged(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        assert "nothing was judged yet" in alertd("exceptions", "list", home=home).stdout
        load(home, 35)
        alertd("run", "--once", "--as-of", "2022-12-05", home=home)
        assert alertd("exceptions", "list", home=home).stdout.startswith("No open exceptions.")
        said = alertd("exceptions", "list", "--rule", "hgih", home=home, code=2).stderr
        assert "there is no rule `hgih`; did you mean `high`?" in said


def test_the_end_of_a_case_stays_on_record_under_as_of(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        load(home, 37, North_35=60)
        alertd("run", "--once", "--as-of", "2023-02-05", home=home)
        assert [case["state"] for case in exceptions(home, "--all")] == ["cleared"]


def test_a_withdrawal_goes_to_who_was_told_even_when_rule_measure_and_owner_are_gone(tmp_path):
    """Decision 8."""
    with Sink() as sink:
        home = fresh(tmp_path, sink, rules=RULES.replace("{above: 50}", "{above: 50}, to: old"))
        (home / "config/owners.yaml").write_text(OWNERS + "  old: {email: old@example.org}\n")
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        (home / "config/owners.yaml").write_text(OWNERS)
        other = (
            "measures:\n  n: {name: N, table: t, grain: month, period: period, by: [place], value: v, owner: lead}\n"
        )
        (home / "rules/rules.yaml").write_text(other + "rules:\n  n: {measure: n, threshold: {above: 500}}\n")
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert sink.recipients == ["old@example.org", "old@example.org"]
        assert keys(sink)[1].endswith("/withdrawn")


def test_a_series_that_a_rule_no_longer_judges_is_taken_back(tmp_path):
    with Sink() as sink:
        home = fresh(tmp_path, sink)
        load(home, 36, North_35=60, South_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        (home / "rules/rules.yaml").write_text(RULES.replace("{above: 50}", "{above: 50}, where: {place: North}"))
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert [case["series"] for case in exceptions(home)] == [{"place": "North"}]
        assert keys(sink)[2:] == ["high/place=South/2022-12/withdrawn"]


def test_out_of_shadow_what_stands_is_told_and_into_it_nothing_more(tmp_path):
    shadow = RULES.replace("{above: 50}", "{above: 50}, status: shadow")
    with Sink() as sink:
        home = fresh(tmp_path, sink, rules=shadow)
        load(home, 36, North_35=60)
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert sink.mails == []
        (home / "rules/rules.yaml").write_text(RULES)
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert sink.recipients == ["north@example.org"]
        (home / "rules/rules.yaml").write_text(shadow)
        load(home, 37, North_35=60, North_36=500)
        alertd("run", "--once", "--as-of", "2023-02-05", home=home)
        load(home, 38, North_35=60, North_36=500)
        alertd("run", "--once", "--as-of", "2023-03-05", home=home)
        assert len(sink.mails) == 1


def test_a_missing_row_reaches_whom_the_freshness_rule_names_once(tmp_path):
    rules = RULES + "  feed: {measure: m, freshness: {missing: any}, to: boss}\n"
    with Sink() as sink:
        home = fresh(tmp_path, sink, rules=rules)
        (home / "config/owners.yaml").write_text(OWNERS + "  boss: {email: boss@example.org}\n")
        load(home, 35)
        alertd("run", "--once", "--as-of", "2022-12-05", home=home)
        fill(home, "t", "period date, place varchar, v double", [r for r in rows(36) if r[:2] != (MONTHS[35], "South")])
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        assert sink.recipients == ["boss@example.org"], "one fault is told once"
        assert keys(sink) == ["feed/place=South/2022-12/opened"]
        shown = alertd("explain", "feed", "--where", "place=South", "--as-of", "2023-01-05", home=home).stdout
        assert "South: exception" in shown
        load(home, 36)
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert keys(sink)[1:] == ["feed/place=South/2022-12/cleared"]


def test_ops_hear_of_letters_that_are_held_at_their_send_time(tmp_path):
    routes = "routes:\n  default: {to: owner, send: mondays 07:00}\n"
    with Sink() as sink:
        home = fresh(tmp_path, sink, routes=routes, settings="max_letters_per_round: 1\n")
        load(home, 36, North_35=60, South_35=60)
        alertd("run", "--once", "--as-of", "2023-01-06", home=home)
        assert sink.mails == []
        alertd("run", "--once", "--as-of", "2023-01-09", home=home)
        assert sorted(sink.recipients) == ["north@example.org", "ops@example.org"]


def test_one_person_in_two_parts_hears_of_an_end_once(tmp_path):
    routes = "routes:\n  default: {to: owner, escalate: {after: 1 period, to: boss}}\n"
    with Sink() as sink:
        home = fresh(tmp_path, sink, routes=routes)
        (home / "config/owners.yaml").write_text(OWNERS + "  boss: {email: North@example.org}\n")
        for months, day in ((36, "2023-01-05"), (37, "2023-02-05"), (38, "2023-03-05")):
            load(home, months, North_35=60, North_36=60)
            alertd("run", "--once", "--as-of", day, home=home)
        assert [key.rsplit("/", 1)[1] for key in keys(sink)] == ["opened", "escalated", "cleared"]


def test_a_percentage_is_one_however_its_unit_is_written(tmp_path):
    rules = RULES.replace("value: v", "numerator: n\n    denominator: d\n    unit: '%'").replace("decrease", "increase")
    with Sink() as sink:
        home = fresh(tmp_path, sink, rules=rules.replace("{above: 50}", "{below: 80}"))
        fill(home, "t", "period date, place varchar, n integer, d integer", [("2022-12-01", "North", 93, 126)])
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        text = sink.mails[0][1].get_body(("plain",)).get_content()
        assert "73.8%" in text
        assert "80%" in text
