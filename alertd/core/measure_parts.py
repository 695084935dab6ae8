"""The parts of a measure that are mappings of their own: how its figures come about, and what they are compared with."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from alertd.core.calendar import PeriodText
from alertd.core.durations import Span, Unit
from alertd.core.model import Authored, Day, Number, listed
from alertd.core.periods import MONTHS_IN, Grain, Period

EVERY_ROW = "*"
"""Written in the place of a column: with `aggregate: rows` it counts every row."""


def folded(grade: str) -> str:
    """A grade as grades are told apart: capitals and spaces do not matter."""
    return " ".join(grade.split()).casefold()


class Improvement(StrEnum):
    """Which way a measure moves when things get better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEITHER = "neither"


class Towards(Authored):
    """Better is nearer to a band: a figure inside it is well, and one that moves away from it is not."""

    towards: tuple[Number, Number]
    """The band, lower figure first, in the measure's unit: `[0.95, 1.05]`."""

    @model_validator(mode="after")
    def _in_order(self) -> "Towards":
        if self.towards[0] > self.towards[1]:
            raise ValueError(f"`towards` needs the lower figure first; found {list(self.towards)}")
        return self


class Reference(Authored):
    """A line as it is drawn: it stands at one figure."""

    value: Number
    """Where the line stands, in the measure's unit."""
    label: str
    """What the line is, as it should be read in a notice."""


class ReferenceLine(Authored):
    """A line to draw beside the measure: a national standard, an ambition. It never fires (R2)."""

    value: Number | None = None
    """Where the line stands, in the measure's unit."""
    column: str | None = None
    """The column that says where it stands in each period, instead of `value`."""
    label: str
    """What the line is, as it should be read in a notice."""

    @model_validator(mode="after")
    def _one_of_both(self) -> "ReferenceLine":
        if (self.value is None) == (self.column is None):
            raise ValueError("give exactly one of `value` and `column`")
        return self

    def at(self, value: float | None) -> Reference | None:
        """The line where it stands at some time; `value` is what its column says then. None where nothing is known."""
        where = self.value if self.value is not None else value
        return None if where is None or where != where else Reference(value=where, label=self.label)


class SmallNumbers(Authored):
    """Counts of people from 1 to below this figure are never shown (R31)."""

    fewer_than: Annotated[int, Field(ge=2, le=1000)] = 5
    """The smallest count that may be shown."""


LEAST_GROUP = 5
"""Figures of people are shown of so many at least, wherever a measure says how many there are."""
LEAST_SENSITIVE_GROUP = 10
"""Of health and of location so many at least, whatever a file says (R32)."""


class Dpia(Authored):
    """The data protection impact assessment that a measure rests on (R32)."""

    reference: str
    """Its number in the force's register, as `DPIA-2026-014`."""
    approved_by: str
    """Who approved it: the data protection officer, or a post that may."""
    approved_on: Day
    """The day on which it was approved."""

    @model_validator(mode="after")
    def _says_something(self) -> "Dpia":
        for key in ("reference", "approved_by"):
            if not getattr(self, key).strip():
                raise ValueError(f"`{key}` is empty")
        return self

    @property
    def words(self) -> str:
        """The assessment as small print and audits name it."""
        return f"{self.reference}, approved by {self.approved_by} on {self.approved_on.isoformat()}"


class ExposureDenominator(Authored):
    """A denominator that a rate is taken over, not a whole that the numerator is part of."""

    column: str
    """The warehouse column that holds the exposure: residents, days, calls."""
    kind: Literal["exposure"] = "exposure"
    """Always `exposure`; a plain column name means that the numerator is a part of it."""
    per: Annotated[float, Field(gt=0)] = 1
    """The rate is shown for so many of the exposure's unit."""


class Event(Authored):
    """Rows that are events, one each: homicides, deaths after police contact."""

    date: str
    """The column that says when it happened: a date or a timestamp."""
    complete_to: str | None = None
    """The column that says up to which date, that day included, every event is in the feed; its newest value counts.

    Periods up to there without an event have none; later ones are missing. Left out, the feed is taken to reach to the
    newest event of any series."""


_QUANTILE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "examples": [0.5, 0.9]}


class Quantile(Authored):
    """Quantiles of the rows of each period, interpolated linearly: the median, and how long the slowest tenth took."""

    of: str
    """The column that they are taken of."""
    at: Annotated[
        tuple[Annotated[float, Field(gt=0, lt=1)], ...],
        BeforeValidator(listed),
        Field(min_length=1),
        WithJsonSchema({"anyOf": [_QUANTILE, {"type": "array", "items": _QUANTILE, "minItems": 1}]}),
    ]
    """Which ones: 0.5 is the median. Of several each is a series of its own, which a column `quantile` tells apart in
    `where` and in output: `where: {quantile: 0.9}`."""

    @model_validator(mode="after")
    def _each_once(self) -> "Quantile":
        if len(dict(self.named)) != len(self.at):
            raise ValueError("`at` names a quantile twice")
        return self

    @property
    def named(self) -> tuple[tuple[str, float], ...]:
        """Each quantile with what its series is called, in the order of series."""
        return tuple(sorted((f"{share:.12g}", share) for share in self.at))


