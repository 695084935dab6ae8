"""Control charts of shares, rates and counts: p and u, Laney's p' and u' (here `pp`, `up`), and c.

The centre line is a ratio of sums. Limits lie three binomial or Poisson sigma from it, by each point's own denominator; where
few cases are expected they are exact instead. Sources: Shewhart (1931); Laney, "Improved control charts for attributes",
Quality Engineering 14 (2002), who widens them by how far the points really scatter.
"""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Rows
from alertd.core.detect.exact import rate_limits, share_limits, tail_of
from alertd.core.detect.means import SCREEN
from alertd.core.detect.runs import runs_on_one_side, slack
from alertd.core.detect.xmr import ABSORBED_RUN
from alertd.core.series import Bools, Floats

RANGE_OF_TWO = 1.128
"""The mean distance of two independent normal figures, in sigma."""
_PLAINLY_INSIDE = 0.6
"""No exact limit is nearer to the centre line than this part of the plain one, for two sigma and more."""


class Attribute(NamedTuple):
    """A chart of cases among so many (`share`) or over so much exposure."""

    share: bool
    laney: bool
    multiplier: float = 3
    exact_below: float = 25
    """Fewer expected cases than this have exact limits."""
    least_scatter: float = 1
    """The least that limits are widened by. Laney has none, and then calls one in eighty steady points a signal."""


class Line(NamedTuple):
    """What a baseline says of each series: the centre line, and what the limits about it are made of."""

    centre: Floats
    cases: Floats
    whole: Floats
    scatter: Floats
    """How far points really scatter, in binomial or Poisson sigma; 1 on charts that do not ask."""

    def take(self, columns: Rows) -> "Line":
        """The same of some series; one may come more than once."""
        return Line(*(part[columns] for part in self))

    def part(self, here: slice) -> "Line":
        """The same of neighbouring series, as a window on the same arrays."""
        return Line(*(part[here] for part in self))


def fit(chart: Attribute, cases: Floats, sample: Floats) -> Line:
    """The line of a baseline (periods x series, NaN where there is no usable figure); NaN where it is empty.

    Sums are taken row by row, so that a series has the same line whatever stands beside it.
    """
    here = ~np.isnan(cases)
    total, whole = _sum_of_rows(cases, here), _sum_of_rows(sample, here)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = total / whole
    scatter = _scatter(chart, cases, sample, centre) if chart.laney else np.ones_like(centre)
    return Line(centre, total, whole, scatter)


def without_outliers(chart: Attribute, line: Line, cases: Floats, sample: Floats) -> Line:
    """The line of a rolling baseline less the points beyond its own limits: one pass, so that they leave and re-enter.

    A run of seven or more on one side stays, so that a new level is absorbed in time.
    """
    beyond = _beyond(chart, line, cases, sample)
    columns = np.flatnonzero(beyond.any(axis=0))
    if not len(columns):
        return line
    cases, sample, beyond, centre = cases[:, columns], sample[:, columns], beyond[:, columns], line.centre[columns]
    leaving = beyond & ~runs_on_one_side(cases / sample, centre, np.zeros_like(centre), ABSORBED_RUN)
    trimmed = fit(chart, np.where(leaving, np.nan, cases), np.where(leaving, np.nan, sample))
    better = ~np.isnan(trimmed.centre)
    parts = []
    for old, new in zip(line, trimmed, strict=True):
        part = old.copy()
        part[columns] = np.where(better, new, old[columns])
        parts.append(part)
    return Line(*parts)


def distances(chart: Attribute, line: Line, sample: Floats, *, exact_rows: int) -> tuple[Floats, Floats]:
    """How far the upper and the lower limit of points lie from the centre line, before natural bounds cut them off.

    `sample` holds a denominator for each series, or periods x series; then only its last `exact_rows` rows have exact
    limits. On a side where no number of cases would be rare there is no limit, and the distance reaches past the bound.
    """
    plain = _plain(chart, line, sample)
    up, down = plain, plain.copy()
    flat_up, flat_down = up.reshape(-1), down.reshape(-1)
    from_row = max(0, len(sample) - exact_rows) * sample.shape[1] if sample.ndim == 2 else 0
    place = from_row + np.flatnonzero(_expects_few(chart, line, sample).reshape(-1)[from_row:])
    if len(place):
        few = line.take(place % len(line.centre))
        flat_up[place], flat_down[place] = _exact(chart, few, sample.reshape(-1)[place], flat_up[place])
    return up, down


