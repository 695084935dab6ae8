"""When rounds run, and which of them first judges a period."""

from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from alertd.config.home import Home
from alertd.core.composites.components import leaves
from alertd.core.durations import Span
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.rules import Rule
from alertd.core.schedules import Schedule, first_instant


class Rounds:
    """The rounds that judge one rule: those of its measure's schedule, else of the home's."""

    def __init__(self, home: Home, rule: Rule) -> None:
        self._rule, self._rules, self._measures = rule, home.rules, home.measures
        self._schedule: Schedule = home.measures[rule.measure].schedule or home.settings.schedule
        self._zone: ZoneInfo = home.settings.zone
        self._holidays: Set[date] = home.calendar.holidays
        self._known: dict[datetime, datetime] = {}
        self._first: dict[Period, datetime] = {}

    def from_(self, local: datetime) -> datetime:
        """The first round at or after a naive local moment; aware, in the home's zone."""
        if local not in self._known:
            instant = first_instant(local, self._zone) - timedelta(microseconds=1)
            slot = self._schedule.next_slot(instant, self._zone, self._holidays)
            self._known[local] = slot.at.astimezone(self._zone)
        return self._known[local]

    def first_judging(self, period: Period) -> datetime:
        """The round that first judges a period: the first one once every measure that the rule needs has settled."""
        if period not in self._first:
            self._first[period] = self.from_(self.settled(period))
        return self._first[period]

    def settled(self, period: Period) -> datetime:
        """When every measure that the rule needs has settled for a period; naive, local."""
        end = period.end
        return max(end if span is None else span.after(end, grain, self._holidays) for span, grain in self._waits)

    @cached_property
    def _waits(self) -> list[tuple[Span | None, Grain]]:
        return [waits_for(leaf, self._measures) for leaf in leaves(self._rule, self._rules)]


def waits_for(leaf: Rule, measures: Mapping[str, Measure]) -> tuple[Span | None, Grain]:
    """How long after a period's end a rule with a detector of its own judges it (None: at once), and in which grain."""
    measure = measures[leaf.measure]
    if leaf.freshness is not None:
        return leaf.freshness.late_after or measure.settles_after, measure.grain
    if leaf.rating is not None and leaf.rating.overdue is not None:
        return leaf.rating.overdue, measure.grain
    return measure.settles_after, measure.grain
