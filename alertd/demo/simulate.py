"""The simulated figures: one function a table, each from its own stream of one fixed seed.

Nothing here is about a real force. Each function returns columns by name, as equally long arrays or lists; `truth.PLANTED`
says what was planted in them.
"""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alertd.core.periods import Grain, Period
from alertd.demo.places import DISTRICTS, DIVISIONS, UNALLOCATED

Columns = dict[str, list[Any]]
SEED = 20170401
FIRST = Period.containing(date(2018, 1, 1), Grain.MONTH)
LAST = Period.containing(date(2022, 12, 1), Grain.MONTH)
MONTHS: tuple[Period, ...] = tuple(FIRST + step for step in range(LAST.slot - FIRST.slot + 1))


def _stream(table: str) -> np.random.Generator:
    return np.random.default_rng([SEED, *table.encode()])


def _at(period: str) -> int:
    """The row of a month such as `2021-07` in `MONTHS`."""
    year, month = period.split("-")
    return Period.containing(date(int(year), int(month), 1), Grain.MONTH).slot - FIRST.slot


def _span(first: str, last: str) -> slice:
    return slice(_at(first), _at(last) + 1)


def _long(names: tuple[str, ...], by: str, **figures: NDArray[np.generic]) -> Columns:
    """Arrays of months x places, laid out as one row a month and place."""
    columns: Columns = {
        "month": [period.start.date() for period in MONTHS for _ in names],
        by: [name for _ in MONTHS for name in names],
    }
    return columns | {name: figure.ravel().tolist() for name, figure in figures.items()}


def _share(
    rng: np.random.Generator, whole: NDArray[np.int64], level: NDArray[np.float64], spread: float
) -> NDArray[np.int64]:
    """Parts of wholes around a level, with more spread than chance alone gives, as real shares have."""
    noisy = np.clip(level + rng.normal(0, spread, whole.shape), 0.005, 0.995)
    return rng.binomial(whole, noisy)


def response() -> Columns:
    """Grade 1 incidents, and those attended within the standard, by month and district."""
    rng = _stream("response")
    shape = (len(MONTHS), len(DISTRICTS))
    incidents = rng.poisson(np.linspace(420, 180, len(DISTRICTS)), shape)
    level = np.tile(np.linspace(0.91, 0.93, len(DISTRICTS)), (len(MONTHS), 1))
    level[_span("2021-07", "2021-12"), DISTRICTS.index("Brunford")] -= 0.12
    columns = _long(DISTRICTS, "district", incidents=incidents, within_standard=_share(rng, incidents, level, 0.008))
    hole = _at("2021-11") * len(DISTRICTS) + DISTRICTS.index("Rossenshaw")
    return {name: [*values[:hole], *values[hole + 1 :]] for name, values in columns.items()}


def call_999() -> Columns:
    """The average time to answer a 999 call, in seconds, by month for the whole force."""
    seconds = _stream("call_999").normal(7.5, 0.6, len(MONTHS))
    seconds[_at("2022-01")] += 9
    seconds[_at("2022-09")] += 25
    return {"month": [period.start.date() for period in MONTHS], "seconds": np.round(seconds, 2).tolist()}


def time_lost() -> Columns:
    """Contracted hours, and hours lost to sickness, by month and division."""
    rng = _stream("time_lost")
    names = tuple(DIVISIONS)
    contracted = rng.normal([120_000, 135_000, 150_000], 1_500, (len(MONTHS), len(names))).astype(np.int64)
    level = np.full(contracted.shape, 0.045)
    level[_at("2022-02") :, names.index("East Division")] += 0.02
    lost = np.round(contracted * (level + rng.normal(0, 0.0035, contracted.shape))).astype(np.int64)
    return _long(names, "division", hours_contracted=contracted, hours_lost=lost)


