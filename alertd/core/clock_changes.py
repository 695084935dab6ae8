"""The hour that the clocks skip in spring, and the one that comes twice in autumn, in series by the hour."""

from datetime import UTC, tzinfo

import numpy as np

from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.rows import Figures, Rows
from alertd.core.series import Bools, Ints


def is_skipped(slot: int, zone: tzinfo | None) -> bool:
    """Whether an hour exists on no clock of the zone."""
    hour = Period(Grain.HOUR, slot).start.replace(tzinfo=zone)
    return hour.astimezone(UTC).astimezone(zone).hour != hour.hour


def comes_twice(slot: int, zone: tzinfo | None) -> bool:
    """Whether clocks of the zone show an hour twice."""
    hour = Period(Grain.HOUR, slot).start.replace(tzinfo=zone)
    return not is_skipped(slot, zone) and hour.replace(fold=0).utcoffset() != hour.replace(fold=1).utcoffset()


def with_repeated_hours_joined(measure: Measure, rows: Rows, zone: tzinfo | None) -> Rows:
    """Rows whose two figures of an hour that comes twice are one: counts are added, values and the like averaged.

    Hours with other than two rows, or with one that cannot be used, stay as they are.
    """
    if measure.grain is not Grain.HOUR or measure.grade is not None or len(rows) < 2:
        return rows
    order = np.lexsort((rows.slot, rows.series))
    slot, series = rows.slot[order], rows.series[order]
    same: Bools = (slot[1:] == slot[:-1]) & (series[1:] == series[:-1])
    if not same.any():
        return rows
    alone = ~np.append(False, same[:-1]) & ~np.append(same[1:], False)  # two, and no third
    twice = {one: comes_twice(one, zone) for one in np.unique(slot[1:][same]).tolist()}
    pairs = [at for at in np.flatnonzero(same & alone).tolist() if twice[int(slot[at])]]
    earlier, later = order[pairs], order[np.array(pairs, dtype=np.int64) + 1]
    usable = ~np.logical_or.reduce([np.isnan(one.number[earlier] + one.number[later]) for one in rows.figures])
    earlier, later = earlier[usable], later[usable]
    keep = np.ones(len(rows), dtype=np.bool_)
    keep[later] = False
    added = measure.value is None
    joined = Rows(
        slot=rows.slot,
        unread=rows.unread,
        series=rows.series,
        keys=rows.keys,
        figures=tuple(_joined(column, earlier, later, added=added) for column in rows.figures),
        beside={what: _joined(column, earlier, later, added=False) for what, column in rows.beside.items()},
        loaded_at=rows.loaded_at,
        complete_to=rows.complete_to,
    )
    return joined.take(keep)


def _joined(column: Figures, earlier: Ints, later: Ints, *, added: bool) -> Figures:
    numbers = column.number.copy()
    together = column.number[earlier] + column.number[later]
    numbers[earlier] = together if added else together / 2
    return Figures(column=column.column, number=numbers, null=column.null, unread=column.unread)
