"""The chart of a notice, as plain data: a series up to its judged period, with the one band that it was judged by."""

import math
from collections.abc import Mapping

from alertd.core.calendar import Calendar, Effect
from alertd.core.detect.baselines import plan
from alertd.core.disclosure import is_hidden
from alertd.core.findings import Chart, ChartNote, ChartPoint
from alertd.core.known import matches
from alertd.core.measures import Measure, Reference, SmallNumbers
from alertd.core.parameters.baseline import Window
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import STATES, State, Verdict, Verdicts

_UNDRAWN = frozenset(("freshness", "rating"))
"""What is said in words alone: there is no figure, or it is a grade."""
_BANDLESS = frozenset(("drift", "change", "forecast"))
"""Detectors whose limits are not limits of the figure that is drawn."""
_FEWEST_POINTS = 24
_MOST_POINTS = 60


def chart_of(
    shown: Verdict,
    rule: Rule,
    measure: Measure,
    history: Verdicts,
    calendar: Calendar,
    small_numbers: SmallNumbers | None,
    baseline: tuple[str | None, str | None] = (None, None),
    line: float | None = None,
) -> Chart | None:
    """The chart of one series (alone in `history`) up to its judged period and the unsettled ones after it.

    The one band of limits is that of `shown`, which may be coarser than the exact one. `line` is where a reference
    line stands that a column moves. None where nothing can be drawn.
    """
    row = shown.period.slot - history.first
    if rule.kind in _UNDRAWN or not 0 <= row < history.periods:
        return None
    first, stop = max(0, row + 1 - _points_back(rule, measure)), min(history.periods, row + 4)
    points = tuple(_point(measure, history, at, small_numbers) for at in range(first, stop))
    if not any(point.value is not None for point in points):
        return None
    return Chart(
        grain=history.grain,
        points=points,
        centre=or_none(shown.centre) if rule.kind not in _BANDLESS or rule.drift is not None else None,
        lower=or_none(shown.lower) if rule.kind not in _BANDLESS else None,
        upper=or_none(shown.upper) if rule.kind not in _BANDLESS else None,
        baseline_from=baseline[0],
        baseline_to=baseline[1],
        notes=_notes(measure, calendar, shown.series, history.period(first), history.period(stop - 1)),
        reference=_reference(shown, rule, measure, line),
        unit=measure.unit,
        minimum=measure.minimum,
        maximum=measure.maximum,
    )


def _reference(shown: Verdict, rule: Rule, measure: Measure, line: float | None) -> Reference | None:
    """The line to draw: the capacity of a forecast, which bears on what was judged, else that of the measure."""
    if rule.forecast is not None and not math.isnan(shown.upper):
        return Reference(value=shown.upper, label="capacity")
    return None if measure.reference is None else measure.reference.at(line)


def line_at(block: SeriesBlock, row: int) -> float | None:
    """Where a moving reference line of a block of one series stands: what its column says then, or said last."""
    known_so_far = () if block.reference is None else block.reference[: row + 1, 0]
    there = [float(value) for value in known_so_far if not math.isnan(value)]
    return there[-1] if there else None


def _points_back(rule: Rule, measure: Measure) -> int:
    """How many periods are drawn up to the judged one: at least two years of months, and a rolling baseline whole."""
    if rule.limited is None:
        return _MOST_POINTS if rule.kind == "seasonal" else _FEWEST_POINTS
    chosen = plan(rule.limited, measure.judged_grain)
    wanted = (chosen.length + chosen.gap + 6) * measure.stride if chosen.window is Window.LAST else _MOST_POINTS
    return min(max(_FEWEST_POINTS, wanted), _MOST_POINTS)


def _point(measure: Measure, history: Verdicts, row: int, small_numbers: SmallNumbers | None) -> ChartPoint:
    state = STATES[int(history.state[row, 0])]
    hide = is_hidden(measure, history, row, small_numbers)
    return ChartPoint(
        period=str(history.period(row)),
        value=None if hide else or_none(float(history.value[row, 0])),
        mark=None if hide or not state.notable else state.value,
        hidden=hide,
        settled=state is not State.UNSETTLED,
    )


def _notes(
    measure: Measure, calendar: Calendar, series: Mapping[str, str], first: Period, last: Period
) -> tuple[ChartNote, ...]:
    """The annotations of a series between two periods, by date."""
    notes = []
    for annotation in calendar.annotations.values():
        if measure.id not in annotation.measures or not matches(series, annotation.where):
            continue
        period = Period.containing(annotation.from_.start, measure.grain)
        if first.slot <= period.slot <= last.slot:
            notes.append(
                ChartNote(period=str(period), text=annotation.reason, rebase=annotation.effect is Effect.REBASE)
            )
    return tuple(sorted(notes, key=lambda note: note.period))


def or_none(value: float) -> float | None:
    """A figure, or None for NaN."""
    return None if math.isnan(value) else value
