"""Draws calls (M2) and demand (D1): days from chance, hours and months so that they add up."""

from typing import Any

import numpy as np
import pyarrow as pa

from alertd.demo.star.facts_policing import Filled
from alertd.demo.star.forces import NOT_LOCATED, OUTSIDE
from alertd.demo.star.grid import WEEKDAYS, Draw, Grid, Ints
from alertd.demo.star.long import long

INCIDENTS = {
    "Anti-social behaviour": 10.5,
    "Crime": 19,
    "Public safety": 13,
    "Transport": 7.5,
    "Domestic": 5.5,
    "Concern for safety": 8,
}
CHANNELS = {"999": 62, "101": 118, "Web form": 17, "Front counter": 14, "Social media": 6}
HOURS = np.array(
    [
        3.2,
        2.5,
        2.0,
        1.6,
        1.4,
        1.5,
        2.0,
        2.9,
        3.9,
        4.4,
        4.7,
        4.9,
        5.0,
        5.0,
        5.2,
        5.6,
        5.8,
        5.8,
        5.7,
        5.6,
        5.5,
        5.3,
        4.9,
        4.1,
    ]
)
PROFILE = HOURS / HOURS.sum()
"""How incidents and calls are spread over the hours of a day."""


def demand(draw: Draw) -> Filled:
    """D1."""
    yield from _contacts(draw)
    yield from _incidents(draw)
    yield _mobile_data(draw)
    yield _capacity(draw)


def _contacts(draw: Draw) -> Filled:
    """Contacts of each day by channel, and the digital ones of each month."""
    grid = draw.grid("fact_contact_day", channel=list(CHANNELS))
    trend = grid.of(
        "channel", {"999": 0.02, "101": -0.04, "Web form": 0.14, "Front counter": -0.07, "Social media": 0.18}
    )
    base = grid.of("channel", CHANNELS) * (1 + trend) ** grid.span.years[:, None]
    contacts = grid.count("contacts", base, season=0.08, weekdays=WEEKDAYS, dispersion=2.0, memory=0.03)
    every = contacts.sum(axis=1, keepdims=True)
    yield grid.table.name, long(grid, {"contacts": contacts, "all_contacts": every})

    digital = contacts[:, np.isin(grid.series["channel"], ["Web form", "Social media"])].sum(axis=1)
    month = draw.grid("fact_digital_contact_month")
    sums = {"contacts": _added(every, grid, month), "digital_contacts": _added(digital[:, None], grid, month)}
    yield month.table.name, long(month, sums)


def _incidents(draw: Draw) -> Filled:
    """Incidents of each day by place and type, and of each hour."""
    grid = draw.grid("fact_incident_day", extra=(NOT_LOCATED, OUTSIDE), incident_type=list(INCIDENTS))
    incidents = grid.count(
        "incidents", grid.of("incident_type", INCIDENTS), season=0.12, weekdays=WEEKDAYS, dispersion=1.4, memory=0.05
    )
    residents = np.where(np.isin(grid.series["district"], [NOT_LOCATED, OUTSIDE]), 1, grid.residents)
    yield grid.table.name, long(grid, {"incidents": incidents, "residents": residents.astype(np.int64)})

    by_hour = draw.grid("fact_incident_hour")
    yield by_hour.table.name, long(by_hour, {"incidents": _by_hour(by_hour, incidents.sum(axis=1))[:, None]})


def _mobile_data(draw: Draw) -> tuple[str, pa.Table]:
    grid = draw.grid("fact_mobile_data_week")
    jobs = grid.count("jobs", 310, season=0.08)
    updated = grid.share("updated_on_mobile", jobs, 0.63, drift=0.08)
    megabytes = np.round(updated * 3.4 * np.exp(grid.remembered(0.05)), 1)
    return grid.table.name, long(grid, {"jobs": jobs, "updated_on_mobile": updated, "megabytes": megabytes})


