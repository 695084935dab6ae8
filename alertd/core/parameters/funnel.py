"""The parameters of the funnel: places compared with each other."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from alertd.core.durations import periods_of, periods_schema
from alertd.core.model import Authored


class Funnel(Authored):
    """Fires on a place outside the funnel of its peers, with limits that allow for its size and for overdispersion."""

    limits: Annotated[float, Field(ge=50, lt=100)] = 99.8
    """The limits as a two-sided percentage."""
    overdispersion: Literal["adjusted", "none"] = "adjusted"
    """Whether limits are widened for what differs between places anyway."""
    winsorise: Annotated[float, Field(ge=0, lt=50)] = 10
    """The percentage of most extreme places, at either end, that count as if they were the next ones."""
    last: Annotated[int, BeforeValidator(periods_of), Field(ge=1, le=1000), periods_schema(1, 1000)] = 1
    """How many periods are pooled: `12 periods`."""
    min_peers: Annotated[int, Field(ge=3, le=100_000)] = 10
    """Fewer places than this with a figure are not compared."""
