"""What the rules told over a warehouse's six years, held against what is planted in it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.data_faults import DATA_RULE
from alertd.core.periods import Period
from alertd.core.replay import Moved
from alertd.core.rules import Rule
from alertd.core.series import series_words
from alertd.demo.score.happenings import Happening, Planted
from alertd.demo.score.matching import (
    Watcher,
    about,
    explained_by,
    on_its_side,
    seen_better,
    span,
    tells_of,
    there,
    watcher,
)
from alertd.demo.score.steward import KINDS, told_of_fault
from alertd.demo.star.planted import DATA, NOTHING
from alertd.workbench.backtest import Backtest, backtest
from alertd.workbench.figures import Figures

_CELLS = 12_000  # simulated figures a rule: the sum over a row's rules is as sure as a back-test of one of them
_SHOWS_WITHIN = 6
"""In so many periods a change of recording, which is no news, would be told of if it were."""


class Outcome(StrEnum):
    """How a happening was taken."""

    FOUND = "found"
    MISSED = "missed"
    NOT_ASKED = "improvement, not asked for"
    """Seen; its route tells nobody of improvement."""
    KEPT_QUIET = "kept quiet"
    WRONGLY_TOLD = "wrongly told"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredHappening:
    """A happening, and how the rules took it."""

    happening: Happening
    outcome: Outcome
    rule: str = ""
    """That told of it first (and at which level), or the measure whose data notice did."""
    where: str = ""
    """The series that it told of."""
    period: Period | None = None
    """The period that was told of first."""
    delay: int | None = None
    """Periods from the happening's first one to that one; 0 is the same."""
    judged: int = 0
    """How many rules judge its figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayException:
    """An exception that nothing planted explains."""

    rule: str
    framework: str
    moved: Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The rules, scored."""

    home: Home
    planted: Planted
    scored: tuple[ScoredHappening, ...]
    strays: tuple[StrayException, ...]
    opened: Mapping[str, float]
    """Exceptions opened, by row of the framework; the data steward's not among them."""
    chance: Mapping[str, float] | None
    """How many of them are to be expected when nothing is wrong; None where that was not simulated."""
    rules: Mapping[str, int]
    """Rules that were replayed, by row."""
    errors: tuple[str, ...]
    reachable: bool


def score(
    home: Home,
    rules: Sequence[Rule],
    planted: Planted,
    figures: Figures,
    *,
    rows: Collection[str],
    judged_alone: bool = False,
    seed: int,
    chance: bool,
    progress: Callable[[str], None] | None = None,
) -> Score:
    """Replay live rules over all the figures of a warehouse, and match what they told with what is planted in `rows`.

    With `judged_alone` nothing counts as planted but what these rules judge.
    """
    live = [rule for rule in rules if rule.enabled and rule.status == "live"]
    found = backtest(
        home, live, figures, start=None, end=figures.end, seed=seed, cells=_CELLS if chance else 0, progress=progress
    )
    watchers = [watcher(home, one) for one in found.replayed]
    leaders = [one for one in watchers if one.replayed.rule.freshness is None]
    told = {one.replayed.name: one.replayed.moved for one in leaders}
    happenings = [
        one
        for one in planted.happenings
        if one.framework in rows and (not judged_alone or any(_judges(each, one) for each in watchers))
    ]
    seen = _Seen(home, planted, figures, watchers, told)
    return Score(
        home=home,
        planted=planted,
        scored=tuple(_scored(seen, one) for one in happenings),
        strays=tuple(_strays(seen, leaders)),
        opened=_by_row((one, float(len(_opened(told[one.replayed.name])))) for one in leaders),
        chance=_by_row((one, found.expected[one.replayed.name].exceptions) for one in leaders if _simulated(found, one))
        if chance
        else None,
        rules=Counter(home.measures[rule.measure].framework or "" for rule in live),
        errors=found.errors,
        reachable=found.reachable,
    )


def _judges(each: Watcher, one: Happening) -> bool:
    if one.expected == DATA and one.kind in KINDS:
        return one.table in each.reading.tables and each.measure.framework == one.framework
    return about(each, one) != 0


class _Seen(NamedTuple):
    """Everything that was told, and what it was told of."""

    home: Home
    planted: Planted
    figures: Figures
    watchers: Sequence[Watcher]
    told: Mapping[str, Sequence[Moved]]
    """By rule (and level), what leaders would have been told; rules about the feed are not among them."""


