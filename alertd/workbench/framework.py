"""The framework as it stands now: row by row what is watched, what stands out, and how old its figures are."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np

from alertd.config.home import Home
from alertd.core.errors import WarehouseError
from alertd.core.evaluate import verdict_at
from alertd.core.framework import Row
from alertd.core.judgement import Basis, Judgement, bases_of, judgement
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import STATES, State, Verdict
from alertd.round.moves import small_numbers_of
from alertd.workbench.figures import Source


class RowStanding(StrEnum):
    """How a row stands, in the words that people read; the first that holds of any of its series."""

    EXCEPTION = "exception"
    CHANGED = "changed"
    UNKNOWN = "not known"
    BETTER = "better"
    QUIET = "nothing unusual"
    LEARNING = "learning"
    UNWATCHED = "not watched"


_NOTABLE = {
    State.EXCEPTION: RowStanding.EXCEPTION,
    State.CHANGED: RowStanding.CHANGED,
    State.IMPROVEMENT: RowStanding.BETTER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRule:
    """One rule of a row at one of its levels, as it judges now."""

    rule: Rule
    basis: Basis
    found: Judgement
    notable: tuple[Verdict, ...]
    """What stands out, the series of the whole force first."""

    @property
    def name(self) -> str:
        """What people call it: the rule, and at which level."""
        return self.rule.id if self.basis.level is None else f"{self.rule.id} at {self.basis.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A row of the framework now."""

    id: str
    row: Row
    measures: tuple[Measure, ...]
    rules: tuple[Rule, ...]
    """In force."""
    judged: tuple[JudgedRule, ...]
    newest: Period | None
    """The newest period that has a figure, of whichever measure's ended last."""
    age: int | None
    """Days since the oldest of its feeds' newest periods ended; 0 for one that has not ended."""
    standing: RowStanding
    series: int
    learning: int
    errors: tuple[str, ...]
    """Why a measure could not be read."""

    @property
    def exceptions(self) -> tuple[tuple[JudgedRule, Verdict], ...]:
        """What leaders are told of: exceptions, and changes of what has no better way."""
        return tuple(self._told(of_data=False))

    @property
    def data_faults(self) -> tuple[tuple[JudgedRule, Verdict], ...]:
        """What data stewards are told of: figures that are late, missing or far fewer."""
        return tuple(self._told(of_data=True))

    def _told(self, *, of_data: bool) -> Iterator[tuple[JudgedRule, Verdict]]:
        told = (State.EXCEPTION, State.CHANGED)
        for one in self.judged:
            if (one.rule.freshness is not None) == of_data:
                yield from ((one, verdict) for verdict in one.notable if verdict.state in told)

    @property
    def better(self) -> int:
        """How many series stand out for the better."""
        return sum(verdict.state is State.IMPROVEMENT for one in self.judged for verdict in one.notable)

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners of its measures, each once."""
        return tuple(dict.fromkeys(measure.owner for measure in self.measures))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A measure or rule whose review is overdue (R45)."""

    what: str
    """`measure` or `rule`."""
    id: str
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """The whole framework now."""

    home: Home
    now: datetime
    tiles: tuple[Tile, ...]
    overdue: tuple[Overdue, ...]
    reachable: bool
    """Whether the warehouse answered."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Why measures could not be read, each once."""
        return tuple(dict.fromkeys(error for tile in self.tiles for error in tile.errors))


def standings_of(
    home: Home, source: Source, now: datetime, *, as_of: bool, only: Collection[str] | None = None
) -> Standings:
    """Judge every rule of every row (`only`: of these) once, as a round would; `now` is aware, in the home's zone."""
    measures: dict[str, list[Measure]] = defaultdict(list)
    for measure in home.measures.values():
        if measure.framework is not None:
            measures[measure.framework].append(measure)
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in home.rules.values():
        row = home.measures[rule.measure].framework
        if row is not None and rule.enabled:
            rules[row].append(rule)
    reader = _Reader(home, source, now, as_of)
    tiles = [
        _tile(home, name, row, measures[name], rules[name], reader)
        for name, row in home.framework.rows.items()
        if only is None or name in only
    ]
    return Standings(
        home=home,
        now=now,
        tiles=tuple(tiles),
        overdue=tuple(overdue_of(home, now.date())),
        reachable=reader.reachable,
    )


def overdue_of(home: Home, day: date) -> Iterator[Overdue]:
    """What was due for review before a day, the longest overdue first."""
    found = [
        Overdue(what=what, id=name, due=due)
        for what, models in (("measure", home.measures), ("rule", home.rules))
        for name, one in models.items()
        if (due := home.framework.due(one)) is not None and due < day
    ]
    yield from sorted(found, key=lambda one: one.due)


