"""How often rules would have fired of late: counted from a short replay, as a replay of all the figures counts it."""

from datetime import datetime

import numpy as np

from alertd.app import opened
from alertd.core.cases import TransitionKind
from alertd.workbench.figures import Figures
from alertd.workbench.firing import fired_of_late
from alertd.workbench.replaying import replay_rule
from tests.journeys.support import fill, write_home
from tests.journeys.test_replay import (
    LEVELS,
    MONDAYS,
    OWNERS,
    ROUTES,
    RULES,
    SETTINGS,
    TIERS,
    TOLD_ABOVE,
)
from tests.journeys.two_divisions import COMMANDERS, PLACES_DOUNE_LATER

MONTHS = [f"{year}-{month:02d}-01" for year in range(2015, 2022) for month in range(1, 13)]


def figures(seed: int) -> tuple[list[tuple[str, str, float]], list[tuple[str, float]]]:
    """Three places with steps and spikes, two of them high from 2017 on: one always, one unseen for two years."""
    draw = np.random.default_rng(seed)
    rows = []
    for place in ("North", "South", "East", "Always", "Unseen"):
        level = 10.0
        for month in MONTHS:
            high = 9.0 * (place in ("Always", "Unseen") and month > "2017")
            level += 3.0 * (draw.random() < 0.06) - 3.0 * (draw.random() < 0.06) if high == 0 else 0
            spike = 6.0 * (draw.random() < 0.05)
            if draw.random() > 0.04 and not (place == "Unseen" and "2018-07" < month < "2020-06"):
                rows.append((month, place, float(np.round(level + high + spike + draw.normal(), 2))))
    weeks = np.arange("2015-01-05", "2022-01-01", 7, dtype="M8[D]").astype(str)
    return rows, [(week, float(np.round(draw.normal(10, 1) + 6 * (draw.random() < 0.05), 2))) for week in weeks]


def begin(history) -> datetime:
    """The first of the 24 months that end with the last one of the figures."""
    last = history.period(history.periods - 1).last_day
    return datetime(last.year - 2 + last.month // 12, last.month % 12 + 1, 1)


def counted(root, *only: str) -> dict[str, tuple[int, int, int]]:
    """What is counted of each rule; the same, it is held, as a replay of all the figures opens of late."""
    found = {}
    with opened(root, environ=MONDAYS, with_store=False) as app:
        now = datetime(2021, 12, 31, 23, tzinfo=app.home.settings.zone)
        source = Figures(app.warehouse, app.home.places, now)
        for rule in (one for one in app.home.rules.values() if not only or one.id in only):
            levels = replay_rule(app.home, rule, source)
            told = [
                (one.level, one.verdict.key)
                for level in levels
                for one in level.moved
                if one.transition.kind is TransitionKind.OPENED and one.verdict.period.start >= begin(level.history)
            ]
            found[rule.id] = tuple(fired_of_late(app.home, rule, source))
            series = sum(len(level.history.keys) for level in levels)
            assert found[rule.id] == (len(told), len(set(told)), series), rule.id
    return found


def test_what_stood_before_is_not_counted_as_new(tmp_path):
    rows, weekly = figures(4)
    more = (
        "  steady: {measure: m, where: {place: [Always, Unseen]}, threshold: {above: 12}, for: 2 periods}\nannotations:"
    )
    home = write_home(
        tmp_path,
        (RULES % "").replace("annotations:", more),
        owners=OWNERS,
        routes=ROUTES,
        settings=SETTINGS,
        extra=TIERS,
    )
    fill(home, "t", "period date, place varchar, v double", rows)
    fill(home, "weekly", "period date, v double", weekly)
    found = counted(home)
    assert found["steady"] == (0, 0, 2)
    assert min(found[name][0] for name in ("high", "spc", "drift", "weekly")) > 0


def test_late_rows_are_counted_as_they_were_known(tmp_path):
    rows, weekly = figures(6)
    draw = np.random.default_rng(6)
    late = [(*row, str(np.datetime64(row[0], "M") + 1) + f"-{draw.integers(1, 29):02d} 03:00") for row in rows]
    home = write_home(
        tmp_path, RULES % ", loaded_at: loaded", owners=OWNERS, routes=ROUTES, settings=SETTINGS, extra=TIERS
    )
    fill(home, "t", "period date, place varchar, v double, loaded timestamp", late)
    fill(home, "weekly", "period date, v double", weekly)
    assert sum(times for times, _, _ in counted(home, "high", "spc").values()) > 5


def test_what_a_level_holds_back_is_counted_as_it_is_told(tmp_path):
    draw = np.random.default_rng(8)
    rows = []
    for month in MONTHS:
        everywhere = float(draw.choice([1.0, 1.0, 1.0, 1.5]))
        for place in ("Ash", "Birch", "Cedar", "Doune"):
            n = int(draw.poisson(200 * everywhere * float(draw.choice([1.0] * 8 + [1.6]))))
            if place != "Doune" or month > "2020-02":
                rows.append((month, place, n, int(draw.binomial(n, min(1.0, 0.2 * everywhere)))))
    home = write_home(
        tmp_path,
        LEVELS % "",
        owners=COMMANDERS,
        routes=TOLD_ABOVE,
        settings=SETTINGS,
        extra={"config/places.yaml": PLACES_DOUNE_LATER},
    )
    fill(home, "t", "period date, district varchar, n integer, late integer", rows)
    found = counted(home)
    assert 0 < found["calls"][0] < found["apart"][0]
