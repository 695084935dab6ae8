"""EARS C1 and C2: a surge above the last few periods, for series too short to know their season.

The bound is mean + z * standard deviation of `window` periods: those just before the judged one (C1), or those that end
three periods before it (C2), so that a slow surge is not its own baseline. The nominal alpha of .001 is the normal
quantile, as published; with seven figures of a baseline a bound three sigmas up is passed by about 14 in 1,000 looks at
nothing (a t distribution with 6 degrees of freedom, and the baseline's own mean), more often still on small counts.

Source: Hutwagner, Thompson, Seeman and Treadwell (2003), J. Urban Health 80, i89-i96; `earsC` of the R package surveillance.
"""

import numpy as np
from scipy.special import ndtri

from alertd.core.detect.base import Look, Signals
from alertd.core.detect.runs import slack
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.rulesets import signal_bit

_ALPHA = 0.001
_LAG = {"ears_c1": 0, "ears_c2": 2}
_MAY_BE_MISSING = 2
_FEWEST = 3


def judge_ears(seasonal: Seasonal, look: Look) -> Signals:
    """Judge a block's figures by EARS; the upper side only.

    Up to two figures of the baseline may be missing, with at least three there; with fewer the state is `learning`. A
    baseline without variation has its mean as its bound, as published.
    """
    lag, z = _LAG[seasonal.method], -float(ndtri(seasonal.alpha or _ALPHA))
    least = max(_FEWEST, seasonal.window - _MAY_BE_MISSING)
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    found.missing[:] = np.isnan(look.usable[look.rows])
    for index, row in enumerate(look.rows.tolist()):
        stop = max(row - lag, 0)
        start = max(stop - seasonal.window, 0)
        before = look.usable[start:stop]
        same = look.known.segment[start:stop] == look.known.segment[row]
        there = ~np.isnan(before) & same
        count = np.count_nonzero(there, axis=0)
        learning = count < least
        mean = np.where(there, before, 0.0).sum(axis=0) / np.where(learning, np.nan, count)
        squares = np.where(there, before - mean, 0.0) ** 2
        sigma = np.sqrt(squares.sum(axis=0) / np.where(learning, np.nan, count - 1))
        upper = mean + z * sigma
        over = look.usable[row] - upper
        surge = over > slack(mean, sigma)
        found.learning[index] = learning
        found.centre[index] = mean
        found.upper[index] = upper
        found.high[index] = np.where(surge, signal_bit("surge"), 0)
        found.excess[index] = np.where(surge, over / np.where(sigma > 0, sigma, 1.0), 0.0)
    return found
