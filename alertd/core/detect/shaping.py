"""A detector on figures as they are to be judged: pooled where samples are small, on the log scale where ratios are."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from alertd.core.detect.base import Known, Look, Signals
from alertd.core.measures import Measure
from alertd.core.parameters.drift import Drift
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.rules import Detector
from alertd.core.series import Bools, SeriesBlock


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


def pooled(measure: Measure, block: SeriesBlock, known: Known) -> SeriesBlock:
    """The block with each period's sample taken together with those before it, newest first, until it is large enough.

    A period without figures of its own stays missing; earlier ones that are missing or excluded add nothing, and none is
    taken from beyond a rebase. Where the sample stays too small there is no figure, so that no detector judges its cases;
    its size is still shown.
    """
    pool = measure.pool
    if pool is None or block.numerator is None or block.denominator is None:
        return block
    cases, sample = block.numerator.copy(), block.denominator.copy()
    there: Bools = ~(np.isnan(cases) | np.isnan(sample) | known.excluded)
    own_cases, own_sample = np.where(there, cases, 0.0), np.where(there, sample, 0.0)
    for back in range(1, min(pool.at_most.count, block.periods)):
        with np.errstate(invalid="ignore"):
            short = sample[back:] < pool.until_denominator
        short &= known.segment[back:] == known.segment[:-back]
        cases[back:] += np.where(short, own_cases[:-back], 0.0)
        sample[back:] += np.where(short, own_sample[:-back], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        enough = sample >= pool.until_denominator
        value = np.where(enough, cases * measure.factor / sample, np.nan)
    cases[~enough] = np.nan
    return replace(block, value=value, numerator=cases, denominator=sample)
