"""Draws what happens one by one: homicides, collisions, further offences, rare safeguarding."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from alertd.core.periods import Grain
from alertd.demo.star.facts_vulnerable import daily_rate
from alertd.demo.star.grid import Draw, Floats, Ints
from alertd.demo.star.long import listed
from alertd.demo.star.planted import COUNTED, Plant
from alertd.demo.star.schema import TABLES
from alertd.demo.star.spans import AS_AT, FED_TO, Days, day_of, span_of

HOMICIDES_A_YEAR = 1.0
SERIOUS_A_YEAR, FATAL_A_YEAR = 46.0, 2.6
FURTHER_OFFENCES_A_YEAR = 0.6
RARE_A_YEAR = {"HBV": 0.45, "FGM": 0.18}
"""Each in an average district."""


def events(draw: Draw) -> Iterator[tuple[str, pa.Table]]:
    """Every table of single events."""
    districts = draw.force.districts
    average = draw.force.residents / len(districts)
    size = np.array([one.residents / average for one in districts])
    yield _homicides(draw, size)
    yield _collisions(draw, size)
    yield _further_offences(draw, size)
    yield _rare_safeguarding(draw)


def _homicides(draw: Draw, size: Floats) -> tuple[str, pa.Table]:
    """Some are known as such only months later."""
    table, places = "event_homicide", _districts(draw)
    day, where, rng = _happen(draw, table, HOMICIDES_A_YEAR * size, places)
    late = rng.random(len(day)) < 0.15
    known = day + np.where(late, rng.integers(20, 150, len(day)), 0).astype("m8[D]")
    more = {"reclassified_on": pa.array(known, mask=~late, type=pa.date32()), "loaded_at": _loaded(known)}
    return _table(draw, table, day, where, places, more, known <= np.datetime64(FED_TO))


def _collisions(draw: Draw, size: Floats) -> tuple[str, pa.Table]:
    table = "event_ksi"
    severity = ["Serious"] * len(size) + ["Fatal"] * len(size)
    series = {name: values * 2 for name, values in _districts(draw).items()} | {"severity": severity}
    day, where, rng = _happen(draw, table, np.concatenate([SERIOUS_A_YEAR * size, FATAL_A_YEAR * size]), series)
    more = {"people": 1 + rng.poisson(0.12, len(day)), "loaded_at": _loaded(day)}
    return _table(draw, table, day, where, series, more)


def _further_offences(draw: Draw, size: Floats) -> tuple[str, pa.Table]:
    table, divisions = "event_mappa_reoffence", list(draw.force.divisions)
    within = [[one.division == name for one in draw.force.districts] for name in divisions]
    weight = np.array([size[those].sum() for those in within])
    series = {"division": divisions}
    day, where, rng = _happen(draw, table, FURTHER_OFFENCES_A_YEAR * weight, series)
    more = {"mappa_level": rng.choice(3, len(day), p=[0.7, 0.25, 0.05]) + 1, "loaded_at": _loaded(day)}
    return _table(draw, table, day, where, series, more)


def _rare_safeguarding(draw: Draw) -> tuple[str, pa.Table]:
    table, series = "event_safeguarding", {"strand": list(RARE_A_YEAR)}
    yearly = np.array(list(RARE_A_YEAR.values())) * len(draw.force.districts)
    day, where, _ = _happen(draw, table, yearly, series)
    return _table(draw, table, day, where, series, {"loaded_at": _loaded(day)})


def _districts(draw: Draw) -> dict[str, list[str]]:
    """The districts' names, and the division of each."""
    districts = draw.force.districts
    return {"district": [one.name for one in districts], "division": [one.division for one in districts]}


ADDED = (
    """INSERT INTO event_fatal_collision
    SELECT event_id, occurred_on, force, division, district, people, complete_to, loaded_at
    FROM event_ksi WHERE severity = 'Fatal' ORDER BY event_id""",
    """INSERT INTO fact_ksi_week
    SELECT week, district, coalesce(people, 0), (week + 8)::TIMESTAMP + INTERVAL '3 hours 20 minutes'
    FROM (SELECT DISTINCT week FROM dim_date WHERE week >= '2017-04-03' AND week <= '2023-04-03')
    CROSS JOIN (SELECT place AS district FROM dim_place WHERE level = 'district')
    LEFT JOIN (
        SELECT date_trunc('week', occurred_on)::DATE AS week, district, sum(people) AS people FROM event_ksi GROUP BY ALL
    ) USING (week, district) ORDER BY week, district""",
)
"""Statements over every force's events."""


def _happen(
    draw: Draw, table: str, yearly: np.ndarray, series: dict[str, list[str]]
) -> tuple[Days, Ints, np.random.Generator]:
    """The day and the series of each event, in order of days; single ones that are planted among them."""
    rng = draw.rng(table)
    number = rng.poisson(daily_rate(draw, table, "occurred_on", series, yearly))
    for one in draw.plants.get(table, ()):
        _add(number, one, series)
    days, where = (np.repeat(index.ravel(), number.ravel()) for index in np.indices(number.shape))
    return span_of(Grain.DAY).first[days], where, rng


def _add(number: Ints, one: Plant, series: dict[str, list[str]]) -> None:
    """Put a planted cluster of events, or a single one, on days spread evenly over its time."""
    if one.kind not in COUNTED or one.factor is None:
        return
    span = span_of(Grain.DAY)
    first, last = (int((day - span.first[0]).astype(int)) for day in (day_of(one.first), day_of(one.last, last=True)))
    fitting = [
        at
        for at in range(number.shape[1])
        if all(series.get(name, {at: value})[at] == value for name, value in one.where.items())
    ]
    for place, day in enumerate(np.linspace(first, last, int(one.factor)).round().astype(int)):
        number[day, fitting[place % len(fitting)]] += 1


def _loaded(day: Days) -> Days:
    return np.minimum((day + 1).astype("M8[m]") + np.timedelta64(200, "m"), np.datetime64(AS_AT, "m")).astype("M8[us]")


def _table(
    draw: Draw,
    name: str,
    day: Days,
    where: Ints,
    series: dict[str, list[str]],
    more: Mapping[str, object],
    there: np.ndarray | None = None,
) -> tuple[str, pa.Table]:
    table = TABLES[name]
    named = {key: np.array(values)[where] for key, values in series.items()}
    columns = {
        "event_id": np.arange(len(day)) + 1 + draw.force.number * 100_000,
        "occurred_on": day,
        "force": np.full(len(day), draw.force.name),
        "complete_to": np.full(len(day), np.datetime64(FED_TO, "D")),
        **named,
        **more,
    }
    rows = listed(table, columns)
    return name, rows if there is None else rows.filter(pa.array(there))
