"""The daemon's parts, each by its own door: slots over clock changes, the tick, the home's files, systemd, the log."""

import asyncio
import io
import json
import logging
import os
import socket
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import structlog
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.app import Application
from alertd.config.files import files_in
from alertd.config.home import Home
from alertd.config.settings import Settings
from alertd.core.calendar import Calendar, Suppression
from alertd.core.errors import StateError, UsageError, WarehouseError
from alertd.core.framework import Framework
from alertd.core.health import assess
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.places import Places
from alertd.core.rules import Rule
from alertd.core.schedules import Schedule
from alertd.core.series import SeriesBlock
from alertd.daemon.background import in_thread
from alertd.daemon.due import Line, due, lines
from alertd.daemon.facts import gather, rounds_from_outside
from alertd.daemon.homefiles import HomeFiles, read_files
from alertd.daemon.inforce import InForce
from alertd.daemon.judging import judge_due, what_is_due
from alertd.daemon.leading import Leadership
from alertd.daemon.logs import log_as_json
from alertd.daemon.pulse import LIMITS, Pulse
from alertd.daemon.systemd import notify, watchdog_seconds
from alertd.daemon.ticker import Ticker
from alertd.daemon.upkeep import Upkeep
from alertd.daemon.work import Work
from alertd.metrics import Metrics
from alertd.rendering import Renderer
from alertd.store import open_store
from alertd.store.pulse import beat, last_beat
from alertd.store.records import Round, RuleOutcome, SlotRun

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def measure(name: str, **keys: object) -> Measure:
    return Measure.model_validate(
        {"id": name, "name": name, "table": "t", "grain": "day", "period": "p", "value": "v", "owner": "lead"} | keys
    )


def home(root: Path, *measures: Measure, rules: tuple[Rule, ...] = (), schedule: str = "daily 01:30") -> Home:
    return Home(
        root=root,
        settings=Settings.model_validate(
            {
                "instance": "test",
                "warehouse": {"url": "duckdb:///none.duckdb"},
                "ops": {"email": "ops@example.org"},
                "schedule": schedule,
            }
        ),
        measures={one.id: one for one in measures},
        rules={one.id: one for one in rules},
        owners={},
        routes={},
        channels={},
        places=Places(),
        calendar=Calendar(),
        framework=Framework(),
        digest="d",
    )


def rule(name: str, **keys: object) -> Rule:
    return Rule.model_validate({"id": name, "measure": "m", "threshold": {"above": 5}} | keys)


class NoWarehouse:
    """A warehouse that no rule asks anything of."""

    def held(self):
        return nullcontext()

    def close(self) -> None:
        return None


@pytest.fixture
def application(tmp_path):
    def make(*measures: Measure, **keys: str) -> Application:
        app = Application(
            home=home(tmp_path, *(measures or (measure("m"),)), **keys),
            warehouse=NoWarehouse(),
            store=open_store("sqlite:///state.db", root=tmp_path),
            renderer=Renderer(tmp_path / "templates"),
            metrics=Metrics(),
            environ={},
        )
        made.append(app)
        return app

    made: list[Application] = []
    yield make
    for app in made:
        app.memory.close()


def live(app: Application, *moments: datetime) -> None:
    """What the daemon does at each of these moments."""
    for moment in moments:
        waiting = what_is_due(app, moment)
        if waiting:
            judge_due(app, waiting, moment)


def remembered(app: Application) -> list[tuple[str, str]]:
    runs = app.memory.slot_runs(limit=100_000)
    return sorted((run.slot, run.how) for run in runs if run.how != "began")


# Slots


def test_the_first_start_catches_nothing_up_and_the_next_slot_runs(application):
    app = application(schedule="daily 07:00")
    live(app, at("2026-06-01T05:59"), at("2026-06-01T05:59:30"), at("2026-06-01T06:00:02"), at("2026-06-01T06:00:07"))
    assert remembered(app) == [("2026-06-01T07:00", "ran")]


def test_a_slot_that_was_missed_while_down_is_caught_up_once_and_older_ones_are_recorded(application):
    app = application(schedule="daily 07:00")
    live(app, at("2026-06-01T05:00"), at("2026-06-01T06:00"))
    live(app, at("2026-06-04T12:00"), at("2026-06-04T12:00:05"))
    assert remembered(app) == [
        ("2026-06-01T07:00", "ran"),
        ("2026-06-02T07:00", "missed"),
        ("2026-06-03T07:00", "missed"),
        ("2026-06-04T07:00", "caught up"),
    ]
    assert len(app.memory.last_rounds(10)) == 2


