"""The past of one series under one rule, as a page of a back-test may show it: figures, limits, notices."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from alertd.config.home import Home
from alertd.core.cases import Direction, TransitionKind
from alertd.core.detect.dispatch import COMPARES_SERIES
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.rare import as_judged
from alertd.core.replay import Moved
from alertd.core.series import Bools, Floats, series_words
from alertd.core.verdicts import Verdict, Verdicts
from alertd.rendering.clean import clean
from alertd.round.moves import small_numbers_of
from alertd.workbench.replaying import Replayed
from alertd.workbench.told import Told

MOST_PERIODS = 600
"""The newest periods that are drawn; more than a picture's pixels tell nothing."""
_LEAD = 36  # periods before watching began that are drawn too: what the first ones were judged by
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One transition, and everybody who would have been told of it."""

    verdict: Verdict
    """As it may be shown: hidden figures are NaN."""
    kind: TransitionKind
    direction: Direction
    reason: str
    told: tuple[Told, ...]
    hidden: bool
    """Its figure is too small to show (R31)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One series under one rule. Arrays run over periods from slot `first` on; NaN where there is nothing, or to hide."""

    rule: str
    kind: str
    """The rule's detector."""
    key: Key
    words: str
    measure: Measure
    """As the figures are to be read: a gap between rare events is in days."""
    first: int
    state: Sequence[int]
    value: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    statistic: Floats | None
    """What the limits belong to, where that is not the figure."""
    hidden: Bools
    notices: tuple[Notice, ...]

    def period(self, at: int) -> Period:
        """The period at a place of the arrays."""
        return Period(self.measure.grain, self.first + at)

    @property
    def last(self) -> int:
        """The slot of the last period."""
        return self.first + len(self.state) - 1

    @property
    def copies(self) -> int:
        """How many notices, each recipient's counted."""
        return sum(len(notice.told) for notice in self.notices)

    @property
    def drawn(self) -> bool:
        """Whether there is a figure to draw; there is none where a feed is watched or rules are joined."""
        return bool(np.isfinite(self.value).any() or self.hidden.any())


def most_told(group: Sequence[Replayed], most: int) -> tuple[list[Key], int]:
    """The series that some rules of one measure told most of, most first; and how many told anything.

    Each rule counts alike, however much it tells.
    """
    share: dict[Key, float] = defaultdict(float)
    for replayed in group:
        for key, notices in Counter(one.key for one in replayed.told).items():
            share[key] += notices / len(replayed.told)
    return sorted(share, key=lambda key: (-share[key], key))[:most], len(share)


def pasts_of(home: Home, replayed: Replayed, keys: Iterable[Key], *, watched_from: Period | None) -> dict[Key, Past]:
    """The pasts of some series; those that the rule does not judge are left out."""
    history, rule = replayed.history, replayed.rule
    column = {key: j for j, key in enumerate(history.keys)}
    chosen = [key for key in keys if key in column]
    small = small_numbers_of(home, replayed.measure)
    shown, hidden = as_shown(replayed, [column[key] for key in chosen], small)
    cut = max(0, history.periods - MOST_PERIODS)
    if watched_from is not None:
        cut = max(cut, min(watched_from.slot - _LEAD - history.first, history.periods))
    moved = _moves(replayed, set(chosen))
    stop = _end(shown, hidden, [one.verdict.period.slot for moves in moved.values() for one, _ in moves])
    cut = min(cut, stop - 1)
    found = {}
    for j, key in enumerate(chosen):
        moves = moved.get(key, [])
        notices = tuple(_notice(shown, hidden, j, one, told, small) for one, told in moves)
        gap = None if shown.gap is None or not shown.gap[:, j].any() else shown.gap[cut:stop, j]
        read = next((as_judged(rule, replayed.measure, one.verdict) for one, _ in moves if one.verdict.gap), None)
        value = shown.value[cut:stop, j]
        found[key] = Past(
            rule=replayed.name,
            kind=rule.kind,
            key=key,
            words=clean(series_words(dict(zip(history.by, key, strict=True))), 90),
            measure=read or replayed.measure,
            first=shown.first + cut,
            state=shown.state[cut:stop, j].tolist(),
            value=value
            if gap is None
            else np.where(gap, value, np.nan),  # of the two kinds of figure only one is drawn
            centre=shown.centre[cut:stop, j],
            lower=shown.lower[cut:stop, j],
            upper=shown.upper[cut:stop, j],
            statistic=None if shown.statistic is None else shown.statistic[cut:stop, j],
            hidden=hidden[cut:stop, j],
            notices=notices,
        )
    return found


