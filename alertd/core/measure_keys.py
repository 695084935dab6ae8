"""What analysts write of a measure: its keys, and the warehouse columns that they name."""

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, field_validator

from alertd.core.durations import Span
from alertd.core.measure_parts import (
    EVERY_ROW,
    LEAST_GROUP,
    Confidence,
    Dpia,
    Event,
    ExposureDenominator,
    Improvement,
    Interval,
    Pool,
    Quantile,
    Ratio,
    ReferenceLine,
    SmallNumbers,
    SurveyWindow,
    Towards,
    Weight,
)
from alertd.core.model import Authored, Email, Id, Number, OneOrMore
from alertd.core.periods import Grain
from alertd.core.recording import Kind
from alertd.core.schedules import Schedule

FIGURES = ("value", "count", "numerator", "grade", "event", "quantile", "ratio")
"""The keys of which exactly one says what is measured."""
Steps = tuple[str | int, ...]
"""The keys from a measure down to something that is written in it."""


def _nearly_percent(unit: str) -> bool:
    """Whether `percent` is meant by what would not be taken for it: `percents`, `Percentage`, `pct`."""
    letters = "".join(re.findall(r"[a-z]+", unit.casefold()))
    if letters.startswith("percentile"):
        return False
    return letters in ("pc", "pct", "percentages") or bool(
        get_close_matches(letters[:40], ("percent", "percentage"), n=1, cutoff=0.8)
    )