def outcomes() -> Columns:
    """Recorded crimes, and those charged, by month and district; some crimes have no district."""
    rng = _stream("outcomes")
    names = (*DISTRICTS, UNALLOCATED)
    crimes = rng.poisson(np.linspace(1_300, 450, len(names)), (len(MONTHS), len(names)))
    level = np.tile(np.linspace(0.105, 0.12, len(names)), (len(MONTHS), 1))
    level[_span("2021-01", "2021-06"), names.index("Chorwell")] -= 0.05
    level[:, names.index(UNALLOCATED)] = 0.08
    level[_span("2021-08", "2021-10"), names.index(UNALLOCATED)] = 0.02
    level[_span("2022-07", "2022-12")] *= np.linspace(0.9, 0.2, 6)[:, np.newaxis]
    return _long(names, "district", crimes=crimes, charged=_share(rng, crimes, level, 0.006))


def victim_contact() -> Columns:
    """Victim contacts that were due, and those made on time, by month and district."""
    rng = _stream("victim_contact")
    due = rng.poisson(np.linspace(520, 210, len(DISTRICTS)), (len(MONTHS), len(DISTRICTS)))
    level = np.full(due.shape, 0.86)
    level[_at("2021-10"), DISTRICTS.index("Priestbridge")] -= 0.18
    return _long(DISTRICTS, "district", due=due, on_time=_share(rng, due, level, 0.012))


def safeguarding() -> Columns:
    """Safeguarding referrals by month and division."""
    rng = _stream("safeguarding")
    names = tuple(DIVISIONS)
    mean = np.tile(np.array([380.0, 520.0, 610.0]), (len(MONTHS), 1))
    mean[_at("2021-09") :, names.index("West Division")] *= 1.33
    return _long(names, "division", referrals=rng.poisson(mean * rng.gamma(400, 1 / 400, mean.shape)))


def visibility() -> Columns:
    """The share of duty time spent outside stations, by month and district, and when it was loaded."""
    rng = _stream("visibility")
    figures = rng.normal(np.linspace(52, 60, len(DISTRICTS)), 1.6, (len(MONTHS), len(DISTRICTS)))
    figures[_at("2022-02") :, DISTRICTS.index("Lunehaven")] += 8
    late = {_at("2022-05"), _at("2022-06")}
    on_the_third = [period.end.replace(day=3, hour=5) for period in MONTHS]
    loaded = [on_the_third[_at("2022-07")] if row in late else moment for row, moment in enumerate(on_the_third)]
    columns = _long(DISTRICTS, "district", outside_percent=np.round(figures, 1))
    return columns | {"loaded_at": [moment for moment in loaded for _ in DISTRICTS]}


def stop_search() -> Columns:
    """Stop and search records by month and district."""
    rng = _stream("stop_search")
    mean = np.tile(np.linspace(140, 60, len(DISTRICTS)), (len(MONTHS), 1))
    mean[_at("2021-04") :] *= 0.66
    return _long(DISTRICTS, "district", searches=rng.poisson(mean * rng.gamma(200, 1 / 200, mean.shape)))


def complaints() -> Columns:
    """The average number of days to close a complaint, by quarter for the whole force."""
    first = Period.containing(date(2016, 1, 1), Grain.QUARTER)
    last = Period.containing(date(2022, 10, 1), Grain.QUARTER)
    quarters = [first + step for step in range(last.slot - first.slot + 1)]
    days = _stream("complaints").normal(62, 2.5, len(quarters))
    days[Period.containing(date(2022, 4, 1), Grain.QUARTER).slot - first.slot] += 15
    return {"quarter": [str(quarter) for quarter in quarters], "days_to_close": np.round(days, 1).tolist()}


TABLES = {
    "sim_response": response,
    "sim_call_999": call_999,
    "sim_time_lost": time_lost,
    "sim_outcomes": outcomes,
    "sim_victim_contact": victim_contact,
    "sim_safeguarding": safeguarding,
    "sim_visibility": visibility,
    "sim_stop_search": stop_search,
    "sim_complaints": complaints,
}
"""Table name (`sim_` says simulated) to the function that makes its columns."""
