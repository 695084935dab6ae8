"""Models of grades and of single events."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.gaps import clock_of
from alertd.core.incontrol.counted import Fitted
from alertd.core.incontrol.past import Past
from alertd.core.incontrol.spread import autocorrelation
from alertd.core.measures import Measure
from alertd.core.series import Floats, Ints

LIKE_THE_OTHERS = 4.0
"""The grades of all series count in each series as so many of its own."""


class Graded(NamedTuple):
    """A fitted model of grades."""

    fitted: Fitted
    chances: Floats
    """The chance of each grade, grades x series."""
    sizes: Floats | None
    """How many grades each period had, where it has several."""


def fit_grades(measure: Measure, past: Past) -> Graded:
    """The chances of each grade by the history of each series, drawn towards that of all; phi of many grades a period."""
    places = np.arange(1, len(measure.scale or ()) + 1)
    if past.block.grades is not None:
        counted = np.where(past.usable, np.nan_to_num(past.block.grades[:, : len(past.value)]), 0.0)
        sizes: Floats | None = counted.sum(axis=0)
    else:
        counted = ((past.value == places[:, None, None]) & past.usable).astype(np.float64)
        sizes = None
    own = counted.sum(axis=1)
    every = own.sum(axis=1, keepdims=True) / max(float(own.sum()), 1.0)
    chances = (own + LIKE_THE_OTHERS * every) / (own.sum(axis=0) + LIKE_THE_OTHERS)
    points: Ints = past.usable.sum(axis=0)
    level = (places[:, None] * chances).sum(axis=0)
    together, phi = 0.0, 1.0
    if sizes is None:
        sd = np.sqrt((places[:, None] ** 2 * chances).sum(axis=0) - level**2)
        together = autocorrelation(
            np.where(past.usable, (past.value - level) / np.where(sd > 0, sd, np.nan), np.nan), 1
        )
    else:
        phi = _phi(counted, sizes, own)
    spread = np.where(points > 0, phi, np.nan)
    return Graded(Fitted(level, spread, together, (), points, np.zeros(len(level), dtype=np.bool_)), chances, sizes)


def fit_events(past: Past) -> tuple[Fitted, bool]:
    """Events a day in each series, over its whole present segment; and whether only their days are known."""
    clock = clock_of(past.block.grain, past.block.first, len(past.value))
    days = np.where(past.usable, np.diff(clock)[:, None], 0.0).sum(axis=0)
    rate = np.where(past.usable, past.value, 0.0).sum(axis=0) / days
    events = past.block.events
    whole_days = events is None or bool((events.at == np.floor(events.at)).all())
    points: Ints = past.usable.sum(axis=0)
    alone = np.zeros(len(rate), dtype=np.bool_)
    return Fitted(rate, np.where(points > 0, 1.0, np.nan), 0.0, (), points, alone), whole_days


def _phi(counted: Floats, sizes: Floats, own: Floats) -> float:
    """How much more the grades of a period vary than their own series' shares explain, over all series (Pearson)."""
    usual = sizes * (own / own.sum(axis=0))[:, None]
    squares = np.where(usual > 0, (counted - usual) ** 2 / usual, 0.0).sum(axis=0)
    kinds, periods = (own > 0).sum(axis=0), (sizes > 0).sum(axis=0)
    free = float(np.where(periods > 1, (kinds - 1) * (periods - 1), 0).sum())
    return max(1.0, float(squares[:, periods > 1].sum()) / free) if free > 0 else 1.0