class MeasureKeys(Authored):
    """The keys of a measure, whether they go together or not; `Measure` has seen to it that they do."""

    id: Id
    """The key under `measures:`."""
    name: str
    """What it is, in the words that a leader uses."""
    framework: str | None = None
    """The row of the framework it belongs to: M1 to M12, D1 to D12."""
    component: OneOrMore = Field(default=(), exclude=True)
    """Which of the row's `components` it tells of, as they are written there."""
    sql: str | None = None
    """A `.sql` file beside the rule file that gives one row per series and period."""
    table: str | None = None
    """A table or view, `name` or `schema.name`, with one row per series and period."""
    recorded: Kind | None = None
    """The entries that people record by `alertd record`, in place of a warehouse's rows: `assessment`, `reality_check`,
    `self_assessment`, `action` or `focus_group`. Each kind has the columns that docs/recording.md lists, and those of `by`."""
    statement: str | None = Field(default=None, exclude=True)
    """The text of the SQL file; filled in by the loader, not authored."""
    aggregate: Literal["rows"] | None = None
    """`rows`: each row is one event, case or answer, and those of a period make its figure.

    `count` then counts the rows in which its column holds something other than no or 0, and `count: "*"` all of them;
    `value` is the sum of its column (with `weight` its weighted mean); `numerator` and `denominator` are sums, or numbers
    of rows where they are `"*"`; `grade` is the lower median; `quantile` is made for it. A row that cannot be used is left
    out of its figure and told to the data steward."""
    grain: Grain
    """The length of a period. An hour that the clocks skip in spring is no gap; the one that comes twice in autumn is one
    period: its counts are added, its values averaged."""
    period: str
    """The column that holds the period: a date, a timestamp, or text such as 2022-10, 2022-W40, 2022-Q4. Dates and times
    stand for the period that they lie in. May be left out with `event`."""
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
    grade: str | None = None
    """The column that holds a grade of `scale`. The figure is its place there, 1 for the first."""
    scale: Annotated[tuple[str, ...], Field(min_length=2)] | None = None
    """The grades in order, worst first; capitals do not matter. `improvement` is then `increase` unless it says otherwise."""
    event: Event | None = None
    """Rows are rare events, for charts of the time or the cases between them (t, g). The figure is how many a period has."""
    quantile: Quantile | None = None
    """Quantiles of a column, with `aggregate: rows`."""
    ratio: Ratio | None = None
    """One rate over another; charts judge it on the log scale, and limits are shown as ratios."""
    standard_error: str | None = None
    """The column that holds the standard error of a survey's figure, in the measure's unit. A threshold then fires only
    where the whole confidence interval lies beyond it, and a chart takes no figure to be surer than its survey."""
    confidence: Confidence | None = None
    """The level of confidence intervals in percent, 95 unless another is given; or the columns that hold an interval."""
    weight: Weight | None = None
    """Survey answers with weights, one row each, with `aggregate: rows`: shares and means are weighted, and the effective
    number of answers stands for how many there are."""
    pool: Pool | None = None
    """Small samples taken together with those of earlier periods until they are large enough to judge."""
    window: SurveyWindow | None = None
    """For figures that each cover a longer time than their period, as rolling years published every quarter."""
    unit: str | None = None
    """What the figure counts. `percent` shows shares, limits and thresholds from 0 to 100."""
    improvement: Improvement | Towards = Improvement.NEITHER
    """Which way is better: `increase`, `decrease`, or `{towards: [0.95, 1.05]}` for a band to be in; `neither` reports a
    change and never calls it worse."""
    settles_after: Span | None = None
    """How long after its end a period's figures still move; until then it raises nothing."""
    at_age: Span | None = None
    """Judge every period at the same age: `6 months` takes the newest of its rows that was loaded up to six months after
    its end, and waits until then. Needs `loaded_at`."""
    schedule: Schedule | None = None
    """When it is judged; left out, at the home's own `schedule`."""
    absent: Literal["missing", "zero", "nothing_due"] = "missing"
    """What no row means: `missing`; `zero` for a sparse feed of counts; or `nothing_due` where rows come when they come, as
    reality checks do: periods and places without one are no data fault, and only rules of `overdue` or `freshness` ask.

    A period in which no series has a row is still missing, unless `complete_to` says otherwise; a force-wide measure has
    zeros up to its newest row."""
    complete_to: str | None = None
    """The column that says up to which date, that day included, the feed is complete; its newest value counts. Later
    periods are not judged, and with `absent: zero` every earlier one without a row is zero."""
    planned: bool = False
    """Rows of the running period and of up to 60 to come are plans, as of a roster, and no faults: a `forecast` holds demand
    against the capacity that is planned for a period. Until its period is over a plan is no figure of the measure."""
    minimum: Number | None = None
    """The lowest possible figure, for display."""
    maximum: Number | None = None
    """The highest possible figure, for display."""
    resolution: Annotated[float, Field(gt=0)] | None = None
    """The smallest step that means anything; 1 for counts."""
    reference: ReferenceLine | None = None
    """A line that is drawn and never fires."""
    owner: Id
    """Whose measure it is: an id under `owners:`."""
    analyst: Email | None = None
    """Who answers a leader's questions; becomes Reply-To."""
    marking: str = "OFFICIAL"
    """The Government Security Classification that opens subject and body."""
    small_numbers: SmallNumbers | None = None
    """Hide counts of people below a figure; the home's default applies where it is left out."""
    finding: str | None = None
    """The column with the words that were written beside a grade or figure: what an assessor, a checker or a focus group
    found. A notice quotes those of the judged period, 300 characters of each; with `aggregate: rows` at most three, the
    worst first and of equals the newest. They are not quoted where the figure is too small a number to show, nor at a level
    that figures are added up to; other words for the same figure make no new notice."""
    assessed_by: str | None = None
    """The column that says who wrote the `finding`: a name or a role."""
    assessed_on: str | None = None
    """The column with the day of the `finding`; left out, it is the one in `period`, where that holds days."""
    sensitive: Literal["health", "location"] | None = None
    """Data of people's health, or of where they are: shown of groups of 10 and more alone, and never of one person. Needs
    `group_size`."""
    group_size: str | None = None
    """The column that says how many people stand behind each figure; with `aggregate: rows` also `"*"`, where each row is
    one person. A figure of fewer than `group_floor` people is not judged and shown nowhere; levels above are."""
    group_floor: Annotated[int, Field(ge=LEAST_GROUP, le=1000)] | None = None
    """The smallest group that figures are shown of: 5 where nothing is written, 10 where `sensitive` is; a home's own
    `group_floor` can only raise it."""
    dpia: Dpia | None = None
    """The data protection impact assessment that it rests on; without one nothing is judged by person."""
    by_person: bool = Field(default=False, exclude=True)
    """Whether its series may stand for single persons; filled in by the loader, not authored."""
    loaded_at: str | None = None
    """The column that says when a row was loaded; `--as-of` then hides later rows."""
    supports: tuple[str, ...] = ()
    """The supporting plans that it bears on."""
    review_by: date | None = None
    """When the measure itself is due for review."""

    @field_validator("unit")
    @classmethod
    def _one_word_for_percent(cls, unit: str | None) -> str | None:
        if unit is None:
            return None
        if unit.strip().casefold() in ("%", "per cent", "percent"):
            return "percent"
        if _nearly_percent(unit):
            raise ValueError(f"`{unit}` would leave shares, limits and thresholds between 0 and 1; write `percent`")
        return unit

    @property
    def has_figure(self) -> bool:
        """Whether it says what is measured; one that does not is never in force, and what is wrong with it is told."""
        return any(getattr(self, name) is not None for name in FIGURES)

    @property
    def figure_key(self) -> str:
        """Which key says what is measured: `value`, `count`, `numerator`, `grade`, `event`, `quantile` or `ratio`."""
        return next(name for name in FIGURES if getattr(self, name) is not None)

    @property
    def denominator_column(self) -> str | None:
        """The column of the denominator, whichever way it was written."""
        return self.denominator.column if isinstance(self.denominator, ExposureDenominator) else self.denominator

    @property
    def numerator_column(self) -> str | None:
        """The column of the numerator, or of the count of a rate."""
        return self.numerator or (self.count if self.denominator is not None else None)

    @property
    def complete_to_column(self) -> str | None:
        """The column that says how far the feed is complete."""
        return self.complete_to if self.event is None else self.event.complete_to

    @property
    def day_column(self) -> str | None:
        """The column with the day of what was found; None where no words are read."""
        return (self.assessed_on or self.period) if self.finding is not None else None

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns that the figure is made of, in order; `*` stands for every row."""
        if self.ratio is not None:
            return (*self.ratio.of, *self.ratio.to)
        if self.event is not None:
            return (EVERY_ROW,)
        only = self.quantile.of if self.quantile is not None else None
        wanted = (self.value, self.numerator or self.count, self.grade, only, self.denominator_column)
        return tuple(name for name in wanted if name is not None)

    @property
    def beside(self) -> dict[str, str]:
        """The columns of numbers that belong to a figure without being part of it, by what they are."""
        interval = self.confidence if isinstance(self.confidence, Interval) else None
        wanted = {
            "standard_error": self.standard_error,
            "lower": None if interval is None else interval.lower,
            "upper": None if interval is None else interval.upper,
            "weight": None if self.weight is None else self.weight.column,
            "reference": None if self.reference is None else self.reference.column,
            "group": None if self.group_size == EVERY_ROW else self.group_size,
        }
        return {what: name for what, name in wanted.items() if name is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every warehouse column that the measure reads, each once, in a fixed order."""
        return tuple(dict.fromkeys(column for _, column in self.written_columns()))

    def written_columns(self) -> Iterator[tuple[Steps, str]]:
        """Every warehouse column that the measure names, with the steps to where it is written."""
        yield (("period",) if self.event is None else ("event", "date")), self.period
        yield from ((("by", number), column) for number, column in enumerate(self.by))
        plain = (
            *("value", "count", "numerator", "grade", "finding", "assessed_by", "assessed_on"),
            *("loaded_at", "standard_error", "complete_to", "group_size"),
        )
        wanted: list[tuple[Steps, str | None]] = [((key,), getattr(self, key)) for key in plain]
        exposure = isinstance(self.denominator, ExposureDenominator)
        wanted.append((("denominator", "column") if exposure else ("denominator",), self.denominator_column))
        if self.event is not None:
            wanted.append((("event", "complete_to"), self.event.complete_to))
        if self.quantile is not None:
            wanted.append((("quantile", "of"), self.quantile.of))
        if self.ratio is not None:
            wanted += [(("ratio", "of", number), column) for number, column in enumerate(self.ratio.of)]
            wanted += [(("ratio", "to", number), column) for number, column in enumerate(self.ratio.to)]
        if isinstance(self.confidence, Interval):
            wanted += [(("confidence", end), getattr(self.confidence, end)) for end in ("lower", "upper")]
        if self.weight is not None:
            wanted.append((("weight", "column"), self.weight.column))
        if self.reference is not None:
            wanted.append((("reference", "column"), self.reference.column))
        yield from ((steps, name) for steps, name in wanted if name is not None and name != EVERY_ROW)
