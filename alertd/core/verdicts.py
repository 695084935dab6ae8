"""What a rule says of a block of series: states, signals and limits, as arrays; and one series' verdict as a record."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.rulesets import signal_names
from alertd.core.series import Bools, Floats


class State(StrEnum):
    """What one series is at one period under one rule; its position is its code in a verdict array."""

    QUIET = "quiet"
    LEARNING = "learning"
    PENDING = "pending"
    EXCEPTION = "exception"
    IMPROVEMENT = "improvement"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    MUTED = "muted"
    UNSETTLED = "unsettled"

    @property
    def code(self) -> int:
        """The state's code in a verdict array."""
        return CODES[self]

    @property
    def notable(self) -> bool:
        """Whether the state is one that somebody may be told of."""
        return self in (State.EXCEPTION, State.IMPROVEMENT, State.CHANGED)


STATES: tuple[State, ...] = tuple(State)
CODES: dict[State, int] = {state: code for code, state in enumerate(STATES)}
NOTABLE: tuple[int, ...] = tuple(code for code, state in enumerate(STATES) if state.notable)
"""The codes of the states that somebody may be told of."""

Codes = NDArray[np.uint8]
Masks = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """A rule's judgement of a block: arrays of judged periods x series; row i is slot `first + i`.

    `high` and `low` are masks of the signals on the upper and the lower side (bits by `rulesets.signal_bit`).
    Limits are NaN where none apply. `excess` says how far a figure lies beyond what is usual, upwards or downwards,
    in sigma for charts and in the measure's unit for thresholds; 0 inside.
    """

    rule: str
    measure: str
    grain: Grain
    by: tuple[str, ...]
    keys: tuple[Key, ...]
    first: int
    state: Codes
    high: Masks
    low: Masks
    value: Floats
    numerator: Floats | None
    denominator: Floats | None
    centre: Floats
    lower: Floats
    upper: Floats
    excess: Floats
    statistic: Floats | None = None
    """What the limits belong to, where that is not the figure: the sum of a CUSUM, the mean of an EWMA."""
    gap: Bools | None = None
    """Where the figure is a gap between rare events, in days or cases; `numerator` then says how many a period had."""
    ahead: NDArray[np.int64] | None = None
    """How many periods later lies what the limits are of, where a rule judges what is to come; 0 where that is none."""

    @property
    def periods(self) -> int:
        """How many periods were judged."""
        return int(self.state.shape[0])

    def period(self, row: int) -> Period:
        """The period of a row."""
        return Period(self.grain, self.first + row)

    def take(self, columns: Sequence[int]) -> "Verdicts":
        """The verdicts of only these columns, in this order."""
        chosen = np.asarray(columns, dtype=np.int64)
        keys = tuple(self.keys[int(j)] for j in chosen)
        return replace(self, keys=keys, **{name: array[:, chosen] for name, array in self.arrays().items()})

    def rows(self, first: int, stop: int) -> "Verdicts":
        """The verdicts of only these rows."""
        arrays = {name: array[first:stop] for name, array in self.arrays().items()}
        return replace(self, first=self.first + first, **arrays)

    def arrays(self) -> dict[str, Any]:
        """The arrays that are there, by name."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: array for name, array in given.items() if isinstance(array, np.ndarray)}

    def signals(self, row: int, column: int) -> tuple[str, ...]:
        """Every signal of one point, either side."""
        return signal_names(int(self.high[row, column]) | int(self.low[row, column]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One rule's judgement of one series at its newest settled period. Missing figures are NaN."""

    rule: str
    measure: str
    by: tuple[str, ...]
    key: Key
    period: Period
    state: State
    high: tuple[str, ...]
    low: tuple[str, ...]
    value: float
    numerator: float
    denominator: float
    centre: float
    lower: float
    upper: float
    excess: float
    gap: bool = False
    """The figure is a gap between rare events, in days or cases."""
    ahead: int = 0
    """How many periods later lies what `centre`, `lower` and `upper` are of: expected, expected at least, and capacity."""
    since: Period | None
    """The first period of the unbroken stretch in this notable state; None where the state is not notable."""

    @property
    def signals(self) -> tuple[str, ...]:
        """Every signal, upper side first, each once."""
        return tuple(dict.fromkeys((*self.high, *self.low)))

    @property
    def series(self) -> dict[str, str]:
        """The series by name."""
        return dict(zip(self.by, self.key, strict=True))

    @property
    def lasting(self) -> int:
        """How many periods the state has lasted, this one included; 0 where it is not notable."""
        return 0 if self.since is None else self.period.slot - self.since.slot + 1
