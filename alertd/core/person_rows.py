"""Series that are named like one person, left out before anything is made of their figures (R32)."""

from collections.abc import Sequence

import numpy as np

from alertd.core.errors import WarehouseError
from alertd.core.faults import Problem
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.persons import any_person, looks_like_a_person
from alertd.core.rows import Rows
from alertd.core.series import FaultKind


def names_of_persons(measure: Measure, keys: Sequence[Key]) -> bool:
    """Whether any series is named like one person, in a measure that is not by person."""
    if measure.by_person or not measure.by:
        return False
    return any_person({part for key in keys for part in key} if len(measure.by) > 1 else [key[0] for key in keys])


def without_persons(measure: Measure, rows: Rows) -> tuple[Rows, list[Problem]]:
    """The rows of series that are not named like one person, and how many others there were, without a name of theirs.

    Raises `WarehouseError` where no other series is left.
    """
    if not names_of_persons(measure, rows.keys):
        return rows, []
    named = np.array([any(map(looks_like_a_person, key)) for key in rows.keys], dtype=np.bool_)
    left_out = (rows.series >= 0) & named[rows.series]
    if not left_out.any():
        return rows, []
    if named.all():
        raise WarehouseError(
            f"measure `{measure.id}` is by person: every series is named like one (e-mail addresses, ranks with numbers), "
            "and this home judges nobody by person; group its figures in its SQL"
        )
    names = int(np.unique(rows.series[left_out]).size)
    found = "1 series" if names == 1 else f"{names:,} series"
    return rows.take(~left_out), [Problem.single(FaultKind.ONE_PERSON, found)]
