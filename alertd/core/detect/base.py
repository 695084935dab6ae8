"""What every detector gets and gives, so that one state machine can follow any of them."""

from collections.abc import Set
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertd.core.measures import Measure
from alertd.core.series import Bools, Floats, SeriesBlock
from alertd.core.verdicts import Masks

Rows = NDArray[np.int64]


class Known(NamedTuple):
    """What the calendar says of a block, as arrays of periods x series."""

    excluded: Bools
    """Figures that count neither in baselines nor as signals."""
    muted: Bools
    """Periods that are judged and told to nobody."""
    segment: Rows
    """The row at which the series' present segment begins: its first figure, or its last rebase."""
    holidays: Set[date] = frozenset()
    """Bank holidays, for detectors that compare like days with like."""

    def at(self, rows: Rows) -> "Known":
        """The same of some rows."""
        return self._replace(excluded=self.excluded[rows], muted=self.muted[rows], segment=self.segment[rows])

    def take(self, columns: Rows) -> "Known":
        """The same of some series."""
        return self._replace(
            excluded=self.excluded[:, columns], muted=self.muted[:, columns], segment=self.segment[:, columns]
        )


def anything(array: Bools) -> bool:
    """Whether any item is True; where one row or one item stands for many, it is asked once."""
    kept = tuple(slice(None) if stride else slice(1) for stride in array.strides)
    return bool(array[kept].any())


def how_many(there: Bools) -> NDArray[np.integer[Any]]:
    """How many items of each column are True; in bytes as long as they hold it, ten times as quick as in whole words."""
    kind = np.uint8 if len(there) < 256 else np.int64
    count: NDArray[np.integer[Any]] = np.add.reduce(there.view(np.uint8), axis=0, dtype=kind)
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a detector looks at: the series of a measure, what the calendar says of them, and the rows to judge."""

    measure: Measure
    block: SeriesBlock
    known: Known
    rows: Rows
    """Consecutive row numbers of the block."""
    usable: Floats = field(init=False)
    """The block's figures without the excluded ones."""

    def __post_init__(self) -> None:
        figures = self.block.value
        if anything(self.known.excluded):
            figures = np.where(self.known.excluded, np.nan, figures)
        object.__setattr__(self, "usable", figures)

    def take(self, columns: Rows) -> "Look":
        """A look at only some of the series, in this order."""
        return Look(
            measure=self.measure, block=self.block.take(columns), known=self.known.take(columns), rows=self.rows
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What a detector found at some rows of a block: arrays of those rows x series.

    `high` and `low` are signal masks by side of the figure; `learning` is True where the baseline is too short, `missing`
    where there is no usable figure. Limits are NaN where none apply.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    excess: Floats
    high: Masks
    low: Masks
    learning: Bools
    missing: Bools
    figure: Floats | None = None
    """What was judged, where that is not the block's own figure: a gap between events, a pooled share."""
    statistic: Floats | None = None
    """What the limits belong to, where that is not the figure: the sum of a CUSUM, the mean of an EWMA."""
    numerator: Floats | None = None
    denominator: Floats | None = None
    gap: Bools | None = None
    """Where the figure is a gap between events, in days or cases, and not the measure's own figure."""

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

    ahead: Rows | None = None
    """How many periods after the judged one the limits are of; 0 where they are of none."""

    def arrays(self) -> dict[str, Any]:
        """The arrays that are there, by name."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: array for name, array in given.items() if array is not None}
