"""Known events of the calendar: which of them the rules found, and after how long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alertd.config.home import Home
from alertd.core.calendar import Annotation, Effect
from alertd.core.cases import TransitionKind
from alertd.core.known import matches
from alertd.core.periods import Period
from alertd.workbench.replaying import Replayed

_FOUND_BY = (TransitionKind.OPENED, TransitionKind.WORSENED)
_GRACE = 6  # periods after its end in which a notice still is about it: a run of seven begins within the first


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFound:
    """A known event, and how one rule took it."""

    event: Annotation
    rule: str
    series: int
    """How many of the rule's series it bears on."""
    found: int
    """At how many of these the rule opened an exception, or told that it got worse."""
    after: int | None
    """Periods from its first one to that of the first notice, 0 being the same; None where there was none."""


def events_found(home: Home, replayed: Sequence[Replayed]) -> tuple[EventFound, ...]:
    """Each known event of the calendar with each rule on its measures; those outside a rule's data are left out."""
    events = [one for one in home.calendar.annotations.values() if one.effect is Effect.KNOWN_EVENT]
    return tuple(found for event in events for one in replayed for found in _found(home, event, one))


def _found(home: Home, event: Annotation, replayed: Replayed) -> Iterator[EventFound]:
    history = replayed.history
    if set(event.measures).isdisjoint(home.needs(replayed.rule)) or not history.periods:
        return
    first = Period.containing(event.from_.start, history.grain).slot
    last = Period.containing((event.to or event.from_).last_day, history.grain).slot
    if last < history.first or first >= history.first + history.periods:
        return
    series = {key for key in history.keys if matches(dict(zip(history.by, key, strict=True)), event.where)}
    told: dict[tuple[str, ...], int] = {}
    for moved in replayed.moved:
        slot = moved.verdict.period.slot
        if moved.verdict.key in series and moved.transition.kind in _FOUND_BY and first <= slot <= last + _GRACE:
            told.setdefault(moved.verdict.key, slot)
    if series:
        yield EventFound(
            event=event,
            rule=replayed.name,
            series=len(series),
            found=len(told),
            after=min(told.values()) - first if told else None,
        )