def test_the_spring_gap_and_the_autumn_repeat_run_each_local_slot_once(application):
    app = application(schedule="daily 01:30")
    for night in (at("2026-03-28T23:00"), at("2026-10-24T22:00")):
        live(app, *(night + timedelta(minutes=minute) for minute in range(0, 6 * 60)))
    ran = [slot for slot, how in remembered(app) if how in ("ran", "caught up")]
    assert ran == ["2026-03-29T01:30", "2026-10-24T01:30", "2026-10-25T01:30"]
    rounds = [round_.now.astimezone(UTC).isoformat() for round_ in reversed(app.memory.last_rounds(10))]
    assert rounds == ["2026-03-29T01:00:00+00:00", "2026-10-24T22:00:00+00:00", "2026-10-25T00:30:00+00:00"]


def test_slots_that_a_gap_puts_at_one_instant_share_a_round_and_none_counts_as_missed(application):
    app = application(schedule="every 30 minutes")
    live(app, at("2026-03-29T00:45"), at("2026-03-29T01:00:03"))
    assert remembered(app) == [(f"2026-03-29T{minute}", "ran") for minute in ("01:00", "01:30", "02:00")]
    assert len(app.memory.last_rounds(10)) == 1


def test_a_clock_step_of_two_hours_doubles_nothing_and_loses_nothing(application):
    app = application(schedule="hourly")
    clock = [at("2026-06-01T08:30") + timedelta(minutes=minute) for minute in range(120)]
    stepped_back = [moment - timedelta(hours=2) for moment in clock]
    stepped_forth = [clock[-1] + timedelta(hours=2, minutes=minute) for minute in range(120)]
    live(app, *clock, *stepped_back, *stepped_forth)
    assert [slot[-5:] for slot, _ in remembered(app)] == ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00"][:6]
    assert len({slot for slot, _ in remembered(app)}) == len(remembered(app))


@given(
    steps=st.lists(st.integers(-120, 600), min_size=1, max_size=60),
    start=st.sampled_from(["2026-03-28T20:00", "2026-06-01T00:00", "2026-10-24T20:00"]),
    text=st.sampled_from(["hourly", "daily 01:30", "every 15 minutes"]),
)
@settings(max_examples=100, deadline=None)
def test_whatever_the_clock_does_each_slot_up_to_its_furthest_is_dealt_with_exactly_once(steps, start, text):
    """The clock is set, sleeps and runs on in steps of minutes; what is remembered is what a perfect watch would list."""
    line, now = Line(schedule=Schedule.parse(text), measures=frozenset()), at(start)
    began = now.astimezone(LONDON).replace(tzinfo=None)
    done, furthest = [began], now
    for step in steps:
        now += timedelta(minutes=step)
        furthest = max(furthest, now)
        found = due(line, done[-1], now, LONDON, frozenset())
        if found is not None:
            done += [slot.local for slot in (*found.missed, *found.run)]
    expected = line.schedule.slots(at(start), furthest, LONDON)
    assert done[1:] == [slot.local for slot in expected if slot.local > began]


def test_a_round_that_cannot_be_kept_leaves_its_slot_to_be_tried_again(application):
    app = application(schedule="daily 07:00")
    live(app, at("2026-06-01T05:00"))
    moment = at("2026-06-01T06:00:03")
    waiting = what_is_due(app, moment)
    judge_due(app, waiting, moment)
    with pytest.raises(StateError):
        judge_due(app, waiting, moment)  # as a second process would
    assert remembered(app) == [("2026-06-01T07:00", "ran")]
    assert len(app.memory.last_rounds(10)) == 1


def test_measures_with_a_schedule_of_their_own_form_their_own_line(tmp_path):
    found = lines(home(tmp_path, measure("a"), measure("b", schedule="hourly"), measure("c")))
    assert {line.name: set(line.measures) for line in found} == {
        "measures daily 01:30": {"a", "c"},
        "measures hourly": {"b"},
    }


def test_another_schedule_starts_afresh_instead_of_catching_up_what_never_was_due(application):
    app = application(schedule="daily 07:00")
    live(app, at("2026-06-01T05:00"), at("2026-06-01T06:00"))
    hourly = replace(
        app,
        home=replace(app.home, settings=app.home.settings.model_copy(update={"schedule": Schedule.parse("hourly")})),
    )
    live(hourly, at("2026-06-03T06:30"), at("2026-06-03T07:00"))
    assert remembered(hourly) == [("2026-06-01T07:00", "ran"), ("2026-06-03T08:00", "ran")]