def hidden_of(measure: Measure, history: Verdicts, small: SmallNumbers | None) -> Bools:
    """Where a figure may not be shown, periods x series: `disclosure.is_hidden`, of all at once."""
    if small is None:
        return np.zeros(history.value.shape, dtype=np.bool_)
    counts: list[Floats] = []
    if history.numerator is not None:
        counts.append(history.numerator)
        if history.denominator is not None and measure.is_share:
            counts.append(history.denominator - history.numerator)
    elif measure.count is not None or measure.event is not None:
        counts.append(history.value)
    hidden = np.zeros(history.value.shape, dtype=np.bool_)
    for count in counts:
        hidden |= (count > 0) & (count < small.fewer_than)
    return hidden


def as_shown(replayed: Replayed, columns: Sequence[int], small: SmallNumbers | None) -> tuple[Verdicts, Bools]:
    """The history of some series with everything taken out that may not be shown (R31), and where figures were hidden.

    A picture has the limits of every period, and with them more to subtract from than a letter. So a hidden figure
    anywhere in a series takes the exact limits of all its periods, whatever their baselines: those of a control chart or
    of a season are then whole numbers where figures are, others are not drawn. Agreed levels are no figures of anybody.
    """
    rule, measure, history = replayed.rule, replayed.measure, replayed.history
    chosen = history.take(columns)
    if small is None:
        return chosen, np.zeros(chosen.value.shape, dtype=np.bool_)
    everywhere = hidden_of(measure, history, small)
    hidden = everywhere[:, list(columns)]
    value = np.where(hidden, np.nan, chosen.value)
    if rule.kind in ("threshold", "rating"):
        return replace(chosen, value=value), hidden
    touched = np.broadcast_to(hidden.any(axis=0), hidden.shape)
    if rule.kind in COMPARES_SERIES:  # what is known of all together less what is shown of the others
        touched = np.broadcast_to(everywhere.any(axis=1, keepdims=True) | bool(rule.where), hidden.shape)
    whole: bool | Bools = rule.kind in ("spc", "seasonal") and measure.count is not None and measure.denominator is None
    if chosen.gap is not None:
        whole = whole & ~chosen.gap
    lower = np.where(whole, np.maximum(np.ceil(chosen.lower), 0.0), np.nan)
    upper = np.where(whole, np.floor(chosen.upper), np.nan)
    return replace(
        chosen,
        value=value,
        centre=np.where(touched, np.nan, chosen.centre),
        lower=np.where(hidden, np.nan, np.where(touched, lower, chosen.lower)),
        upper=np.where(hidden, np.nan, np.where(touched, upper, chosen.upper)),
        statistic=None if chosen.statistic is None else np.where(touched, np.nan, chosen.statistic),
    ), hidden


def _end(shown: Verdicts, hidden: Bools, told: Sequence[int]) -> int:
    """Behind the last row that has anything: a feed is watched long after its last figure came."""
    rows = np.flatnonzero((np.isfinite(shown.value) | hidden).any(axis=1))
    last = int(rows[-1]) if len(rows) else -1
    return min(shown.periods, max(last, *(slot - shown.first for slot in told), 0) + 1)


def _moves(replayed: Replayed, keys: Collection[Key]) -> Mapping[Key, list[tuple[Moved, tuple[Told, ...]]]]:
    """The transitions of some series that somebody was told of, each with who was."""
    told: dict[tuple[object, ...], list[Told]] = defaultdict(list)
    for one in replayed.told:
        if one.key in keys:
            told[one.key, one.judged_at, one.kind].append(one)
    found: dict[Key, list[tuple[Moved, tuple[Told, ...]]]] = defaultdict(list)
    for moved in replayed.moved:
        key = moved.verdict.key
        given = told.get((key, moved.at, moved.transition.kind)) if key in keys else None
        if given:
            found[key].append((moved, tuple(given)))
    return found


def _notice(
    shown: Verdicts,
    hidden: Bools,
    column: int,
    moved: Moved,
    told: tuple[Told, ...],
    small: SmallNumbers | None,
) -> Notice:
    verdict, transition = moved.verdict, moved.transition
    at = verdict.period.slot - shown.first
    there = 0 <= at < shown.periods
    concealed = there and bool(hidden[at, column])
    if (
        small is not None
    ):  # what was known then may be hidden now, or may have been then: the figures at the end stand for it
        value, centre, lower, upper = (
            float(line[at, column]) if there else _NAN for line in (shown.value, shown.centre, shown.lower, shown.upper)
        )
        figures = replace(verdict, value=value, centre=centre, lower=lower, upper=upper)
        verdict = replace(figures, numerator=_NAN, denominator=_NAN, excess=_NAN)
    return Notice(
        verdict=verdict,
        kind=transition.kind,
        direction=transition.case.direction,
        reason=transition.reason.value,
        told=told,
        hidden=concealed,
    )
