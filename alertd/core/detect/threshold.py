"""The threshold detector: fires while a figure meets a fixed condition."""

import math

import numpy as np

from alertd.core.detect.base import Look, Signals
from alertd.core.parameters.condition import Condition
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats

LIMIT = np.uint32(signal_bit("limit"))


def meets(condition: Condition, value: Floats, margin: Floats | None = None) -> tuple[Bools, Bools]:
    """Where figures meet a condition on its upper side, and where on its lower side; NaN meets nothing.

    A condition with both a lower and an upper bound asks for figures between them; they are on both sides at once. With a
    `margin` of error the whole interval about a figure has to meet it, and one without a known margin never does.
    """
    up = np.ones(value.shape, dtype=np.bool_)
    down = np.ones(value.shape, dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        least, most = (value, value) if margin is None else (value - margin, value + margin)
        if condition.above is not None:
            up &= least > condition.above
        if condition.at_or_above is not None:
            up &= least >= condition.at_or_above
        if condition.below is not None:
            down &= most < condition.below
        if condition.at_or_below is not None:
            down &= most <= condition.at_or_below
        asks_up = condition.above is not None or condition.at_or_above is not None
        asks_down = condition.below is not None or condition.at_or_below is not None
        if asks_up and asks_down:
            up = down = up & down
        elif asks_up:
            down = np.zeros_like(down)
        elif asks_down:
            up = np.zeros_like(up)
        if condition.outside is not None:
            over, under = least > condition.outside[1], most < condition.outside[0]
            if asks_up or asks_down:
                up, down = (up | down) & over, (up | down) & under
            else:
                up, down = over, under
    known = ~np.isnan(value)
    return up & known, down & known


def bounds(condition: Condition) -> tuple[float, float]:
    """The condition's limits as they are drawn: (lower, upper), NaN where there is none."""
    low = [bound for bound in (condition.below, condition.at_or_below) if bound is not None]
    high = [bound for bound in (condition.above, condition.at_or_above) if bound is not None]
    if condition.outside is not None:
        low, high = low or [condition.outside[0]], high or [condition.outside[1]]
    return (low[0] if low else math.nan), (high[0] if high else math.nan)


def judge_threshold(condition: Condition, look: Look) -> Signals:
    """Judge a block's figures against a fixed condition."""
    chosen = look.usable[look.rows]
    found = Signals.blank(*chosen.shape)
    error = look.block.standard_error
    margin = None if error is None else error[look.rows] * look.measure.standard_errors
    up, down = meets(condition, chosen, margin)
    lower, upper = bounds(condition)
    found.lower[:], found.upper[:] = lower, upper
    found.high[up] |= LIMIT
    found.low[down] |= LIMIT
    found.missing[:] = np.isnan(chosen)
    with np.errstate(invalid="ignore"):
        if not math.isnan(upper):
            found.excess[:] = np.where(up, chosen - upper, found.excess)
        if not math.isnan(lower):
            found.excess[:] = np.where(down & ~up, lower - chosen, found.excess)
    return found
