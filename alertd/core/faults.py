"""What is wrong with rows, gathered as arrays and told as a bounded, ordered list of faults."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.places import Places
from alertd.core.roster import Expected
from alertd.core.rows import UNREAD, Rows
from alertd.core.series import Bools, Fault, FaultKind, Ints

MAX_FAULTS = 1000
"""So many faults of one kind are told one by one; one more says how many there are besides."""

_ORDER = {kind: place for place, kind in enumerate(FaultKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Faults of one kind, as arrays with one item a fault."""

    kind: FaultKind
    keys: Sequence[Key]
    column: Ints | None
    """An index into `keys` for each, -1 for no series; None where the fault is of all series."""
    slot: Ints | Sequence[str]
    """The slot of each, or the text in its place."""
    found: Sequence[str] | str
    """What was found in each, or in all of them."""

    @classmethod
    def single(cls, kind: FaultKind, found: str = "", key: Key | None = None) -> "Problem":
        """One fault that concerns no period."""
        column = None if key is None else np.zeros(1, dtype=np.int64)
        return cls(kind=kind, keys=() if key is None else (key,), column=column, slot=[""], found=found)

    def __len__(self) -> int:
        return len(self.slot)


def settle_faults(problems: Sequence[Problem], grain: Grain) -> tuple[Fault, ...]:
    """All problems as faults: by kind, series and period; at most `MAX_FAULTS` of a kind and one that counts the rest."""
    by_kind: dict[FaultKind, list[Problem]] = {}
    for problem in problems:
        if len(problem):
            by_kind.setdefault(problem.kind, []).append(problem)
    faults: list[Fault] = []
    for kind in sorted(by_kind, key=_ORDER.__getitem__):
        together = by_kind[kind]
        told = sorted((fault for problem in together for fault in _first_faults(problem, grain)), key=_place)
        more = sum(len(problem) for problem in together) - MAX_FAULTS
        faults += told[:MAX_FAULTS]
        if more > 0:
            faults.append(
                Fault(kind=kind, key=None, period=told[MAX_FAULTS].period, found=f"{more:,} of these, only counted")
            )
    return tuple(faults)


def _place(fault: Fault) -> tuple[bool, Key, str, str]:
    return fault.key is not None, fault.key or (), fault.period, fault.found


def _first_faults(problem: Problem, grain: Grain) -> list[Fault]:
    """The first faults of a problem in order of series and period: one more than may be told."""
    chosen = np.arange(len(problem))
    if len(problem) > MAX_FAULTS:
        column = np.zeros(len(problem), dtype=np.int64) if problem.column is None else problem.column
        chosen = np.lexsort((np.asarray(problem.slot), column))[: MAX_FAULTS + 1]
    faults = []
    for i in chosen.tolist():
        j = -1 if problem.column is None else int(problem.column[i])
        slot = problem.slot[i]
        faults.append(
            Fault(
                kind=problem.kind,
                key=problem.keys[j] if j >= 0 else None,
                period=slot if isinstance(slot, str) else str(Period(grain, int(slot))),
                found=problem.found if isinstance(problem.found, str) else problem.found[i],
            )
        )
    return faults


def row_problems(measure: Measure, rows: Rows, current: int) -> list[Problem]:
    """What is wrong with rows before their figures are looked at: no series, no readable period, a period to come."""
    nameless = rows.series < 0
    unread = (rows.slot == UNREAD) & ~nameless
    future = (rows.slot > current) & ~nameless
    problems = []
    if nameless.any():
        names = ", ".join(f"`{name}`" for name in measure.by)
        problems += _by_period(FaultKind.NO_SERIES, rows.take(nameless), f" without {names}")
    if unread.any():
        problems += _by_period(FaultKind.BAD_PERIOD, rows.take(unread), "")
    if future.any():
        problems += _by_period(FaultKind.FUTURE, rows.take(future), "")
    return problems


def _by_period(kind: FaultKind, rows: Rows, words: str) -> list[Problem]:
    """One fault for each series and period, readable or not, with the number of its rows."""
    problems = []
    readable: Bools = rows.slot != UNREAD
    if readable.any():
        found = rows if readable.all() else rows.take(readable)
        (column, slot), count = _pairs(found.series.astype(np.int64), found.slot)
        problems.append(
            Problem(kind=kind, keys=rows.keys, column=column, slot=slot, found=[f"{_rows(n)}{words}" for n in count])
        )
    if not readable.all() and rows.unread is not None:
        unread = rows.unread.take(~readable).sorted()
        (column, code), count = _pairs(rows.series[~readable].astype(np.int64), unread.code.astype(np.int64))
        texts = [unread.texts[i] for i in code.tolist()]
        problems.append(
            Problem(kind=kind, keys=rows.keys, column=column, slot=texts, found=[f"{_rows(n)}{words}" for n in count])
        )
    return problems


def _pairs(left: Ints, right: Ints) -> tuple[tuple[Ints, Ints], list[int]]:
    """The different pairs in order, and how often each occurs."""
    pairs, count = np.unique(np.column_stack((left, right)), axis=0, return_counts=True)
    return (pairs[:, 0], pairs[:, 1]), count.tolist()


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def roster_problems(measure: Measure, places: Places, keys: Sequence[Key], expected: Expected) -> list[Problem]:
    """Expected places that are nowhere in the data, and places in the data that nobody expects (R19)."""
    problems = []
    single = len(measure.by) == 1
    absent = set(expected.absent)
    for (position, known), roster in zip(expected.places, expected.roster, strict=True):
        level = measure.by[position]
        there = {key[position] for key in keys if key not in absent}
        for name in sorted(roster - there):
            if measure.zeros or not measure.is_fed:
                break  # no row means none, or that nobody has recorded one, so nothing can be said to have vanished
            found = f"{level} {name} has no row in any period"
            problems.append(Problem.single(FaultKind.VANISHED, found, (name,) if single else None))
        for name in sorted(there - known.keys() - set(places.unallocated)):
            found = f"{level} {name} is not in the list of places"
            problems.append(Problem.single(FaultKind.UNEXPECTED_PLACE, found, (name,) if single else None))
    return problems
