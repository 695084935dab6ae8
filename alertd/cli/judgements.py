"""Judging for commands that store nothing: which rules are meant, and what they say now."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from alertd.app import Application
from alertd.config.home import Home
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.disclosure import tells_small
from alertd.core.errors import UsageError, WarehouseError
from alertd.core.evaluate import verdict_at
from alertd.core.findings import Written
from alertd.core.judgement import Basis, Judgement, bases_of, judgement
from alertd.core.known import matches
from alertd.core.levels import levels_of, measure_at
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import STATES, State, Verdict
from alertd.core.written import written_of
from alertd.round.moves import policy_of, small_numbers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was judged: verdicts in the order of rules and series, and why other rules could not be judged."""

    judged: list[Verdict]
    series: int
    unjudged: int
    """Series that are unknown or learning, so that their silence proves nothing."""
    errors: tuple[str, ...]
    reachable: bool
    written: Mapping[tuple[str, Key], Written]
    """What assessors wrote, by rule and series, of what stands out of measures that have such words."""


def chosen_rules(home: Home, rules: Collection[str], measures: Collection[str]) -> list[Rule]:
    """The enabled rules that were asked for, all by default; raises `UsageError` for names that are not there."""
    for wanted, known, what in ((rules, home.rules, "rule"), (measures, home.measures, "measure")):
        for name in wanted:
            if name not in known:
                raise UsageError(not_there(what, name, known))
    return [
        rule
        for rule in home.rules.values()
        if (not rules or rule.id in rules)
        and (not measures or not set(measures).isdisjoint(home.needs(rule)))
        and (rule.enabled or rule.id in rules)
    ]


def not_there(what: str, name: str, known: Collection[str]) -> str:
    """What to say of a name that a command was given and that is no `what`: the likely one, or those there are."""
    hint = did_you_mean(name, known) or one_of(known, nothing=f"there is no {what} at all")
    return f"there is no {what} `{name}`; {hint}"


def check_where(home: Home, rules: Collection[Rule], where: Mapping[str, Collection[str]]) -> None:
    """Raise `UsageError` where a column of `--where` belongs to none of the rules' measures."""
    columns = {
        column
        for rule in rules
        for level in levels_of(rule, home.measure_of(rule), home.places)
        for column in measure_at(home.measure_of(rule), level, home.places).series_by
    }
    for name in where:
        if name not in columns:
            raise UsageError(
                f"`--where {name}=..` matches nothing; the columns are {', '.join(sorted(columns)) or 'none'}"
            )


def chosen_keys(by: Sequence[str], keys: Sequence[Key], where: Mapping[str, tuple[str, ...]]) -> set[Key]:
    """The series that `--where` asks for; raises `UsageError` where it leaves none of some: a slip must not read as quiet."""
    chosen = {key for key in keys if matches(dict(zip(by, key, strict=True)), where)}
    if chosen or not keys or not where:
        return chosen
    for name, values in where.items():
        known = sorted({key[by.index(name)] for key in keys}) if name in by else []
        for value in values:
            if value not in known:
                raise UsageError(not_there(name, value, known))
    raise UsageError("no series meets every `--where` at once")


def at_levels(
    application: Application, rule_id: str, where: Mapping[str, tuple[str, ...]], now: datetime, *, as_of: bool
) -> tuple[tuple[Basis, set[Key]], ...]:
    """A rule by its id with all that it is judged from, and the series that `--where` asks for: at each of its levels.

    Of a rule that names no level there is one.
    """
    home = application.home
    (rule,) = chosen_rules(home, [rule_id], ())
    check_where(home, [rule], where)
    blocks = {
        name: application.figures.read(home.measures[name], now=now, places=home.places, as_of=as_of)
        for name in home.needs(rule)
    }
    found = []
    for basis in _asked_of(bases_of(rule, home.rules, home.measures, blocks, home.places), where):
        judged = basis.block or judgement_of(home, basis, now).history()
        found.append((basis, chosen_keys(judged.by, judged.keys, where)))
    return tuple(found)


def one_rule(
    application: Application, rule_id: str, where: Mapping[str, tuple[str, ...]], now: datetime, *, as_of: bool
) -> tuple[Basis, set[Key]]:
    """As `at_levels`, at the lowest level that is asked for: where a rule names several, that of the places."""
    return at_levels(application, rule_id, where, now, as_of=as_of)[-1]


