"""What of a verdict may be shown where small numbers of people are protected (R31).

A count below the agreed figure is hidden, and so is a part whose rest is. Limits are a sum over the baseline: where that
holds a hidden count, exact limits would give it away by subtraction, so that a count's limits are shown in whole numbers
(which decide the same for whole counts) and a share's or rate's are not shown. Nor are those about one hidden figure,
whose middle it is, and those that lie so near each other that only one whole number remains.
"""

import math
from dataclasses import dataclass, replace

from alertd.core.measures import Measure, SmallNumbers
from alertd.core.rules import Rule
from alertd.core.verdicts import Verdict, Verdicts

_NAN = math.nan
_FROM_A_BASELINE = frozenset(("spc", "drift"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A verdict as it may be shown: hidden figures are NaN."""

    verdict: Verdict
    small: int | None = None
    """Set where the count is hidden: write `fewer than` this figure."""
    small_rest: bool = False
    """It is the rest of the whole that is small."""
    rounded: bool = False
    """The limits are not the exact ones."""


def disclosed(
    verdict: Verdict,
    rule: Rule,
    measure: Measure,
    history: Verdicts,
    baseline: range,
    small_numbers: SmallNumbers | None,
) -> Disclosed:
    """Take out of a verdict what may not be shown; `baseline` are the rows of `history` that its limits come from.

    `history` holds that series alone.
    """
    if small_numbers is None:
        return Disclosed(verdict=verdict)
    row = verdict.period.slot - history.first
    part, *rest = (*people(measure, history, row), _NAN)
    if is_small(part, small_numbers) or any(is_small(count, small_numbers) for count in rest):
        hidden = replace(
            verdict, value=_NAN, numerator=_NAN, denominator=_NAN, centre=_NAN, lower=_NAN, upper=_NAN, excess=_NAN
        )
        return Disclosed(verdict=hidden, small=small_numbers.fewer_than, small_rest=not is_small(part, small_numbers))
    counts_alone = measure.count is not None and measure.denominator is None and not verdict.gap
    if rule.kind == "threshold" or (
        rule.kind == "change" and counts_alone and not is_small(verdict.centre, small_numbers)
    ):  # the limits come from the rule, or from the one figure that is compared with
        return Disclosed(verdict=verdict)
    if rule.kind not in _FROM_A_BASELINE:
        baseline = range(max(row, 0))  # its limits come from earlier figures: which of them is not told apart
    if not any(is_hidden(measure, history, at, small_numbers) for at in baseline):
        return Disclosed(verdict=verdict)
    lower, upper = max(0.0, _up(verdict.lower)), _down(verdict.upper)
    if not counts_alone or rule.kind == "change" or lower >= upper:  # the middle of narrow limits is the hidden count
        return Disclosed(verdict=replace(verdict, centre=_NAN, lower=_NAN, upper=_NAN), rounded=True)
    return Disclosed(verdict=replace(verdict, centre=_NAN, lower=lower, upper=upper), rounded=True)


def _up(limit: float) -> float:
    return limit if math.isnan(limit) else float(math.ceil(limit))


def _down(limit: float) -> float:
    return limit if math.isnan(limit) else float(math.floor(limit))


def is_hidden(measure: Measure, history: Verdicts, row: int, small_numbers: SmallNumbers | None) -> bool:
    """Whether the figure of a period of a series (alone in `history`) may not be shown."""
    return any(is_small(count, small_numbers) for count in people(measure, history, row))


def tells_small(verdict: Verdict, measure: Measure, small_numbers: SmallNumbers | None) -> bool:
    """Whether the figure that a verdict judges may not be shown; of rare events that is their gap, which may be."""
    if verdict.gap:
        return False
    if math.isnan(verdict.numerator):
        return (measure.count is not None or measure.event is not None) and is_small(verdict.value, small_numbers)
    rest = verdict.denominator - verdict.numerator if measure.is_share else _NAN
    return is_small(verdict.numerator, small_numbers) or is_small(rest, small_numbers)


def may_repeat(told: float, measure: Measure, small_numbers: SmallNumbers | None) -> bool:
    """Whether the figure of an earlier notice may be told again; of a share or rate its counts are no longer known."""
    if small_numbers is None or (measure.count is None and measure.numerator is None):
        return True
    return measure.denominator is None and not is_small(told, small_numbers)


def is_small(count: float, small_numbers: SmallNumbers | None) -> bool:
    """Whether a count of people is too small to show; zero is not, and NaN is not."""
    return small_numbers is not None and 0 < count < small_numbers.fewer_than


def _is_gap(history: Verdicts, row: int) -> bool:
    return history.gap is not None and bool(history.gap[row, 0])


def people(measure: Measure, history: Verdicts, row: int) -> tuple[float, ...]:
    """The counts that a figure gives away: the count itself, or a part and the rest of its whole; none for a value."""
    counted = measure.count is not None or measure.event is not None
    if history.numerator is None:
        return (float(history.value[row, 0]),) if counted else ()
    part = float(history.numerator[row, 0])
    if math.isnan(part) and counted and measure.denominator is None and not _is_gap(history, row):
        return (float(history.value[row, 0]),)  # beside series that are judged by the gaps between events
    if history.denominator is None:
        return (part,)
    return (part, float(history.denominator[row, 0]) - part) if measure.is_share else (part,)
