"""The parameters of the forecast: whether expected demand passes a capacity."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from alertd.core.durations import periods_of, periods_schema
from alertd.core.model import Authored, Id


class Forecast(Authored):
    """Fires when demand, this rule's measure, is expected to pass a capacity within the coming periods."""

    demand: str | None = None
    """The measure of the demand: that of the rule, so that it may be left out, or be written as `this measure`."""
    capacity: Id
    """The measure that says how much can be met: of the same grain, by the same columns or by fewer of them."""
    within: Annotated[int, BeforeValidator(periods_of), Field(ge=1, le=60), periods_schema(1, 60)] = 3
    """How many periods ahead are looked at: `3 periods`."""
    confidence: Annotated[float, Field(ge=50, lt=100)] = 80
    """How sure it must be, in percent: of more demand than capacity in one of those periods, each looked at by itself."""
