"""The chart of a notice, as plain data: a series up to its judged period, with the one band that it was judged by."""

import math
from collections.abc import Mapping

from alertd.core.calendar import Calendar, Effect
from alertd.core.detect.baselines import plan
from alertd.core.findings import Chart, ChartNote, ChartPoint
from alertd.core.known import matches
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.periods import Period
from alertd.core.rules import Rule, Window
from alertd.core.verdicts import STATES, State, Verdicts

_FEWEST_POINTS = 24
_MOST_POINTS = 104


def chart_of(
    rule: Rule,
    measure: Measure,
    history: Verdicts,
    calendar: Calendar,
    row: int,
    column: int,
    small_numbers: SmallNumbers | None,
    baseline: tuple[str | None, str | None] = (None, None),
) -> Chart | None:
    """The chart of one series up to the judged row and the unsettled periods after it; None where nothing can be drawn."""
    if rule.freshness is not None or not 0 <= row < history.periods:
        return None
    points_back = _FEWEST_POINTS
    if rule.spc is not None:
        chosen = plan(rule.spc, measure.grain)
        points_back = max(points_back, chosen.length + chosen.gap + 6 if chosen.window is Window.LAST else _MOST_POINTS)
    first = max(0, row + 1 - min(points_back, _MOST_POINTS))
    points = tuple(
        _point(measure, history, at, column, small_numbers) for at in range(first, min(history.periods, row + 4))
    )
    if not any(point.value is not None for point in points):
        return None
    shown = (
        Period(history.grain, history.first + first),
        Period(history.grain, history.first + min(history.periods, row + 4) - 1),
    )
    hidden = any(point.hidden for point in points)
    return Chart(
        grain=history.grain,
        points=points,
        centre=None if hidden else known(float(history.centre[row, column])),
        lower=None if hidden else known(float(history.lower[row, column])),
        upper=None if hidden else known(float(history.upper[row, column])),
        baseline_from=baseline[0],
        baseline_to=baseline[1],
        notes=_notes(measure, calendar, dict(zip(history.by, history.keys[column], strict=True)), shown),
        reference=measure.reference,
        unit=measure.unit,
        minimum=measure.minimum,
        maximum=measure.maximum,
    )


def _point(
    measure: Measure, history: Verdicts, row: int, column: int, small_numbers: SmallNumbers | None
) -> ChartPoint:
    state = STATES[int(history.state[row, column])]
    value = float(history.value[row, column])
    hide = any(is_small(count, small_numbers) for count in _people(measure, history, row, column))
    return ChartPoint(
        period=str(history.period(row)),
        value=None if hide else known(value),
        mark=None if hide or not state.notable else state.value,
        hidden=hide,
        settled=state is not State.UNSETTLED,
    )


def _people(measure: Measure, history: Verdicts, row: int, column: int) -> tuple[float, ...]:
    """The counts that a figure gives away: the count itself, or a part and the rest of its whole; none for a value."""
    if history.numerator is None or history.denominator is None:
        return (float(history.value[row, column]),) if measure.count is not None else ()
    part = float(history.numerator[row, column])
    return (part, float(history.denominator[row, column]) - part) if measure.is_share else (part,)


def is_small(count: float, small_numbers: SmallNumbers | None) -> bool:
    return small_numbers is not None and 0 < count < small_numbers.fewer_than


def _notes(
    measure: Measure, calendar: Calendar, series: Mapping[str, str], shown: tuple[Period, Period]
) -> tuple[ChartNote, ...]:
    notes = []
    for annotation in calendar.annotations.values():
        if measure.id not in annotation.measures or not matches(series, annotation.where):
            continue
        period = Period.containing(annotation.from_.start, measure.grain)
        if shown[0].slot <= period.slot <= shown[1].slot:
            notes.append(
                ChartNote(period=str(period), text=annotation.reason, rebase=annotation.effect is Effect.REBASE)
            )
    return tuple(sorted(notes, key=lambda note: note.period))


def known(value: float) -> float | None:
    """A figure, or None for NaN."""
    return None if math.isnan(value) else value
