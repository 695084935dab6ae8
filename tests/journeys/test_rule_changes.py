"""What becomes of open exceptions when rules change: foreseen by `check --diff`, done by the next round, kept in the audit."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from alertd.app import opened
from alertd.cli import main
from alertd.store import open_store
from tests.journeys.support import Sink, fill, write_home

MONTHS = [f"{2020 + number // 12}-{number % 12 + 1:02d}-01" for number in range(36)]
MEASURE = """\
measures:
  m: {name: Complaints, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead}
rules:
"""
HIGH = "  high: {measure: m, threshold: {above: 50}}\n"
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  other: {email: other@example.org}
  lead:
    by: place
    posts:
      North: [{name: Lead North, email: north@example.org, from: 2019-01-01}]
      South: [{name: Lead South, email: south@example.org, from: 2019-01-01}]
    fallback: data_steward
"""
Said = tuple[str, str, str]
"""Who was told, of which rule and series, and what."""


class Workbench:
    """A home whose rules somebody edits, with the mails that its rounds send."""

    def __init__(self, root: Path, sink: Sink, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._sink, self._capsys, self._read = root, sink, capsys, 0

    def write(self, rules: str, *, measure: str = MEASURE) -> None:
        (self.root / "rules/rules.yaml").write_text(measure + rules)

    def figures(self, *, months: int = 36, column: str = "place", **newest: float) -> None:
        """About ten everywhere, but for the newest figures by place."""
        rows = [
            (month, place, newest.get(place, 10.0) if number == months - 1 else 10.0 + number % 3)
            for number, month in enumerate(MONTHS[:months])
            for place in ("North", "South")
        ]
        fill(self.root, "t", f"period date, {column} varchar, v double", rows)

    def alertd(self, *arguments: object, code: int = 0) -> str:
        """The command line, in this process; gives what it prints, and fails at another exit code."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["alertd", *map(str, arguments), "--home", str(self.root)])
            with pytest.raises(SystemExit) as ended:
                main()
        printed = self._capsys.readouterr()
        assert ended.value.code == code, printed.out + printed.err
        return printed.out + printed.err

    def run(self, day: str = "2023-01-06") -> list[Said]:
        """One round; gives what it told."""
        self.alertd("run", "--once", "--as-of", day)
        return self.told()

    def told(self) -> list[Said]:
        """What was told since this was last asked."""
        mails, self._read = self._sink.mails[self._read :], len(self._sink.mails)
        found = []
        for (address,), mail in mails:
            for key in str(mail["X-Alertd-Key"] or "").replace(" ", "").split(","):
                what, _, transition = key.rpartition("/")
                found.append((address.split("@")[0], what.rpartition("/")[0], transition))
        return sorted(found)

    def last_text(self) -> str:
        return self._sink.mails[-1][1].get_body(("plain",)).get_content()

    def diff(self, *more: str) -> list[dict[str, object]]:
        lines = self.alertd("check", "--diff", "--format", "json", *more).splitlines()
        return [row for row in map(json.loads, lines) if "kind" in row]

    def changes(self) -> dict[str, str]:
        return {row["rule"]: row["change"] for row in self.diff() if row["kind"] == "rule"}

    def fates(self, *more: str) -> dict[str, str]:
        """Rule and place to what would become of the exception."""
        rows = [row for row in self.diff(*more) if row["kind"] == "exception"]
        return {"/".join([row["rule"], *row["series"].values()]): row["becomes"] for row in rows}

    @staticmethod
    def foreseen(rows: list[dict[str, object]]) -> Counter[tuple[str, str]]:
        """Whom `check --diff` expects to be told, and of which rule and series."""
        return Counter(
            (
                person["email"].split("@")[0],
                f"{row['rule']}/{';'.join(f'{name}={value}' for name, value in row['series'].items())}",
            )
            for row in rows
            if row["kind"] == "exception" and row["becomes"] != "stays open"
            for person in row["told"]
        )

    def audit(self, event: str = "rules changed") -> list[dict[str, object]]:
        store = open_store("sqlite:///state.db", root=self.root)
        try:
            assert store.verify_audit() is None
            return [json.loads(entry.details) for entry in store.audit_entries() if entry.event == event]
        finally:
            store.close()

    def is_open(self) -> set[str]:
        lines = self.alertd("exceptions", "list", "--format", "json").splitlines()
        return {"/".join([row["rule"], *row["series"].values()]) for row in map(json.loads, lines)}


@pytest.fixture
def bench(tmp_path, capsys):
    """A home of which one rule stands at both places, and both leaders were told."""
    with Sink() as sink:
        write_home(tmp_path, "", smtp_port=sink.port, owners=OWNERS)
        made = Workbench(tmp_path, sink, capsys)
        made.write(HIGH)
        made.figures(North=60, South=52)
        assert made.run("2023-01-05") == [
            ("north", "high/place=North", "opened"),
            ("south", "high/place=South", "opened"),
        ]
        yield made


def edited(rules: str, measure: str = MEASURE) -> Callable[[Workbench], None]:
    return lambda bench: bench.write(rules, measure=measure)


def with_sql(bench: Workbench) -> None:
    """The same rule over another definition, by which nothing stands out."""
    (bench.root / "rules/m.sql").write_text("select period, place, v / 2 as v from t\n")
    bench.write(HIGH, measure=MEASURE.replace("table: t", "sql: m.sql"))


def column_renamed(bench: Workbench) -> None:
    """Another column, in which the places have the names that they had."""
    bench.figures(column="district", North=60, South=52)
    bench.write(HIGH, measure=MEASURE.replace("by: [place]", "by: [district]"))


NORTH, SOUTH = "high/place=North", "high/place=South"
CHANGES: dict[str, tuple[Callable[[Workbench], None], str, list[Said]]] = {
    "a limit that both are still beyond": (edited(HIGH.replace("50", "40")), "changed", []),
    "a limit that one is no longer beyond": (
        edited(HIGH.replace("50", "55")),
        "changed",
        [("south", SOUTH, "cleared")],
    ),
    "another detector": (
        edited("  high: {measure: m, spc: mdc}\n"),
        "changed",
        [],
    ),
    "another definition of the measure": (
        with_sql,
        "changed",
        [("north", NORTH, "cleared"), ("south", SOUTH, "cleared")],
    ),
    "the rule deleted": (
        edited("  low: {measure: m, threshold: {below: 1}}\n"),
        "withdrawn",
        [("north", NORTH, "withdrawn"), ("south", SOUTH, "withdrawn")],
    ),
    "the rule disabled": (
        edited(HIGH.replace("}}", "}, enabled: false}")),
        "withdrawn",
        [("north", NORTH, "withdrawn"), ("south", SOUTH, "withdrawn")],
    ),
    "`where` narrowed": (
        edited(HIGH.replace("}}", "}, where: {place: North}}")),
        "changed",
        [("south", SOUTH, "withdrawn")],
    ),
    "`by` renamed": (
        column_renamed,
        "changed",
        [
            ("north", NORTH, "withdrawn"),
            ("south", SOUTH, "withdrawn"),
            ("steward", "high/district=North", "opened"),
            ("steward", "high/district=South", "opened"),
        ],
    ),
    "`by` taken away": (
        edited(HIGH, MEASURE.replace("by: [place], value: v", "aggregate: rows, value: v")),
        "changed",
        [("north", NORTH, "withdrawn"), ("south", SOUTH, "withdrawn"), ("steward", "high/", "opened")],
    ),
    "the rule renamed": (
        edited(HIGH.replace("high", "higher")),
        "withdrawn",
        [
            ("north", "higher/place=North", "opened"),
            ("north", NORTH, "withdrawn"),
            ("south", "higher/place=South", "opened"),
            ("south", SOUTH, "withdrawn"),
        ],
    ),
    "into shadow": (edited(HIGH.replace("}}", "}, status: shadow}")), "changed", []),
    "other words": (edited(HIGH.replace("}}", "}, advice: Look at the rota, priority: 1}")), "re-worded", []),
    "another owner": (edited(HIGH.replace("}}", "}, to: other}")), "readdressed", []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_next_round_does_to_open_exceptions_is_what_was_foreseen(bench, change):
    edit, kind, expected = CHANGES[change]
    edit(bench)
    rows = bench.diff()
    assert next(row["change"] for row in rows if row["kind"] == "rule" and row["rule"] == "high") == kind
    assert bench.told() == [], "looking sends nothing"
    told = bench.run()
    assert told == sorted(expected)
    assert Counter((who, what) for who, what, _ in told) == bench.foreseen(rows)
    assert bench.run("2023-01-07") == [], "once is enough"
    assert bench.diff() == []


def test_a_new_rule_opens_what_stands_now_and_says_that_it_was_already_so(bench):
    bench.write(HIGH + "  low: {measure: m, threshold: {below: 13}, where: {place: North}}\n")
    assert bench.fates() == {}, "all months but the newest are below it, and they are history"
    bench.write(HIGH + "  high-too: {measure: m, threshold: {above: 55}}\n")
    assert bench.fates() == {"high-too/North": "opens"}
    assert bench.run() == [("north", "high-too/place=North", "opened")]
    assert "already so when watching began" in bench.last_text()


def test_a_rule_that_comes_back_begins_anew(bench):
    bench.write(HIGH.replace("}}", "}, enabled: false}"))
    bench.run()
    bench.write(HIGH)
    assert bench.changes() == {"high": "added"}
    assert bench.run("2023-01-07") == [("north", NORTH, "opened"), ("south", SOUTH, "opened")]
    assert "already so when watching began" in bench.last_text()


def test_what_a_renamed_rule_withdraws_and_opens_is_one_letter_to_each(bench):
    before = len(bench._sink.mails)
    bench.write(HIGH.replace("high", "higher"))
    bench.run()
    assert len(bench._sink.mails) - before == 2


def test_the_end_by_a_changed_rule_says_so_also_where_a_period_has_passed(bench):
    """The figure went up: that it is back to usual would be false."""
    fill(
        bench.root,
        "t",
        "period date, place varchar, v double",
        [(month, "North", 60.0 + 5 * (month == "2023-01-01")) for month in (*MONTHS, "2023-01-01")],
    )
    bench.write(HIGH.replace("50", "70"))
    assert ("north", NORTH, "cleared") in bench.run("2023-02-06")
    text = next(m for a, m in bench._sink.mails[::-1] if a == ["north@example.org"]).get_body(("plain",)).get_content()
    assert "as it now reads there is no exception" in text
    assert "Rule changed" in text
    assert "ack to usual" not in text


def test_other_words_are_no_reason_for_a_revised_figure(bench):
    bench.write(HIGH.replace("}}", "}, advice: Look at the rota}"))
    bench.figures(South=52)
    assert bench.run() == [("north", NORTH, "corrected")]
    assert "The figures were revised" in bench.last_text()


def test_a_route_that_no_longer_tells_improvement_revises_no_figures(bench):
    bench.write("  high: {measure: m, spc: mdc}\n")
    bench.figures(North=1, South=10)
    routes = "routes:\n  default: {to: owner, channel: email, improvement: now}\n"
    (bench.root / "config/routes.yaml").write_text(routes)
    bench.run()
    assert "high/North" in bench.is_open()
    (bench.root / "config/routes.yaml").write_text(routes.replace("now", "ignore"))
    (row,) = [row for row in bench.diff() if row["kind"] == "rule"]
    assert (row["change"], row["keys"]) == ("changed", ["improvement"])
    assert bench.run("2023-01-07") == [("north", NORTH, "cleared")]
    assert "revised" not in bench.last_text()


def test_out_of_shadow_what_stands_is_told_and_withdrawn_from_shadow_only_those_are_told_who_were(bench):
    both = HIGH + "  dark: {measure: m, threshold: {above: 55}, status: shadow}\n"
    bench.write(both)
    assert bench.fates() == {"dark/North": "opens"}
    assert bench.run() == []
    bench.write(both.replace("shadow", "live"))
    assert bench.fates() == {"dark/North": "told again"}
    assert bench.run("2023-01-07") == [("north", "dark/place=North", "opened")]
    bench.write(both.replace("50}}", "50}, status: shadow}"))
    assert set(bench.fates().values()) == {"falls silent"}
    assert bench.run("2023-01-08") == []
    bench.write("  never: {measure: m, threshold: {above: 90}, status: shadow}\n")
    assert set(bench.fates().values()) == {"withdrawn"}
    assert bench.run("2023-01-09") == [
        ("north", "dark/place=North", "withdrawn"),
        ("north", NORTH, "withdrawn"),
        ("south", SOUTH, "withdrawn"),
    ]


def test_of_a_rule_that_was_only_ever_in_shadow_nobody_hears_the_end(bench):
    bench.write(HIGH + "  dark: {measure: m, threshold: {above: 55}, status: shadow}\n")
    bench.run()
    assert bench.is_open() == {"high/North", "high/South", "dark/North"}
    bench.write(HIGH)
    assert bench.fates() == {"dark/North": "withdrawn"}
    assert bench.run("2023-01-07") == []
    assert bench.is_open() == {"high/North", "high/South"}


def test_what_waits_for_its_send_time_is_taken_back_with_its_rule(bench):
    """Nobody was told, so nobody need hear that it no longer holds."""
    (bench.root / "config/routes.yaml").write_text(
        "routes:\n  default: {to: owner, channel: email}\n  late: {to: owner, channel: email, send: mondays 07:00}\n"
    )
    late = "  late: {measure: m, threshold: {above: 55}, route: late}\n"
    bench.write(HIGH + late)
    assert bench.run("2023-01-06") == []
    assert "late/North" in bench.is_open()
    bench.write(HIGH)
    assert bench.run("2023-01-07") == []
    assert bench.run("2023-01-10") == []


def test_a_suppression_changes_what_a_rule_is_judged_by(bench):
    (bench.root / "config/calendar.yaml").write_text(
        "suppressions:\n  flood: {measures: [m], from: 2022-12, to: 2022-12, effect: mute, reason: flood}\n"
    )
    (row,) = [row for row in bench.diff() if row["kind"] == "rule"]
    assert (row["rule"], row["change"], row["keys"]) == ("high", "changed", ["suppressions"])
    assert set(bench.fates().values()) == {"stays open"}
    assert bench.run() == []


# The audit


def test_the_audit_has_one_link_for_each_change_in_the_first_round_under_it(bench):
    (first,) = bench.audit()
    assert first["home_before"] is None
    assert [rule["change"] for rule in first["rules"]] == ["added"]
    bench.run("2023-01-06")
    assert len(bench.audit()) == 1
    bench.write(
        HIGH.replace("50", "55").replace("}}", "}, advice: Ask Sgt Nobody}")
        + "  low: {measure: m, threshold: {below: 1}}\n"
    )
    bench.run("2023-01-07")
    bench.run("2023-01-08")
    _, second = bench.audit()
    assert second["home_before"] == first["home_after"] != second["home_after"]
    changed, added = second["rules"]
    assert (changed["rule"], changed["change"], changed["keys"]) == ("high", "changed", ["advice", "threshold"])
    assert changed["version_before"] == first["rules"][0]["version_after"] != changed["version_after"]
    assert (added["rule"], added["change"], added["version_before"]) == ("low", "added", None)
    text = json.dumps(bench.audit())
    assert not any(word in text for word in ("Nobody", "North", "example.org", str(bench.root)))


def test_a_comment_is_no_change_of_rules(bench):
    bench.write("  # looked at today\n" + HIGH)
    assert bench.diff() == []
    bench.run()
    assert len(bench.audit()) == 1


def test_a_change_that_a_round_of_other_measures_meets_is_linked_once_and_judged_when_it_is_due(bench):
    bench.write(
        "  high: {measure: m, threshold: {above: 55}}\n  n: {measure: n, threshold: {above: 500}}\n",
        measure=MEASURE.replace("rules:\n", MEASURE.splitlines()[1].replace("m: {", "n: {") + "\nrules:\n"),
    )
    with opened(bench.root, environ={}) as app:
        zone = app.home.settings.zone
        report = app.judge(datetime(2023, 1, 6, 7, tzinfo=zone), measures=["n"])
        assert [one.rule for one in report.rule_changes] == ["high", "n"]
        assert len(app.memory.open_cases()) == 2
        again = app.judge(datetime(2023, 1, 6, 8, tzinfo=zone), measures=["n"])
        assert again.rule_changes == ()
    assert len(bench.audit()) == 2
    assert bench.fates() == {"high/North": "stays open", "high/South": "ends"}, "it has not been judged yet"
    assert bench.run("2023-01-07") == [("south", SOUTH, "cleared")]
    assert len(bench.audit()) == 2


# check --diff


def test_nothing_is_in_force_before_the_first_round_and_looking_makes_no_database(tmp_path, capsys):
    write_home(tmp_path, MEASURE + HIGH)
    fresh = Workbench(tmp_path, Sink(), capsys)
    fresh.figures()
    assert "nothing is in force yet" in fresh.alertd("check", "--diff")
    assert not (tmp_path / "state.db").exists()
    (row,) = fresh.diff()
    assert row["kind"] == "note"


def test_looking_changes_nothing_in_the_state_database(bench):
    def dump() -> list[str]:
        with sqlite3.connect(bench.root / "state.db") as connection:
            return list(connection.iterdump())

    bench.write(HIGH.replace("50", "55") + "  low: {measure: m, threshold: {below: 13}}\n")
    before = dump()
    bench.diff()
    assert dump() == before


def test_without_the_warehouse_it_says_what_cannot_be_known(bench):
    bench.write(HIGH.replace("}}", "}, where: {place: North}}") + "  new: {measure: m, threshold: {above: 1}}\n")
    assert bench.fates("--offline") == {"high/North": "not known", "high/South": "withdrawn"}
    assert "what it would open is not known: the warehouse was not asked" in bench.alertd(
        "check", "--diff", "--offline"
    )


def test_in_words_it_names_rules_exceptions_and_people(bench):
    bench.write(HIGH.replace("50", "55") + "  new: {measure: m, threshold: {above: 40}}\n")
    assert bench.alertd("check", "--diff").split("\n\n")[-1].splitlines() == [
        "against the rules as they were last judged:",
        "added: rule `new`",
        "  would open: 2",
        "    North, 2022-12: already so when watching began; told: Lead North <north@example.org>",
        "    South, 2022-12: already so when watching began; told: Lead South <south@example.org>",
        "changed: rule `high` (`threshold`)",
        "  North, open since 2022-12: stays open",
        "  South, open since 2022-12: ends (the rule was changed, and as it now reads there is no exception); "
        "told: Lead South <south@example.org>",
        "2 rules differ; 3 exceptions would move at the next round",
    ]
    assert bench.run() == [
        ("north", "new/place=North", "opened"),
        ("south", SOUTH, "cleared"),
        ("south", "new/place=South", "opened"),
    ]
    assert "no rule reads differently" in bench.alertd("check", "--diff")


def test_files_with_errors_change_nothing_and_fail_as_check_does(bench):
    bench.write(HIGH.replace("threshold", "treshold"))
    said = bench.alertd("check", "--diff", code=1)
    assert "A101" in said
    assert "it changes nothing" in said
    assert "write --format text or json" in bench.alertd("check", "--diff", "--format", "sarif", code=2)


# Rules that vanish


def test_a_folder_without_rules_withdraws_nothing(bench):
    (bench.root / "rules/rules.yaml").rename(bench.root / "elsewhere.yaml")
    said = bench.alertd("run", "--once", "--as-of", "2023-01-06", code=2)
    assert "has no rules" in said
    assert "enabled: false" in said
    (bench.root / "elsewhere.yaml").rename(bench.root / "rules/rules.yaml")
    assert bench.run() == []
    assert bench.is_open() == {"high/North", "high/South"}


def test_once_withdrawn_every_rule_may_go(bench):
    bench.write(HIGH.replace("}}", "}, enabled: false}"))
    assert len(bench.run()) == 2
    (bench.root / "rules/rules.yaml").unlink()
    assert bench.run("2023-01-07") == []
