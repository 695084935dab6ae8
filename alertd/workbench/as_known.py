"""Rounds that are given the figures of their day: what was revised later, and what came late, as it was known then.

Most series are not revised between two rounds, so that what is judged at the later one goes on from the earlier. Each
series is therefore judged once for each way in which its past was ever known, all of these side by side.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from alertd.config.home import Home
from alertd.core.detect.baselines import plan
from alertd.core.evaluate import ALL_SERIES, settled_rows, since_when, verdict_at
from alertd.core.judgement import Basis, bases_of, history_of, judgement
from alertd.core.known import only_where
from alertd.core.model import Key
from alertd.core.parameters.baseline import Window
from alertd.core.replay import NOTHING, Sight, Step
from alertd.core.rules import Rule
from alertd.core.series import Ints, SeriesBlock
from alertd.core.verdicts import NOTABLE, Verdict, Verdicts
from alertd.round.moves import small_numbers_of
from alertd.workbench.figures import Figures

_CELLS = 2_000_000
"""So many figures are judged at a time."""


def steps_as_known(home: Home, rule: Rule, figures: Figures, moments: Iterable[datetime]) -> Iterator[Step]:
    """The rounds at some moments, each with the figures that were there; those that had none are left out.

    Raises `WarehouseError` where a measure cannot be read.
    """
    whole = bases_of(
        rule, home.rules, home.measures, {name: figures.at_end(home.measures[name]) for name in home.needs(rule)},
        home.places,
    )  # fmt: skip
    if not all(_goes_on(basis) for basis in whole):
        yield from _each_anew(home, rule, figures, moments)
        return
    levels = [_Level(basis, home) for basis in whole]
    waiting: list[datetime] = []
    for at in moments:
        for level, basis in zip(levels, _bases(home, rule, figures, at), strict=True):
            level.add(basis, at)
        waiting.append(at)
        if sum(level.cells for level in levels) > max(_CELLS, 4 * sum(level.fewest for level in levels)):
            yield from _steps(waiting, levels, figures.end)
            waiting = []
    yield from _steps(waiting, levels, figures.end)


def _bases(home: Home, rule: Rule, figures: Figures, at: datetime) -> tuple[Basis, ...]:
    needed = [home.measures[name] for name in home.needs(rule)]
    blocks = {measure.id: figures.at(measure, at) for measure in needed}
    return bases_of(rule, home.rules, home.measures, blocks, home.places)


def _goes_on(basis: Basis) -> bool:
    """Whether a series' verdicts depend on nothing but its own figures up to their period."""
    rule = basis.rule
    if basis.block is None or rule.kind in ALL_SERIES or rule.judged_now:
        return False
    if basis.block.events is not None or basis.block.capacity is not None:
        return False
    return rule.limited is None or plan(rule.limited, basis.measure.judged_grain).window is not Window.ALL


def _each_anew(home: Home, rule: Rule, figures: Figures, moments: Iterable[datetime]) -> Iterator[Step]:
    for at in moments:
        sights = tuple(_sight(home, basis, at) for basis in _bases(home, rule, figures, at))
        if any(sight is not NOTHING for sight in sights):
            yield Step(at, sights)


def _sight(home: Home, basis: Basis, at: datetime) -> Sight:
    found = judgement(basis, home.calendar, at, lambda one: small_numbers_of(home, one))
    newest = found.newest
    if newest.periods == 0 or not newest.keys:
        return NOTHING
    notable = [newest.keys[int(column)] for column in np.flatnonzero(np.isin(newest.state[0], NOTABLE))]

    def look(keys: Iterable[Key]) -> Iterator[Verdict]:
        wanted = set(keys)
        for column, key in enumerate(newest.keys):
            if key in wanted:
                yield verdict_at(newest, 0, column, None)

    return Sight(notable, look)


def _steps(moments: Sequence[datetime], levels: "Sequence[_Level]", end: datetime) -> Iterator[Step]:
    """The rounds that were added since the last time."""
    by_level = [level.sights(end) for level in levels]
    for at, sights in zip(moments, zip(*by_level, strict=True), strict=True):
        if any(sight is not NOTHING for sight in sights):
            yield Step(at, sights)


class _Round(NamedTuple):
    """What one round asks: of which series the newest settled period is judged, and by which version of their past."""

    row: int
    keys: tuple[Key, ...]
    version: Ints


class _Kept(NamedTuple):
    """Versions of series as rounds were given them."""

    keys: list[Key]
    version: Ints
    arrays: dict[str, Any]