def test_a_slot_that_waits_for_long_and_one_that_was_missed_show_in_health(application):
    app = application(schedule="daily 07:00")
    live(app, at("2026-06-01T05:00"), at("2026-06-03T06:00"))
    facts = gather(app.home, app.memory, at("2026-06-04T06:30"), config="", state="", warehouse="", leader=True)
    assert facts.waiting == ("2026-06-04T07:00",)
    assert facts.missed == ("2026-06-02T07:00", "2026-06-01T07:00")
    assert (
        gather(app.home, app.memory, at("2026-06-20T05:00"), config="", state="", warehouse="", leader=True).missed
        == ()
    )


def test_a_rule_that_could_not_be_judged_stays_in_sight_behind_any_number_of_other_rounds(application):
    app = application(measure("m"), measure("n"))
    app = replace(app, home=replace(app.home, rules={"high": rule("high"), "often": rule("often", measure="n")}))

    def judged(name: str, status: str, number: int) -> None:
        outcome = RuleOutcome(
            rule=name,
            measure=app.home.rules[name].measure,
            status=status,
            message="",
            series=1,
            exceptions=0,
            newest_period="2026-05-31",
            data_version="",
            rule_version="",
        )
        moment = at("2026-06-01T05:00") + timedelta(minutes=number)
        app.memory.commit_round(
            Round(
                id=f"r{number}",
                started_at=moment,
                finished_at=moment,
                now=moment,
                as_of=False,
                digest="",
                outcomes=(outcome,),
            ),
            [],
            [],
            [],
        )

    judged("high", "error", 0)
    for number in range(1, 121):
        judged("often", "ok", number)
    facts = gather(app.home, app.memory, at("2026-06-01T08:00"), config="", state="", warehouse="", leader=True)
    assert facts.unjudged == ("high",)


def kept_round(app: Application, moment: datetime, *, as_of: bool = False) -> None:
    """A round over everything, as `run --once` leaves it behind."""
    made = Round(
        id=f"r{moment:%Y%m%d%H%M}{as_of}",
        started_at=moment,
        finished_at=moment,
        now=moment,
        as_of=as_of,
        digest="",
        outcomes=(),
    )
    app.memory.commit_round(made, [], [], [])


@pytest.mark.parametrize(
    ("ran", "seen", "now", "complete", "says"),
    [
        (None, None, "2026-06-02T08:00", False, "no round has been run by the clock yet"),
        ("2026-06-01T06:00:05", None, "2026-06-01T12:00", True, "run from outside"),
        ("2026-06-01T05:55", None, "2026-06-01T12:00", True, "run from outside"),
        ("2026-06-01T06:00:05", None, "2026-06-02T05:59", True, "the last round, at 2026-06-01 07:00"),
        ("2026-06-01T06:00:05", None, "2026-06-02T06:05", True, "run from outside"),
        ("2026-06-01T06:00:05", None, "2026-06-02T06:15", False, "there was none for the slot 2026-06-02T07:00"),
        ("2026-06-01T06:00:05", "2026-06-01T06:00:30", "2026-06-01T12:00", False, "the last sign of life was at 2026-06-01 07:00"),
        ("2026-06-01T06:00:05", "2026-05-30T06:00", "2026-06-01T12:00", True, "run from outside"),
    ],
)  # fmt: skip
def test_rounds_from_outside_are_told_from_a_process_that_is_gone(application, ran, seen, now, complete, says):
    app = application(schedule="daily 07:00")
    kept_round(app, at("2026-06-02T05:00"), as_of=True)  # a look back says nothing of the clock
    if ran is not None:
        kept_round(app, at(ran))
    found = rounds_from_outside(app.home, app.memory, at(now), None if seen is None else at(seen))
    assert found.complete is complete
    assert says in found.says
    facts = gather(app.home, app.memory, at(now), config="", state="", warehouse="", leader=False, outside=found)
    assert assess(facts, at(now)).ready is complete


def test_a_slot_that_a_daemon_left_is_not_overdue_once_a_round_from_outside_stands_for_it(application):
    app = application(schedule="daily 07:00")
    live(app, at("2026-06-01T05:00"), at("2026-06-01T06:00"))
    kept_round(app, at("2026-06-04T06:00"))
    now = at("2026-06-04T09:00")
    outside = rounds_from_outside(app.home, app.memory, now, at("2026-06-01T06:30"))
    facts = gather(app.home, app.memory, now, config="", state="", warehouse="", leader=False, outside=outside)
    assert (facts.waiting, assess(facts, now).ready) == ((), True)


