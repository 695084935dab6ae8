"""A detector on figures as they are to be judged: pooled where samples are small, on the log scale where ratios are."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from alertd.core.detect.base import Look, Signals
from alertd.core.parameters.drift import Drift
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.rules import Detector
from alertd.core.series import SeriesBlock
from alertd.core.shaping import pooled


def detect_shaped(detector: Detector, look: Look, detect: Callable[[Detector, Look], Signals]) -> Signals:
    """Judge some rows of a block as `detect` does; figures and limits come back in the measure's unit."""
    block = look.block
    if look.measure.pool is not None:
        block = pooled(look.measure, block, look.known)
        found = detect(detector, _at(look, block))
        if found.figure is not None or block.numerator is None or block.denominator is None:
            return found
        rows = look.rows
        return replace(
            found, figure=block.value[rows], numerator=block.numerator[rows], denominator=block.denominator[rows]
        )
    if block.log_value is None or not isinstance(detector, (Spc, Drift, Seasonal)):
        return detect(detector, look)
    found = detect(detector, _at(look, replace(block, value=block.log_value)))
    in_sigma = (
        isinstance(detector, Drift) and detector.method == "cusum"
    )  # its sums and limits are on no scale of figures
    scaled = ("centre",) if in_sigma else ("centre", "lower", "upper", "statistic")
    with np.errstate(over="ignore"):
        lines = {name: np.exp(line) for name in scaled if (line := getattr(found, name)) is not None}
    return replace(found, **lines, figure=block.value[look.rows])


def _at(look: Look, block: SeriesBlock) -> Look:
    """The same look at another block of the same periods and series."""
    return Look(measure=look.measure, block=block, known=look.known, rows=look.rows)
