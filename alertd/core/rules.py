"""How a measure is judged: one detector per rule, and what must hold for how long."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from alertd.core.durations import Span
from alertd.core.model import Authored, Id, Number, Percentage, Where
from alertd.core.periods import Period, parse_period
from alertd.core.rulesets import rule_set_named


class Condition(Authored):
    """A condition on the figure, in the measure's unit; all keys given must hold."""

    above: Number | None = None
    """Strictly above."""
    at_or_above: Number | None = None
    """At this figure or above."""
    below: Number | None = None
    """Strictly below."""
    at_or_below: Number | None = None
    """At this figure or below."""
    outside: tuple[Number, Number] | None = None
    """Strictly below the first figure or strictly above the second."""

    @model_validator(mode="after")
    def _can_hold(self) -> "Condition":
        given = self.model_dump(exclude_none=True)
        if not given:
            raise ValueError("give at least one of `above`, `at_or_above`, `below`, `at_or_below`, `outside`")
        if self.outside is not None and self.outside[0] > self.outside[1]:
            raise ValueError(f"`outside` needs the lower figure first; found {list(self.outside)}")
        lows = [bound for bound in (self.above, self.at_or_above) if bound is not None]
        highs = [bound for bound in (self.below, self.at_or_below) if bound is not None]
        if len(lows) == 2 or len(highs) == 2:
            raise ValueError(
                "give one lower and one upper bound at most: `above` and `at_or_above` do not go together, "
                "nor `below` and `at_or_below`"
            )
        if (
            lows
            and highs
            and (
                lows[0] > highs[0]
                or (lows[0] == highs[0] and not (self.at_or_above is not None and self.at_or_below is not None))
            )
        ):
            raise ValueError(
                f"no figure can be above {lows[0]:g} and below {highs[0]:g}; "
                f"for either side write `outside: [{highs[0]:g}, {lows[0]:g}]`"
            )
        return self

    def holds(self, value: float) -> bool:
        """Whether one figure meets every part of the condition; whole arrays are for `detect.threshold.meets`."""
        return all(
            (
                self.above is None or value > self.above,
                self.at_or_above is None or value >= self.at_or_above,
                self.below is None or value < self.below,
                self.at_or_below is None or value <= self.at_or_below,
                self.outside is None or value < self.outside[0] or value > self.outside[1],
            )
        )


class ForPeriods(Authored):
    """How long a condition must hold: `2 periods` in a row, or `2 of 3 periods`."""

    need: Annotated[int, Field(ge=1, le=1000)]
    """Periods that must meet the condition, the newest among them."""
    of: Annotated[int, Field(ge=1, le=1000)]
    """Periods looked at; the same as `need` for periods in a row."""

    @classmethod
    def parse(cls, text: str) -> "ForPeriods":
        """Read `2 periods` or `2 of 3 periods`; raises `ValueError`."""
        found = re.fullmatch(r"(\d{1,4})(?:\s+of\s+(\d{1,4}))?\s*(periods?)?", text.strip())
        if found is None:
            raise ValueError(f"`{text}` cannot be read; write `2 periods` or `2 of 3 periods`")
        need, of = int(found[1]), int(found[2] or found[1])
        if not 1 <= need <= of:
            raise ValueError(f"`{text}` can never hold; the first figure lies between 1 and the second")
        return cls(need=need, of=of)

    def __str__(self) -> str:
        if self.need == self.of:
            return f"{self.need} {'period' if self.need == 1 else 'periods'}"
        return f"{self.need} of {self.of} periods"


class Window(StrEnum):
    """Which periods the usual range is taken from."""

    LAST = "last"
    FIRST = "first"
    ALL = "all"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The periods that limits are computed from, as authored: `last 24 periods`, `first 24 periods`, `all`, `{from, to}`."""

    window: Window
    length: int = 0
    first: Period | None = None
    last: Period | None = None

    @classmethod
    def parse(cls, authored: Any) -> "Baseline":
        """Read the authored form; raises `ValueError` that says what may be written."""
        if isinstance(authored, dict):
            if set(authored) != {"from", "to"}:
                raise ValueError("a fixed baseline is `{from: 2020-01, to: 2021-12}`")
            first, last = parse_period(str(authored["from"])), parse_period(str(authored["to"]))
            if last.end <= first.start:
                raise ValueError(f"the baseline ends ({last}) before it begins ({first})")
            return cls(Window.FIXED, first=first, last=last)
        text = str(authored).strip()
        if text == "all":
            return cls(Window.ALL)
        found = re.fullmatch(r"(last|first)\s+(\d{1,4})(?:\s+periods?)?", text)
        if found is None or int(found[2]) < 2:
            raise ValueError(
                f"`{text}` is no baseline; write `last 24 periods`, `first 24 periods`, `all`, "
                "or `{from: 2020-01, to: 2021-12}`"
            )
        return cls(Window(found[1]), int(found[2]))

    def __str__(self) -> str:
        if self.window is Window.FIXED:
            return f"{self.first} to {self.last}"
        return "all" if self.window is Window.ALL else f"{self.window} {self.length} periods"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(value),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        fixed = {
            "type": "object",
            "properties": {"from": {"type": ["string", "integer"]}, "to": {"type": ["string", "integer"]}},
            "required": ["from", "to"],
            "additionalProperties": False,
        }
        words = {
            "type": "string",
            "pattern": "^(all|(last|first) [0-9]+( periods?)?)$",
            "examples": ["last 24 periods", "first 24 periods", "all"],
        }
        return {"anyOf": [words, fixed]}


class Threshold(Condition):
    """Fires while the figure meets a fixed condition."""


class Spc(Authored):
    """Statistical process control: limits from a baseline, and signals by a dated rule set."""

    chart: Literal["xmr"] = "xmr"
    """The kind of control chart."""
    rules: str = "mdc"
    """The rule set; `mdc` is the newest `mdc-*`."""
    signals: tuple[str, ...] | None = None
    """Only these signals of the rule set."""
    baseline: Baseline | None = None
    """The periods that limits come from; left out, a rolling window that fits the grain."""
    gap: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many periods before the judged one a rolling baseline ends; 1 is the period just before."""
    screen: bool = False
    """Leave out moving ranges above 3.267 times their mean, once."""
    min_baseline: Annotated[int, Field(ge=2, le=1000)] | None = None
    """Usable periods below which the state is `learning`; 12, or the baseline's length where that is shorter."""
    multiplier: Annotated[float, Field(gt=0, le=10)] = 3
    """How many sigma the limits lie from the centre line."""

    @model_validator(mode="after")
    def _known(self) -> "Spc":
        chosen = rule_set_named(self.rules)
        unknown = [name for name in self.signals or () if name not in chosen.signals]
        if unknown:
            raise ValueError(f"`{unknown[0]}` is no signal of {chosen.name}; it has {', '.join(chosen.signals)}")
        if self.signals == ():
            raise ValueError("`signals` is empty, so the rule could never fire")
        if self.min_baseline and self.baseline and self.baseline.length and self.min_baseline > self.baseline.length:
            raise ValueError(
                f"`min_baseline` asks for {self.min_baseline} periods and the baseline has {self.baseline.length}, "
                "so the rule could never leave `learning`"
            )
        if self.gap is not None and self.baseline is not None and self.baseline.window is not Window.LAST:
            raise ValueError("`gap` goes with a rolling baseline (`last N periods`) only")
        return self