class _Level:
    """A rule at one level: the series as they are known now, and each version of their pasts that rounds were given."""

    def __init__(self, whole: Basis, home: Home) -> None:
        assert whole.block is not None
        self._basis, self._home = whole, home
        self._template = replace(
            only_where(whole.block, whole.rule.where).take([]), entries=None, unseen=None, faults=()
        )
        self._column: dict[Key, int] = {}
        self._now = self._template.arrays()
        self._version = np.empty(0, dtype=np.int64)
        """Which version each series is now in; none is taken off before its round is told."""
        self._versions = 0
        self._judged = 0  # rows that rounds have judged from
        self._kept: list[_Kept] = []
        self._rounds: list[_Round | None] = []

    @property
    def fewest(self) -> int:
        """The figures of one version of every series."""
        return len(self._column) * self._template.periods

    @property
    def cells(self) -> int:
        """The figures of all versions that no round has been told of yet."""
        return self._versions * self._template.periods

    def add(self, basis: Basis, at: datetime) -> None:
        """Add a round that is given these figures."""
        assert basis.block is not None
        block = only_where(basis.block, basis.rule.where)
        rows = settled_rows(basis.measure, block, self._home.calendar, at.replace(tzinfo=None))
        if not rows or not block.keys:
            self._rounds.append(None)
            return
        columns, top = self._columns(block.keys), block.first - self._template.first
        fresh = {name: self._placed(array, top) for name, array in block.arrays().items()}
        changed = self._version[columns] < 0
        for name, array in fresh.items():
            before, after = self._now[name][..., : self._judged, columns], array[..., : self._judged, :]
            same = (before == after) | ((before != before) & (after != after))  # NaN is NaN
            changed |= ~same.reshape(-1, len(columns)).all(axis=0)
        revised = columns[changed]
        self._keep(revised)
        for name, array in fresh.items():
            self._now[name][..., columns] = array
        self._version[revised] = self._versions + np.arange(len(revised))
        self._versions += len(revised)
        self._judged = max(self._judged, top + rows)
        self._rounds.append(_Round(top + rows - 1, block.keys, self._version[columns]))

    def sights(self, end: datetime) -> list[Sight]:
        """What the rule says at every round that was added since the last time."""
        going_on = np.flatnonzero(self._version >= 0)
        self._keep(going_on)
        rounds, kept = self._rounds, self._kept
        self._rounds, self._kept = [], []
        if not kept:
            return [NOTHING] * len(rounds)
        arrays: dict[str, Any] = {
            name: np.concatenate([one.arrays[name] for one in kept], axis=-1) for name in self._now
        }
        block: SeriesBlock = replace(self._template, keys=tuple(key for one in kept for key in one.keys), **arrays)
        history = history_of(replace(self._basis, block=block), self._home.calendar, end)
        column = np.empty(self._versions, dtype=np.int64)
        column[np.concatenate([one.version for one in kept])] = np.arange(len(block.keys))
        self._version[going_on], self._versions = np.arange(len(going_on)), len(going_on)
        return [NOTHING if one is None else _seen(one, column[one.version], history) for one in rounds]

    def _columns(self, keys: tuple[Key, ...]) -> Ints:
        """Where some series stand, with room made for those that are new."""
        new = [key for key in keys if key not in self._column]
        if new:
            self._column |= {key: len(self._column) + number for number, key in enumerate(new)}
            self._version = np.append(self._version, np.full(len(new), -1, dtype=np.int64))
            room = {
                name: np.zeros((*array.shape[:-1], len(new)), dtype=array.dtype) for name, array in self._now.items()
            }
            self._now = {name: np.concatenate([array, room[name]], axis=-1) for name, array in self._now.items()}
        return np.array([self._column[key] for key in keys], dtype=np.int64)

    def _placed(self, array: Any, top: int) -> Any:
        """Figures put where they stand among all periods."""
        *outer, periods, columns = array.shape
        placed = np.full(
            (*outer, self._template.periods, columns), False if array.dtype == np.bool_ else np.nan, dtype=array.dtype
        )
        placed[..., top : top + periods, :] = array
        return placed

    def _keep(self, columns: Ints) -> None:
        """Keep the present versions of some series, as far as they have one."""
        columns = columns[self._version[columns] >= 0]
        if len(columns):
            names = list(self._column)
            self._kept.append(
                _Kept(
                    keys=[names[column] for column in columns.tolist()],
                    version=self._version[columns],
                    arrays={name: array[..., columns] for name, array in self._now.items()},
                )
            )


def _seen(one: _Round, column: Ints, history: Verdicts) -> Sight:
    """What a round sees; `column` holds the column of the history for each of its series."""
    places = dict(zip(one.keys, column.tolist(), strict=True))
    notable = np.isin(history.state[one.row, column], NOTABLE)

    def look(wanted: Iterable[Key]) -> Iterator[Verdict]:
        asked = set(wanted)
        for key, place in places.items():
            if key in asked:
                yield verdict_at(history, one.row, place, since_when(history, one.row, place))

    return Sight([one.keys[number] for number in np.flatnonzero(notable)], look)
