"""What the warehouse shows of a home's measures, and of the rules, places and posts that go by them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Protocol

from alertd.cli.checking_data import post_problems, read_postings, refused, roster_problems, too_short, type_problems
from alertd.config.composites import measure_seen
from alertd.config.parts import Parts
from alertd.config.problems import Problem, counted
from alertd.config.sections import Entry, texts_of
from alertd.config.statements import Statement
from alertd.config.suggest import did_you_mean, likely, one_of
from alertd.core.calendar import Effect
from alertd.core.errors import WarehouseError
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.core.periods import Period
from alertd.core.persons import persons_among
from alertd.core.rules import DETECTORS


class Warehouse(Protocol):
    """What is asked of a warehouse."""

    def columns(self, measure: Measure) -> dict[str, str]:
        """Columns with their types."""
        ...

    def values(self, measure: Measure, column: str) -> set[str]:
        """The different values of a column, as text."""
        ...

    def span(self, measure: Measure) -> tuple[Period, Period] | None:
        """The first and the last period with rows."""
        ...

    def postings(self, owner: Owner) -> list[dict[str, Any]]:
        """The rows of an owner's postings."""
        ...


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks a warehouse about a home's measures, each question once."""

    parts: Parts
    warehouse: Warehouse
    skipped: frozenset[str] = frozenset()
    """Measures whose SQL may not be run."""
    statements: Mapping[str, Statement] = field(default_factory=dict)
    """The SQL file of each measure that has one."""
    _values: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _persons: dict[tuple[str, str | None], int] = field(default_factory=dict)
    """How many values of a column are named like one person, and are not among the others."""
    _columns: dict[str, set[str]] = field(default_factory=dict)
    """The columns, folded, of each measure that gives series."""
    _spans: dict[str, tuple[Period, Period] | None] = field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """Everything that the warehouse shows to be wrong; raises `WarehouseError` where it cannot be reached."""
        for name, measure in self.parts.measures.items():
            if name not in self.skipped:
                yield from self._measure(measure)
        yield from self._rebases()
        yield from self._baselines()
        asked = [self.parts.measures[name] for name in self._columns if self._has_series(name)]
        owners, wrong = read_postings(self.parts, self.warehouse.postings)
        yield from wrong
        yield from post_problems(self.parts, owners, asked, self._there)
        yield from roster_problems(self.parts, asked, self._there)
        yield from self._calendar()
        for entry in self.parts.entries["rules"].values():
            named = texts_of(entry.data.get("measure")) if isinstance(entry.data, dict) else ()
            rule = self.parts.rules.get(entry.id)
            if rule is not None and rule.components:
                seen = measure_seen(self.parts, rule)
                if seen is None or not set(entry.where) <= set(seen.by):
                    continue  # said already
                named = (rule.measure,)
            if entry.where and named and named[0] in self._columns:
                yield from self._where(entry, self.parts.measures[named[0]])

    def _has_series(self, name: str) -> bool:
        """Whether every column of `by` is there."""
        return all(column.casefold() in self._columns[name] for column in self.parts.measures[name].by)

    def _has_period(self, measure: Measure) -> bool:
        """Whether the column that holds the period is there, and is the one that was meant."""
        sure = self.parts.sure("measures", measure.id, "period", "event")
        return sure and measure.period.casefold() in self._columns[measure.id]

    def _there(self, measure: Measure, column: str) -> set[str]:
        """The values of a column, or none where the warehouse refuses to list them, for what is no fault by itself."""
        try:
            return self._known_values(measure, column)
        except WarehouseError as error:
            if not error.reachable:
                raise
            return set()

    def _calendar(self) -> Iterator[Problem]:
        """A `where` of an annotation or suppression that matches nothing in any of its measures."""
        for section in ("annotations", "suppressions"):
            for name, dated in self.parts.models[section].items():
                entry = self.parts.entries[section][name]
                named = [self.parts.measures[one] for one in dated.measures if one in self._columns]
                if not entry.where or len(named) < len(dated.measures):
                    continue
                each = [list(self._where(entry, measure)) for measure in named]
                everywhere = set.intersection(*({(one.line, one.column) for one in found} for found in each))
                yield from (one for one in each[0] if (one.line, one.column) in everywhere)

    def _rebases(self) -> Iterator[Problem]:
        """A rebase outside the data starts nothing anew, and nobody would notice."""
        for name, annotation in self.parts.annotations.items():
            if annotation.effect is not Effect.REBASE or not self.parts.sure("annotations", name, "from_", "measures"):
                continue
            entry = self.parts.entries["annotations"][name]
            for measure in (self.parts.measures[one] for one in annotation.measures if one in self._columns):
                if not self._has_period(measure):
                    continue  # said already
                if not self.parts.sure("measures", measure.id, "grain"):
                    continue
                try:
                    span = self._span(measure)
                except WarehouseError as error:
                    if not error.reachable:
                        raise
                    yield entry.problem("A117", str(error), "from")
                    continue
                start = Period.containing(annotation.from_.start, measure.grain)
                if span is not None and not span[0].slot <= start.slot <= span[1].slot:
                    message = (
                        f"{entry.what} starts the limits of measure `{measure.id}` anew at {start}, outside its data"
                    )
                    note = f"its data run from {span[0]} to {span[1]}; a rebase there would change nothing"
                    yield entry.problem("A119", message, "from", note=note)

    def _baselines(self) -> Iterator[Problem]:
        """A fixed baseline outside the data, and a funnel of too few places, leave a rule `learning`."""
        for name, rule in self.parts.rules.items():
            measure = self.parts.measures.get(rule.measure)
            if measure is None or measure.id not in self._columns or not rule.enabled:
                continue
            if rule.components or not self.parts.sure("rules", name, *DETECTORS, "measure", "enabled"):
                continue
            entry = self.parts.entries["rules"][name]
            there = self._has_period(measure)
            authored = rule.limited.baseline if rule.limited is not None else None
            try:
                if authored is not None and authored.first is not None and authored.last is not None:
                    yield from self._fixed(entry, measure, authored.first, authored.last)
                if rule.for_ is not None and rule.for_.of > 1 and there and self.parts.sure("rules", name, "for_"):
                    yield from too_short(entry, measure, rule.for_.of, self._span(measure))
                if rule.funnel is not None and len(measure.by) == 1:
                    yield from self._peers(entry, measure, rule.funnel.min_peers)
            except WarehouseError as error:
                if not error.reachable:
                    raise
                yield entry.problem("A117", str(error), rule.kind)

    def _fixed(self, entry: Entry, measure: Measure, first: Period, last: Period) -> Iterator[Problem]:
        span = self._span(measure) if self._has_period(measure) else None
        if span is not None and (last.end <= span[0].start or first.start >= span[1].end):
            kind = next(kind for kind in ("spc", "seasonal", "drift") if kind in entry.data)
            message = f"the baseline of {entry.what} lies outside the data of measure `{measure.id}`"
            note = f"its data run from {span[0]} to {span[1]}; without a usual range the rule could never fire"
            yield entry.problem("A119", message, kind, "baseline", note=note)

    def _peers(self, entry: Entry, measure: Measure, least: int) -> Iterator[Problem]:
        column = measure.by[0]
        there = len(self._known_values(measure, column)) if column.casefold() in self._columns[measure.id] else least
        if there < least:
            message = f"{entry.what} compares at least {least} places, and measure `{measure.id}` has {there}"
            fewer = f"or write `min_peers: {max(there, 3)}`"
            note = f"it is `learning` until there are more; compare each with itself by `spc:`, {fewer}"
            yield entry.problem("W212", message, "funnel", note=note)

    def _span(self, measure: Measure) -> tuple[Period, Period] | None:
        if not self.parts.sure("measures", measure.id, "grain", "period"):
            return None
        if measure.id not in self._spans:
            self._spans[measure.id] = self.warehouse.span(measure)
        return self._spans[measure.id]

    def _measure(self, measure: Measure) -> Iterator[Problem]:
        entry = self.parts.entries["measures"][measure.id]
        try:
            there = self.warehouse.columns(measure)
            types = {column.casefold(): kind for column, kind in there.items()}
            folded = {column.casefold() for column in there}  # databases fold names, each in its own way
            missing = [
                (steps, column)
                for steps, column in (() if measure.recorded else measure.written_columns())  # A129 says it of entries
                if column is not None and column.casefold() not in folded  # None where `period` is missing or wrong
            ]
            for steps, column in missing:
                source = f"table `{measure.table}`" if measure.table is not None else f"`{measure.sql}`"
                hint = did_you_mean(column, there)
                note = "" if hint else one_of(there, nothing="it has no columns")
                message = f"{source} of {entry.what} has no column `{column}`"
                yield entry.problem("A112", message, *steps, hint=hint, note=note)
            series = [column for column in measure.columns if column in (measure.by or (measure.period,))]
            asked = next((column for column in series if column and column.casefold() in folded), None)
            known = asked is None or self._known_values(measure, asked)
            yield from self._by_values(entry, measure, folded)
            if known or self._persons.get((measure.id, asked)):
                self._columns[measure.id] = folded
                zone = self.parts.settings.zone if self.parts.settings is not None else UTC
                if self.parts.sure("measures", measure.id, "grain", "scale"):
                    yield from type_problems(entry, measure, types, self._there, zone)
            elif measure.recorded is not None:
                note = "its rules judge nothing until there are; `alertd record --help` says how"
                yield entry.problem("W225", f"no entries have been recorded of {entry.what} yet", "recorded", note=note)
            else:
                note = "a rule over no series could never fire; load figures first, or leave the measure out"
                yield entry.problem("A113", f"{entry.what} has no rows, so it gives no series", note=note)
        except WarehouseError as error:
            if not error.reachable:
                raise
            statement = self.statements.get(measure.id)
            yield refused(entry, statement.source if statement is not None else None, str(error))

    def _by_values(self, entry: Entry, measure: Measure, folded: set[str]) -> Iterator[Problem]:
        """Columns of `by` whose values stand for persons."""
        for column in measure.by:
            if column.casefold() not in folded:
                continue
            try:
                self._known_values(measure, column)
            except WarehouseError as error:
                if not error.reachable:
                    raise
                continue  # more values than are looked at here; rounds look at all of them
            persons = self._persons.get((measure.id, column), 0)
            if persons:
                message = f"{entry.what} is by person: {counted(persons, 'value')} of `{column}`"
                message += f" {'reads' if persons == 1 else 'read'} as one person's name or number"
                note = (
                    "the series are left out wherever they are judged; group the figures in the SQL, or, where they are places "
                    f"or teams, name them so there: 'Team ' || {column}"
                )
                yield entry.problem("A133", message, "by", note=note)

    def _known_values(self, measure: Measure, column: str) -> set[str]:
        key = (measure.id, column)
        if key not in self._values:
            found = self.warehouse.values(measure, column)
            if column in measure.by and not self._by_person(measure):  # no message repeats the name of a person
                named = persons_among(found) - self.parts.places.places.keys()
                self._persons[key], found = len(named), found - named
            self._values[key] = found
        return self._values[key]

    def _by_person(self, measure: Measure) -> bool:
        settings = self.parts.settings
        return settings is not None and settings.person_level.allowed and measure.dpia is not None

    def _where(self, entry: Entry, measure: Measure) -> Iterator[Problem]:
        places = self.parts.places.places
        for written, values in entry.where.items():
            column = written
            level = {name for name, place in places.items() if place.level == column}
            if (
                column not in measure.series_by and not level
            ):  # said already; its values are looked for where they were meant
                column = likely(column, (one for one in measure.series_by if one not in entry.where)) or column
            if measure.quantile is not None and column not in measure.by and column in measure.series_by:
                known = {name for name, _ in measure.quantile.named}
            elif column in measure.by:
                if column.casefold() not in self._columns[measure.id]:
                    continue  # said already
                try:
                    known = self._known_values(measure, column)
                except WarehouseError as error:
                    if not error.reachable:
                        raise
                    yield entry.problem("A117", str(error), "where", written)
                    continue
            elif level and self.parts.all_places:
                known = level
            else:
                continue  # said already, without the warehouse
            listed = isinstance(entry.data["where"][written], list)
            for number, value in enumerate(entry.data["where"][written] if listed else values):
                if value in known or not isinstance(value, str):
                    continue
                steps = ("where", written, number) if listed else ("where", written)
                if value in level and (any(one in known for one in values) or measure.recorded):
                    message = f"`where` of {entry.what}: `{value}` is a place, and has no figures in measure `{measure.id}` yet"
                    yield entry.problem("W208", message, *steps)
                    continue
                message = f"`where` of {entry.what} matches nothing: measure `{measure.id}` has no {column} `{value}`"
                hint = did_you_mean(value, known)
                note = "" if hint else one_of(known, nothing="the column is empty")
                # What nobody has recorded yet may still be.
                yield entry.problem("W208" if measure.recorded else "A107", message, *steps, hint=hint, note=note)
