"""Rules that join others: the verdicts of the components become one verdict, on whole arrays.

A component is true at a period where it is an exception or has changed; improvement is not. Below is three-valued logic: a
component that is unknown leaves open what the others do not settle. Periods are of the coarsest grain among the components,
series are the different values of the columns that all of them are by; what is finer is true where any part of it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertd.core.composites.components import shared_by
from alertd.core.detect.base import Known, Signals
from alertd.core.known import matches
from alertd.core.measures import Improvement
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.rules import Rule
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats
from alertd.core.states import states
from alertd.core.verdicts import Codes, State, Verdicts

Truths = NDArray[np.uint8]
"""What is known of components at each period and series, as the codes below."""

_NO, _LEARNING, _MUTED, _UNKNOWN, _YES = range(5)
_TRUTH = np.full(len(State), _NO, dtype=np.uint8)
for _state, _truth in (
    (State.EXCEPTION, _YES),
    (State.CHANGED, _YES),
    (State.UNKNOWN, _UNKNOWN),
    (State.UNSETTLED, _UNKNOWN),
    (State.MUTED, _MUTED),
    (State.LEARNING, _LEARNING),
):
    _TRUTH[_state.code] = _truth
# Where parts of one period or place are put together a true one counts first, then a known one, then the least unknown.
_RANK = np.array([3, 2, 1, 0, 4], dtype=np.uint8)
_OF_RANK = np.argsort(_RANK).astype(np.uint8)
_GRAINS = tuple(Grain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What one of the rules that are joined says."""

    verdicts: Verdicts
    """At every period."""
    newest: int | None
    """The slot, of its own grain, of the newest settled period; None where there is none."""
    judged_now: bool = False
    """It is judged now and not at a figure (freshness, an overdue grade), so what it says last is so now."""


class Joined(NamedTuple):
    """The verdicts of a rule that joins others."""

    history: Verdicts
    """At every period from the first to the last of any component."""
    row: int | None
    """The row of the newest period at which every component has settled figures; None where there is none."""

    @property
    def newest(self) -> Verdicts:
        """The verdicts at that period alone, or of no periods."""
        return self.history.rows(0, 0) if self.row is None else self.history.rows(self.row, self.row + 1)


def join(rule: Rule, components: Sequence[Component], measure: str, lead: int, *, only_changes: bool) -> Joined:
    """Join the verdicts of components in the order of `rule.components`.

    `lead` is the number of the component whose figures and limits are shown, where it is by the shared columns and of the
    shared grain; `measure` is the id of its measure. `only_changes` makes an exception `changed`.
    """
    grain = max((one.verdicts.grain for one in components), key=_GRAINS.index)
    by = shared_by([one.verdicts.by for one in components])
    keys = _keys(rule, components, by)
    spans = [(_slot(one, 0, grain), _slot(one, one.verdicts.periods - 1, grain)) for one in components]
    there = [span for one, span in zip(components, spans, strict=True) if one.verdicts.periods]
    first, last = (min(f for f, _ in there), max(t for _, t in there)) if there else (0, -1)
    newest = _newest(components, grain, last) if there else None
    row = None if newest is None or newest < first else newest - first
    shape = (last - first + 1, len(keys))
    found = [_within(_truths(one, by, keys, grain, first, shape, row), rule.within or 1) for one in components]
    truth = _all(found) if rule.all_of else _any(found)
    signals = Signals.blank(*shape)
    signals.high[truth == _YES] = signal_bit("all_of" if rule.all_of else "any_of")
    signals.learning[:] = truth == _LEARNING
    signals.missing[:] = truth == _UNKNOWN
    nowhere: Bools = np.zeros(shape, dtype=np.bool_)
    known = Known(truth == _MUTED, nowhere, np.zeros(shape, dtype=np.int64))
    shown = _figures(components[lead].verdicts, by, keys, grain, first, shape)
    improvement = Improvement.NEITHER if only_changes else Improvement.DECREASE
    state = states(rule, improvement, signals, shown["value"], known)
    unsettled = _unsettled(components, grain, first, shape[0])
    state[unsettled], signals.high[unsettled] = State.UNSETTLED.code, 0
    verdicts = components[lead].verdicts
    history = Verdicts(
        rule=rule.id,
        measure=measure,
        grain=grain,
        by=by,
        keys=keys,
        first=first,
        state=state,
        high=signals.high,
        low=signals.low,
        value=shown["value"],
        numerator=None if verdicts.numerator is None else shown["numerator"],
        denominator=None if verdicts.denominator is None else shown["denominator"],
        centre=shown["centre"],
        lower=shown["lower"],
        upper=shown["upper"],
        excess=np.zeros(shape),
    )
    return Joined(history, row)


def place_in(period: Period, grain: Grain) -> int:
    """The slot of the coarser grain that a period ends in, for that is when it is known."""
    return Period.containing(period.last_day, grain).slot if period.grain is not grain else period.slot


def part_of(key: Key, by: Sequence[str], shared: Sequence[str]) -> Key:
    """The shared part of a series' key, in the shared order."""
    return key if by == shared else tuple(key[by.index(column)] for column in shared)


def _keys(rule: Rule, components: Sequence[Component], by: tuple[str, ...]) -> tuple[Key, ...]:
    """The series: of `all_of` those that every component has (others could never be), of `any_of` those that any has."""
    each = [{part_of(key, one.verdicts.by, by) for key in one.verdicts.keys} for one in components]
    keys = set.intersection(*each) if rule.all_of else set.union(*each)
    if rule.where:
        keys = {key for key in keys if matches(dict(zip(by, key, strict=True)), rule.where)}
    return tuple(sorted(keys))


