"""Which local slots are due: decided from what the store remembers, so that restarts and clock steps change nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from alertd.config.home import Home
from alertd.core.schedules import Schedule, Slot

PROMPT = timedelta(minutes=10)
"""A slot that is run later than this was missed, and is caught up."""
_LOOKED_BACK = timedelta(days=400)
_MOST_MISSED = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One schedule and the measures that are judged by it."""

    schedule: Schedule
    measures: frozenset[str]

    @property
    def name(self) -> str:
        """What its slots are remembered under; another schedule is another line, which starts afresh."""
        return f"measures {self.schedule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The slots of one line that wait: those that the next round stands for, and older ones that nothing ran for."""

    line: Line
    run: tuple[Slot, ...]
    """The newest slot, with any other that a clock change put at the same instant."""
    missed: tuple[Slot, ...]
    late: timedelta
    """How long the newest has been due."""

    @property
    def how(self) -> str:
        """How the newest slot will be remembered once it has run."""
        return "ran" if self.late <= PROMPT else "caught up"


def lines(home: Home) -> tuple[Line, ...]:
    """The schedules by which a home's measures are judged; a home without measures has its own schedule alone."""
    measures: dict[Schedule, set[str]] = {}
    for measure in home.measures.values():
        measures.setdefault(measure.schedule or home.settings.schedule, set()).add(measure.id)
    measures = measures or {home.settings.schedule: set()}
    return tuple(Line(schedule=schedule, measures=frozenset(names)) for schedule, names in measures.items())


def due(line: Line, last: datetime, now: datetime, zone: ZoneInfo, holidays: Collection[date]) -> Due | None:
    """What waits at the aware moment `now`, given the last local slot (naive) that was dealt with; None for nothing.

    Slots older than 400 days are forgotten, and no more than 5,000 are named as missed.
    """
    after = max(Slot.of(last, zone).at - timedelta(days=1), now - _LOOKED_BACK)
    waiting = [slot for slot in line.schedule.slots(after, now, zone, holidays) if slot.local > last]
    if not waiting:
        return None
    instants = [tuple(slots) for _, slots in groupby(waiting, lambda slot: slot.at)]
    missed = [slot for slots in instants[:-1] for slot in slots][-_MOST_MISSED:]
    return Due(line=line, run=instants[-1], missed=tuple(missed), late=now - instants[-1][0].at)
