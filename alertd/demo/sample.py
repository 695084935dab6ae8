"""The sample warehouse of a new home: three years of made-up figures that end with the last whole month."""

from datetime import date
from pathlib import Path

import numpy as np

from alertd.core.periods import Grain, Period
from alertd.demo.simulate import Columns
from alertd.demo.warehouse import write_tables

PLACES = ("Harbour", "Market", "Moorside")
MONTHS = 36
ABOUT = "SAMPLE: made-up figures that `alertd init` wrote, so that a new home works at once. Replace warehouse.url by your own."


def build_sample(path: Path, today: date) -> None:
    """Write the sample to `path`: calls answered in time by month and place; the newest month at Moorside is plainly low."""
    newest = Period.containing(today, Grain.MONTH) + -1
    months = [newest + -back for back in range(MONTHS - 1, -1, -1)]
    rng = np.random.default_rng(1)
    calls = rng.poisson(240, (MONTHS, len(PLACES)))
    level = np.clip(rng.normal(0.92, 0.012, calls.shape), 0, 1)
    level[-1, PLACES.index("Moorside")] = 0.74
    columns: Columns = {
        "month": [month.start.date() for month in months for _ in PLACES],
        "place": [place for _ in months for place in PLACES],
        "calls": calls.ravel().tolist(),
        "in_time": np.round(calls * level).astype(np.int64).ravel().tolist(),
    }
    write_tables(path, {"sample_calls": columns}, about=ABOUT)
