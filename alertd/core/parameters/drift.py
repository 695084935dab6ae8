"""The parameters of the drift detectors: CUSUM and EWMA, which add up small moves."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from alertd.core.durations import periods_of, periods_schema
from alertd.core.parameters.baseline import Limited

_KEYS = {"cusum": frozenset(("k", "h")), "ewma": frozenset(("lambda_", "width"))}


class Drift(Limited):
    """Fires when a figure has drifted: a CUSUM or an EWMA of how far each period lies from its usual level, in sigma."""

    method: Literal["cusum", "ewma"] = "cusum"
    """`cusum` adds up what exceeds half the shift; `ewma` smooths."""
    shift: Annotated[float, Field(gt=0, le=10)] = 1
    """The lasting shift, in sigma, that is to be found soonest."""
    false_alarm_every: Annotated[
        int, BeforeValidator(periods_of), Field(ge=10, le=100_000), periods_schema(10, 100_000)
    ] = 370
    """How many periods lie between false alarms on average; limits are found for it by simulation."""
    k: Annotated[float, Field(ge=0)] | None = None
    """CUSUM: the allowance in sigma; half the shift."""
    h: Annotated[float, Field(gt=0)] | None = None
    """CUSUM: the decision limit in sigma; found by simulation."""
    lambda_: Annotated[float | None, Field(gt=0, le=1, alias="lambda")] = None
    """EWMA: the weight of the newest period; 0.2 for a shift of 1."""
    width: Annotated[float, Field(gt=0)] | None = None
    """EWMA: the limits, in sigma of the smoothed figure; found by simulation."""

    @model_validator(mode="after")
    def _fits_the_method(self) -> Self:
        other = "ewma" if self.method == "cusum" else "cusum"
        odd = sorted(name.rstrip("_") for name in self.model_fields_set & _KEYS[other])
        if odd:
            raise ValueError(f"`{odd[0]}` belongs to `method: {other}`")
        return self
