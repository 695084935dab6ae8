"""The engine of control charts: which chart judges a series, and the charts of shares, rates and counts row by row."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from alertd.core.control_charts import default_chart, misfit, rare_chart
from alertd.core.detect.attributes import Attribute, Line, distances, fit, without_outliers
from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.baselines import Plan, plan, window
from alertd.core.detect.between import judge_between
from alertd.core.detect.choice import rare_counts
from alertd.core.detect.promising import promising
from alertd.core.detect.run import judge_run
from alertd.core.detect.runs import pattern_signals
from alertd.core.detect.xmr import judge_xmr, recent_figures
from alertd.core.errors import UsageError
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import ChartKind, Spc
from alertd.core.series import Bools, Floats

Part = tuple[Bools, ChartKind, Spc]
"""Which judged rows and series are judged by which chart."""
SERIES_AT_ONCE = 8192
"""The baselines of so many series, or of so many rows of fewer, stay in the processor's cache."""
_ZONES = {"two_in_three": 3, "four_in_five": 5, "eight_outside": 8, "stratified": 15}
"""How many points' limits a signal needs."""


def judge_spc(spc: Spc, look: Look) -> Signals:
    """Judge a block by a control chart: the one that is written, or the one that fits what is measured.

    Raises `UsageError` where the written one cannot be drawn of such a measure.
    """
    look = _with_large_enough_samples(spc, look)
    measure = look.measure
    if measure.overlapping and spc.chart != "run":
        # Neighbouring figures share data, so that runs of them mean nothing.
        spc = spc.model_copy(update={"signals": ("astronomical",)})
    unweighted = measure.denominator is not None and look.block.denominator is None
    if spc.chart is not None:
        problem = misfit(spc.chart, measure)
        if problem is None and unweighted and spc.chart in ("p", "pp", "u", "up"):
            problem = f"a {spc.chart} chart needs to know what each figure was taken from; write figures as `93/126`"
        if problem is not None:
            raise UsageError(f"measure `{measure.id}`: {problem}")
        return _judge(spc.chart, spc, look)
    # An example of shares or rates alone says nothing of how much stands behind them.
    chart = "xmr" if unweighted else default_chart(measure)
    if chart not in ("pp", "up"):
        return _judge(chart, spc, look)
    rare = rare_counts(spc, look)
    asked = "astronomical" in (spc.signals or spc.rule_set.signals)
    rest = rare_counts(spc, _of_the_rest(look)) & ~rare if chart == "pp" and asked else np.zeros_like(rare)
    if not (rare.any() or rest.any()):
        return _judge(chart, spc, look)
    # Where hardly one of the whole is ever missing, most figures lie above the mean: runs there mean nothing.
    alone = spc.model_copy(update={"signals": ("astronomical",)})
    return _joined(look, ((~rare & ~rest, chart, spc), (rare, rare_chart(measure), spc), (rest, chart, alone)))


