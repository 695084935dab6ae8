"""What a notice tells, as frozen plain data: everything that words and pictures are made from, and nothing else."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from alertd.core.cases import Direction, Reason, TransitionKind
from alertd.core.measures import Improvement, Reference
from alertd.core.owners import Recipient
from alertd.core.parameters.condition import Condition
from alertd.core.periods import Grain

_SEPARATORS = frozenset(",;=%")


def quoted(text: str) -> str:
    """Percent-encode what separates keys and what a header cannot hold; ordinary letters and spaces stay as they are."""
    return "".join(
        character
        if character.isprintable() and character not in _SEPARATORS
        else quote(character, safe="", errors="replace")
        for character in text
    )


class Told(BaseModel):
    """Plain data that goes into a notice and, as JSON, into the state database."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChartPoint(Told):
    """One period of a chart; `value` is None where there is none to show."""

    period: str
    value: float | None
    mark: Literal["exception", "improvement", "changed"] | None = None
    hidden: bool = False
    """A small number that may not be shown."""
    settled: bool = True


class ChartNote(Told):
    """A dated remark on a chart: a recording change, a known event."""

    period: str
    text: str
    rebase: bool


class Chart(Told):
    """A series with the one band of limits that its newest point was judged by."""

    grain: Grain
    points: tuple[ChartPoint, ...]
    centre: float | None
    lower: float | None
    upper: float | None
    baseline_from: str | None = None
    baseline_to: str | None = None
    notes: tuple[ChartNote, ...] = ()
    reference: Reference | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None


class Theme(Told):
    """The theme of a learning review that gives a finding's measure priority on the day of its letter (R46)."""

    words: str
    """What the review is about."""
    held: date
    """The day of the review."""
    priority: int | None = None
    """The least priority that it gives; None where it only comes first among equals."""


class Entry(Told):
    """What one assessor wrote beside a figure: warehouse text, not cleaned yet."""

    words: str
    by: str | None = None
    """A name or a role."""
    day: date | None = None
    """None where only its period is known."""
    grade: str | None = None


class Written(Told):
    """What assessors wrote of the judged period, as much of it as a notice quotes: the worst first, or the best."""

    entries: tuple[Entry, ...] = ()
    in_all: int = 0
    """How many there are, where `entries` are only the first of them."""
    withheld: bool = False
    """There are words, and they might give away a small number that is hidden."""


class Finding(Told):
    """One thing that one recipient is told: a transition with the evidence for it. Figures are None where unknown."""

    number: str
    """The notice number, short enough to read out on the telephone."""
    case: str
    transition: TransitionKind
    reason: Reason
    direction: Direction
    rule: str
    rule_version: str
    detector: str
    """The key of the rule's detector; `data` for faults in the rows."""
    method: str
    """The method in one line, for the small print."""
    priority: int = 5
    advice: str | None = None
    measure: str
    measure_name: str
    framework: str | None = None
    dpia: str | None = None
    """The impact assessment that the measure rests on, in words."""
    group_floor: int | None = None
    """The smallest group of people that its figures are shown of."""
    supports: tuple[str, ...] = ()
    """The supporting plans that it bears on, by title."""
    peel: str | None = None
    """The PEEL questions that it bears on, and whether that was inferred."""
    unit: str | None = None
    counted: bool = False
    """Whether the figure is a count of things, so that it is whole."""
    improvement: Improvement = Improvement.NEITHER
    marking: str = "OFFICIAL"
    analyst: str | None = None
    series: dict[str, str]
    grain: Grain
    period: str
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    high: tuple[str, ...] = ()
    """Signals on the upper side."""
    low: tuple[str, ...] = ()
    """Signals on the lower side."""
    gap: Literal["open", "closed"] | None = None
    """The figure is a gap between rare events: `open` since the last one, `closed` by one in the period."""
    compared: str | None = None
    """A two-point comparison: what `centre` is the figure of, `previous period` or `same period last year`."""
    accepted_noise: str | None = None
    """Why a two-point comparison was wanted in spite of its noise (R1)."""
    expected_in: str | None = None
    """A forecast: the coming period that `centre` is expected in; `lower` is exceeded for sure enough, `upper` the capacity."""
    capacity_of: str | None = None
    """A forecast: the period that the capacity is the figure of; `expected_in` where it is planned, else an earlier one."""
    confidence: float | None = None
    """A forecast: how sure it is of more than `lower`, in percent."""
    recent: bool = False
    """What is usual is taken from the few periods just before, whatever the season (EARS)."""
    components: tuple[str, ...] = ()
    """What the rules that it joins say, a sentence each."""
    scale: tuple[str, ...] = ()
    """The grades from the lowest to the highest; figures are then positions in it, from 1."""
    grade_before: float | None = None
    """The last grade before this one."""
    poor: str | None = None
    """Too large a share of grades is poor: `numerator` of `denominator` are this grade or a lower one."""
    condition: Condition | None = None
    """A threshold rule's condition."""
    lasted_for: str | None = None
    """A threshold rule's `for`, as authored."""
    baseline_from: str | None = None
    baseline_to: str | None = None
    since: str | None = None
    lasting: int = 0
    told_signals: tuple[str, ...] = ()
    """Every signal that was told of since the case opened, this notice's included."""
    severity: float = 0.0
    """How far beyond its limit, in sigma or as a share of the limit: the order of notices of one kind."""
    range_rounded: bool = False
    """The limits are rounded to whole numbers, because exact ones would give small numbers away."""
    told_value: float | None = None
    """The figure at the last notice of the same case."""
    told_period: str | None = None
    told_number: str | None = None
    """The number of the case's first notice, where this is not it."""
    nearest_usual: float | None = None
    """The figure nearest to this one that lies inside the usual range."""
    units_to_usual: int | None = None
    """How many more (or, negative, fewer) of what is counted would have brought it inside."""
    written: Written = Written()
    """The words behind the figure, where its measure has any."""
    caveats: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """Data exceptions: what is wrong, a sentence each."""
    faults_in_all: int = 0
    """How many faults there are, where `faults` names only the first of them."""
    small: int | None = None
    """Set where the count may not be shown: write `fewer than` this figure, and no other figure."""
    small_rest: bool = False
    """With `small`: it is the rest of the whole that is so small, so write `all but fewer than`."""
    data_to: str | None = None
    """The newest period in the data."""
    data_version: str = ""
    reply_by: date | None = None
    told_next: str | None = None
    """Who is told if nothing happens."""
    told_next_on: date | None = None
    also_told: tuple[str, ...] = ()
    tier: str | None = None
    """The title of the tier of governance that it was passed on to."""
    explains: tuple[str, ...] = ()
    """Places below that stand out in the same way, whose own notices are held back."""
    chart: Chart | None = None
    theme: Theme | None = None

    @property
    def key(self) -> str:
        """What `X-Alertd-Key` says: rule, series, period, transition."""
        series = ";".join(f"{name}={quoted(value)}" for name, value in self.series.items())
        return "/".join((self.rule, series, self.period, self.transition.value))


class Notice(Told):
    """Everything that one recipient is told at once, most serious first; it cannot be built empty (R20)."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    recipient: Recipient
    channel: str
    instance: str
    day: date
    """The local day on which it is made."""
    marking: str
    """The highest marking of its findings (R29)."""
    findings: Annotated[tuple[Finding, ...], Field(min_length=1)]
