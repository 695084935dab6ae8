"""CUSUM and EWMA charts: small, lasting moves, which no single period shows, add up until they do."""

from dataclasses import replace

import numpy as np

from alertd.core.detect.base import Look, Signals
from alertd.core.detect.baselines import Plan, plan
from alertd.core.detect.drift_design import limit_for
from alertd.core.detect.drift_levels import Levels, levels
from alertd.core.detect.drift_sums import Walk, cusum, ewma
from alertd.core.parameters.drift import Drift
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools

_DRIFT = np.uint32(signal_bit("drift"))
_SERIES_AT_ONCE = 8192
"""The figures of so many series stay in the processor's cache."""
_WEIGHT_OF_SHIFT = 0.2
_LEAST_WEIGHT = 0.05


def judge_drift(drift: Drift, look: Look) -> Signals:
    """Judge a block's figures by a CUSUM or an EWMA of how far each lies from its own usual level, in sigma.

    `centre` is the row's mean; `statistic` and the limits are of one kind. A CUSUM counts in sigma: the limits are -h and
    h, and the statistic is the larger of its two sums, the lower one with a minus. An EWMA is in the measure's unit about
    the row's mean; its limits widen from the start on. Both begin anew in the period after an alarm, and at a rebase. A
    missing figure carries the statistic on and is unknown. `excess` is in sigma of the figures.
    """
    chosen = plan(drift, look.block.grain)
    weight, limit = design(drift, chosen)
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    statistic = np.full(found.centre.shape, np.nan)
    rows = int(look.rows[-1]) + 1 if len(look.rows) else 0
    for start in range(0, look.usable.shape[1], _SERIES_AT_ONCE):
        here = slice(start, start + _SERIES_AT_ONCE)
        usable, segment = look.usable[:, here], look.known.segment[:, here]
        usual = levels(chosen, usable, segment, rows, look.block.first, look.measure.least_step)
        walked = cusum if drift.method == "cusum" else ewma
        walk = walked(usual.standardised(usable), weight, limit, _rebased(segment[:rows]))
        _write(drift, usual, walk, np.isnan(usable[look.rows]), look, here, found, statistic)
    return replace(found, statistic=statistic)


def design(drift: Drift, chosen: Plan) -> tuple[float, float]:
    """The k and h of a CUSUM, or the weight and width of an EWMA: as written, else for the shift and the false alarms.

    k is half the shift. The weight is a fifth of it, at least 0.05: close to the best for shifts of half a sigma to three
    (Lucas and Saccucci, 1990), and the usual 0.2 for one.
    """
    if drift.method == "cusum":
        weight = drift.shift / 2 if drift.k is None else drift.k
        limit = drift.h
    else:
        weight = drift.lambda_ or min(max(_WEIGHT_OF_SHIFT * drift.shift, _LEAST_WEIGHT), 1.0)
        limit = drift.width
    return weight, limit_for(drift.method, weight, chosen, drift.false_alarm_every) if limit is None else limit


def _rebased(segment: np.ndarray) -> Bools | None:
    """Where a series' segment differs from that of the period before; None where none does."""
    if len(segment) < 2 or (segment[0] == segment[-1]).all():
        return None
    begun = np.zeros(segment.shape, dtype=np.bool_)
    begun[1:] = segment[1:] != segment[:-1]
    return begun


def _write(
    drift: Drift,
    usual: Levels,
    walk: Walk,
    missing: Bools,
    look: Look,
    here: slice,
    found: Signals,
    statistic: np.ndarray,
) -> None:
    """Put what was found at the judged rows into the arrays of all series."""
    rows = look.rows
    centre, sigma, learning = (array[rows] for array in usual)
    way, reach, side = (array[rows] for array in walk)
    if drift.method == "cusum":
        about, unit = np.where(learning, np.nan, 0.0), np.where(learning, np.nan, 1.0)
    else:
        about, unit = centre, sigma
    found.centre[:, here] = centre
    found.lower[:, here] = about - reach * unit
    found.upper[:, here] = about + reach * unit
    statistic[:, here] = about + way * unit
    found.learning[:, here] = learning
    found.missing[:, here] = missing
    found.high[:, here] = np.where(side > 0, _DRIFT, 0)
    found.low[:, here] = np.where(side < 0, _DRIFT, 0)
    found.excess[:, here] = np.where(side != 0, np.abs(way) - reach, 0.0)