def _scored(seen: _Seen, one: Happening) -> ScoredHappening:
    """How one happening was taken."""
    watching = [
        (each, sign) for each in seen.watchers if each.replayed.name in seen.told and (sign := about(each, one))
    ]
    judged = len({each.replayed.rule.id for each, _ in watching})
    if one.expected == NOTHING:
        wrong = [(each, moved) for each, sign in watching for moved in _wrongly(seen, each, one, sign)]
        return _first(one, Outcome.WRONGLY_TOLD if wrong else Outcome.KEPT_QUIET, wrong, judged)
    if one.expected == DATA and one.kind in KINDS:
        return _fault(seen, one)
    found = [
        (each, moved)
        for each, sign in watching
        for moved in seen.told[each.replayed.name]
        if tells_of(each, moved, one, seen.planted, sign)
    ]
    if found or one.direction == "worse":
        return _first(one, Outcome.FOUND if found else Outcome.MISSED, found, judged)
    for each, _ in watching:
        slot = seen_better(each, one, seen.planted)
        if slot is not None:
            period = Period(each.replayed.history.grain, slot)
            delay = slot - span(each, one)[0]
            name = each.replayed.name
            return ScoredHappening(
                happening=one, outcome=Outcome.NOT_ASKED, rule=name, period=period, delay=delay, judged=judged
            )
    return ScoredHappening(happening=one, outcome=Outcome.MISSED, judged=judged)


def _first(
    one: Happening, outcome: Outcome, found: Sequence[tuple[Watcher, Moved]], judged: int, rule: str = ""
) -> ScoredHappening:
    """With the earliest of some notices."""
    if not found:
        return ScoredHappening(happening=one, outcome=outcome, judged=judged)
    each, moved = min(found, key=lambda pair: (pair[1].at, pair[0].replayed.name, pair[1].verdict.key))
    return ScoredHappening(
        happening=one,
        outcome=outcome,
        rule=rule or each.replayed.name,
        where=series_words(moved.verdict.series),
        period=moved.verdict.period,
        delay=max(0, moved.verdict.period.slot - span(each, one)[0]),
        judged=judged,
    )


def _wrongly(seen: _Seen, each: Watcher, one: Happening, sign: int) -> Iterator[Moved]:
    """Notices that take what is no news for news: on its side, and explained by nothing else."""
    first, last = span(each, one, later=0)
    if one.kind == "recording_change":
        last = min(last, first + _SHOWS_WITHIN)
    real = _news(seen, each)
    for moved in seen.told[each.replayed.name]:
        if (
            moved.transition.kind is TransitionKind.OPENED
            and first <= moved.verdict.period.slot <= last
            and there(each, moved.verdict.key, one, seen.planted)
            and on_its_side(moved.verdict, one, sign)
            and not any(explained_by(each, moved, other, seen.planted, way) for other, way in real)
        ):
            yield moved


def _news(seen: _Seen, each: Watcher) -> list[tuple[Happening, int]]:
    """Everything planted in the figures that a rule judges, and which way it moves them."""
    every = [(one, about(each, one)) for one in seen.planted.happenings if one.expected != NOTHING]
    return [(one, sign) for one, sign in every if sign]


def _fault(seen: _Seen, one: Happening) -> ScoredHappening:
    """How a fault in the data was taken: by a rule about the feed, or by the measure's own data notice."""
    found = []
    for each in seen.watchers:
        rule = each.replayed.rule
        if rule.freshness is None or each.measure.framework != one.framework or one.kind not in ("late", "missing"):
            continue
        if one.table not in each.reading.tables:
            continue
        first, last = span(each, one, later=1)
        found += [
            (each, moved)
            for moved in each.replayed.moved
            if moved.transition.kind is TransitionKind.OPENED
            and first - 1 <= moved.verdict.period.slot <= last
            and there(each, moved.verdict.key, one, seen.planted)
        ]
    by_rule = _first(one, Outcome.FOUND if found else Outcome.MISSED, found, len(found))
    data = told_of_fault(seen.home, one, seen.planted, seen.figures)
    if data is None or (by_rule.delay is not None and by_rule.delay <= data[2]):
        return by_rule
    return ScoredHappening(
        happening=one, outcome=Outcome.FOUND, rule=DATA_RULE + data[0], period=data[1], delay=data[2], judged=1
    )


def _strays(seen: _Seen, leaders: Sequence[Watcher]) -> Iterator[StrayException]:
    """Exceptions that nothing planted explains, the earliest first."""
    strays = []
    for each in leaders:
        real = _news(seen, each)
        for moved in _opened(seen.told[each.replayed.name]):
            if not any(explained_by(each, moved, one, seen.planted, sign) for one, sign in real):
                row = each.measure.framework or ""
                strays.append(StrayException(rule=each.replayed.name, framework=row, moved=moved))
    yield from sorted(strays, key=lambda one: (one.moved.at, one.rule, one.moved.verdict.key))


def _opened(moved: Sequence[Moved]) -> list[Moved]:
    return [one for one in moved if one.transition.kind is TransitionKind.OPENED]


def _simulated(found: Backtest, one: Watcher) -> bool:
    return one.replayed.name in found.expected


def _by_row(counted: Iterable[tuple[Watcher, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for one, count in counted:
        total[one.measure.framework or ""] += count
    return dict(total)
