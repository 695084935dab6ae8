"""The funnel: places compared with each other over the same periods, by limits that allow for each one's size (R10).

The peers are all series of the measure that have a usable figure at the judged period, the judged one among them: the
target is the sum of their numerators over the sum of their denominators (indirect standardisation). A rule's `where`
narrows who is told, never who is compared. A measure by several columns compares every combination with every other.
"""

from dataclasses import replace

import numpy as np

from alertd.core.detect.base import Look, Signals
from alertd.core.detect.funnel_limits import (
    RATE,
    SHARE,
    adjusted_limits,
    beyond,
    binomial_limits,
    poisson_limits,
    spread,
    winsorised,
    winsorised_variance,
    z_limit,
)
from alertd.core.parameters.funnel import Funnel
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats

OUTLIER = np.uint32(signal_bit("outlier"))


def judge_funnel(funnel: Funnel, look: Look) -> Signals:
    """Judge each place against the funnel of all places, with numerators and denominators of the last periods pooled.

    The figure is the pooled share or rate in the measure's unit, the centre the target, the limits those for the place's
    own denominator; `excess` is in standard errors beyond the limit. A place without a figure at the judged period is
    missing there and no peer; with fewer than `min_peers` places all are learning, as is any measure without a denominator.
    """
    shape = (len(look.rows), len(look.block.keys))
    found = Signals.blank(*shape)
    if look.block.numerator is None or look.block.denominator is None:  # `check` refuses such a rule
        found.missing[:] = np.isnan(look.usable[look.rows])
        found.learning[:] = True
        return found
    usable = _usable(look, look.block.numerator, look.block.denominator)
    # Figures that share data with the one before are pooled already; their sum would count the same cases twice.
    last = 1 if look.measure.overlapping else funnel.last
    numerator, denominator = np.full(shape, np.nan), np.full(shape, np.nan)
    for index, row in enumerate(look.rows.tolist()):
        places = np.flatnonzero(usable[row])
        window = slice(max(0, row - last + 1), row + 1)
        pooled = usable[window, places] & (look.known.segment[window, places] == look.known.segment[row, places])
        numerator[index, places] = _sum(look.block.numerator[window, places], pooled)
        denominator[index, places] = _sum(look.block.denominator[window, places], pooled)
        if len(places) >= funnel.min_peers:
            _compare(funnel, look, found, index, places, numerator[index, places], denominator[index, places])
        else:
            found.learning[index] = True
        found.missing[index] = ~usable[row]
    figure = look.measure.factor * numerator / denominator
    return replace(found, figure=figure, numerator=numerator, denominator=denominator)


def _usable(look: Look, numerator: Floats, denominator: Floats) -> Bools:
    """Where a place has a figure that counts, with both its parts."""
    with np.errstate(invalid="ignore"):
        found: Bools = ~np.isnan(look.usable) & (numerator >= 0) & (denominator > 0)
    return found


def _sum(figures: Floats, pooled: Bools) -> Floats:
    total: Floats = np.where(pooled, figures, 0.0).sum(axis=0)
    return total


def _compare(
    funnel: Funnel, look: Look, found: Signals, index: int, places: np.ndarray, numerator: Floats, denominator: Floats
) -> None:
    """Judge the places that have figures at one row: their limits, and who lies beyond them."""
    share, factor = look.measure.is_share, look.measure.factor
    scale = SHARE if share else RATE
    target = float(numerator.sum() / denominator.sum())
    figure = numerator / denominator
    s = 1 / (2 * np.sqrt(denominator))
    middle, reach = scale.to(np.asarray(target)), z_limit(funnel.limits)
    away = scale.to(figure) - middle
    between = 0.0
    if funnel.overdispersion == "adjusted":
        drawn_in = winsorised(away / s, funnel.winsorise)
        between = spread(drawn_in, s, winsorised_variance(funnel.winsorise)).tau_squared
    if between > 0:
        lower, upper = adjusted_limits(scale, target, s, reach, between)
    else:  # nothing but chance: the exact limits, with which small places are judged right
        lower, upper = (binomial_limits if share else poisson_limits)(target, denominator, funnel.limits)
    over, under = beyond(figure, lower, upper)
    found.centre[index, places] = factor * target
    found.lower[index, places], found.upper[index, places] = factor * lower, factor * upper
    found.high[index, places[over]] = OUTLIER
    found.low[index, places[under]] = OUTLIER
    with np.errstate(invalid="ignore", divide="ignore"):
        limit = scale.to(np.where(over, upper, lower)) - middle
        found.excess[index, places] = np.where(over | under, reach * (away / limit - 1), 0.0)
