"""Draws the figures of one table: level, season, weekdays, trend, what is planted, and chance that remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alertd.core.periods import Grain
from alertd.demo.star.forces import NOT_LOCATED, Force
from alertd.demo.star.planted import Plant, effect
from alertd.demo.star.schema import TABLES
from alertd.demo.star.spans import Span, span_of
from alertd.demo.star.table import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WEEKDAYS = np.array([1.0, 0.97, 0.97, 0.99, 1.06, 1.08, 0.93])
"""Monday to Sunday, of incidents and calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Periods x series of one table of one force, and the stream of chance that its figures come from."""

    table: Table
    span: Span
    series: Mapping[str, NDArray[np.str_]]
    """For each column of the key but the period: the value at each series."""
    weight: Floats
    """How large each series' place is; 1 for an average district."""
    average: float
    """Residents of an average district."""
    rng: np.random.Generator
    plants: tuple[Plant, ...]

    @property
    def residents(self) -> Ints:
        """Residents of each series' place."""
        return np.round(self.average * self.weight).astype(np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """Periods, series."""
        return len(self.span), len(self.weight)

    def of(self, column: str, values: Mapping[str, float]) -> Floats:
        """A figure for each series by the value of one of its columns."""
        return np.array([values[value] for value in self.series[column].tolist()])

    def planted(self, column: str) -> Floats:
        """How many times its usual level each figure stands at."""
        found = effect(self.plants, column, self.span, self.series, len(self.weight))
        return np.ones((1, 1)) if found is None else found

    def level(
        self,
        column: str,
        base: float | Floats,
        *,
        season: float = 0.0,
        peak: float = 7.0,
        weekdays: Floats | None = None,
        trend: float = 0.0,
        memory: float = 0.02,
    ) -> Floats:
        """The level that figures vary about: `base` for an average place, times all that moves it.

        `season` is the relative swing with its top in month `peak`, `trend` the relative change a year, `memory` the spread
        of a course that remembers half of where it was.
        """
        level = np.broadcast_to(np.asarray(base, dtype=np.float64), self.shape) * self.planted(column)
        course = 1 + season * np.cos(2 * np.pi * (self.span.month - peak) / 12)
        course = course * (1 + trend) ** self.span.years
        if weekdays is not None:
            course = course * weekdays[self.span.weekday]
        level = level * course[:, None]
        return level * np.exp(self.remembered(memory)) if memory else level

    def remembered(self, spread: float) -> Floats:
        """Chance with memory: half of where it was, and something new; `spread` is its standard deviation."""
        steps = self.rng.normal(0, spread * np.sqrt(0.75), self.shape)
        for period in range(1, len(steps)):
            steps[period] += 0.5 * steps[period - 1]
        return steps

    def count(
        self, column: str, base: float | Floats, *, dispersion: float = 1.15, sized: bool = True, **moved: Any
    ) -> Ints:
        """Counts with more spread than chance alone gives: their variance is `dispersion` times their mean."""
        level = self.level(column, base, **moved) * (self.weight if sized else 1)
        shape = np.maximum(level, 1e-9) / (dispersion - 1)
        return self.rng.poisson(self.rng.gamma(shape, dispersion - 1)).astype(np.int64)

    def share(
        self,
        column: str,
        whole: Ints,
        level: float | Floats,
        *,
        spread: float = 0.05,
        season: float = 0.0,
        peak: float = 7.0,
        drift: float = 0.0,
    ) -> Ints:
        """Parts of wholes: `level` is their usual share, `spread` that of its log odds, `drift` their change a year."""
        odds = np.log(np.asarray(level) / (1 - np.asarray(level))) + np.log(self.planted(column))
        course = season * np.cos(2 * np.pi * (self.span.month - peak) / 12) + drift * self.span.years
        odds = odds + course[:, None] + self.remembered(spread)
        return self.rng.binomial(whole, 1 / (1 + np.exp(-odds))).astype(np.int64)

    def value(self, column: str, base: float | Floats, *, spread: float, digits: int = 1, **moved: Any) -> Floats:
        """Figures that are no counts: `spread` is their relative standard deviation."""
        level = self.level(column, base, **{"memory": spread / 2, **moved})
        return np.round(level * np.exp(self.rng.normal(0, spread, self.shape)), digits)

    def steady(self, base: float | Floats, *, sized: bool = True, wobble: float = 0.0, trend: float = 0.0) -> Ints:
        """Whole numbers that hardly move: staff, residents, posts."""
        level = np.broadcast_to(np.asarray(base, dtype=np.float64), self.shape) * (self.weight if sized else 1)
        level = level * ((1 + trend) ** self.span.years)[:, None]
        if wobble:
            level = level * np.exp(self.remembered(wobble))
        return np.maximum(1, np.round(level)).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What the figures of one force come from."""

    force: Force
    seed: int
    plants: Mapping[str, tuple[Plant, ...]]
    """By table; each at places that this force has."""

    def rng(self, name: str) -> np.random.Generator:
        """The stream of one table, whatever else is drawn."""
        return np.random.default_rng([self.seed, self.force.number, *name.encode()])

    def grid(
        self,
        name: str,
        *,
        teams: Sequence[str] = (),
        extra: Sequence[str] = (),
        span: Span | None = None,
        **values: Sequence[str],
    ) -> Grid:
        """The grid of a table: its places, times the values of its other columns, in the order of its key.

        `teams` are the functions of the teams that it has, `extra` names that stand for no place.
        """
        table = TABLES[name]
        places, weights = self._places(table.by, teams, extra)
        others = [values[column] for column in table.by if column in values]
        rows = [(*place, *rest) for place in places for rest in product(*others)]
        each = len(rows) // max(1, len(places))
        names = [column for column in table.by if column not in values] + [c for c in table.by if c in values]
        columns = list(zip(*rows, strict=True)) if rows else []
        return Grid(
            table=table,
            span=span or span_of(Grain(table.grain)),
            series={name: np.array(column) for name, column in zip(names, columns, strict=True)},
            weight=np.repeat(weights, each),
            average=self.force.residents / len(self.force.districts),
            rng=self.rng(name),
            plants=self.plants.get(name, ()),
        )

    def _places(
        self, by: tuple[str, ...], teams: Sequence[str], extra: Sequence[str]
    ) -> tuple[list[tuple[str, ...]], Floats]:
        districts = self.force.districts
        average = self.force.residents / len(districts)
        size = {one.name: one.residents / average for one in districts}
        for division in self.force.divisions:
            size[division] = sum(size[one.name] for one in districts if one.division == division)
        size |= {self.force.name: float(len(districts))}
        if "team" in by:
            found = [team for team in self.force.teams if team.function in teams]
            peers: dict[tuple[str, str], int] = {}
            for team in found:
                place = (team.district or team.division or self.force.name, team.function)
                peers[place] = peers.get(place, 0) + 1
            if "district" in by:
                pairs = [
                    (d, t)
                    for d in districts
                    for t in found
                    if t.district == d.name or (t.district is None and t.division == d.division)
                ]
                weights = [size[d.name] / peers.get((d.name, t.function), 1) for d, t in pairs]
                return [(d.name, t.name) for d, t in pairs], np.array(weights)
            weights = [
                size[t.district or t.division or self.force.name]
                / peers[t.district or t.division or self.force.name, t.function]
                for t in found
            ]
            if "division" in by:
                return [(str(t.division), t.name) for t in found], np.array(weights)
            return [(t.name,) for t in found], np.array(weights)
        if "district" in by:
            extra = extra if self.force.number == 0 else ()  # names that say no force would mix those of several
            names = [one.name for one in districts]
            return [(n,) for n in (*names, *extra)], np.array(
                [*(size[n] for n in names), *(0.4 if n == NOT_LOCATED else 0.15 for n in extra)]
            )
        if "division" in by:
            return [(n,) for n in self.force.divisions], np.array([size[n] for n in self.force.divisions])
        if "force" in by:
            return [(self.force.name,)], np.array([size[self.force.name]])
        return [()], np.array([1.0])