def _slot(one: Component, row: int, grain: Grain) -> int:
    return place_in(one.verdicts.period(row), grain)


def _newest(components: Sequence[Component], grain: Grain, last: int) -> int | None:
    """The newest slot that is settled, and whole, for every component; those that are judged now do not hold it back."""
    found = []
    for one in components:
        if one.judged_now or not one.verdicts.keys:
            continue
        if one.newest is None:
            return None
        found.append(_last_whole(one.verdicts.grain, one.newest, grain))
    return min(found, default=last)


def _last_whole(own: Grain, newest: int, grain: Grain) -> int:
    """The newest slot of the coarser grain of which no part is to come after the slot `newest` of a component's own."""
    period = Period(own, newest)
    slot = place_in(period, grain)
    return slot if place_in(period + 1, grain) > slot else slot - 1


def _truths(
    one: Component,
    by: tuple[str, ...],
    keys: tuple[Key, ...],
    grain: Grain,
    first: int,
    shape: tuple[int, int],
    newest: int | None,
) -> Truths:
    """What is known of one component at the shared periods and series; where it says nothing, unknown."""
    ranks = np.zeros(shape, dtype=np.uint8)
    given, columns = _places(one.verdicts, by, keys)
    alone = isinstance(columns, slice) or len(np.unique(columns)) == len(columns)
    last = one.verdicts.periods - 1
    for row in range(one.verdicts.periods):
        target = _slot(one, row, grain) - first
        if one.judged_now and newest is not None and target >= newest:
            if row != last:
                continue
            target = newest  # what it says last is so now, whichever period it says it of
            ranks[target] = 0
        here = _RANK[_TRUTH[one.verdicts.state[row, given]]]
        if isinstance(columns, slice) or alone:
            ranks[target, columns] = np.maximum(ranks[target, columns], here)
        else:
            np.maximum.at(ranks[target], columns, here)
    truths = _OF_RANK[ranks]
    if one.newest is not None and one.verdicts.grain is not grain and not one.judged_now:
        after = truths[max(0, _last_whole(one.verdicts.grain, one.newest, grain) - first + 1) :]
        after[after == _NO] = _UNKNOWN  # what is to come of the period may make it true
    return truths


def _within(truths: Truths, periods: int) -> Truths:
    """Whether it was true in one of so many periods up to each; an earlier gap leaves that open, earlier learning does not."""
    found = truths.copy()
    earlier = truths.copy()
    earlier[(earlier == _LEARNING) | (earlier == _MUTED)] = _NO
    for back in range(1, min(periods, len(truths))):
        np.maximum(found[back:], earlier[:-back], out=found[back:])
    return found


def _all(found: Sequence[Truths]) -> Truths:
    """False where any is; true where all are; else what is open, the least known first."""
    open_ = np.zeros_like(found[0])
    for one in found:
        open_ = np.maximum(open_, np.where(one == _YES, _NO, one))
    false = np.logical_or.reduce([one == _NO for one in found])
    true = np.logical_and.reduce([one == _YES for one in found])
    return np.where(false, _NO, np.where(true, _YES, open_)).astype(np.uint8)


def _any(found: Sequence[Truths]) -> Truths:
    """True where any is; else what is open; else false."""
    result: Truths = np.maximum.reduce(list(found))
    return result


def _unsettled(components: Sequence[Component], grain: Grain, first: int, rows: int) -> Bools:
    """The rows at which a component's figures still move."""
    found: Bools = np.zeros(rows, dtype=np.bool_)
    for one in components:
        state: Codes = one.verdicts.state
        for row in range(one.verdicts.periods):
            if len(state[row]) and (state[row] == State.UNSETTLED.code).all():
                found[_slot(one, row, grain) - first] = True
    return found


def _figures(
    lead: Verdicts, by: tuple[str, ...], keys: tuple[Key, ...], grain: Grain, first: int, shape: tuple[int, int]
) -> dict[str, Floats]:
    """The lead's figures and limits at the shared periods and series; NaN where its series or periods are finer."""
    names = ("value", "numerator", "denominator", "centre", "lower", "upper")
    nothing: Floats = np.broadcast_to(np.full(1, np.nan), shape)
    given = {name: getattr(lead, name) for name in names if getattr(lead, name) is not None}
    if lead.grain is not grain or set(lead.by) != set(by):
        return dict.fromkeys(names, nothing)
    if lead.keys == keys and lead.first == first and lead.periods == shape[0]:
        return dict.fromkeys(names, nothing) | given
    own, columns = _places(lead, by, keys)
    rows = slice(lead.first - first, lead.first - first + lead.periods)
    found = dict.fromkeys(names, nothing)
    for name, source in given.items():
        found[name] = np.full(shape, np.nan)
        found[name][rows, columns] = source[:, own]
    return found


def _places(
    verdicts: Verdicts, by: tuple[str, ...], keys: tuple[Key, ...]
) -> tuple[NDArray[np.int64] | slice, NDArray[np.int64] | slice]:
    """The columns of a component whose series bear on the whole, and the columns of the whole that they bear on."""
    if verdicts.keys == keys:
        return slice(None), slice(None)
    place = {key: column for column, key in enumerate(keys)}
    found = np.array([place.get(part_of(key, verdicts.by, by), -1) for key in verdicts.keys], dtype=np.int64)
    given = np.flatnonzero(found >= 0)
    return given, found[given]
