"""Figures that each cover a longer time than their period: those that share data are judged apart."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Known, Rows
from alertd.core.measure_parts import coarser
from alertd.core.measures import Measure
from alertd.core.periods import Period
from alertd.core.series import Floats, SeriesBlock
from alertd.core.verdicts import Verdicts


class _Strand(NamedTuple):
    """Some rows of a block that share no data, as a block of a coarser grain."""

    measure: Measure
    block: SeriesBlock
    known: Known
    rows: Rows
    """The part's own rows to judge."""
    at: Rows
    """Where their verdicts belong among the rows that were asked for."""


def is_judged(measure: Measure, slot: int) -> bool:
    """Whether a period is one that is judged, where only some are."""
    window = measure.window
    return window is None or (slot - window.phase(measure.grain)) % window.every(measure.grain) == 0


def judge_apart(
    measure: Measure,
    block: SeriesBlock,
    known: Known,
    rows: Rows,
    judge: Callable[[Measure, SeriesBlock, Known, Rows], Verdicts],
    waiting: Verdicts,
) -> Verdicts:
    """Verdicts of figures that each cover a longer time than their period, every one among those that share no data with it.

    `waiting` are verdicts of `rows` without any judgement; the rows that are judged are replaced.
    """
    made = {name: array.copy() for name, array in waiting.arrays().items()}
    for part in _strands(measure, block, known, rows):
        for name, given in judge(part.measure, part.block, part.known, part.rows).arrays().items():
            if name not in made:  # that only some detectors give
                made[name] = np.full(waiting.state.shape, False if given.dtype == np.bool_ else np.nan)
            made[name][part.at] = given
    return replace(waiting, **made)


def _strands(measure: Measure, block: SeriesBlock, known: Known, rows: Rows) -> Iterator[_Strand]:
    assert measure.window is not None
    stride = measure.window.stride(measure.grain)
    grain = coarser(measure.grain, stride)
    assert grain is not None  # the measure's checks have seen to it
    judged = np.array([is_judged(measure, block.first + row) for row in rows.tolist()], dtype=np.bool_)
    coarse = measure.model_copy(update={"grain": grain})
    for start in range(min(stride, block.periods)):
        at = np.flatnonzero(judged & (rows % stride == start))
        if not len(at):
            continue
        thin = _thinned(block, start, stride)
        first = Period.containing(block.period(start).start, grain).slot
        # A segment begins at the first figure of the part that lies in it.
        segment = np.maximum(-(-(known.segment[start::stride] - start) // stride), 0)
        seen = known._replace(excluded=known.excluded[start::stride], muted=known.muted[start::stride], segment=segment)
        yield _Strand(coarse, replace(thin, grain=grain, first=first), seen, (rows[at] - start) // stride, at)


def _thinned(block: SeriesBlock, start: int, stride: int) -> SeriesBlock:
    def part(array: Floats | None) -> Floats | None:
        return None if array is None else array[start::stride]

    return replace(
        block,
        value=block.value[start::stride],
        numerator=part(block.numerator),
        denominator=part(block.denominator),
        present=block.present[start::stride],
        standard_error=part(block.standard_error),
        grades=None if block.grades is None else block.grades[:, start::stride],
        log_value=part(block.log_value),
        reference=part(block.reference),
        entries=None,
    )
