"""What rules cost when nothing is wrong: expected false notices for each rule and leader, in a year."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.composites.components import leaves
from alertd.core.detect.baselines import plan
from alertd.core.detect.forecast import PAST_YEARS
from alertd.core.errors import WarehouseError
from alertd.core.owners import Recipient
from alertd.core.parameters.baseline import Window
from alertd.core.periods import Grain, Period
from alertd.core.rules import Rule
from alertd.round.addressing import addressed
from alertd.workbench.figures import Figures
from alertd.workbench.simulated import false_moves, models_for, watched_until, why_not

PER_YEAR = {
    Grain.HOUR: 8766,
    Grain.DAY: 365,
    Grain.WEEK: 52,
    Grain.MONTH: 12,
    Grain.QUARTER: 4,
    Grain.HALF_YEAR: 2,
    Grain.YEAR: 1,
}
"""Periods in a year."""
_WATCHED = 3  # years of each simulated past that are watched, after those that a baseline needs
_MOST_WATCHED = 1100  # periods: three years of days, seven weeks of hours
_NONE_SEEN = 3.0  # "rule of three": 95% upper bound of a rate of which nothing was seen, times what was watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something happens in a year, as simulated."""

    per_year: float
    error: float
    """The standard error of it."""
    watched: float
    """Years that were simulated."""
    copies: int
    """In so many pasts, whose spread the standard error is taken from."""

    @property
    def lower(self) -> float:
        """The lower end of its 95% interval."""
        return max(0.0, self.per_year - self._reach)

    @property
    def upper(self) -> float:
        """The upper end of its 95% interval."""
        return self.per_year + self._reach if self.per_year else _NONE_SEEN / self.watched

    @property
    def _reach(self) -> float:
        """Half the width of the interval, by Student's t: few copies say little of their own spread."""
        return float(stdtrit(self.copies - 1, 0.975)) * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleNoise:
    """What one rule costs."""

    rule: str
    measure: str
    series: int
    exceptions: Rate
    """False exceptions opened."""
    notices: Rate
    """Everything told of them: openings, reminders, escalations, ends."""
    left_out: int
    """Series with too few figures to say what is usual for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderNoise:
    """What one recipient would be sent."""

    recipient: Recipient
    rules: tuple[str, ...]
    """The rules that told them anything, the costliest first."""
    exceptions: Rate
    notices: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What rules cost, the costliest first."""

    rules: tuple[RuleNoise, ...]
    leaders: tuple[LeaderNoise, ...]
    exceptions: Rate
    """Of all rules together."""
    notices: Rate
    years: int
    """Years that were simulated of each rule; of one by the hour fewer, which its rates say."""
    seed: int
    left_out: tuple[tuple[str, str], ...]
    """Rules that cannot be simulated, and why."""
    errors: tuple[str, ...]
    reachable: bool


Tally = NDArray[np.float64]
"""Exceptions and notices a year in each copy: 2 x copies."""


def noise(
    home: Home,
    rules: Sequence[Rule],
    figures: Figures,
    *,
    years: int,
    seed: int,
    progress: Callable[[str, float], None] | None = None,
) -> Noise:
    """Simulate `years` years of each rule's figures with nothing wrong, and count what the real lifecycle tells of them.

    Who is told is who would be told at the end of the figures' time. `progress` is called with the rule at work
    and the share of all work that is done.
    """
    copies = max(2, round(years / _WATCHED))
    costs: list[_Cost] = []
    left_out, errors, reachable = [], [], True
    for number, rule in enumerate(rules):
        if reason := why_not(home, rule):
            left_out.append((rule.id, reason))
            continue
        step = None if progress is None else partial(_step, progress, rule.id, number, len(rules))
        try:
            costs.append(_cost_of(home, rule, figures, copies, seed, step))
        except WarehouseError as error:
            errors.append(str(error))
            reachable = reachable and error.reachable
    together = sum((cost.told for cost in costs), np.zeros((2, copies)))
    least = min((cost.years for cost in costs), default=float(_WATCHED))
    return Noise(
        rules=tuple(sorted(map(_of_rule, costs), key=lambda one: (-one.notices.per_year, one.rule))),
        leaders=tuple(sorted(_of_leaders(costs), key=lambda one: (-one.notices.per_year, one.recipient.email))),
        exceptions=_rate(together[0], least),
        notices=_rate(together[1], least),
        years=copies * _WATCHED,
        seed=seed,
        left_out=tuple(left_out),
        errors=tuple(dict.fromkeys(errors)),
        reachable=reachable,
    )