def _plain(chart: Attribute, line: Line, sample: Floats) -> Floats:
    """The distance of the textbook's limits from the centre line."""
    with np.errstate(invalid="ignore", divide="ignore"):
        distance: Floats = chart.multiplier * line.scatter * _spread(chart, line.centre) / np.sqrt(sample)
    return distance


def _spread(chart: Attribute, centre: Floats) -> Floats:
    """One sigma of a sample of one."""
    with np.errstate(invalid="ignore"):
        spread: Floats = np.sqrt(np.maximum(centre * (1 - centre), 0.0) if chart.share else centre)
    return spread


def _expects_few(chart: Attribute, line: Line, sample: Floats) -> Bools:
    rarer = np.minimum(line.centre, 1 - line.centre) if chart.share else line.centre
    with np.errstate(invalid="ignore"):
        few: Bools = sample * rarer < chart.exact_below
    return few


def _exact(chart: Attribute, line: Line, sample: Floats, plain: Floats) -> tuple[Floats, Floats]:
    """Distances of exact limits, a sample for each line."""
    tail = tail_of(chart.multiplier)
    if chart.share:
        size = np.maximum(np.rint(sample), 1.0)
        lower, upper = share_limits(size, line.cases, line.whole, tail)
        unlimited = upper >= size
    else:
        size = sample
        lower, upper = rate_limits(size, line.cases, line.whole, tail)
        unlimited = np.zeros(upper.shape, dtype=np.bool_)
    up = line.scatter * np.maximum(upper / size - line.centre, 0.0)
    down = line.scatter * np.maximum(line.centre - lower / size, 0.0)
    return np.where(unlimited, np.maximum(up, plain), up), np.where(lower <= 0, np.maximum(down, plain), down)


def _beyond(chart: Attribute, line: Line, cases: Floats, sample: Floats) -> Bools:
    """Which points of a baseline lie beyond the limits of their own denominators."""
    beyond = np.zeros(cases.shape, dtype=np.bool_)
    nearest = _PLAINLY_INSIDE if chart.multiplier >= 2 else 0.0
    unit = nearest * chart.multiplier * line.scatter * _spread(chart, line.centre)
    with np.errstate(invalid="ignore", divide="ignore"):
        for row in range(len(cases)):
            beyond[row] = np.abs(cases[row] - line.centre * sample[row]) > unit * np.sqrt(sample[row])
    periods, columns = np.nonzero(beyond)
    if len(columns):
        there, among = line.take(columns), sample[periods, columns]
        up, down = distances(chart, there, among, exact_rows=1)
        away = cases[periods, columns] / among - there.centre
        near = slack(there.centre, np.maximum(up, down))
        beyond[periods, columns] = (away > up + near) | (-away > down + near)
    return beyond


def _scatter(chart: Attribute, cases: Floats, sample: Floats, centre: Floats) -> Floats:
    """Laney's sigma_z: the mean moving range of the points' z-scores over 1.128, without ranges of 3.267 times their mean.

    1 where no two neighbours tell.
    """
    spread = _spread(chart, centre)
    ranges = np.empty((max(len(cases) - 1, 0), len(centre)))
    before = np.full(len(centre), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for row in range(len(cases)):
            score = (cases[row] - centre * sample[row]) / (spread * np.sqrt(sample[row]))
            if row:
                np.abs(score - before, out=ranges[row - 1])
            before = score
        here = ~np.isnan(ranges)
        mean = _sum_of_rows(ranges, here) / _sum_of_rows(here)
        here &= ranges < SCREEN * mean
        scatter = _sum_of_rows(ranges, here) / _sum_of_rows(here) / RANGE_OF_TWO
    # Where every range is 0 the screen leaves none of them, and the scatter is 0 as well.
    scatter = np.where(mean == 0, 0.0, scatter)
    return np.where(np.isnan(scatter), 1.0, np.maximum(scatter, chart.least_scatter))


def _sum_of_rows(figures: Floats | Bools, here: Bools | None = None) -> Floats:
    """The sum over periods, one row after the other; only where it is said to be `here`."""
    total = np.zeros(figures.shape[1])
    whole = here is None or bool(here.all())
    for row in range(len(figures)):
        if whole:
            total += figures[row]
        else:
            assert here is not None
            np.add(total, figures[row], out=total, where=here[row])
    return total
