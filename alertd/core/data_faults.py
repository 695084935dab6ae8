"""Faults in a measure's data as an exception of its own: stretches of missing periods joined, each with a lasting identity."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from alertd.core.calendar import Calendar
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import parse_period
from alertd.core.rules import Rule
from alertd.core.series import Fault, FaultKind, SeriesBlock
from alertd.core.settling import newest_settled

DATA_RULE = "data:"
"""Data exceptions stand under this prefix and the measure's id, where others have their rule."""

_GRAVEST = (FaultKind.EMPTY, FaultKind.STALE, FaultKind.VANISHED, FaultKind.MISSING_PERIOD, FaultKind.MISSING_SERIES)
_GRAVITY = (*_GRAVEST, *(kind for kind in FaultKind if kind not in _GRAVEST))
"""A feed that stopped comes before a row that cannot be used."""

_COUNTED = (
    FaultKind.DUPLICATE,
    FaultKind.NO_SERIES,
    FaultKind.STALE,
    FaultKind.MISSING_PERIOD,
    FaultKind.MISSING_SERIES,
    FaultKind.ONE_PERSON,
)
"""What was found of these may change while the fault stays the same one."""

_JOINED = (FaultKind.MISSING_PERIOD, FaultKind.MISSING_SERIES)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Trouble:
    """One thing that is wrong with the data: a fault, or a stretch of neighbouring ones."""

    kind: FaultKind
    key: Key | None
    first: str
    last: str
    found: str

    @property
    def identity(self) -> str:
        """What makes it the same trouble next month: a stretch that grows keeps its beginning."""
        where = "*" if self.key is None else "\x1f".join(self.key)
        return "|".join((self.kind.name, where, self.first, "" if self.kind in _COUNTED else self.found))

    @property
    def sentence(self) -> str:
        """The trouble as a steward reads it."""
        where = ", ".join(self.key) + ": " if self.key else ""
        when = _words(self.first) if self.first == self.last else _span(self.first, self.last)
        found = f" ({self.found})" if self.found else ""
        return f"{where}{self.kind.value}{', ' + when if when else ''}{found}"


def _span(first: str, last: str) -> str:
    """`July to December 2022` of two quarters, `May 2022 to March 2023` of months, `the 2 weeks to 8 August 2021`."""
    start, end = _words(first), _words(last)
    if start.startswith("week to "):
        weeks = parse_period(last).slot - parse_period(first).slot + 1
        return f"the {weeks} weeks to {end.removeprefix('week to ')}"
    if not re.fullmatch(r"\d{4}-[QH]\d", first):
        return f"{start} to {end}"
    month, year, ending = start.partition(" to ")[0], start.rpartition(" ")[2], end.rpartition(" to ")[2]
    return f"{month} to {ending}" if ending.endswith(year) else f"{month} {year} to {ending}"


def troubles(measure: Measure, block: SeriesBlock, calendar: Calendar, now: datetime) -> tuple[Trouble, ...]:
    """Everything that is wrong with a measure's data at `now` (aware, in the home's zone), in a fixed order."""
    faults = list(block.faults)
    stale = stale_fault(measure, block, calendar, now)
    if stale is not None:
        faults.append(stale)
    return tuple(sorted(_joined(faults), key=lambda one: (_GRAVITY.index(one.kind), one.key or (), one.first)))


def told_by_a_rule(found: Iterable[Trouble], rules: Iterable[Rule], newest: str) -> set[str]:
    """The identities of troubles that a freshness rule over the whole measure tells anyway, so that one fault is told once.

    `newest` is the newest period in the data, in contract form.
    """
    watching = [rule.freshness for rule in rules if rule.freshness and rule.status == "live" and not rule.where]
    late = any(freshness.late_after is not None for freshness in watching)
    missing = any(freshness.missing == "any" for freshness in watching)
    return {
        trouble.identity
        for trouble in found
        if (late and trouble.kind is FaultKind.STALE)
        or (missing and trouble.kind is FaultKind.MISSING_SERIES and trouble.last == newest)
    }


def stale_fault(measure: Measure, block: SeriesBlock, calendar: Calendar, now: datetime) -> Fault | None:
    """A fault where two periods or more that are settled by the calendar have not arrived at all."""
    if block.periods == 0 or not measure.is_fed:
        return None
    due = newest_settled(measure.grain, now.replace(tzinfo=None), measure.settles_after, calendar.holidays)
    if due.slot - block.last < 2:
        return None
    newest = block.period(block.periods - 1)
    return Fault(kind=FaultKind.STALE, key=None, period=str(newest), found=f"newest figures are for {newest.words}")


def _joined(faults: Iterable[Fault]) -> Iterable[Trouble]:
    """Neighbouring missing periods of one series are one trouble."""
    ordered = sorted(faults, key=lambda fault: (fault.kind.name, fault.key or (), fault.key is None, fault.period))
    for (kind, _), group in groupby(ordered, key=lambda fault: (fault.kind, fault.key)):
        members = list(group)
        if kind not in _JOINED:
            yield from (Trouble(kind=f.kind, key=f.key, first=f.period, last=f.period, found=f.found) for f in members)
            continue
        start = previous = members[0]
        for fault in members[1:]:
            if parse_period(fault.period).slot != parse_period(previous.period).slot + 1:
                yield Trouble(kind=kind, key=start.key, first=start.period, last=previous.period, found=start.found)
                start = fault
            previous = fault
        yield Trouble(kind=kind, key=start.key, first=start.period, last=previous.period, found=start.found)


def _words(period: str) -> str:
    try:
        return parse_period(period).words
    except ValueError:
        return period  # text that could not be read as a period is itself what was found
