"""The sample warehouse of a new home: made-up figures that end with the last whole month."""

from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alertd.core.periods import Grain, Period
from alertd.demo.simulate import Columns
from alertd.demo.warehouse import write_tables

PLACES = ("Harbour", "Market", "Moorside", "Northgate", "Riverside", "Westfield")
MONTHS = 48
ABOUT = "SAMPLE: made-up figures that `alertd init` wrote, so that a new home works at once. Replace warehouse.url by your own."
_BURGLARIES = (64, 58, 40, 30, 52, 36)  # a month, by place: a share of few moves more by chance than a share of many


def build_sample(path: Path, today: date) -> None:
    """Write the sample to `path`: the same figures whatever the day, in months that end before the one of `today`.

    `sample_calls` is calls answered in time; the newest month at Moorside is plainly low. `sample_visits`, the
    tutorial's, is burglary victims visited within a day: low at Market for five months that ended 17 months
    before the newest, and at Riverside in the newest three.
    """
    newest = Period.containing(today, Grain.MONTH) + -1
    months = [newest + -back for back in range(MONTHS - 1, -1, -1)]
    names: Columns = {
        "month": [month.start.date() for month in months for _ in PLACES],
        "place": [place for _ in months for place in PLACES],
    }
    tables = {"sample_calls": names | _calls(), "sample_visits": names | _visits()}
    write_tables(path, tables, about=ABOUT)


def _calls() -> Columns:
    rng = np.random.default_rng(1)
    calls = rng.poisson(240, (MONTHS, len(PLACES)))
    level = np.clip(rng.normal(0.92, 0.012, calls.shape), 0, 1)
    level[-1, PLACES.index("Moorside")] = 0.74
    return {"calls": _flat(calls), "in_time": _flat(np.round(calls * level).astype(np.int64))}


def _visits() -> Columns:
    rng = np.random.default_rng(2)
    burglaries = rng.poisson(_BURGLARIES, (MONTHS, len(PLACES)))
    level = np.full(burglaries.shape, 0.89)
    level[-22:-17, PLACES.index("Market")] = 0.68
    level[-3:, PLACES.index("Riverside")] = 0.66
    return {"burglaries": _flat(burglaries), "visited": _flat(rng.binomial(burglaries, level))}


def _flat(figures: NDArray[np.int64]) -> list[int]:
    return [int(figure) for figure in figures.ravel()]
