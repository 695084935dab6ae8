"""A rule over simulated figures in which nothing is wrong, through the real lifecycle: what it tells is false."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import accumulate, islice
from typing import NamedTuple
from zlib import crc32

import numpy as np

from alertd.config.home import Home
from alertd.core.calendar import Calendar
from alertd.core.composites.components import leaves
from alertd.core.detect.dispatch import COMPARES_SERIES
from alertd.core.errors import WarehouseError
from alertd.core.incontrol import InControl, fit, peers_alike, simulate
from alertd.core.judgement import Basis, bases_of, history_of
from alertd.core.known import known_of, only_where
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.replay import Moved, steps_of, walk
from alertd.core.rules import Rule
from alertd.core.series import Floats, SeriesBlock, side_by_side
from alertd.core.settling import is_settled
from alertd.core.verdicts import Verdicts
from alertd.workbench.figures import Figures
from alertd.workbench.replaying import holding, live_policy
from alertd.workbench.rounds import Rounds

_CELLS = 500_000
"""So many simulated figures are judged side by side."""


class Simulated(NamedTuple):
    """What a rule told of simulated figures."""

    moved: tuple[Moved, ...]
    series: int
    """How many series it judged."""


def why_not(home: Home, rule: Rule) -> str:
    """Why a rule says nothing about simulated figures; empty where it does."""
    now = [leaf.id for leaf in leaves(rule, home.rules) if leaf.judged_now]
    return f"`{now[0]}` judges whether figures come, and simulated ones always do" if now else ""


def models_for(home: Home, rule: Rule, figures: Figures, only: Collection[Key] | None = None) -> dict[str, InControl]:
    """The in-control model of each measure that a rule needs (`only`: of these series alone).

    Raises `WarehouseError` where a measure cannot be read, or has nothing to simulate from.
    """
    models = {}
    for name in home.needs(rule):
        measure = home.measures[name]
        block = figures.at_end(measure)
        settled = settled_rows(measure, block, home.calendar, figures.end)
        if not settled or not block.keys:
            raise WarehouseError(f"measure `{name}` has no settled period, so there is nothing to simulate from")
        model = fit(measure, block, known_of(measure, block, home.calendar), settled)
        if only is not None:
            model = model.take(
                np.array([column for column, key in enumerate(model.keys) if key in only], dtype=np.int64)
            )
        # Where places are compared, nothing is wrong where all are alike.
        models[name] = peers_alike(model) if rule.kind in COMPARES_SERIES else model
    return models


def watched_until(home: Home, rule: Rule, figures: Figures) -> datetime:
    """The round after the last one for which a rule has figures; aware. Raises as `models_for` does."""
    newest = []
    grain = home.measure_of(rule).grain
    for name in home.needs(rule):
        measure = home.measures[name]
        block = figures.at_end(measure)
        settled = settled_rows(measure, block, home.calendar, figures.end)
        newest.append(Period.containing(block.period(settled - 1).last_day, grain))
    return Rounds(home, rule).first_judging(min(newest, key=lambda period: period.slot) + 1)


def settled_rows(measure: Measure, block: SeriesBlock, calendar: Calendar, end: datetime) -> int:
    """How many rows of a block, from the first, are settled at the aware moment `end`."""
    local, count = end.replace(tzinfo=None), block.periods
    while count and not is_settled(block.period(count - 1), local, measure.settles_after, calendar.holidays):
        count -= 1
    return count


def false_moves(
    home: Home,
    rule: Rule,
    models: Mapping[str, InControl],
    *,
    periods: int,
    start: datetime | None,
    end: datetime,
    seeds: Iterable[tuple[int, ...]],
    gaps_of: Figures | None = None,
) -> Iterator[Simulated]:
    """Every transition of a rule over so many simulated periods, watched from `start` to `end`, for each of some seeds.

    With `gaps_of` a series has no figure where it had none in truth either. The figures of a measure depend on its id and
    the seed alone, so that rules on one measure meet the same ones.
    """
    rounds = Rounds(home, rule)
    policy, explains = live_policy(home, rule), holding(home, rule)
    # What the calendar knows of real figures says nothing about simulated ones.
    calendar = Calendar(holidays=home.calendar.holidays)
    first_judging = cache(rounds.first_judging)
    asked, size = iter(seeds), _at_once(rule, models, periods)
    while batch := list(islice(asked, size)):
        bases = [_bases(home, rule, models, periods, seed, gaps_of) for seed in batch]
        judged = [list(_judged(level, calendar, end)) for level in zip(*bases, strict=True)]
        for histories in zip(*judged, strict=True):
            steps = steps_of(histories, first_judging, start, end)
            moved = walk(steps, policy, rebased=lambda _: False, round_from=rounds.from_, end=end, explains=explains)
            yield Simulated(tuple(moved), sum(len(history.keys) for history in histories))


def _at_once(rule: Rule, models: Mapping[str, InControl], periods: int) -> int:
    """How many copies of a rule's figures are judged side by side."""
    if rule.components or rule.beside or rule.kind in COMPARES_SERIES:
        return 1
    return max(1, _CELLS // (periods * max(len(model.keys) for model in models.values())))


def _bases(
    home: Home,
    rule: Rule,
    models: Mapping[str, InControl],
    periods: int,
    seed: tuple[int, ...],
    gaps_of: Figures | None,
) -> tuple[Basis, ...]:
    """A rule with one copy of its figures, level by level."""
    blocks = {
        name: simulate(model, periods, np.random.default_rng((*seed, crc32(name.encode()))))
        for name, model in models.items()
    }
    if gaps_of is not None:
        blocks = {name: _with_gaps(block, gaps_of.at_end(home.measures[name])) for name, block in blocks.items()}
    return bases_of(rule, home.rules, home.measures, blocks, home.places)


def _judged(copies: Sequence[Basis], calendar: Calendar, end: datetime) -> Iterator[Verdicts]:
    """Each copy of a rule's figures, judged at every period; all side by side, since no series' verdict hangs on another's."""
    first, *others = copies
    if not others:
        yield history_of(first, calendar, end)
        return
    blocks = [only_where(copy.block, copy.rule.where) for copy in copies if copy.block is not None]
    history = history_of(replace(first, block=side_by_side(blocks)), calendar, end)
    stops = accumulate(len(block.keys) for block in blocks)
    for block, stop in zip(blocks, stops, strict=True):
        yield history.take(range(stop - len(block.keys), stop))


def _with_gaps(block: SeriesBlock, real: SeriesBlock) -> SeriesBlock:
    """A simulated block without figures where the real one has none; periods before the real ones stay as they are."""
    column = {key: number for number, key in enumerate(real.keys)}
    rows = np.arange(block.first, block.first + block.periods) - real.first
    inside = (rows >= 0) & (rows < real.periods)
    lost = np.zeros(block.value.shape, dtype=np.bool_)
    chosen = [column[key] for key in block.keys]
    lost[inside] = np.isnan(real.value[rows[inside]][:, chosen])

    def without(figures: Floats | None) -> Floats | None:
        return None if figures is None else np.where(lost, np.nan, figures)

    return replace(
        block,
        value=np.where(lost, np.nan, block.value),
        numerator=without(block.numerator),
        denominator=without(block.denominator),
        standard_error=without(block.standard_error),
        log_value=without(block.log_value),
        grades=without(block.grades),
        present=block.present & ~lost,
    )
