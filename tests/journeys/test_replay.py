"""A replay tells what real rounds would have told: the same notices, to the same people, due at the same time."""

import json
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import create_engine, text

from alertd.app import opened
from alertd.workbench.figures import Figures
from alertd.workbench.replaying import replay_rule
from tests.journeys.support import fill, write_home
from tests.journeys.two_divisions import COMMANDERS, DISTRICTS, PLACES_DOUNE_LATER

MONDAYS = {"ALERTD_SCHEDULE": "mondays 07:00"}
SETTINGS = "max_letters_per_round: 100000\n"
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  division: {email: division@example.org}
  chief: {email: chief@example.org}
  lead:
    by: place
    posts:
      North: [{name: Old North, email: old@example.org, from: 2019-01-01, to: 2021-09-30},
              {name: New North, email: north@example.org, from: 2021-10-01}]
      South: [{name: Lead South, email: south@example.org, from: 2019-01-01}]
    fallback: data_steward
"""
ROUTES = """\
routes:
  default: {to: owner, channel: email, send: weekdays 07:00, remind: every 6 weeks, escalate: {after: 3 periods, to: division}, hand_over: true}
  plain: {to: owner, channel: email, improvement: digest, say_when_cleared: false}
  tiers: {to: owner, channel: email, remind: every 9 weeks, escalate: {after: 5 weeks, to: governance}, hand_over: true}
"""
FRAMEWORK = """\
framework:
  governance: {first: {title: Division, owner: division}, second: {title: Force, owner: chief}}
"""
RULES = """\
measures:
  m: {name: M, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead, settles_after: 5 working days%s}
  w: {name: W, table: weekly, grain: week, period: period, value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 12}, clear: {below: 11}, for: 2 of 3 periods}
  spc: {measure: m, spc: mdc, route: plain}
  drift: {measure: m, drift: {method: ewma}, route: tiers}
  weekly: {measure: w, spc: three-sigma}
  both: {all_of: [high, spc], within: 3 periods}
annotations:
  counting: {effect: rebase, measures: [m], from: 2021-07, where: {place: [South]}, reason: a new system, agreed_by: analyst}
suppressions:
  strike: {measures: [m], from: 2021-03, to: 2021-03, effect: mute, reason: strike}
"""
TIERS = {"config/framework.yaml": FRAMEWORK}
MONTHS = [f"{year}-{month:02d}-01" for year in (2019, 2020, 2021) for month in range(1, 13)]

TOLD_ABOVE = """\
routes:
  default: {to: owner, channel: email, send: weekdays 07:00, remind: every 6 weeks, escalate: {after: 3 periods, to: chief}}
  plain: {to: owner, channel: email, improvement: digest, say_when_cleared: false}
"""
LEVELS = """\
measures:
  calls: {name: Calls, table: t, grain: month, period: period, by: [district], count: n, improvement: decrease, owner: commander%s}
  late: {name: Late, table: t, grain: month, period: period, by: [district], numerator: late, denominator: n, unit: percent,
         improvement: decrease, owner: commander}
rules:
  calls: {measure: calls, spc: {chart: xmr, rules: three-sigma}, at: [district, division, force], hold_back: true}
  apart: {measure: calls, spc: {chart: xmr, rules: three-sigma}, at: [district, division, force]}
  late: {measure: late, spc: three-sigma, for: 2 of 3 periods, at: [district, force], hold_back: true, route: plain}