class _Reader:
    """Reads each measure once."""

    def __init__(self, home: Home, source: Source, now: datetime, as_of: bool) -> None:
        self._home, self._source, self.now, self._as_of = home, source, now, as_of
        self._kept: dict[str, SeriesBlock | str] = {}
        self.reachable = True

    def read(self, name: str) -> SeriesBlock | str:
        """A measure's figures, or why they cannot be read."""
        if name not in self._kept:
            try:
                measure = self._home.measures[name]
                self._kept[name] = self._source.read(measure, now=self.now, places=self._home.places, as_of=self._as_of)
            except WarehouseError as error:
                self._kept[name] = str(error)
                self.reachable = self.reachable and error.reachable
        return self._kept[name]

    def blocks(self, names: Collection[str]) -> Mapping[str, SeriesBlock] | None:
        """The figures of some measures; None where one cannot be read."""
        found = {name: block for name in names if not isinstance(block := self.read(name), str)}
        return found if len(found) == len(set(names)) else None


def _tile(home: Home, name: str, row: Row, measures: list[Measure], rules: list[Rule], reader: _Reader) -> Tile:
    read = [
        reader.read(one) for one in dict.fromkeys([m.id for m in measures] + [n for r in rules for n in home.needs(r)])
    ]
    errors = tuple(one for one in read if isinstance(one, str))
    own = [block for one in measures if not isinstance(block := reader.read(one.id), str)]
    newest = [period for block in own if (period := newest_of(block)) is not None]
    judged: list[JudgedRule] = []
    series, states = 0, set[State]()
    learning = 0
    for rule in sorted(rules, key=lambda one: one.priority):
        blocks = reader.blocks(home.needs(rule))
        if blocks is None:
            continue
        for basis in bases_of(rule, home.rules, home.measures, blocks, home.places):
            found = judgement(basis, home.calendar, reader.now, lambda measure: small_numbers_of(home, measure))
            series += len(found.newest.keys)
            there = [] if not found.newest.periods else [STATES[code] for code in found.newest.state[0].tolist()]
            learning += there.count(State.LEARNING)
            # What is wrong with a feed is the steward's; a row stands as its figures do.
            states |= set(there) if rule.freshness is None else set()
            judged.append(JudgedRule(rule=rule, basis=basis, found=found, notable=tuple(_notable(found))))
    fed = {one.id for one in measures if one.is_fed}
    feeds = [period for block in own if block.measure in fed and (period := newest_of(block)) is not None]
    ages = [max(0, (reader.now.date() - period.end.date()).days) for period in feeds]
    return Tile(
        id=name,
        row=row,
        measures=tuple(measures),
        rules=tuple(rules),
        judged=tuple(judged),
        newest=max(newest, key=lambda period: period.end, default=None),
        age=max(ages, default=None),
        standing=_standing(states, watched=bool(rules), readable=not errors),
        series=series,
        learning=learning,
        errors=errors,
    )


def newest_of(block: SeriesBlock) -> Period | None:
    """The newest period that any series has a figure for."""
    rows = np.flatnonzero(np.isfinite(block.value).any(axis=1))
    return block.period(int(rows[-1])) if len(rows) else None


def _notable(found: Judgement) -> list[Verdict]:
    """What stands out at the newest settled period, figures of the whole force first, else as far out as it lies."""
    newest = found.newest
    if not newest.periods:
        return []
    columns = [j for j, code in enumerate(newest.state[0].tolist()) if STATES[code].notable]
    since: dict[Key, Period | None] = {
        seen.verdict.key: seen.verdict.since for seen in found.look([newest.keys[j] for j in columns])
    }
    verdicts = [verdict_at(newest, 0, j, since.get(newest.keys[j])) for j in columns]
    return sorted(verdicts, key=lambda one: (len(one.key), -abs(np.nan_to_num(one.excess)), one.key))


def _standing(states: set[State], *, watched: bool, readable: bool) -> RowStanding:
    if not watched:
        return RowStanding.UNWATCHED
    for state in (State.EXCEPTION, State.CHANGED):
        if state in states:
            return _NOTABLE[state]
    if not readable or not states or states == {State.UNKNOWN}:
        return RowStanding.UNKNOWN
    if State.IMPROVEMENT in states:
        return RowStanding.BETTER
    return RowStanding.LEARNING if states <= {State.LEARNING, State.UNKNOWN, State.UNSETTLED} else RowStanding.QUIET
