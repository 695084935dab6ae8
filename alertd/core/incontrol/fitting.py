"""Fitting a measure's in-control model: what each series does by chance alone, told from its own recent past."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Known
from alertd.core.incontrol.counted import Fitted, fit_counts, fit_shares
from alertd.core.incontrol.graded import fit_events, fit_grades
from alertd.core.incontrol.model import Family, InControl, Kept
from alertd.core.incontrol.past import Past, kept_of, past_of
from alertd.core.incontrol.spread import FEWEST_POINTS
from alertd.core.incontrol.valued import fit_ratios, fit_values
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.series import Bools, Floats, SeriesBlock

_TOO_FEW = f"fewer than {FEWEST_POINTS} figures, and no other series to borrow its spread from"
_NONE = "no usable figure"
_ENDED = "no usable figure of late"


class _Model(NamedTuple):
    fitted: Fitted
    family: Family
    kept: Kept
    lowest: float = 0.0
    highest: float = np.inf
    step: float | None = None
    chances: Floats | None = None
    whole_days: bool = False


def fit(measure: Measure, block: SeriesBlock, known: Known, settled: int) -> InControl:
    """The in-control model of every series of a block, from its first `settled` rows; later ones are not used.

    What stands out, is excluded or lies before a series' last rebase tells nothing. Series without a model are named in
    `left_out`.
    """
    past = past_of(measure, block, known, settled)
    with np.errstate(all="ignore"):  # what has no figure is NaN, and stays so
        made = _fitted(measure, past)
    fitted = made.fitted
    usable: Bools = (fitted.points > 0) & np.isfinite(fitted.level) & np.isfinite(fitted.spread)
    if made.family not in (Family.GRADE, Family.GRADES, Family.EVENT):
        lenders = usable & ~fitted.borrowed
        usable = usable if lenders.any() else lenders
    reference = None if block.reference is None else _newest(block.reference[:settled])
    return InControl(
        measure=measure, family=made.family, by=block.by, keys=block.keys, last=block.first + settled - 1,
        level=np.where(usable, fitted.level, np.nan), spread=np.where(usable, fitted.spread, np.nan),
        autocorrelation=fitted.autocorrelation, seasons=fitted.seasons, swing=fitted.swing, lost=past.lost,
        points=fitted.points, borrowed=fitted.borrowed & usable, left_out=_left_out(block.keys, past, usable),
        lowest=made.lowest, highest=made.highest, step=made.step, kept=made.kept, chances=made.chances,
        whole_days=made.whole_days, reference=reference,
    )  # fmt: skip


def _fitted(measure: Measure, past: Past) -> _Model:
    if measure.event is not None:
        fitted, whole_days = fit_events(past)
        return _Model(fitted, Family.EVENT, kept_of(past, None), whole_days=whole_days)
    if measure.grade is not None:
        graded = fit_grades(measure, past)
        family = Family.GRADE if graded.sizes is None else Family.GRADES
        every = past._replace(recent=past.usable)  # grades are few, so that all of them count
        return _Model(graded.fitted, family, kept_of(every, graded.sizes), chances=graded.chances)
    if measure.ratio is not None:
        return _Model(fit_ratios(past), Family.RATIO, kept_of(past, None))
    if measure.value is not None or measure.quantile is not None:
        valued = fit_values(measure, past)
        kept = kept_of(past, None)
        return _Model(valued.fitted, valued.family, kept, valued.lowest, valued.highest, valued.step)
    cases = past.value if past.numerator is None else past.numerator
    if measure.is_share and past.denominator is not None:
        return _Model(fit_shares(past, cases), Family.SHARE, kept_of(past, past.denominator))
    counted = cases[past.recent]
    whole = bool((counted == np.rint(counted)).all())
    family = Family.COUNT if whole else Family.AMOUNT
    return _Model(fit_counts(past, cases, whole=whole), family, kept_of(past, past.denominator))


def _left_out(keys: tuple[Key, ...], past: Past, usable: Bools) -> dict[Key, str]:
    """Why each series without a model has none."""
    any_at_all: Bools = np.any(past.usable, axis=0)
    recent: Bools = np.any(past.recent, axis=0)
    reasons: dict[Key, str] = {}
    for column in np.flatnonzero(~usable).tolist():
        reasons[keys[column]] = _TOO_FEW if recent[column] else _ENDED if any_at_all[column] else _NONE
    return reasons


def _newest(lines: Floats) -> Floats:
    """The last figure of each column, NaN where there is none."""
    there = np.isfinite(lines)
    row = len(lines) - 1 - there[::-1].argmax(axis=0) if len(lines) else np.zeros(lines.shape[1], dtype=np.int64)
    if not len(lines):
        return np.full(lines.shape[1], np.nan)
    return np.where(there.any(axis=0), lines[row, np.arange(lines.shape[1])], np.nan)