def test_what_no_round_has_judged_is_not_called_judged(application):
    app = application(measure("m"), measure("n"))
    rules = {"high": rule("high"), "off": rule("off", measure="n", enabled=False)}
    app = replace(app, home=replace(app.home, rules=rules))
    facts = gather(app.home, app.memory, at("2026-06-01T08:00"), config="", state="", warehouse="", leader=True)
    assert (facts.not_yet, facts.unread) == (("high",), ("m",))
    health = assess(facts, at("2026-06-01T08:00"))
    assert (health.ready, health.well) == (True, False)


class MovedWarehouse(NoWarehouse):
    """A warehouse that is away at first."""

    def __init__(self) -> None:
        self.away = True

    def read(self, measure: Measure, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
        if self.away:
            raise WarehouseError("nobody answers", reachable=False)
        values = np.full((3, 1), 1.0)
        return SeriesBlock(
            measure=measure.id,
            grain=measure.grain,
            by=(),
            keys=((),),
            first=Period.containing(now, Grain.DAY).slot - 3,
            value=values,
            numerator=None,
            denominator=None,
            present=values > 0,
        )


def test_measures_that_an_outage_left_unjudged_are_tried_again_before_the_next_slot(application):
    app = application(schedule="daily 07:00")
    warehouse = MovedWarehouse()
    app = replace(app, warehouse=warehouse, home=replace(app.home, rules={"high": rule("high")}))
    now = app.now() - timedelta(days=1, hours=1)
    app.memory.record_slots([SlotRun("measures daily 07:00", now.strftime("%Y-%m-%dT%H:%M"), "began", now)])
    monotonic = 1000.0
    in_force, pulse = InForce(app), Pulse()
    leadership = Leadership(app.memory, app.metrics, may_wait=False)
    work = Work(in_force, leadership, pulse, Upkeep(in_force, leadership, pulse), clock=lambda: monotonic)

    def statuses() -> list[str]:
        return [outcome.status for round_ in app.memory.last_rounds(10) for outcome in round_.outcomes]

    asyncio.run(work.round())
    warehouse.away = False
    asyncio.run(work.round())
    assert statuses() == ["error"]
    monotonic += 301
    asyncio.run(work.round())
    assert statuses() == ["ok", "error"]
    monotonic += 4000
    asyncio.run(work.round())
    assert statuses() == ["ok", "error"]


# The tick


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(hours=2)])
def test_the_tick_goes_on_when_the_clock_is_set(step):
    async def run() -> int:
        ticks = asyncio.Queue()

        async def tick() -> None:
            await ticks.put(None)

        async with asyncio.timeout(60):
            async with Ticker(tick, 0.05):
                await ticks.get()
                with time_machine.travel(datetime.now(UTC) + step):
                    for _ in range(5):
                        await ticks.get()
        return 5

    assert asyncio.run(run()) == 5


def test_a_tick_that_fails_does_not_end_the_ticking():
    async def run() -> int:
        seen = asyncio.Queue()

        async def tick() -> None:
            await seen.put(None)
            raise RuntimeError("once")

        async with asyncio.timeout(60):
            async with Ticker(tick, 0.05):
                for _ in range(3):
                    await seen.get()
        return 3

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    assert asyncio.run(run()) == 3


# The home's files


