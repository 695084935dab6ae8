"""Draws attended incidents one by one (M2), and adds them up by week and month, place and team."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from alertd.core.periods import Grain
from alertd.demo.star.facts_contact import PROFILE
from alertd.demo.star.grid import WEEKDAYS, Draw
from alertd.demo.star.long import coded, listed, loads
from alertd.demo.star.planted import effect
from alertd.demo.star.schema import TABLES
from alertd.demo.star.spans import span_of

GRADES = {"Grade 1": 6.0, "Grade 2": 9.5, "Grade 3": 4.5}
"""A day, in an average district."""
_MINUTES = {"Grade 1": 7.4, "Grade 2": 27.0, "Grade 3": 760.0}
_SPREAD = {"Grade 1": 0.45, "Grade 2": 0.55, "Grade 3": 0.8}
_STANDARD = {"Grade 1": 15.0, "Grade 2": 60.0, "Grade 3": 2880.0}
_SLOWER_IN_THE_COUNTRY = 1.3


def attendance(draw: Draw) -> Iterator[tuple[str, pa.Table]]:
    """Each incident: when, where, who went, and how long it took."""
    rng, span = draw.rng("fact_attendance"), span_of(Grain.DAY)
    districts = draw.force.districts
    average = draw.force.residents / len(districts)
    cells = [(place, grade, team) for place in range(len(districts)) for grade in GRADES for team in (1, 2)]
    names = [districts[place].name for place, _, _ in cells]
    teams = [f"{name} Response {team}" for name, (_, _, team) in zip(names, cells, strict=True)]
    grades = [grade for _, grade, _ in cells]
    rural = np.array([districts[place].rural for place, _, _ in cells])
    size = np.array([districts[place].residents / average for place, _, _ in cells])

    season = 1 + 0.06 * np.cos(2 * np.pi * (span.month - 7) / 12)
    rate = (season * WEEKDAYS[span.weekday])[:, None] * size * np.array([GRADES[grade] / 2 for grade in grades])
    number = rng.poisson(rng.gamma(rate / 0.25, 0.25))
    day, cell = (np.repeat(index.ravel(), number.ravel()) for index in np.indices(number.shape))

    series = {"district": np.array(names), "grade": np.array(grades), "team": np.array(teams)}
    level = np.array([_MINUTES[grade] for grade in grades]) * np.where(rural, _SLOWER_IN_THE_COUNTRY, 1.0)
    course = np.exp(np.cumsum(rng.normal(0, 0.002, len(span))) * 0.3)[:, None] * level
    for table in ("fact_response_month", "fact_response_team_month"):
        known = {name: values for name, values in series.items() if name in TABLES[table].by}
        moved = effect(draw.plants.get(table, ()), "minutes_total", span, known, len(cells))
        course = course if moved is None else course * moved
    spread = np.array([_SPREAD[grade] for grade in grades])
    minutes = np.round(course[day, cell] * np.exp(rng.normal(0, 1, len(day)) * spread[cell]), 1)
    urgent = np.array([grade == "Grade 1" for grade in grades])
    limit = np.array([_STANDARD[grade] for grade in grades]) + np.where(rural & urgent, 5.0, 0.0)
    times = loads(span, rng, None)
    attended = TABLES["fact_attendance"]
    yield (
        attended.name,
        listed(
            attended,
            {
                "incident_id": np.arange(1, len(day) + 1) + draw.force.number * 10_000_000,
                "day": span.first[day],
                "hour_of_day": rng.choice(24, len(day), p=PROFILE),
                "district": coded(cell, names, pa.string()),
                "team": coded(cell, teams, pa.string()),
                "grade": coded(cell, grades, pa.string()),
                "area": coded(rural[cell], ["urban", "rural"], pa.string()),
                "minutes": minutes,
                "within_standard": (minutes <= limit[cell]).astype(np.int32),
                "loaded_at": times[day],
            },
        ),
    )


_ADDED = """
    INSERT INTO {table}
    SELECT date_trunc('{grain}', day)::DATE, {by}, count(*), sum(within_standard), round(sum(minutes), 1),
        round(median(minutes), 1), round(quantile_cont(minutes, 0.9), 1),
        max(date_trunc('{grain}', day) + INTERVAL 1 {grain} + INTERVAL 1 DAY + (loaded_at - loaded_at::DATE))
    FROM incoming
    WHERE date_trunc('{grain}', day) >= '2017-04-01' AND date_trunc('{grain}', day) + INTERVAL 1 {grain} <= '2023-04-10'
    GROUP BY ALL ORDER BY ALL"""

ADDED = tuple(
    _ADDED.format(table=table, grain=grain, by=by)
    for table, grain, by in (
        ("fact_response_week", "week", "district, grade"),
        ("fact_response_month", "month", "district, grade"),
        ("fact_response_team_month", "month", "team, grade"),
    )
)
"""Statements over one force's incidents, called `incoming`."""