class Freshness(Authored):
    """Fires when figures are late or a series that should be there is not; keys are alternatives (OR)."""

    late_after: Span | None = None
    """How long after a period's end its figures are due."""
    missing: Literal["any", "all", "none"] = "none"
    """`any`: each series without a row when others have one; `all`: only when none has one."""

    shrunk_by: Percentage | None = None
    """`30 percent`: by how much fewer series than usual have a row; usual is the median of the last 12 periods."""

    @model_validator(mode="after")
    def _can_fire(self) -> "Freshness":
        if self.late_after is None and self.missing == "none" and self.shrunk_by is None:
            raise ValueError(
                "give `late_after`, `missing: any`, `missing: all` or `shrunk_by`; without them the rule could never fire"
            )
        return self


Detector = Threshold | Spc | Freshness
DETECTORS: dict[str, type[Authored]] = {"threshold": Threshold, "spc": Spc, "freshness": Freshness}
"""Every detector key of a rule, and the model of its parameters."""


def _spc_shorthand(value: Any) -> Any:
    return {"rules": value} if isinstance(value, str) else value


def _for_shorthand(value: Any) -> Any:
    return ForPeriods.parse(value) if isinstance(value, str) else value


class Rule(Authored):
    """A rule: one measure, one detector, and what happens when it fires."""

    id: Id
    """The key under `rules:`; also the key of its history."""
    measure: Id
    """The measure it judges."""
    threshold: Threshold | None = None
    """Fires on a fixed condition."""
    spc: Annotated[Spc | None, BeforeValidator(_spc_shorthand, json_schema_input_type=str | Spc | None)] = None
    """Fires on a signal of a control chart; a plain name chooses the rule set."""
    freshness: Freshness | None = None
    """Fires on late or missing figures."""
    for_: Annotated[
        ForPeriods | None, BeforeValidator(_for_shorthand, json_schema_input_type=str | None), Field(alias="for")
    ] = None
    """How many periods the condition must hold: `2 periods` or `2 of 3 periods`."""
    clear: Condition | None = None
    """What must hold before an open exception ends; left out, that the rule no longer fires."""
    where: Where = Field(default_factory=dict)
    """Only series with these values."""
    advice: str | None = None
    """What to look at first, in the notice."""
    status: Literal["shadow", "live"] = "live"
    """`shadow` is judged and recorded, and tells nobody."""
    priority: Annotated[int, Field(ge=1, le=9)] = 5
    """1 comes first in a notice."""
    route: Id = "default"
    """Which route of `config/routes.yaml` its notices take."""
    to: Id | None = None
    """Who is told instead of the measure's owner: an id under `owners:`."""
    improvement: Literal["report", "ignore"] | None = None
    """Whether improvement is told; left out, as the route says."""
    enabled: bool = True
    """`false` withdraws the rule without deleting it."""
    accept_noise: str | None = None
    """Why a two-point comparison is wanted in spite of its noise."""
    review_by: date | None = None
    """When the rule itself is due for review."""

    @model_validator(mode="after")
    def _one_detector(self) -> "Rule":
        found = [name for name in DETECTORS if getattr(self, name) is not None]
        if len(found) != 1:
            seen = " and ".join(f"`{name}`" for name in found) or "none"
            raise ValueError(f"a rule needs exactly one detector ({', '.join(DETECTORS)}); found {seen}")
        if self.freshness is not None and (self.for_ or self.clear):
            raise ValueError("`for` and `clear` do not go with `freshness`")
        return self

    @property
    def detector(self) -> Detector:
        """The rule's one detector."""
        found = self.threshold or self.spc or self.freshness
        assert found is not None  # _one_detector has seen to it
        return found
