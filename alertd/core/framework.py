"""The performance framework: quadrants, rows, plans, reviews and roles, as a catalogue that measures refer to."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from alertd.core.measures import Measure
from alertd.core.model import Authored, Day, Id
from alertd.core.ordering import First
from alertd.core.performance_year import YearStart
from alertd.core.rules import Rule

REVIEWS_A_YEAR = 4
"""Learning reviews in a performance year."""


class Flags(Authored):
    """Flags of a row that the framework's text does not itself show say so (R40)."""

    values: tuple[str, ...]
    """The flags."""
    inferred: bool = False
    """Whether they were inferred."""


class Row(Authored):
    """One measure or diagnostic of the framework."""

    title: str
    """As printed."""
    kind: Literal["measure", "diagnostic"]
    """Twelve of each."""
    quadrant: Annotated[int, Field(ge=1, le=4)]
    """The quadrant's number."""
    components: tuple[str, ...] = ()
    """What it is made up of, as the framework's text names it."""
    nature: Literal["quantitative", "qualitative", "mixed"] | None = None
    """Whether it is counted, assessed, or both."""
    unit: str | None = None
    """What its figures count, in words."""
    grain: str | None = None
    """How often it is measured, in words."""
    direction: str | None = None
    """Which way is better, in words, component by component."""
    led_by: str | None = None
    """Who answers for it, in words; who is told is the `owner` of each measure."""
    source: str | None = None
    """The systems that its figures come from."""
    marking: str | None = None
    """The Government Security Classification of its figures, in words."""
    settling_periods: Annotated[int, Field(ge=0, le=60)] | None = None
    """How many periods its figures still move after their end."""
    disclosure_floor: Annotated[int, Field(ge=0, le=1000)] | None = None
    """The smallest group of people that it is shown for."""
    exceptions_only: bool = False
    """Show its exceptions and nothing else (R50)."""
    notes: tuple[str, ...] = ()
    """What a reader should know of it, doubts among it."""
    peel: Flags | None = None
    """The PEEL questions that it bears on."""
    iserve: Flags | None = None
    """The I-SERVE values that it bears on."""


class PriorityList(Authored):
    """A priority of the second list, and the rows that it bears on (R51)."""

    title: str
    """As printed."""
    rows: tuple[str, ...]
    """Rows of the framework."""
    inferred: bool = False
    """Whether which rows they are was inferred."""


class Plan(Authored):
    """A supporting plan, which measures name under `supports`."""

    title: str
    """As printed."""
    quadrant: Annotated[int, Field(ge=1, le=4)]
    """The quadrant that it supports."""
    inferred: bool = False
    """Whether its quadrant was inferred."""


class Review(Authored):
    """A learning review: its day, and what is looked at first for a time, announced ahead (R46)."""

    held: Day
    """The day that it is held."""
    announced: Day
    """The day that its theme was announced, which is before."""
    theme: str
    """What it is about, chosen for that review."""
    rows: tuple[str, ...] = ()
    """Rows of the framework whose measures have priority from `announced` until it is held, both days included."""
    measures: tuple[Id, ...] = ()
    """Measures that have priority with them, and are not the whole of a row."""
    from_: Annotated[Day | None, Field(alias="from")] = None
    """The first day of the priority, where that is later than `announced`."""
    to: Day | None = None
    """The last day of the priority, where that is not the day that it is held."""
    priority: Annotated[int, Field(ge=1, le=9)] | None = None
    """The least priority that rules over the theme have meanwhile, 1 the first; left out, the theme stands first among what
    is equally serious."""

    @model_validator(mode="after")
    def _announced_ahead(self) -> "Review":
        if self.from_ is not None and self.from_ < self.announced:
            raise ValueError(f"`from` is {self.from_}, before the theme was announced on {self.announced}")
        if self.last < self.first:
            raise ValueError(f"the theme would have priority from {self.first} to {self.last}, which is never")
        return self

    @property
    def first(self) -> date:
        """The first day on which the theme has priority."""
        return self.from_ or self.announced

    @property
    def last(self) -> date:
        """The last day on which the theme has priority."""
        return self.to or self.held

    def bears_on(self, row: str | None, measure: str) -> bool:
        """Whether the theme holds a row, or one measure by itself."""
        return row in self.rows or measure in self.measures


