"""Trying a rule on timelines: they become blocks, the rule judges them as it judges any other, and what it says is compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from alertd.core.calendar import Calendar
from alertd.core.composites.components import leaves, measure_of, measures_needed
from alertd.core.composites.join import part_of, place_in
from alertd.core.durations import Span
from alertd.core.evaluate import ALL_SERIES
from alertd.core.judgement import Basis, basis_of, history_of
from alertd.core.known import matches
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.settling import is_complete, newest_settled
from alertd.core.timelines import (
    FIRES,
    MOST_PERIODS,
    QUIET,
    Point,
    TimelineError,
    parse_expected,
    signs_of,
)
from alertd.core.trial_blocks import block_of, with_words
from alertd.core.trial_values import Timelines, by_measure, keyed
from alertd.core.verdicts import STATES, Verdicts

LAST_DAY = date(2024, 12, 31)
"""The day that lies in the last period of a timeline that does not say when it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test that can be tried: the figures as blocks, and what is expected of their series."""

    basis: Basis
    """The rule with the figures that it is judged from."""
    rules: tuple[Rule, ...]
    """The rules with a detector of their own that it comes down to."""
    measures: Mapping[str, Measure]
    """Those that it needs, by id."""
    series: Mapping[str, Key]
    """The series that something is expected of, by the name that the test gives them; empty for the only one."""
    points: Mapping[str, Mapping[Key, tuple[Point, ...]]]
    """What is written of each measure, by its series."""
    expected: Mapping[str, str]
    dated: bool
    """Whether the test says when it starts; annotations and suppressions then count."""
    as_of: date | None = None
    """The day at whose end it is judged; None for when the last period has settled."""

    @property
    def blocks(self) -> Mapping[str, SeriesBlock]:
        """The figures by measure."""
        return {block.measure: block for block in _blocks(self.basis)}

    def calendar(self, calendar: Calendar) -> Calendar:
        """What counts of a home's calendar: annotations and suppressions only where the test says when it starts."""
        return calendar if self.dated else replace(calendar, annotations={}, suppressions={})

    def now(self, calendar: Calendar) -> datetime:
        """The moment at which it is judged; naive local time."""
        if self.as_of is not None:
            return datetime.combine(self.as_of, time.max)
        blocks = self.blocks
        return max(
            _judged_at(rule, self.measures[rule.measure], _last(blocks[rule.measure]), calendar) for rule in self.rules
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one series of a trial."""

    name: str
    """The name that the test gives the series; empty for the only one."""
    key: Key
    figures: Mapping[str, tuple[str, ...]]
    """What is written of each measure, a cell a judged period."""
    expected: str
    got: str
    """A sign a period."""
    differs: int | None
    """The row of the first difference; None where there is none, or it is of no single period."""
    passed: bool
    fault: str = ""
    """Why it did not pass, where that is of no single period."""
    verdicts: Verdicts
    """Of this series alone."""

    @property
    def fired(self) -> bool:
        """Whether the rule fired at some period."""
        return "F" in self.got

    @property
    def stayed_quiet(self) -> bool:
        """Whether the rule judged some period, and fired at none."""
        return "F" not in self.got and not set(self.got).isdisjoint(".p")


def prepare(
    rule: Rule,
    rules: Mapping[str, Rule],
    measures: Mapping[str, Measure],
    values: Timelines,
    expect: str | Mapping[str, str],
    starts: Period | None = None,
    as_of: date | None = None,
    finding: str | None = None,
) -> Trial:
    """A test made ready to be tried; raises `TimelineError` where it cannot be.

    `rules` and `measures` are those of the home, by id; they hold what the rule joins. `finding` stands beside every figure
    of a measure that has words.
    """
    if as_of is not None and starts is None:
        raise TimelineError("`as_of` needs `starts`: without it no figure has a date", "as_of")
    judging = tuple(leaves(rule, rules))
    if finding is not None and measure_of(rule, rules, measures).finding is None:
        raise TimelineError(f"measure `{rule.measure}` names no column of words: a `finding`", "finding")
    points, blocks = {}, {}
    until = None if as_of is None else datetime.combine(as_of, time.max)
    ends = Period.containing(LAST_DAY, measure_of(rule, rules, measures).grain).last_day
    for name, written in by_measure(rule, measures_needed(rule, rules), values).items():
        measure, own = measures[name], [one for one in judging if one.measure == name]
        where = rule.where | {column: some for one in own for column, some in one.where.items()}
        points[name] = keyed(written, measure, where)
        blocks[name] = block_of(measure, points[name], own, starts, ends, until)
        if finding is not None and measure.finding is not None:
            blocks[name] = with_words(blocks[name], finding)
        if until is not None and not is_complete(last := _last(blocks[name]), until):
            raise TimelineError(f"the figures run to {last}, which is not complete at the end of {as_of}", "as_of")
    basis = basis_of(rule, rules, measures, blocks)
    trial = Trial(
        basis=basis,
        rules=judging,
        measures={name: measures[name] for name in blocks},
        series={},
        points=points,
        expected={},
        dated=starts is not None,
        as_of=as_of,
    )
    first, last = _periods_judged(trial)
    series, expected = _expectations(expect, basis, _names(values, basis))
    trial = replace(trial, series=series, expected=expected)
    if as_of is None or not any(one.judged_now for one in judging):  # else bank holidays may move what is due
        _check_lengths(trial, first, last)
    return trial


def _periods_judged(trial: Trial) -> tuple[Period, Period]:
    """The first and the last period that a trial is judged at; raises where they are too many, or beyond the calendar."""
    try:
        first, last = _span(trial.basis, trial.now(Calendar()), Calendar())
    except (ValueError, OverflowError):
        raise TimelineError("the timeline runs beyond the calendar", "starts" if trial.dated else "values") from None
    if last.slot - first.slot >= MOST_PERIODS:
        raise TimelineError(f"there are more than {MOST_PERIODS:,} periods from {first} to {last}", "starts")
    return first, last


def _last(block: SeriesBlock) -> Period:
    return block.period(block.periods - 1)


def _names(values: Timelines, basis: Basis) -> dict[str, Key]:
    """The series that are judged, by the names that a test gives them; the empty name for one that has none."""
    by = basis.measure.series_by
    keys = _judged_keys(basis)
    if not by or isinstance(values, str) or (basis.rule.needs_others and _all_texts(values) and len(keys) == 1):
        return {"": keys[0]} if keys else {}
    return {", ".join(key): key for key in keys}


def _all_texts(values: Mapping[str, str | Mapping[str, str]]) -> bool:
    return all(isinstance(one, str) for one in values.values())


def _judged_keys(basis: Basis) -> list[Key]:
    """The series that a rule judges: its own, or those that all (`all_of`) or any (`any_of`) of its components judge."""
    by, where = basis.measure.series_by, basis.rule.where
    if basis.block is not None:
        found = dict.fromkeys(basis.block.keys)
    else:
        each = [
            dict.fromkeys(part_of(key, part.measure.series_by, by) for key in _judged_keys(part))
            for part in basis.parts
        ]
        found = dict.fromkeys(key for one in each for key in one)
        if basis.rule.all_of:
            found = dict.fromkeys(key for key in found if all(key in one for one in each))
    return [key for key in found if matches(dict(zip(by, key, strict=True)), where)]


def _expectations(
    expect: str | Mapping[str, str], basis: Basis, names: Mapping[str, Key]
) -> tuple[dict[str, Key], dict[str, str]]:
    """The series that something is expected of, and what that is; both by name."""
    rule, given = basis.rule, set() if basis.block is None else {", ".join(key) for key in basis.block.keys}
    if not names and not given:
        raise TimelineError(
            f"rule `{rule.id}` judges no series of these `values`: it needs figures of each rule it joins"
        )
    if isinstance(expect, str):
        if len(names) < len(given) and (not names or rule.kind not in ALL_SERIES):
            raise TimelineError(
                f"rule `{rule.id}` does not judge {min(given - names.keys())}: its `where` leaves it out"
            )
        expect = dict.fromkeys(names, expect)
    elif "" in names:
        raise TimelineError("`expect` names series, and `values` is one series without a name", "expect")
    found = {_tidy(name, basis.measure.series_by): parse_expected(text) for name, text in expect.items()}
    for name in found:
        if name not in names:
            if name in given:
                raise TimelineError(f"rule `{rule.id}` does not judge {name}: its `where` leaves it out", "expect")
            raise TimelineError(f"`{name}` has no `values`; there are {', '.join(names)}", "expect")
    if not found:
        raise TimelineError("nothing is expected; write `quiet`, `fires`, or a sign for each period", "expect")
    return {name: names[name] for name in found}, found


def _tidy(name: str, by: tuple[str, ...]) -> str:
    return ", ".join(part.strip() for part in name.split(",")) if len(by) > 1 else name


def _check_lengths(trial: Trial, first: Period, last: Period) -> None:
    """Raise where an expectation has not a sign for each judged period."""
    wanted = last.slot - first.slot + 1
    for name, signs in trial.expected.items():
        if signs not in (QUIET, FIRES) and len(signs) != wanted:
            of = f" of {name}" if name else ""
            plain = trial.basis.block is not None and trial.basis.block.periods == wanted
            periods = f"{wanted} {'period' if wanted == 1 else 'periods'}"
            judged = f"`values`{of} has {periods}"
            if not plain:
                judged = f"rule `{trial.basis.rule.id}` is judged at {periods}, {first} to {last},"
            raise TimelineError(f"{judged} and `expect` has {len(signs)}; write a sign for each period", "expect")


def _blocks(basis: Basis) -> Iterator[SeriesBlock]:
    if basis.block is not None:
        yield basis.block
    yield from basis.beside
    for part in basis.parts:
        yield from _blocks(part)


def _span(basis: Basis, now: datetime, calendar: Calendar) -> tuple[Period, Period]:
    """The first and the last period that a rule is judged at; of rules that are judged now, the last one that is due."""
    if basis.block is not None:
        first, last = basis.block.period(0), basis.block.period(basis.block.periods - 1)
        if basis.rule.judged_now:
            wait = _wait(basis.rule, basis.measure)
            due = newest_settled(basis.measure.grain, now, wait, calendar.holidays)
            last = max(last, due, key=lambda period: period.slot)
        return first, last
    spans = [_span(part, now, calendar) for part in basis.parts]
    grain = basis.measure.grain
    slots = [(place_in(first, grain), place_in(last, grain)) for first, last in spans]
    return Period(grain, min(first for first, _ in slots)), Period(grain, max(last for _, last in slots))


def _wait(rule: Rule, measure: Measure) -> Span | None:
    """How long after a period's end a rule with a detector of its own judges it; None for at once."""
    if rule.freshness is not None:
        return rule.freshness.late_after or measure.settles_after
    if rule.rating is not None and rule.rating.overdue is not None:
        return rule.rating.overdue
    return measure.settles_after


def _judged_at(rule: Rule, measure: Measure, last: Period, calendar: Calendar) -> datetime:
    """When a rule judges a period; naive local time."""
    wait = _wait(rule, measure)
    return last.end if wait is None else wait.after(last.end, measure.grain, calendar.holidays)


def tried(trial: Trial, calendar: Calendar) -> tuple[Outcome, ...]:
    """Judge a trial by the core, as of each of its periods, and compare; one outcome for each series with an expectation.

    Annotations and suppressions of the calendar count only where the test says when it starts. Raises `TimelineError`
    where `expect` has not as many signs as there turn out to be periods.
    """
    calendar = trial.calendar(calendar)
    found = history_of(trial.basis, calendar, trial.now(calendar).replace(tzinfo=UTC))
    _check_lengths(trial, found.period(0), found.period(found.periods - 1))
    figures = {name: _cells(trial, name, found) for name in trial.points}
    return tuple(
        _compared(
            name,
            key,
            {measure: cells for measure, by_series in figures.items() if (cells := by_series.get(key))},
            trial.expected[name],
            found.take([found.keys.index(key)]),
        )
        for name, key in trial.series.items()
    )


def _cells(trial: Trial, measure: str, found: Verdicts) -> dict[Key, tuple[str, ...]]:
    """What is written of a measure at each judged period, by the series that are judged."""
    block = trial.blocks[measure]
    cells: dict[Key, list[list[str]]] = {}
    for column, key in enumerate(block.keys):
        points = trial.points[measure][key]
        texts = [str(point) for point in points]
        if any(point.at is not None for point in points):
            texts = [f"{number:.0f}" for number in block.value[:, column]]
        for judged in _judged_with(key, block, found):
            rows = cells.setdefault(judged, [[] for _ in range(found.periods)])
            for row, text in enumerate(texts):
                place = place_in(block.period(row), found.grain) - found.first
                if 0 <= place < len(rows):
                    rows[place].append(text)
    return {key: tuple(",".join(row) or "-" for row in rows) for key, rows in cells.items()}


def _judged_with(key: Key, block: SeriesBlock, found: Verdicts) -> list[Key]:
    """The judged series that one of a block's belongs to: the one by its shared columns, or all where it has fewer."""
    if set(found.by) <= set(block.by):
        return [part_of(key, block.by, found.by)]
    return [one for one in found.keys if part_of(one, found.by, block.by) == key]


def _compared(
    name: str, key: Key, figures: Mapping[str, tuple[str, ...]], expected: str, verdicts: Verdicts
) -> Outcome:
    got = signs_of([STATES[int(code)] for code in verdicts.state[:, 0]])
    differs, fault = None, ""
    if expected == QUIET:
        differs = got.find("F") if "F" in got else None
        if differs is None and set(got).isdisjoint(".p"):
            fault = "the rule judged no period, so that it could not have fired; give it more figures"
    elif expected == FIRES:
        fault = "" if "F" in got else "it fired at no period"
    else:
        differs = next((row for row, (one, other) in enumerate(zip(expected, got, strict=True)) if one != other), None)
    return Outcome(
        name=name,
        key=key,
        figures=figures,
        expected=expected,
        got=got,
        differs=differs,
        passed=differs is None and not fault,
        fault=fault,
        verdicts=verdicts,
    )