def _capacity(draw: Draw) -> tuple[str, pa.Table]:
    """Hours that demand asks for, and those that there are."""
    grid = draw.grid("fact_capacity_month")
    asked = grid.count("demand_hours", 9200, season=0.09, dispersion=12.0, trend=0.01)
    there = grid.count("capacity_hours", 11_400, dispersion=6.0)
    return grid.table.name, long(grid, {"demand_hours": asked, "capacity_hours": there})


def _by_hour(grid: Grid, days: Ints) -> Ints:
    """Counts of days spread over the hours of the clock: none in the hour that spring skips, two rows in autumn's."""
    whole = grid.rng.multinomial(days, PROFILE)
    first = grid.span.first
    day = (first - first[0]).astype(np.int64)
    hour = grid.span.starts.astype("M8[h]").astype(np.int64) % 24
    counts: Ints = whole[day, hour]
    twice = np.flatnonzero(grid.span.starts[1:] == grid.span.starts[:-1])
    counts[twice + 1] = counts[twice] // 2
    counts[twice] -= counts[twice + 1]
    short = np.flatnonzero(np.bincount(day, minlength=len(days)) == 23)
    for one in short.tolist():  # what fell into the skipped hour counts to the one before it
        counts[np.flatnonzero((day == one) & (hour == 0))] += whole[one, 1]
    return counts


def calls(draw: Draw) -> Filled:
    """M2, call taking: hours drawn, days and months added up from them."""
    grid = draw.grid("fact_calls_hour", line=["999", "101"])
    day = draw.grid("fact_calls_day", line=["999", "101"])
    offered_day = _calls_a_day(day)
    offered = np.stack([_by_hour(grid, offered_day[:, j]) for j in range(offered_day.shape[1])], axis=1)
    busy = np.linspace(-0.2, 0.2, 24)[grid.span.starts.astype("M8[h]").astype(np.int64) % 24][:, None]
    lost = grid.of("line", {"999": 0.012, "101": 0.075})
    abandoned = grid.share("abandoned", offered, np.clip(lost * (1 + busy), 0.001, 0.5), spread=0.1)
    answered = offered - abandoned
    seconds = (
        grid.of("line", {"999": 7.2, "101": 95.0})
        * (1 + busy)
        * grid.planted("mean_seconds")
        * np.exp(grid.remembered(0.12))
    )
    limit = grid.of("line", {"999": 10.0, "101": 30.0})
    odds = 1 - 0.5 ** (limit * np.array([[2.4, 1.0]]) / seconds)  # waits are skewed: half within a fraction of the mean
    within = grid.rng.binomial(answered, np.clip(odds, 0.02, 0.995))
    total = np.round(answered * seconds, 0)
    whole = {
        "offered": offered,
        "answered": answered,
        "abandoned": abandoned,
        "answered_within_standard": within,
        "seconds_total": total,
    }
    yield grid.table.name, long(grid, whole | _mean(whole))
    for name in ("fact_calls_day", "fact_calls_month"):
        coarse = day if name == "fact_calls_day" else draw.grid(name, line=["999", "101"])
        added = {column: _added(figure, grid, coarse) for column, figure in whole.items()}
        yield name, long(coarse, added | _mean(added))


def _added(figure: Any, fine: Grid, coarse: Grid) -> Any:
    """Figures of fine periods added up to coarser ones; what lies past the last of these is left out."""
    ends = np.searchsorted(fine.span.first, coarse.span.last[-1], side="right")
    return np.add.reduceat(figure[:ends], np.searchsorted(fine.span.first, coarse.span.first), axis=0)


def _calls_a_day(day: Grid) -> Ints:
    """Calls of each day and line."""
    return day.count(
        "offered", day.of("line", {"999": 62, "101": 118}), season=0.08, weekdays=WEEKDAYS, dispersion=2.0, memory=0.03
    )


def _mean(whole: dict[str, Any]) -> dict[str, Any]:
    answered = np.maximum(1, whole["answered"])
    return {"mean_seconds": np.round(whole["seconds_total"] / answered, 2)}


MAKERS = (demand, calls)