class Ratio(Authored):
    """One rate over another, as for disproportionality: judged on the log scale, where half and double lie equally far."""

    of: tuple[str, str]
    """The columns of the rate itself: numerator and denominator."""
    to: tuple[str, str]
    """The columns of the rate that it is compared with: numerator and denominator."""


class Weight(Authored):
    """Rows that stand for more than themselves: the weights of a survey's answers."""

    column: str
    """The column that holds each row's weight."""
    effective_n: Literal["kish"] = "kish"
    """How many equally weighted answers would say as much: Kish's (sum of weights)^2 / sum of squared weights."""


def _percent(value: Any) -> Any:
    return value.strip().removesuffix("percent").removesuffix("%").strip() if isinstance(value, str) else value


def _level(level: float) -> float:
    if not 50 < level < 100:
        raise ValueError(f"`{level:g}` is no level of confidence; write a figure between 50 and 100, usually 95")
    return level


Level = Annotated[
    float,
    BeforeValidator(_percent),
    AfterValidator(_level),
    WithJsonSchema(
        {
            "type": ["number", "string"],
            "exclusiveMinimum": 50,
            "exclusiveMaximum": 100,
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(%|percent)?\s*$",
            "examples": [95, "95 percent"],
        }
    ),
]
"""Written `95` or `95 percent`; from above 50 to below 100."""


class Interval(Authored):
    """A confidence interval that the warehouse holds ready."""

    lower: str
    """The column of its lower end."""
    upper: str
    """The column of its upper end."""
    level: Level = 95
    """The level of confidence, in percent."""


Confidence = Level | Interval


def _periods(span: Span) -> Span:
    if span.unit is not Unit.PERIODS or span.count < 2:
        raise ValueError(f"`{span}` pools nothing; write for example `4 periods`")
    return span


class Pool(Authored):
    """Small samples taken together with those of the periods before. Run rules are off: pooled figures share their data."""

    until_denominator: Annotated[float, Field(gt=0)]
    """Periods are added, newest first, until the denominator reaches this."""
    at_most: Annotated[Span, AfterValidator(_periods)]
    """`4 periods`: so many periods at most, the judged one included; with fewer cases than that there is no figure."""


def _fixed(span: Span) -> Span:
    if span.unit not in (Unit.PERIODS, Unit.MONTHS) or span.count < 1:
        raise ValueError(f"`{span}` cannot be used here; write for example `12 months` or `4 periods`")
    return span


class SurveyWindow(Authored):
    """Figures that each cover a longer time than their period, so that neighbouring ones share data. Run rules are off."""

    length: Annotated[Span, AfterValidator(_fixed)]
    """How long a time each figure covers, up to the end of its period: `12 months`."""
    judge_every: Annotated[Span, AfterValidator(_fixed)]
    """How often a figure is judged: `12 months`. The figures between are shown and `unsettled`.

    Unless `judged` says otherwise the last one of each calendar year (half-year, quarter) is judged."""
    judged: PeriodText | None = None
    """One period that is judged, such as 2022-Q1 for survey years to March; others are counted from it."""

    def stride(self, grain: Grain) -> int:
        """How many periods of a grain lie between figures that share no data and are judged; 0 where that is no number."""
        slots = [_slots(self.length, grain), _slots(self.judge_every, grain)]
        return max(slots) if all(slots) else 0

    def every(self, grain: Grain) -> int:
        """How many periods of a grain lie between figures that are judged; 0 where that is no number."""
        return _slots(self.judge_every, grain)

    def phase(self, grain: Grain) -> int:
        """The slot of some period that is judged: the one named, else the last of a calendar year, half-year or quarter."""
        if self.judged is not None:
            return Period.containing(self.judged.last_day, grain).slot
        return self.every(grain) - 1  # slots begin with the year 1970


def _slots(span: Span, grain: Grain) -> int:
    """A span in periods of a grain; 0 where it is no whole number of them."""
    if span.unit is Unit.PERIODS:
        return span.count
    months = MONTHS_IN.get(grain, 0)
    return span.count // months if months and span.count % months == 0 else 0


def coarser(grain: Grain, stride: int) -> Grain | None:
    """The grain whose periods are so many of another's; None where there is none."""
    if stride == 1:
        return grain
    months = MONTHS_IN.get(grain, 0) * stride
    return next((one for one, length in MONTHS_IN.items() if length == months), None)
