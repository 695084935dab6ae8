"""The calendar of learning reviews: when each is held, what its theme is, and what stands out on its rows now (R46)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from alertd.config.home import Home
from alertd.core.framework import Review
from alertd.core.performance_year import PerformanceYear
from alertd.core.periods import Grain, Period
from alertd.core.verdicts import Verdict
from alertd.workbench.framework import JudgedRule, Standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A learning review in its performance year."""

    name: str
    review: Review
    year: PerformanceYear
    quarter: int
    """The quarter of the performance year that it is held in, 1 to 4."""
    period: Period
    """The calendar quarter that it is held in, as commands name it."""
    stage: str
    """`held`, `announced`, or `to come`: neither yet."""
    has_priority: bool
    """Whether its theme has priority now."""
    exceptions: tuple[tuple[JudgedRule, Verdict], ...]
    """What stands out now on its rows and measures."""


def rows_of(home: Home) -> frozenset[str]:
    """The rows of the framework that some review's theme holds, or of which it holds a measure."""
    framework = home.framework
    rows = {row for review in framework.reviews.values() for row in review.rows}
    measures = {name for review in framework.reviews.values() for name in review.measures}
    return frozenset(rows | {row for name in measures if (row := home.measures[name].framework) is not None})


def scheduled(standings: Standings) -> Iterator[Scheduled]:
    """The learning reviews in the order in which they are held."""
    framework, today = standings.home.framework, standings.now.date()
    for name, review in sorted(framework.reviews.items(), key=lambda one: (one[1].held, one[0])):
        year = framework.performance_year.year_of(review.held)
        yield Scheduled(
            name=name,
            review=review,
            year=year,
            quarter=year.quarter_of(review.held),
            period=Period.containing(review.held, Grain.QUARTER),
            stage=_stage(review, today),
            has_priority=review.first <= today <= review.last,
            exceptions=tuple(
                (judged, verdict)
                for tile in standings.tiles
                for judged, verdict in tile.exceptions
                if review.bears_on(tile.id, judged.rule.measure)
            ),
        )


def _stage(review: Review, today: date) -> str:
    if review.held < today:
        return "held"
    return "announced" if review.announced <= today else "to come"
