"""Figures of groups of people that are too small to show, taken out before anything is judged of them (R32).

What is withheld is NaN from here on, so that no rule, letter, chart, list, log or state can give it away; the period is
`unknown`. Where a measure's places add up to levels above, the sum of all but one would give the one away: then the next
smallest of its siblings are withheld too, until those withheld hold as many people as the floor, and are at least two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from alertd.core.adding_up import belonging, summed
from alertd.core.levels import cannot_add_up, levels_above, measure_at, place_column
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.places import Places
from alertd.core.series import Bools, Floats, Ints, SeriesBlock, Unseen

_NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """Where each series counts to at one level: an index into `keys`, beyond them for one that belongs to none of these."""

    name: str
    keys: tuple[Key, ...]
    node: Ints
    """Periods x series."""


def withheld(block: SeriesBlock, group: Floats, measure: Measure, places: Places) -> SeriesBlock:
    """The block without the figures of groups below the measure's floor; `group` (periods x series) says how large each is.

    A group whose size is not known is as one that is too small.
    """
    floor = measure.floor
    if floor is None or block.periods == 0:
        return block
    levels = _levels(block, measure, places)
    hidden: Bools = ~(group >= floor)
    above: dict[str, Bools] = {}
    for level in levels:
        sums = summed(np.nan_to_num(group), level.node, len(level.keys) + len(block.keys))
        above[level.name] = sums[:, : len(level.keys)] < floor
    for row in np.flatnonzero((hidden & ~np.isnan(group)).any(axis=1)).tolist() if levels else ():
        _with_siblings(group[row], hidden[row], [(one.node[row], above[one.name][row]) for one in levels], floor)

    def part(figures: Floats | None) -> Floats | None:
        return None if figures is None else np.where(hidden, np.nan, figures)

    unseen = Unseen(
        value=block.value,
        numerator=block.numerator,
        denominator=block.denominator,
        above={one.name: _by_key(one.keys, above[one.name]) for one in levels},
    )
    return replace(
        block,
        value=np.where(hidden, np.nan, block.value),
        numerator=part(block.numerator),
        denominator=part(block.denominator),
        standard_error=part(block.standard_error),
        grades=part(block.grades),
        log_value=part(block.log_value),
        reference=part(block.reference),
        unseen=unseen,
    )


def _by_key(keys: tuple[Key, ...], hidden: Bools) -> Mapping[Key, Bools]:
    return {key: hidden[:, number] for number, key in enumerate(keys)}


def _levels(block: SeriesBlock, measure: Measure, places: Places) -> list[_Level]:
    """The levels above a measure's places, the nearest first; none where its figures do not add up."""
    column = place_column(measure, places)
    if column is None or cannot_add_up(measure):
        return []
    found = []
    for name in levels_above(measure, places):
        named = name in measure_at(measure, name, places).by
        node, keys = belonging(block, block.by.index(column), name, named, places)
        found.append(_Level(name=name, keys=keys, node=node))
    for level in found:  # a place that belongs to none of a level's counts as a part of its own there
        own = len(level.keys) + np.arange(len(block.keys))
        level.node[:] = np.where(level.node == _NOWHERE, own, level.node)
    return found


def _with_siblings(group: Floats, hidden: Bools, levels: list[tuple[Ints, Bools]], floor: int) -> None:
    """Hide more of one period until no sum above gives a hidden figure away; from the top down, in place.

    `hidden` are the series, `levels` their nodes and the hidden ones of these, the nearest level first.
    """
    there = ~np.isnan(group)
    sizes = np.nan_to_num(group)
    nodes = [np.arange(len(group)), *(node for node, _ in levels)]
    count = [int(node.max()) + 1 for node in nodes]
    held = [
        hidden,
        *(
            np.append(kept, np.zeros(max(0, n - len(kept)), dtype=np.bool_))
            for (_, kept), n in zip(levels, count[1:], strict=True)
        ),
    ]
    for at in range(len(nodes) - 2, -1, -1):
        parent = np.full(count[at], _NOWHERE)
        parent[nodes[at][there]] = nodes[at + 1][there]
        people = np.bincount(nodes[at][there], weights=sizes[there], minlength=count[at])
        exists = parent != _NOWHERE
        concerned = np.unique(parent[exists & (held[at][: count[at]] | held[at + 1][parent])])
        for one in concerned.tolist():
            children = np.flatnonzero(parent == one)
            secret = children[held[at][children]]
            total, number = float(people[secret].sum()), len(secret)
            visible = children[~held[at][children]]
            for child in visible[np.argsort(people[visible], kind="stable")].tolist():
                if total >= floor and number >= 2:
                    break
                held[at][child] = True
                total, number = total + float(people[child]), number + 1
    for (_, kept), marks in zip(levels, held[1:], strict=True):
        kept |= marks[: len(kept)]
