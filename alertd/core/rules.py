"""How a measure is judged: one detector per rule, and what must hold for how long."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from alertd.core.durations import periods_of, periods_schema
from alertd.core.model import Authored, Day, Id, Where, listed
from alertd.core.parameters.baseline import Limited
from alertd.core.parameters.change import Change
from alertd.core.parameters.condition import Condition, ForPeriods
from alertd.core.parameters.drift import Drift
from alertd.core.parameters.forecast import Forecast
from alertd.core.parameters.freshness import Freshness
from alertd.core.parameters.funnel import Funnel
from alertd.core.parameters.rating import Rating
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.parameters.threshold import Threshold

Detector = Threshold | Spc | Seasonal | Drift | Funnel | Change | Rating | Freshness | Forecast
COMPOSITES = ("all_of", "any_of")
"""The detector keys that name other rules."""
DETECTORS = (
    "threshold",
    "spc",
    "seasonal",
    "drift",
    "funnel",
    "change",
    "rating",
    "freshness",
    "forecast",
    *COMPOSITES,
)
"""Every detector key of a rule."""


def _spc_shorthand(value: Any) -> Any:
    return {"rules": value} if isinstance(value, str) else value


def _for_shorthand(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise ValueError("this is written as words: `2 periods` or `2 of 3 periods`")
    return ForPeriods.parse(value) if isinstance(value, str) else value


def _listed_or_none(value: Any) -> Any:
    return None if value is None else listed(value)


class Rule(Authored):
    """A rule: one measure, one detector, and what happens when it fires."""

    id: Id
    """The key under `rules:`; also the key of its history."""
    measure: Id
    """The measure it judges; left out where it joins other rules, whose first one's figures are then shown."""
    threshold: Threshold | None = None
    """Fires on a fixed condition."""
    spc: Annotated[Spc | None, BeforeValidator(_spc_shorthand, json_schema_input_type=str | Spc | None)] = None
    """Fires on a signal of a control chart; a plain name chooses the rule set."""
    seasonal: Seasonal | None = None
    """Fires on a surge above what the season explains."""
    drift: Drift | None = None
    """Fires on small moves that add up."""
    funnel: Funnel | None = None
    """Fires on a place that lies outside the funnel of its peers."""
    change: Change | None = None
    """Fires on a comparison of two figures; needs `accept_noise`."""
    rating: Rating | None = None
    """Fires on grades."""
    freshness: Freshness | None = None
    """Fires on late or missing figures."""
    forecast: Forecast | None = None
    """Fires on demand that is expected to pass a capacity."""
    all_of: Annotated[tuple[Id, ...], Field(min_length=2)] | None = None
    """Fires when each of these rules has fired `within` so many periods, joined on the columns that their measures share."""
    any_of: Annotated[tuple[Id, ...], Field(min_length=2)] | None = None
    """Fires when one of these rules has fired `within` so many periods."""
    within: Annotated[int, BeforeValidator(periods_of), Field(ge=1, le=1000), periods_schema(1, 1000)] | None = None
    """With `all_of` and `any_of`: `2 periods`; 1 where left out."""
    for_: Annotated[
        ForPeriods | None,
        BeforeValidator(_for_shorthand),
        Field(alias="for"),
        WithJsonSchema(
            {
                "type": ["string", "integer"],
                "minimum": 1,
                "pattern": r"^\s*[0-9]{1,4}(\s+of\s+[0-9]{1,4})?\s*(periods?)?\s*$",
                "examples": ["2 periods", "2 of 3 periods"],
            }
        ),
    ] = None
    """How many periods the condition must hold: `2 periods` or `2 of 3 periods`."""
    clear: Condition | None = None
    """What must hold before an open exception ends; left out, that the rule no longer fires."""
    where: Where = Field(default_factory=dict)
    """Only series with these values."""
    at: Annotated[
        Annotated[tuple[Id, ...], Field(min_length=1)] | None,
        BeforeValidator(
            _listed_or_none, json_schema_input_type=str | Annotated[tuple[str, ...], Field(min_length=1)] | None
        ),
    ] = None
    """Levels of the hierarchy to judge: `[district, force]`. Numerators, denominators and counts of the measure's places
    are added up for those above it, before anything is judged; left out, the measure's places alone."""
    hold_back: bool = False
    """With `at`: an exception at a level above holds back those of the places below that it explains; it lists them (R27)."""
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
    review_by: Day | None = None
    """When the rule itself is due for review."""

    @model_validator(mode="after")
    def _one_detector(self) -> "Rule":
        found = [name for name in DETECTORS if getattr(self, name) is not None]
        if len(found) != 1:
            seen = " and ".join(f"`{name}`" for name in found) or "none"
            raise ValueError(f"a rule needs exactly one detector ({', '.join(DETECTORS)}); found {seen}")
        if self.freshness is not None and (self.for_ or self.clear):
            raise ValueError("`for` and `clear` do not go with `freshness`")
        if self.rating is not None and self.rating.overdue is not None and (self.for_ or self.clear):
            raise ValueError("`for` and `clear` do not go with `overdue`, which is judged now and not at a figure")
        if self.components and self.clear is not None:
            raise ValueError("`clear` needs a figure of its own, and a rule that joins others has none")
        if self.forecast is not None:
            if self.forecast.demand not in (None, "this measure", self.measure):
                raise ValueError(
                    f"`demand` is the rule's own measure, `{self.measure}`; found `{self.forecast.demand}`: leave it out, or "
                    "write that one as the rule's `measure`"
                )
            if self.clear is not None:
                raise ValueError("`clear` asks about a figure, and `forecast` judges figures that are still to come")
        if self.within is not None and not self.components:
            raise ValueError("`within` goes with `all_of` and `any_of`")
        if self.change is not None and not (self.accept_noise or "").strip():
            raise ValueError(
                "`change` compares two figures, which mostly tells noise; write why that is wanted: "
                "`accept_noise: agreed with the finance board`, or use `spc: mdc`"
            )
        return self

    @property
    def kind(self) -> str:
        """The key of the rule's one detector."""
        return next(name for name in DETECTORS if getattr(self, name) is not None)

    @property
    def components(self) -> tuple[str, ...]:
        """The rules that it joins; empty for every other detector."""
        return self.all_of or self.any_of or ()

    @property
    def beside(self) -> tuple[str, ...]:
        """The measures that its own is held against."""
        return () if self.forecast is None else (self.forecast.capacity,)

    @property
    def needs_others(self) -> bool:
        """Whether it is judged from more than the figures of one measure."""
        return bool(self.components or self.beside)

    @property
    def judged_now(self) -> bool:
        """Whether it judges figures that ought to be there (late ones, overdue grades), and so now, and not a figure."""
        return self.freshness is not None or (self.rating is not None and self.rating.overdue is not None)

    @property
    def limited(self) -> Limited | None:
        """The detector, where its limits come from a baseline."""
        found = self.spc or self.drift or self.seasonal
        return None if self.seasonal is not None and self.seasonal.method != "adjusted_xmr" else found

    @property
    def detector(self) -> Detector:
        """The rule's one detector; raises `AttributeError` for a rule that joins others."""
        found: Detector = getattr(self, self.kind)
        if self.components:
            raise AttributeError(f"rule `{self.id}` joins others and has no detector of its own")
        return found