@pytest.fixture
def files(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yaml").write_text("rules:\n  high: x\n  low: y\n")
    return tmp_path


def watch(root: Path, *loads: Home | Exception, settle: Callable[[], None] = lambda: None) -> HomeFiles:
    """The files of a home, which reads as these in turn."""
    coming = iter(loads)

    def load() -> Home:
        found = next(coming)
        if isinstance(found, Exception):
            raise found
        return found

    return HomeFiles(home(root, rules=(rule("high"), rule("low"))), load, settle=settle)


def test_untouched_files_are_not_read_again(files):
    watched = watch(files)
    assert watched.look().home is None
    assert not watched.look().new


def test_a_changed_file_puts_a_new_home_in_force(files):
    new = home(files, rules=(rule("high"), rule("low"), rule("third")))
    watched = watch(files, new)
    (files / "rules/a.yaml").write_text("rules:\n  high: x\n  low: y\n  third: z\n")
    look = watched.look()
    assert look.home is new
    watched.accept(look)
    assert watched.look().home is None


def test_a_home_counts_as_good_only_once_it_is_in_force(files):
    new = home(files, rules=(rule("high"), rule("low"), rule("third")))
    watched = watch(files, new, new)
    (files / "rules/a.yaml").write_text("rules:\n  high: x\n  low: y\n  third: z\n")
    assert watched.look().home is new
    again = watched.look()
    assert again.home is new, "nobody put it in force, so it is offered again"
    refused = watched.refuse(again, "no such warehouse")
    assert (refused.home, refused.new, refused.trouble) == (None, True, "no such warehouse")
    later = watched.look()
    assert (later.home, later.new, later.trouble) == (None, False, "no such warehouse")


def test_a_broken_file_keeps_the_last_good_home_and_is_news_once(files):
    watched = watch(files, UsageError("rules/a.yaml:2: no"))
    (files / "rules/a.yaml").write_text("rules: [")
    first, second = watched.look(), watched.look()
    assert (first.home, first.new) == (None, True)
    assert "rules/a.yaml:2: no" in first.trouble
    assert (second.home, second.new, second.trouble) == (None, False, first.trouble)


def test_a_file_put_back_as_it_was_is_no_trouble_any_more(files):
    good = home(files, rules=(rule("high"), rule("low")))
    watched = watch(files, UsageError("no"), good)
    text = (files / "rules/a.yaml").read_text()
    (files / "rules/a.yaml").write_text("rules: [")
    watched.look()
    (files / "rules/a.yaml").write_text(text)
    look = watched.look()
    assert (look.home, look.trouble) == (good, "")


def test_a_rule_that_is_gone_without_being_withdrawn_is_held_until_it_is_confirmed(files):
    smaller = home(files, rules=(rule("high"),))
    watched = watch(files, smaller, smaller)
    (files / "rules/a.yaml").unlink()
    held = watched.look()
    assert held.home is None
    assert held.new
    assert "rule `low` is gone without being withdrawn" in held.trouble
    assert "SIGHUP" in held.trouble
    confirmed = watched.look(confirmed=True)
    assert confirmed.home is smaller
    watched.accept(confirmed)
    assert watched.look().trouble == ""


def test_a_confirmation_while_a_file_is_half_written_waits_for_the_rest(files):
    whole = home(files, rules=(rule("high"), rule("low")))
    text = (files / "rules/a.yaml").read_text() + "# more\n"
    rest = iter([lambda: (files / "rules/a.yaml").write_text(text), lambda: None])
    watched = watch(files, home(files), whole, settle=lambda: next(rest)())
    (files / "rules/a.yaml").write_text("")
    assert watched.look(confirmed=True).home is whole


def test_a_rule_that_was_withdrawn_first_may_go(files):
    withdrawn = home(files, rules=(rule("high"), rule("low", enabled=False)))
    without = home(files, rules=(rule("high"),))
    watched = watch(files, withdrawn, without)
    (files / "rules/a.yaml").write_text("rules:\n  high: x\n  low: {enabled: false}\n")
    look = watched.look()
    assert look.home is withdrawn
    watched.accept(look)
    (files / "rules/a.yaml").write_text("rules:\n  high: x # low is history\n")
    assert watched.look().home is without


@pytest.mark.parametrize("length", [0, 5, 22])
def test_a_file_cut_short_is_held_even_where_every_rule_is_still_there(files, length):
    same = home(files, rules=(rule("high"), rule("low")))
    watched = watch(files, same)
    text = (files / "rules/a.yaml").read_text()
    (files / "rules/a.yaml").write_text(text[:length])
    assert "rules/a.yaml is only the beginning of what it was" in watched.look().trouble


def test_a_suppression_that_is_gone_is_held(files):
    mute = Suppression.model_validate(
        {"id": "flood", "measures": "m", "from": "2026-01", "to": "2026-02", "effect": "mute", "reason": "flood"}
    )
    old = replace(home(files), calendar=Calendar(suppressions={"flood": mute}))
    watched = HomeFiles(old, lambda: home(files))
    (files / "rules/a.yaml").write_text("rules: {}\n")
    assert "suppression `flood` is gone" in watched.look().trouble


def test_hidden_files_and_backups_are_not_part_of_a_home(files):
    before = read_files(files)
    for name in (".a.yaml.swp", "a.yaml~"):
        (files / "rules" / name).write_text("x")
    (files / "rules/..data").mkdir()
    (files / "rules/..data/a.yaml").write_text("x")
    assert read_files(files) == before


def test_a_linked_folder_is_watched_as_it_is_read(files):
    """What configuration reads through a link, the daemon must notice too."""
    (files / "shared").mkdir()
    (files / "shared/b.yaml").write_text("rules: {}\n")
    (files / "rules/linked").symlink_to(files / "shared")
    (files / "shared/round").symlink_to(files / "rules")
    assert set(read_files(files)) == {"rules/a.yaml", "rules/linked/b.yaml"}
    assert [path.relative_to(files).as_posix() for path in files_in(files, ".yaml")] == [*read_files(files)]
    same = home(files, rules=(rule("high"), rule("low")))
    watched = watch(files, same)
    (files / "shared/b.yaml").write_text("rules: {third: z}\n")
    assert watched.look().home is same


def test_a_pipe_in_a_homes_folder_is_not_waited_for(files):
    os.mkfifo(files / "rules/pipe.yaml")
    assert set(read_files(files)) == {"rules/a.yaml"}


# Leading, health and the outside


def test_a_second_leader_on_one_sqlite_file_is_told_who_leads(application):
    app = application()

    async def run() -> tuple[int | None, int | None]:
        first = Leadership(app.memory, app.metrics, may_wait=False)
        standby = Leadership(app.memory, app.metrics, may_wait=True)
        await first.seek()
        await standby.seek()
        while_led = standby.epoch
        await first.release()
        await standby.seek()
        taken_over = standby.epoch
        await standby.release()
        return while_led, taken_over

    waited, epoch = asyncio.run(run())
    assert waited is None
    assert epoch == 2


def test_a_standby_on_postgresql_takes_over_and_the_cut_off_leader_notices(postgres_url, tmp_path):
    store = open_store(postgres_url, root=tmp_path)

    async def run() -> list[tuple[int | None, int | None]]:
        first, second = (Leadership(store, Metrics(), may_wait=True) for _ in range(2))
        seen = []
        await first.seek()
        await second.seek()
        seen.append((first.epoch, second.epoch))
        with store.engine.begin() as connection:  # as if the first had been cut off for longer than its lease
            connection.exec_driver_sql("UPDATE leadership SET expires_at = now() - interval '1 second'")
        await second.seek()
        await first.seek()
        seen.append((first.epoch, second.epoch))
        await second.release()
        await first.seek()
        seen.append((first.epoch, second.epoch))
        await first.release()
        return seen

    assert asyncio.run(run()) == [(1, None), (None, 2), (3, None)]
    store.close()


def test_a_sign_of_life_is_really_written(application):
    app = application()
    assert last_beat(app.memory) is None
    for moment in (at("2026-06-01T07:00"), at("2026-06-01T07:01")):
        beat(app.memory, moment)
        assert last_beat(app.memory) == moment


def test_a_part_is_stale_when_it_has_been_silent_for_longer_than_its_limit():
    now = 0.0
    pulse = Pulse(clock=lambda: now)
    now = LIMITS["tick"] + 1
    assert pulse.stale() == ["tick"]
    pulse.beat("tick")
    now = LIMITS["state"] + 2
    assert pulse.stale() == ["tick", "state"]


def test_systemd_is_told_over_its_socket_and_nobody_where_there_is_none(tmp_path):
    assert notify("READY=1", {}) is False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        assert notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert systemd.recv(100) == b"READY=1"


def test_the_watchdog_is_only_fed_by_the_process_that_systemd_watches():
    assert watchdog_seconds({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}) == 30
    assert watchdog_seconds({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}) is None
    assert watchdog_seconds({}) is None


def test_the_log_is_one_json_object_a_line_and_shows_no_local_variables():
    stream, before = io.StringIO(), (logging.getLogger().handlers, logging.getLogger().level)
    try:
        log_as_json(stream)
        password = "hunter2"
        try:
            raise ValueError(f"length {len(password)}")
        except ValueError:
            structlog.get_logger("alertd.test").exception("failed", task="sender")
        logging.getLogger("another").warning("from a library")
    finally:
        logging.getLogger().handlers, level = before
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (ours["event"], ours["task"], ours["level"]) == ("failed", "sender", "error")
    assert ours["exception"][0]["exc_value"] == "length 7"
    assert theirs["event"] == "from a library"
    assert "hunter2" not in stream.getvalue()


def test_background_work_gives_its_result_or_its_error():
    async def run() -> str:
        assert await in_thread(lambda: 7, "seven") == 7
        with pytest.raises(KeyError):
            await in_thread(lambda: {}["no"], "none")
        return "done"

    assert asyncio.run(run()) == "done"
