"""What every detector gets and gives, so that one state machine can follow any of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertd.core.series import Bools, Floats
from alertd.core.verdicts import Masks

Rows = NDArray[np.int64]


class Known(NamedTuple):
    """What the calendar says of a block, as arrays of periods x series."""

    excluded: Bools
    """Figures that count neither in baselines nor as signals."""
    muted: Bools
    """Periods that are judged and told to nobody."""
    segment: Rows
    """The row at which the series' present segment begins: 0, or its last rebase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What a detector found at some rows of a block: arrays of those rows x series.

    `high` and `low` are signal masks by side; `learning` is True where the baseline is too short, `missing` where there
    is no usable figure. Limits are NaN where none apply.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    excess: Floats
    high: Masks
    low: Masks
    learning: Bools
    missing: Bools

    @classmethod
    def blank(cls, rows: int, series: int) -> "Signals":
        """Arrays to fill in: no limits, no signals, nothing missing."""
        shape = (rows, series)
        return cls(
            centre=np.full(shape, np.nan),
            lower=np.full(shape, np.nan),
            upper=np.full(shape, np.nan),
            excess=np.zeros(shape),
            high=np.zeros(shape, dtype=np.uint32),
            low=np.zeros(shape, dtype=np.uint32),
            learning=np.zeros(shape, dtype=np.bool_),
            missing=np.zeros(shape, dtype=np.bool_),
        )
