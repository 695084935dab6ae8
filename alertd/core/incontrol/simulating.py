"""Simulating a measure's series from their in-control model: blocks in which nothing happens but chance."""

import numpy as np

from alertd.core.incontrol import draws
from alertd.core.incontrol.model import Family, InControl
from alertd.core.incontrol.past import added_by
from alertd.core.series import Bools, Floats, SeriesBlock
from alertd.core.unusable import UNBOUNDED

_LARGEST = UNBOUNDED / 2
_LARGEST_LOG = 690.0


def simulate(model: InControl, periods: int, rng: np.random.Generator, *, copies: int = 1) -> SeriesBlock:
    """Figures of every series for so many periods, the last of which is the model's newest settled one.

    The block is as a real one: in the measure's unit, with all that the measure has beside its figures. With more `copies`
    all series come again as further columns under the same keys, which only detectors that judge each by itself may see.
    """
    if periods < 1 or copies < 1:
        raise ValueError(f"nothing can be simulated in {periods} periods of {copies} copies; both are 1 or more")
    if copies > 1:
        model = model.take(np.tile(np.arange(len(model.keys)), copies))
    with np.errstate(all="ignore"):  # series without a model are NaN
        return _block(model, model.last - periods + 1, periods, rng)


def _block(model: InControl, first: int, periods: int, rng: np.random.Generator) -> SeriesBlock:
    measure, size = model.measure, (periods, len(model.keys))
    missing = np.isnan(model.level + model.spread) | (rng.random(size) < model.lost)
    denominator, error = _drawn_from_past(model, size, rng)
    added = added_by(model.seasons, first + np.arange(periods))[:, None]
    grades = events = logs = numerator = lines = None
    match model.family:
        case Family.COUNT | Family.AMOUNT:
            value = draws.counts(model, added, denominator, rng)
        case Family.SHARE:
            assert denominator is not None  # a share has one
            value = draws.shares(model, added, denominator, rng)
        case Family.RATIO:
            logs = np.clip(draws.logs(model, added, rng), -_LARGEST_LOG, _LARGEST_LOG)
            value = np.exp(logs)
        case Family.EVENT:
            events, value = draws.events(model, first, periods, rng)
        case Family.GRADE:
            value = draws.grades(model, periods, rng)
        case Family.GRADES:
            assert denominator is not None  # how many grades a period has
            grades = draws.many_grades(model, denominator, rng)
            value, denominator = draws.lower_median(grades), None
        case _:
            value = draws.values(model, added, error, rng)
    value = _absent(np.clip(value, -_LARGEST, _LARGEST), missing)
    if denominator is not None:
        numerator, denominator = value, _absent(denominator, missing)
        value = np.clip(numerator * measure.factor / denominator, -_LARGEST, _LARGEST)
    if model.reference is not None:
        lines = np.broadcast_to(model.reference, size).copy()
    return SeriesBlock(
        measure=measure.id, grain=measure.grain, by=model.by, keys=model.keys, first=first, value=value,
        numerator=numerator, denominator=denominator, present=~missing,
        standard_error=None if error is None else _absent(error, missing),
        grades=None if grades is None else _absent(grades, missing),
        events=events, log_value=None if logs is None else _absent(logs, missing), reference=lines,
        data_version="simulated",
    )  # fmt: skip


def _absent(figures: Floats, missing: Bools) -> Floats:
    return np.where(missing, np.nan, figures)


def _drawn_from_past(
    model: InControl, size: tuple[int, int], rng: np.random.Generator
) -> tuple[Floats | None, Floats | None]:
    """The denominator and the standard error of each figure, both of one past period of its own series."""
    kept, columns = model.kept, np.arange(size[1])
    if kept.denominator is None and kept.standard_error is None:
        return None, None
    rows = (rng.random(size) * np.maximum(kept.held, 1)).astype(np.int64)

    def drawn(past: Floats | None) -> Floats | None:
        if past is None or not len(past):
            return None if past is None else np.full(size, np.nan)
        return past[rows, columns]

    return drawn(kept.denominator), drawn(kept.standard_error)
