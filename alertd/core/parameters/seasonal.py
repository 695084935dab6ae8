"""The parameters of the seasonal detectors: surges above what the season explains."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from alertd.core.parameters.baseline import Limited
from alertd.core.rulesets import rule_set_named

_FARRINGTON = frozenset(
    ("years", "half_window", "noperiods", "reweight", "weights_threshold", "exclude_recent", "trend", "trend_p", "threshold",
     "limit54")
)  # fmt: skip
_KEYS = {
    "farrington_flexible": _FARRINGTON | {"alpha"},
    "ears_c1": frozenset(("window", "alpha")),
    "ears_c2": frozenset(("window", "alpha")),
    "adjusted_xmr": frozenset(("factors", "signals", "multiplier", "baseline", "gap", "min_baseline")),
}


class Seasonal(Limited):
    """Fires on a surge above what the same season of earlier years makes usual, or above the last few periods (EARS)."""

    method: Literal["farrington_flexible", "ears_c1", "ears_c2", "adjusted_xmr"]
    """How what is usual is found."""
    years: Annotated[int, Field(ge=1, le=50)] = 5
    """Farrington: years that are looked back over."""
    half_window: Annotated[int, Field(ge=0, le=26)] | None = None
    """Farrington: periods on either side of the same period of earlier years; 3, on months 1."""
    noperiods: Annotated[int, Field(ge=1, le=52)] = 10
    """Farrington: seasonal parts of a year; 1 uses the comparable periods alone."""
    reweight: bool = True
    """Farrington: whether earlier surges count for less."""
    weights_threshold: Annotated[float, Field(gt=0)] = 2.58
    """Farrington: the Anscombe residual above which an earlier figure counts for less."""
    exclude_recent: Annotated[int, Field(ge=0, le=520)] | None = None
    """Farrington: the newest periods that are left out, lest a surge hide itself; 26, on months 3."""
    trend: bool = True
    """Farrington: whether a trend is fitted, and kept where it is significant."""
    trend_p: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Farrington: the p-value below which the trend is kept; 1 keeps it always."""
    threshold: Literal["delta", "nb_plugin", "muan"] = "nb_plugin"
    """Farrington: how the upper bound is found."""
    alpha: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    """The wanted one-sided false-alarm rate of one look; 0.01, and 0.001 for EARS (whose true rate is near 0.014)."""
    limit54: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]] = (5, 4)
    """Farrington: no alarm with fewer events than the first in the last periods that the second counts; [0, 4] is never."""
    window: Annotated[int, Field(ge=3, le=366)] = 7
    """EARS: periods of the baseline."""
    factors: tuple[Literal["month", "weekday", "bank_holiday"], ...] = ("month",)
    """adjusted_xmr: what a figure is divided by before it is judged by an XmR chart."""
    signals: tuple[str, ...] | None = None
    """adjusted_xmr: only these signals of the newest `mdc` rules."""
    multiplier: Annotated[float, Field(gt=0, le=10)] = 3
    """adjusted_xmr: how many sigma the limits lie from the centre line."""

    @model_validator(mode="after")
    def _fits_the_method(self) -> Self:
        belongs = _KEYS.get(self.method, self.model_fields_set)  # an unknown method has been told already
        odd = sorted(self.model_fields_set - {"method"} - belongs)
        if odd:
            known = ", ".join(sorted(belongs))
            raise ValueError(f"`{odd[0]}` does not go with `{self.method}`; it takes {known}")
        if not self.factors:
            raise ValueError("`factors` is empty; write for example `factors: [month]`")
        known_signals = rule_set_named("mdc").signals
        wrong = [name for name in self.signals or () if name not in known_signals]
        if wrong:
            raise ValueError(f"`{wrong[0]}` is no signal of the mdc rules; they have {', '.join(known_signals)}")
        if self.signals == ():
            raise ValueError("`signals` is empty, so the rule could never fire")
        return self
