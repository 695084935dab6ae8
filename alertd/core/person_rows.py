"""Series that are named like one person, left out before anything is made of their figures (R32)."""

from collections.abc import Sequence

import numpy as np

from alertd.core.errors import WarehouseError
from alertd.core.faults import Problem
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.persons import persons_among
from alertd.core.places import Places
from alertd.core.rows import Rows
from alertd.core.series import FaultKind


def names_of_persons(measure: Measure, keys: Sequence[Key], places: Places) -> bool:
    """Whether any series is named like one person, in a measure that is not by person."""
    return any(_persons(measure, keys, places))


def without_persons(measure: Measure, rows: Rows, places: Places) -> tuple[Rows, list[Problem]]:
    """The rows of series that are not named like one person, and how many others there were, without a name of theirs.

    What the hierarchy has is a place, however it reads. Raises `WarehouseError` where no other series is left.
    """
    persons = _persons(measure, rows.keys, places)
    if not any(persons):
        return rows, []
    named = np.array(
        [any(part in those for part, those in zip(key, persons, strict=True)) for key in rows.keys], dtype=np.bool_
    )
    left_out = (rows.series >= 0) & named[rows.series]
    if not left_out.any():
        return rows, []
    if named.all():
        raise WarehouseError(
            f"measure `{measure.id}` is by person: every series is named like one (e-mail addresses, ranks with numbers, "
            "surnames with initials), and this home judges nobody by person; group its figures in its SQL, or, where these "
            "are places or teams, let their names say so: 'Team ' || team"
        )
    names = int(np.unique(rows.series[left_out]).size)
    found = "1 series" if names == 1 else f"{names:,} series"
    return rows.take(~left_out), [Problem.single(FaultKind.ONE_PERSON, found)]


def _persons(measure: Measure, keys: Sequence[Key], places: Places) -> list[frozenset[str]]:
    """The values that stand for one person, by column of `by`; nothing in a measure that is by person."""
    if measure.by_person:
        return []
    columns = ({key[place] for key in keys} for place in range(len(measure.by)))
    return [persons_among(values) - places.places.keys() for values in columns]