class Role(Authored):
    """The few rows and measures most pertinent to a role, which its letters tell first (R48)."""

    title: str
    """What the role is called."""
    owner: Id | None = None
    """The owner that has the role: an id under `owners:`. Left out, the role orders nobody's letters."""
    rows: tuple[str, ...] = ()
    """Rows of the framework; in a letter the most serious of them comes first."""
    measures: tuple[Id, ...] = ()
    """Measures that are not the whole of a row."""


class Commitment(Authored):
    """A commitment of the Force Management Statement, and the rows that tell of it (R47)."""

    title: str
    """What was committed to."""
    rows: tuple[str, ...]
    """Rows of the framework."""


class Tier(Authored):
    """A tier of governance: who answers at it, and what an exception there is put to (R25)."""

    title: str
    """What it is called."""
    owner: Id
    """Who answers at it: an id under `owners:`."""
    level: str | None = None
    """The level of the hierarchy of places that it looks at."""


class Framework(Authored):
    """Quadrants by number and rows by id, and what is arranged around them."""

    quadrants: dict[int, str] = Field(default_factory=dict)
    """Number to name."""
    rows: dict[str, Row] = Field(default_factory=dict)
    """Row id (M1 to M12, D1 to D12) to row."""
    priorities: dict[Id, PriorityList] = Field(default_factory=dict)
    """The second list of priorities, mapped to rows."""
    plans: dict[Id, Plan] = Field(default_factory=dict)
    """The supporting plans by id."""
    reviews: dict[str, Review] = Field(default_factory=dict)
    """The learning reviews by name: four in each performance year."""
    performance_year: YearStart = YearStart(4)
    """The month that performance years begin in: `starts in April`. Periods and commands use calendar quarters."""
    roles: dict[Id, Role] = Field(default_factory=dict)
    """Role bundles by id."""
    commitments: dict[Id, Commitment] = Field(default_factory=dict)
    """Commitments of the Force Management Statement by id."""
    governance: dict[Id, Tier] = Field(default_factory=dict)
    """Tiers of governance by id, the nearest to the street first."""
    reviewed_on: Day | None = None
    """When all measures and rules were last reviewed; those without `review_by` are due a year later (R45)."""

    def first_for(self, owners: Collection[str]) -> First:
        """What comes first in a letter to some owners: the bundles of their roles."""
        roles = [role for role in self.roles.values() if role.owner in owners]
        return First(
            rows=frozenset(row for role in roles for row in role.rows),
            measures=frozenset(measure for role in roles for measure in role.measures),
        )

    def plans_of(self, measure: Measure) -> tuple[str, ...]:
        """The titles of the supporting plans that a measure bears on (R42); what is no plan is named as it is written."""
        titles = {name.casefold(): plan.title for name, plan in self.plans.items()}
        return tuple(titles.get(name.casefold(), name) for name in measure.supports)

    def peel_of(self, measure: Measure) -> str | None:
        """The PEEL questions that a measure's row bears on, and whether that was inferred (R40, R42)."""
        row = self.rows.get(measure.framework or "")
        if row is None or row.peel is None or not row.peel.values:
            return None
        return ", ".join(row.peel.values) + (" (inferred)" if row.peel.inferred else "")

    def due(self, one: Measure | Rule) -> date | None:
        """When a measure or rule is due for review: as it says, else a year after all were; None where neither says."""
        if one.review_by is not None or self.reviewed_on is None:
            return one.review_by
        return year_after(self.reviewed_on)

    def coming_review(self, day: date) -> str | None:
        """The name of the learning review that is held on a day or next after it; None where none is written."""
        coming = [(review.held, name) for name, review in self.reviews.items() if review.held >= day]
        return min(coming)[1] if coming else None

    def theme_of(self, row: str | None, measure: str, day: date) -> Review | None:
        """The learning review whose theme gives a measure priority on a day; of several the one that is held next."""
        chosen: Collection[Review] = [
            review
            for review in self.reviews.values()
            if review.first <= day <= review.last and review.bears_on(row, measure)
        ]
        return min(chosen, key=lambda one: (one.held < day, abs(one.held - day)), default=None)


def year_after(day: date) -> date:
    """The same day of the next year; of a 29 February the 28th."""
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)
