"""Judging for commands that store nothing: which rules are meant, and what they say now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import groupby

import numpy as np

from alertd.app import Application
from alertd.config.home import Home
from alertd.core.errors import UsageError, WarehouseError
from alertd.core.evaluate import judge, look_back, verdict_at
from alertd.core.known import only_where
from alertd.core.model import Key
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import STATES, State, Verdict
from alertd.round.judging import policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was judged: verdicts in the order of rules and series, and why other rules could not be judged."""

    judged: list[Verdict]
    series: int
    unjudged: int
    """Series that are unknown or learning, so that their silence proves nothing."""
    errors: tuple[str, ...]
    reachable: bool


def chosen_rules(home: Home, rules: Collection[str], measures: Collection[str]) -> list[Rule]:
    """The enabled rules that were asked for, all by default; raises `UsageError` for names that are not there."""
    for wanted, known, what in ((rules, home.rules, "rule"), (measures, home.measures, "measure")):
        for name in wanted:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                raise UsageError(f"there is no {what} `{name}`" + (f"; did you mean `{close[0]}`?" if close else ""))
    return [
        rule
        for rule in home.rules.values()
        if (not rules or rule.id in rules)
        and (not measures or rule.measure in measures)
        and (rule.enabled or rule.id in rules)
    ]


def check_where(home: Home, rules: Collection[Rule], where: Mapping[str, Collection[str]]) -> None:
    """Raise `UsageError` where a column of `--where` belongs to none of the rules' measures."""
    columns = {column for rule in rules for column in home.measures[rule.measure].by}
    for name in where:
        if name not in columns:
            raise UsageError(
                f"`--where {name}=..` matches nothing; the columns are {', '.join(sorted(columns)) or 'none'}"
            )


def check_found(block: SeriesBlock, narrowed: SeriesBlock, where: Mapping[str, tuple[str, ...]]) -> None:
    """Raise `UsageError` where `--where` leaves no series of a block that has some: a slip must not read as quiet."""
    if narrowed.keys or not block.keys or not where:
        return
    for name, values in where.items():
        known = sorted({key[block.by.index(name)] for key in block.keys}) if name in block.by else []
        for value in values:
            if value not in known:
                close = get_close_matches(value, known, n=1)
                raise UsageError(f"there is no {name} `{value}`" + (f"; did you mean `{close[0]}`?" if close else ""))
    raise UsageError("no series meets every `--where` at once")


def one_rule(
    application: Application, rule_id: str, where: Mapping[str, tuple[str, ...]], now: datetime, *, as_of: bool
) -> tuple[Rule, SeriesBlock, set[Key]]:
    """A rule by its id, its measure's whole block, and the series of it that `--where` asks for."""
    home = application.home
    (rule,) = chosen_rules(home, [rule_id], ())
    check_where(home, [rule], where)
    block = application.warehouse.read(home.measures[rule.measure], now=now, places=home.places, as_of=as_of)
    narrowed = only_where(block, where)
    check_found(block, narrowed, where)
    return rule, block, set(narrowed.keys)


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
    judged: list[Verdict] = []
    errors: list[str] = []
    series = unjudged = 0
    reachable = True
    by_measure = sorted(rules, key=lambda rule: rule.measure)
    for measure_id, group in groupby(by_measure, key=lambda rule: rule.measure):
        measure = home.measures[measure_id]
        try:
            block = application.warehouse.read(measure, now=now, places=home.places, as_of=as_of)
        except WarehouseError as error:
            reachable = reachable and error.reachable
            errors.append(str(error))
            continue
        asked = {name: values for name, values in where.items() if name in measure.by}
        narrowed = only_where(block, asked)
        check_found(block, narrowed, asked)
        wanted = set(narrowed.keys)
        for rule in group:
            newest = judge(rule, measure, block, home.calendar, now)
            newest = newest.take([column for column, key in enumerate(newest.keys) if key in wanted])
            series += len(newest.keys)
            if newest.periods == 0:
                unjudged += len(newest.keys)
                continue
            unjudged += int(np.isin(newest.state[0], (State.UNKNOWN.code, State.LEARNING.code)).sum())
            shown = _shown_states(home, rule, everything=everything)
            columns = [column for column in range(len(newest.keys)) if STATES[int(newest.state[0, column])] in shown]
            notable = [newest.keys[column] for column in columns if STATES[int(newest.state[0, column])].notable]
            looked = look_back(rule, measure, block, notable, home.calendar, now)
            since = {verdict.key: verdict.since for verdict, _ in looked}
            judged += [verdict_at(newest, 0, column, since.get(newest.keys[column])) for column in columns]
    order = {rule.id: position for position, rule in enumerate(home.rules.values())}
    judged.sort(key=lambda verdict: (order[verdict.rule], verdict.key))
    return Found(judged=judged, series=series, unjudged=unjudged, errors=tuple(errors), reachable=reachable)


def _shown_states(home: Home, rule: Rule, *, everything: bool) -> frozenset[State]:
    """The states that are listed: all, or those that somebody would be told of."""
    if everything:
        return frozenset(State)
    told = {State.EXCEPTION, State.CHANGED}
    return frozenset(told | {State.IMPROVEMENT} if policy_of(home, rule, {}).tell_improvement else told)