def _asked_of(bases: tuple[Basis, ...], where: Mapping[str, tuple[str, ...]]) -> tuple[Basis, ...]:
    """The levels of a rule that `--where` can mean: those whose series have a column that it names."""
    if len(bases) == 1 or not where:
        return bases
    return tuple(basis for basis in bases if not set(where).isdisjoint(basis.measure.series_by))


def judgement_of(home: Home, basis: Basis, now: datetime) -> Judgement:
    """What a rule says now."""
    return judgement(basis, home.calendar, now, lambda measure: small_numbers_of(home, measure))


def judge_all(
    application: Application,
    rules: Collection[Rule],
    where: Mapping[str, tuple[str, ...]],
    now: datetime,
    *,
    as_of: bool,
    everything: bool,
) -> Found:
    """Judge rules at their newest settled period; without `everything`, only what stands out and is asked for."""
    home = application.home
    reader = _Reader(application, now, as_of, Counter(name for rule in rules for name in home.needs(rule)))
    judged: list[Verdict] = []
    written: dict[tuple[str, Key], Written] = {}
    series = unjudged = 0
    for rule in sorted(rules, key=lambda rule: (rule.needs_others, rule.measure)):
        blocks = reader.figures(home.needs(rule))
        if blocks is None:
            continue
        for basis in _asked_of(bases_of(rule, home.rules, home.measures, blocks, home.places), where):
            asked = {name: values for name, values in where.items() if name in basis.measure.series_by}
            found = judgement_of(home, basis, now)
            there = basis.block or found.newest
            wanted = chosen_keys(there.by, there.keys, asked)
            newest = found.newest.take([column for column, key in enumerate(found.newest.keys) if key in wanted])
            series += len(newest.keys)
            if newest.periods == 0:
                unjudged += len(newest.keys)
                continue
            unjudged += int(np.isin(newest.state[0], (State.UNKNOWN.code, State.LEARNING.code)).sum())
            shown = _shown_states(home, rule, everything=everything)
            columns = [column for column in range(len(newest.keys)) if STATES[int(newest.state[0, column])] in shown]
            notable = [newest.keys[column] for column in columns if STATES[int(newest.state[0, column])].notable]
            since: dict[Key, Period | None] = {}
            for seen in found.look(notable):
                since[seen.verdict.key] = seen.verdict.since
                if basis.measure.finding is not None:
                    small = tells_small(seen.verdict, basis.measure, small_numbers_of(home, basis.measure))
                    written[rule.id, seen.verdict.key] = written_of(
                        seen.verdict, basis.measure, seen.block, small=small
                    )
            judged += [verdict_at(newest, 0, column, since.get(newest.keys[column])) for column in columns]
    order = {rule.id: position for position, rule in enumerate(home.rules.values())}
    judged.sort(key=lambda verdict: (order[verdict.rule], verdict.key))
    errors = tuple(dict.fromkeys(reader.errors))
    return Found(
        judged=judged, series=series, unjudged=unjudged, errors=errors, reachable=reader.reachable, written=written
    )


@dataclass(slots=True)
class _Reader:
    """Reads each measure once, and keeps its figures for as long as a rule still needs them."""

    application: Application
    now: datetime
    as_of: bool
    needed: Counter[str]
    """How many rules still need each measure."""
    kept: dict[str, SeriesBlock | None] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    reachable: bool = True

    def figures(self, measures: Collection[str]) -> dict[str, SeriesBlock] | None:
        """The figures of some measures; None where one cannot be read."""
        home = self.application.home
        for name in measures:
            if name in self.kept:
                continue
            try:
                read = self.application.figures.read
                self.kept[name] = read(home.measures[name], now=self.now, places=home.places, as_of=self.as_of)
            except WarehouseError as error:
                self.kept[name] = None
                self.reachable = self.reachable and error.reachable
                self.errors.append(str(error))
        found = {name: self.kept[name] for name in measures}
        self.needed.subtract(measures)
        self.kept = {name: block for name, block in self.kept.items() if self.needed[name] > 0}
        blocks = {name: block for name, block in found.items() if block is not None}
        return blocks if len(blocks) == len(found) else None


def _shown_states(home: Home, rule: Rule, *, everything: bool) -> frozenset[State]:
    """The states that are listed: all, or those that somebody would be told of."""
    if everything:
        return frozenset(State)
    told = {State.EXCEPTION, State.CHANGED}
    return frozenset(told | {State.IMPROVEMENT} if policy_of(home, rule, {}).tell_improvement else told)