"""


def calls(seed: int) -> list[tuple[str, str, int, int]]:
    """Calls of four places, with what happens at one, in a division, and everywhere."""
    draw = np.random.default_rng(seed)
    rows = []
    for month in MONTHS:
        shock = dict.fromkeys(DISTRICTS, 1.0)
        for place in {0: DISTRICTS, 1: DISTRICTS[:2], 2: DISTRICTS[2:], 3: ("Ash",)}.get(int(draw.integers(0, 9)), ()):
            shock[place] = float(draw.choice([0.6, 1.4, 1.7]))
        for place in DISTRICTS:
            n = int(draw.poisson(200 * shock[place]))
            if place != "Doune" or month > "2020-02":
                rows.append((month, place, n, int(draw.binomial(n, min(1.0, 0.2 * shock[place])))))
    return rows


def figures(seed: int) -> tuple[list[tuple[str, str, float]], list[tuple[str, float]]]:
    """Three places with steps, spikes and a gap; and a weekly series with one."""
    draw = np.random.default_rng(seed)
    rows = []
    for place in ("North", "South", "Nobody's"):
        level = 10.0
        for number, month in enumerate(MONTHS):
            level += 4.0 * (draw.random() < 0.08) - 4.0 * (draw.random() < 0.08)
            if draw.random() > 0.04 and not (place == "South" and number == 20):
                rows.append((month, place, float(np.round(level + draw.normal(), 2))))
    weeks = np.arange("2019-01-07", "2022-01-01", 7, dtype="M8[D]").astype(str)
    return rows, [(week, float(np.round(draw.normal(10, 1) + 6 * (draw.random() < 0.05), 2))) for week in weeks]


def told_by_rounds(root, start: datetime, end: datetime, environ=MONDAYS) -> dict[str, list[tuple]]:
    """Judge at every slot, as the daemon does; gives what the state database then holds, by rule."""
    with opened(root, environ=environ) as app:
        zone = app.home.settings.zone
        for slot in app.home.settings.schedule.slots(start.replace(tzinfo=zone), end.replace(tzinfo=zone), zone):
            app.judge(slot.at.astimezone(zone), as_of=True)
    found: dict[str, list[tuple]] = {}
    query = "select rule, finding, transition, address, due_at from findings where rule not like 'data:%'"
    with create_engine(f"sqlite:///{root}/state.db").connect() as connection:
        for rule, finding, transition, address, due in connection.execute(text(query)):
            key = tuple(json.loads(finding)["series"].values())
            period = json.loads(finding)["period"]
            found.setdefault(rule, []).append((key, period, transition, address, str(due)[:16]))
    return {rule: sorted(told) for rule, told in found.items()}


def told_by_replay(root, start: datetime, end: datetime, environ=MONDAYS) -> dict[str, list[tuple]]:
    found = {}
    with opened(root, environ=environ, with_store=False) as app:
        zone = app.home.settings.zone
        first = app.home.settings.schedule.next_slot(start.replace(tzinfo=zone), zone).at.astimezone(zone)
        last = end.replace(tzinfo=zone)
        source = Figures(app.warehouse, app.home.places, last)
        for rule in app.home.rules.values():
            told = [one for level in replay_rule(app.home, rule, source, first, last) for one in level.told]
            found[rule.id] = sorted(
                (
                    one.key,
                    str(one.period),
                    one.kind.value,
                    one.recipient.email,
                    one.due_at.astimezone(UTC).isoformat()[:16],
                )
                for one in told
            )
    return {rule: told for rule, told in found.items() if told}


def test_a_replay_tells_what_real_rounds_tell(tmp_path):
    rows, weekly = figures(2)
    home = write_home(tmp_path, RULES % "", owners=OWNERS, routes=ROUTES, settings=SETTINGS, extra=TIERS)
    fill(home, "t", "period date, place varchar, v double", rows)
    fill(home, "weekly", "period date, v double", weekly)
    span = datetime(2021, 1, 4, 6), datetime(2021, 12, 31, 23)
    real, replayed = told_by_rounds(home, *span), told_by_replay(home, *span)
    assert sum(map(len, real.values())) > 30
    assert {address for told in real.values() for _, _, kind, address, _ in told if kind == "escalated"} >= {
        "chief@example.org"
    }
    assert {address for told in real.values() for _, _, kind, address, _ in told if kind == "handed_over"} == {
        "north@example.org"
    }
    assert replayed == real


def test_a_replay_knows_at_each_round_what_was_loaded_by_then(tmp_path):
    rows, weekly = figures(3)
    draw = np.random.default_rng(3)
    late = [
        (*row, str(np.datetime64(row[0], "M") + 1) + f"-{draw.integers(1, 29):02d} 03:00") for row in rows
    ]  # many come after their month was first judged
    home = write_home(
        tmp_path, RULES % ", loaded_at: loaded", owners=OWNERS, routes=ROUTES, settings=SETTINGS, extra=TIERS
    )
    fill(home, "t", "period date, place varchar, v double, loaded timestamp", late)
    fill(home, "weekly", "period date, v double", weekly)
    span = datetime(2021, 1, 4, 6), datetime(2021, 12, 31, 23)
    real, replayed = told_by_rounds(home, *span), told_by_replay(home, *span)
    assert sum(map(len, real.values())) > 30
    assert replayed == real


def test_a_replay_holds_back_what_real_rounds_hold_back(tmp_path):
    draw = np.random.default_rng(5)
    rows = [
        (*row, str(np.datetime64(row[0], "M") + 1 + int(draw.random() < 0.1)) + f"-{draw.integers(1, 29):02d} 03:00")
        for row in calls(5)
    ]  # of `calls` some come after their month was first judged; of `late` nothing says when it came
    home = write_home(
        tmp_path,
        LEVELS % ", loaded_at: loaded",
        owners=COMMANDERS,
        routes=TOLD_ABOVE,
        settings=SETTINGS,
        extra={"config/places.yaml": PLACES_DOUNE_LATER},
    )
    fill(home, "t", "period date, district varchar, n integer, late integer, loaded timestamp", rows)
    span = datetime(2021, 1, 4, 6), datetime(2021, 12, 31, 23)
    often = {"ALERTD_SCHEDULE": "0 7 3,12,25 * *"}
    real, replayed = told_by_rounds(home, *span, often), told_by_replay(home, *span, often)
    assert replayed == real
    assert len(real["calls"]) > 10
    assert len(real["apart"]) > len(real["calls"])
    assert real["late"]