class _Cost(NamedTuple):
    """What one rule told in each copy."""

    rule: Rule
    by_recipient: dict[Recipient, Tally]
    told: Tally
    """To all recipients together."""
    series: int
    left_out: int
    """Series with too few figures to say what is usual for them."""
    years: float
    """How long each copy was watched."""


def _step(progress: Callable[[str, float], None], rule: str, number: int, rules: int, done: float) -> None:
    progress(rule, (number + done) / rules)


def _cost_of(
    home: Home, rule: Rule, figures: Figures, copies: int, seed: int, step: Callable[[float], None] | None
) -> _Cost:
    """Simulate a rule's figures again and again, and count what it tells whom; `step` is called with the share done.

    Raises `WarehouseError` where a measure cannot be read, or has nothing to simulate from.
    """
    models = models_for(home, rule, figures)
    end = watched_until(home, rule, figures)
    measure = home.measure_of(rule)
    watched = min(_WATCHED * PER_YEAR[measure.grain], _MOST_WATCHED)
    years = watched / PER_YEAR[measure.grain]
    periods = lead_in(home, rule, end, watched) + watched
    start = end - timedelta(days=365.25 * years)
    by_recipient: dict[Recipient, Tally] = defaultdict(lambda: np.zeros((2, copies)))
    series = 0
    seeds = [(seed, copy) for copy in range(copies)]
    found = false_moves(home, rule, models, periods=periods, start=start, end=end, seeds=seeds)
    if step is not None:
        step(0.0)
    for copy, simulated in enumerate(found):
        series = simulated.series
        for one in simulated.moved:
            counted = np.array((one.transition.kind is TransitionKind.OPENED, 1)) / years
            for recipient, _ in addressed(home, rule, measure, one.transition, figures.end, figures.end):
                by_recipient[recipient][:, copy] += counted
        if step is not None:
            step((copy + 1) / copies)
    return _Cost(
        rule=rule,
        by_recipient=dict(by_recipient),
        told=sum(by_recipient.values(), np.zeros((2, copies))),
        series=series,
        left_out=sum(len(model.left_out) for model in models.values()),
        years=years,
    )


def lead_in(home: Home, rule: Rule, end: datetime, watched: int) -> int:
    """How many periods before the `watched` ones a rule needs, for its baseline to be whole."""
    needed = 0
    for leaf in leaves(rule, home.rules):
        measure = home.measures[leaf.measure]
        year = PER_YEAR[measure.judged_grain]
        wanted = year
        if leaf.seasonal is not None:
            wanted = year * ((leaf.seasonal.years or 5) + 1)
        elif leaf.forecast is not None:
            wanted = year * PAST_YEARS
        elif leaf.limited is not None:
            chosen = plan(leaf.limited, measure.judged_grain)
            wanted = max(year, chosen.length + chosen.gap)
            if chosen.window is Window.FIXED:
                here = Period.containing(end.replace(tzinfo=None), measure.judged_grain)
                wanted = max(wanted, here.slot - chosen.first_slot - watched)
        needed = max(needed, wanted * measure.stride)
    return needed


def _of_rule(cost: _Cost) -> RuleNoise:
    return RuleNoise(
        rule=cost.rule.id,
        measure=cost.rule.measure,
        series=cost.series,
        exceptions=_rate(cost.told[0], cost.years),
        notices=_rate(cost.told[1], cost.years),
        left_out=cost.left_out,
    )


def _of_leaders(costs: Sequence[_Cost]) -> Iterator[LeaderNoise]:
    """What each recipient would be sent by all rules together."""
    by_recipient: dict[Recipient, dict[str, Tally]] = defaultdict(dict)
    for cost in costs:
        for recipient, told in cost.by_recipient.items():
            by_recipient[recipient][cost.rule.id] = told
    for recipient, by_rule in by_recipient.items():
        total = np.sum(list(by_rule.values()), axis=0)
        yield LeaderNoise(
            recipient=recipient,
            rules=tuple(sorted(by_rule, key=lambda rule: (-by_rule[rule][1].sum(), rule))),
            exceptions=_rate(total[0], _WATCHED),
            notices=_rate(total[1], _WATCHED),
        )


def _rate(copies: NDArray[np.float64], years: float) -> Rate:
    """From what each copy of so many years counted; the copies are alike, so their spread says how sure the mean is."""
    return Rate(
        per_year=float(copies.mean()),
        error=float(copies.std(ddof=1)) / sqrt(len(copies)),
        watched=len(copies) * years,
        copies=len(copies),
    )