def judge_attribute(spc: Spc, look: Look, *, least_scatter: float = 1) -> Signals:
    """Judge a block's counts by the p, pp, u, up or c chart that `spc` names.

    Each row is judged by one baseline for every point of a pattern that ends there, each point by the limits of its own
    denominator. `least_scatter` is the least that Laney's charts widen their limits by.
    """
    counts = _counts(spc, look)
    chart = Attribute(
        share=spc.chart in ("p", "pp"),
        laney=spc.chart in ("pp", "up"),
        multiplier=spc.multiplier,
        exact_below=spc.exact_below,
        least_scatter=least_scatter,
    )
    chosen = plan(spc, look.block.grain)
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        for start in range(0, look.usable.shape[1], SERIES_AT_ONCE):
            here = slice(start, start + SERIES_AT_ONCE)
            part = counts.take(here)
            segment = look.known.segment[:, here]
            width = part.cases.shape[1]
            together = max(1, SERIES_AT_ONCE // max(width, 1))
            for first in range(0, len(look.rows), together):
                rows = look.rows[first : first + together].tolist()
                lines, learning = _lines(chart, chosen, part, segment, rows, look.block.first)
                _draw(chart, lines, part, rows, found, (slice(first, first + len(rows)), here))
                found.learning[first : first + len(rows), here] = learning.reshape(len(rows), width)
                for number, row in enumerate(rows):
                    line = lines.part(slice(number * width, (number + 1) * width))
                    _judge_row(chart, spc, line, part, segment, row, found, (first + number, here))
    if counts.bare:
        return replace(found, figure=counts.cases[look.rows])
    return found


class _Counts(NamedTuple):
    """Cases, and among how many or over how much exposure (None: one each), NaN where not usable; and their unit."""

    cases: Floats
    sample: Floats | None
    factor: float
    bare: bool = False
    """The cases themselves are the figure, and not the measure's own rate."""

    def take(self, columns: slice) -> "_Counts":
        return self._replace(
            cases=self.cases[:, columns], sample=None if self.sample is None else self.sample[:, columns]
        )

    def samples(self, cases: Floats, sample: Floats | None) -> tuple[Floats, Floats]:
        """Cases and their samples, both NaN where either is of no use."""
        if sample is None:
            return cases, np.where(np.isnan(cases), np.nan, 1.0)
        sound = (sample > 0) & ~np.isnan(cases)
        if sound.all():
            return cases, sample
        return np.where(sound, cases, np.nan), np.where(sound, sample, np.nan)


def _counts(spc: Spc, look: Look) -> _Counts:
    block = look.block
    if block.numerator is None or block.denominator is None:
        return _Counts(look.usable, None, 1.0)
    cases = block.numerator if look.usable is block.value else np.where(np.isnan(look.usable), np.nan, block.numerator)
    if spc.chart == "c":
        return _Counts(cases, None, 1.0, bare=True)
    return _Counts(cases, block.denominator, look.measure.factor)


def _lines(
    chart: Attribute, chosen: Plan, counts: _Counts, segment: Rows, rows: Sequence[int], first_slot: int
) -> tuple[Line, Bools]:
    """The lines of some rows' baselines, one row's series after another's, and where there are too few usable figures (NaN).

    The baselines of all the rows stand side by side: of few series one row alone costs nearly as much as all of them.
    """
    cases = _side_by_side([window(chosen, counts.cases, segment, row, first_slot) for row in rows])
    sample = None
    if counts.sample is not None:
        sample = _side_by_side([window(chosen, counts.sample, segment, row, first_slot) for row in rows])
    cases, sample = counts.samples(cases, sample)
    line = fit(chart, cases, sample)
    if chosen.window is Window.LAST:
        line = without_outliers(chart, line, cases, sample)
    learning = (np.count_nonzero(~np.isnan(cases), axis=0) < chosen.min_points) | np.isnan(line.centre)
    return line._replace(centre=np.where(learning, np.nan, line.centre)), learning


def _side_by_side(baselines: Sequence[Floats]) -> Floats:
    """Baselines of the same series as one of all their columns; shorter ones begin later."""
    if len(baselines) == 1:
        return baselines[0]
    periods, width = max(len(one) for one in baselines), baselines[0].shape[1]
    joined = np.full((periods, len(baselines), width), np.nan)
    for number, one in enumerate(baselines):
        joined[periods - len(one) :, number] = one
    return joined.reshape(periods, len(baselines) * width)


def _draw(
    chart: Attribute, line: Line, counts: _Counts, rows: Sequence[int], found: Signals, place: tuple[slice, slice]
) -> None:
    """Fill in the centre line and the limits that are shown, cut off where no share, rate or count can be."""
    shape = (len(rows), counts.cases.shape[1])
    cases, sample = counts.samples(
        counts.cases[rows].reshape(1, -1), None if counts.sample is None else counts.sample[rows].reshape(1, -1)
    )
    up, down = distances(chart, line, sample, exact_rows=1)
    upper = line.centre + up[0]
    found.missing[place] = np.isnan(cases).reshape(shape)
    found.centre[place] = (counts.factor * line.centre).reshape(shape)
    found.lower[place] = (counts.factor * np.maximum(line.centre - down[0], 0.0)).reshape(shape)
    found.upper[place] = (counts.factor * (np.minimum(upper, 1.0) if chart.share else upper)).reshape(shape)


def _judge_row(
    chart: Attribute,
    spc: Spc,
    line: Line,
    counts: _Counts,
    segment: Rows,
    row: int,
    found: Signals,
    place: tuple[int, slice],
) -> None:
    """Add the signals of the series: only of those that may have one, since few have."""
    rule_set = spc.rule_set
    wanted = spc.signals or rule_set.signals
    start = max(0, row - rule_set.longest + 1)
    figures = counts.cases[start : row + 1]
    if counts.sample is not None:
        figures = figures / counts.sample[start : row + 1]
    nearest = np.minimum(
        found.upper[place] / counts.factor - line.centre, line.centre - found.lower[place] / counts.factor
    )
    columns = promising(figures, line.centre, nearest, rule_set, wanted)
    columns = columns[~(found.learning[place][columns] | found.missing[place][columns])]
    if not len(columns):
        return
    few = line.take(columns)
    cases, sample = counts.samples(
        recent_figures(counts.cases, segment, row, rule_set.longest, columns),
        None if counts.sample is None else recent_figures(counts.sample, segment, row, rule_set.longest, columns),
    )
    figures = cases / sample
    limits = max(_ZONES.get(name, 1) for name in wanted)
    up, down = distances(chart, few, sample, exact_rows=limits)
    high, low = pattern_signals(figures, few.centre, up, down, rule_set, wanted)
    away = figures[-1] - few.centre
    reach = np.where(away > 0, up[-1], down[-1])
    # A limit on the centre line itself, of something all but unheard of, leaves no sigma to count in.
    beyond = spc.multiplier * np.where(reach > 0, np.abs(away) / reach - 1, 1.0)
    found.high[place][columns] = high
    found.low[place][columns] = low
    found.excess[place][columns] = np.where(np.abs(away) > reach, beyond, 0.0)


def _judge(chart: ChartKind, spc: Spc, look: Look) -> Signals:
    """Judge a block by one kind of chart."""
    if spc.chart is None:
        spc = spc.model_copy(update={"chart": chart})
    match chart:
        case "xmr":
            return judge_xmr(spc, look)
        case "run":
            return judge_run(spc, look)
        case "g" | "t" | "g_3sigma":
            return judge_between(spc, look)
        case _:
            return judge_attribute(spc, look)


def _joined(look: Look, parts: Sequence[Part]) -> Signals:
    """Judge rare counts and the others by their own charts, and put the signals side by side.

    A series may be rare before a rebase and not after it, so that it is judged by both.
    """
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    shown: dict[str, Any] = {}
    for there, chart, spc in parts:
        columns = np.flatnonzero(there.any(axis=0))
        if not len(columns):
            continue
        judged = _judge(chart, spc, look.take(columns))
        for name, part in judged.arrays().items():
            whole = getattr(found, name)
            if whole is None:
                whole = shown.setdefault(name, _given(name, look))
            whole[:, columns] = np.where(there[:, columns], part, whole[:, columns])
    return replace(found, **shown)


def _of_the_rest(look: Look) -> Look:
    """A look at what is missing of the whole, as if that were counted."""
    block = look.block
    if block.numerator is None or block.denominator is None:
        return look
    return replace(look, block=replace(block, numerator=block.denominator - block.numerator))


def _given(name: str, look: Look) -> Floats | Bools:
    """What is shown of series whose chart says nothing of its own."""
    of_the_block = {
        "figure": look.block.value,
        "numerator": look.block.numerator,
        "denominator": look.block.denominator,
    }
    if name == "gap":
        return np.zeros((len(look.rows), look.usable.shape[1]), dtype=np.bool_)
    given = of_the_block.get(name)
    return np.full((len(look.rows), look.usable.shape[1]), np.nan) if given is None else given[look.rows]


def _with_large_enough_samples(spc: Spc, look: Look) -> Look:
    """A look without the figures whose denominator is too small to be judged."""
    block = look.block
    if spc.min_denominator is None or block.denominator is None:
        return look
    small = block.denominator < spc.min_denominator
    if not small.any():
        return look
    numerator = None if block.numerator is None else np.where(small, np.nan, block.numerator)
    return replace(look, block=replace(block, value=np.where(small, np.nan, block.value), numerator=numerator))
