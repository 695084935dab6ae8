"""What is measured: where its rows come from, how they become series, and which way is better."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from alertd.core.durations import Span
from alertd.core.model import Authored, Email, Id, Number
from alertd.core.periods import Grain
from alertd.core.schedules import Schedule


class Improvement(StrEnum):
    """Which way a measure moves when things get better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEITHER = "neither"


class Reference(Authored):
    """A line to draw beside the measure: a national standard, an ambition. It never fires (R2)."""

    value: Number
    """Where the line stands, in the measure's unit."""
    label: str
    """What the line is, as it should be read in a notice."""


class SmallNumbers(Authored):
    """Counts of people from 1 to below this figure are never shown (R31)."""

    fewer_than: Annotated[int, Field(ge=2, le=1000)] = 5
    """The smallest count that may be shown."""


class ExposureDenominator(Authored):
    """A denominator that a rate is taken over, not a whole that the numerator is part of."""

    column: str
    """The warehouse column that holds the exposure: residents, days, calls."""
    kind: Literal["exposure"] = "exposure"
    """Always `exposure`; a plain column name means that the numerator is a part of it."""
    per: Annotated[float, Field(gt=0)] = 1
    """The rate is shown for so many of the exposure's unit."""


class Measure(Authored):
    """A measure: one row per series and period, read from the warehouse by a SQL file or a table."""

    id: Id
    """The key under `measures:`."""
    name: str
    """What it is, in the words that a leader uses."""
    framework: str | None = None
    """The row of the framework it belongs to: M1 to M12, D1 to D12."""
    sql: str | None = None
    """A `.sql` file beside the rule file that gives one row per series and period."""
    table: str | None = None
    """A table or view, `name` or `schema.name`, with one row per series and period."""
    statement: str | None = Field(default=None, exclude=True)
    """The text of the SQL file; filled in by the loader, not authored."""
    grain: Grain
    """The length of a period."""
    period: str
    """The column that holds the period: a date, a timestamp, or text such as 2022-10, 2022-W40, 2022-Q4."""
    by: tuple[str, ...] = ()
    """The columns that name a series; none makes one force-wide series."""
    value: str | None = None
    """The column that holds the figure itself."""
    count: str | None = None
    """The column that holds a count; with `denominator` it is a rate."""
    numerator: str | None = None
    """The column that holds the upper part of a share or rate."""
    denominator: str | ExposureDenominator | None = None
    """The column that holds the whole (a part above it is a fault), or an exposure for a rate."""
    unit: str | None = None
    """What the figure counts. `percent` shows shares, limits and thresholds from 0 to 100."""
    improvement: Improvement = Improvement.NEITHER
    """Which way is better; `neither` reports a change and never calls it worse."""
    settles_after: Span | None = None
    """How long after its end a period's figures still move; until then it raises nothing."""
    schedule: Schedule | None = None
    """When it is judged; left out, at the home's own `schedule`."""
    absent: Literal["missing", "zero"] = "missing"
    """What no row means: `missing`, or `zero` for a sparse feed of counts."""
    minimum: Number | None = None
    """The lowest possible figure, for display."""
    maximum: Number | None = None
    """The highest possible figure, for display."""
    resolution: Annotated[float, Field(gt=0)] | None = None
    """The smallest step that means anything; 1 for counts."""
    reference: Reference | None = None
    """A line that is drawn and never fires."""
    owner: Id
    """Whose measure it is: an id under `owners:`."""
    analyst: Email | None = None
    """Who answers a leader's questions; becomes Reply-To."""
    marking: str = "OFFICIAL"
    """The Government Security Classification that opens subject and body."""
    small_numbers: SmallNumbers | None = None
    """Hide counts of people below a figure; the home's default applies where it is left out."""
    loaded_at: str | None = None
    """The column that says when a row was loaded; `--as-of` then hides later rows."""
    supports: tuple[str, ...] = ()
    """The supporting plans that it bears on."""
    review_by: date | None = None
    """When the measure itself is due for review."""

    @field_validator("unit")
    @classmethod
    def _one_word_for_percent(cls, unit: str | None) -> str | None:
        return "percent" if unit is not None and unit.strip().casefold() in ("%", "per cent", "percent") else unit

    @model_validator(mode="after")
    def _one_source_one_figure(self) -> "Measure":
        problems = []
        if (self.sql is None) == (self.table is None):
            problems.append("give exactly one of `sql` and `table`")
        figures = [name for name in ("value", "count", "numerator") if getattr(self, name) is not None]
        if len(figures) != 1:
            found = " and ".join(f"`{name}`" for name in figures) or "none"
            problems.append(f"give exactly one of `value`, `count`, and `numerator` with `denominator`; found {found}")
        if self.numerator is not None and self.denominator is None:
            problems.append("`numerator` needs a `denominator`")
        if self.value is not None and self.denominator is not None:
            problems.append("`value` takes no `denominator`; write `numerator` or `count` instead of `value`")
        if len(set(self.by)) != len(self.by):
            problems.append("`by` names a column twice")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def denominator_column(self) -> str | None:
        """The column of the denominator, whichever way it was written."""
        return self.denominator.column if isinstance(self.denominator, ExposureDenominator) else self.denominator

    @property
    def numerator_column(self) -> str | None:
        """The column of the numerator, or of the count of a rate."""
        return self.numerator or (self.count if self.denominator is not None else None)

    @property
    def is_share(self) -> bool:
        """Whether the numerator is a part of the denominator."""
        return self.numerator is not None and isinstance(self.denominator, str)

    @property
    def factor(self) -> float:
        """What numerator over denominator is multiplied by to give the figure in the measure's unit."""
        if isinstance(self.denominator, ExposureDenominator):
            return self.denominator.per
        return 100.0 if self.unit == "percent" else 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Every warehouse column that the measure reads, each once, in a fixed order."""
        names = (
            self.period,
            *self.by,
            self.value,
            self.numerator or self.count,
            self.denominator_column,
            self.loaded_at,
        )
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def least_step(self) -> float | None:
        """The smallest step that means anything: as authored, else 1 for a count, else unknown."""
        if self.resolution is not None:
            return self.resolution
        return 1.0 if self.count is not None and self.denominator is None else None
