"""Measures by one person: refused unless the home allows it and the measure names its impact assessment (R32)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from alertd.config.parts import SETTINGS, Parts
from alertd.config.problems import Problem
from alertd.config.sections import Entry
from alertd.config.settings import PersonLevel
from alertd.config.statements import Statement
from alertd.core.measures import Measure
from alertd.core.persons import names_a_person, persons_among

Names = Callable[[str], bool]
Found = tuple[tuple[str | int, ...], str]
"""The steps to where a measure is by person, and what says so."""

_WORDS = re.compile(r'"([^"]*)"|\[([^\]]*)\]|`([^`]*)`|(\w+)')
_ALIAS = re.compile(r"(?i)\b(?:from|join)\s+[\w.\"]+\s+(?:as\s+)?(\w+)")
_ALLOW = "officer level is off in this home; group the figures, or see `alertd check --explain A133`"


def person_problems(parts: Parts, statements: Mapping[str, Statement], today: date) -> Iterator[Problem]:
    """Every measure, level, owner, place and post that stands for one person without leave; `today` is the analyst's day."""
    level = parts.settings.person_level if parts.settings is not None else PersonLevel()
    if not parts.sure(*SETTINGS, "person_level"):
        level = PersonLevel(columns=level.columns)
    more = level.columns

    def names(column: str) -> bool:
        return names_a_person(column, more)

    for name, measure in parts.measures.items():
        entry = parts.entries["measures"][name]
        if measure.dpia is not None and measure.dpia.approved_on > today and parts.sure("measures", name, "dpia"):
            message = f"`dpia` of {entry.what} is approved on {measure.dpia.approved_on}, which is still to come"
            yield entry.problem("A134", message, "dpia", "approved_on", note="until then nothing rests on it")
        found = next(by_person(measure, statements.get(name), entry, _dialect(parts), names), None)
        if found is not None:
            yield from _unless_allowed(entry, measure, level, *found)
        elif measure.group_size is None and _reads_persons(statements.get(name), _dialect(parts), names):
            message = f"the SQL of {entry.what} reads single persons, and nothing says how many stand behind a figure"
            note = "a team of one would show one person's figure; give it a `group_size`, such as `count(DISTINCT officer_id)`"
            yield entry.problem("W227", message, "sql", note=note)
    yield from _named_so(parts, level, names)


def by_person(
    measure: Measure, statement: Statement | None, entry: Entry, dialect: str, names: Names
) -> Iterator[Found]:
    """Everything by which a measure stands for single persons: a column of `by`, or what its SQL makes of one."""
    listed = isinstance(entry.data, dict) and isinstance(entry.data.get("by"), list)
    steps = [("by", number) if listed else ("by",) for number in range(len(measure.by))]
    for step, column in zip(steps, measure.by, strict=True):
        if names(column):
            yield step, f"`{column}` tells persons apart"
    if statement is None or not _mentions(statement.text, names):
        return
    from alertd.config.lineage import lineage_of  # noqa: PLC0415  the SQL parser is slow to import

    lineage = lineage_of(statement.text, dialect)
    if lineage is None:
        return
    for step, column in zip(steps, measure.by, strict=True):
        source = lineage.source([column.casefold()], names)
        if source is not None:
            yield step, f"`{column}` is made of `{source}` in {statement.source.file}"
    source = lineage.source(lineage.grouped_by(), names)
    if source is not None:
        yield ("sql",), f"{statement.source.file} gives a row for each `{source}`"
    source = lineage.source(lineage.compared(), names)
    if source is not None:
        yield ("sql",), f"{statement.source.file} picks single persons by `{source}`"


def _mentions(text: str, names: Names) -> bool:
    """Whether anything in a statement's text may name persons, or a whole row of a table; else it need not be parsed."""
    if "u&" in text.casefold() or any(map(names, {next(filter(None, found), "") for found in _WORDS.findall(text)})):
        return True
    return any(len(re.findall(rf"(?i)\b{alias}\b(?!\s*\.)", text)) > 1 for alias in set(_ALIAS.findall(text)))


def _reads_persons(statement: Statement | None, dialect: str, names: Names) -> bool:
    if statement is None or not _mentions(statement.text, names):
        return False
    from alertd.config.lineage import lineage_of  # noqa: PLC0415

    lineage = lineage_of(statement.text, dialect)
    return lineage is not None and any(map(names, lineage.read()))


def _dialect(parts: Parts) -> str:
    warehouse = parts.settings.warehouse if parts.settings is not None else None
    return "duckdb" if warehouse is None else warehouse.url.partition(":")[0].partition("+")[0].lower()


def _unless_allowed(
    entry: Entry, measure: Measure, level: PersonLevel, steps: tuple[str | int, ...], why: str
) -> Iterator[Problem]:
    if measure.sensitive is not None:
        message = f"{entry.what} is of {measure.sensitive} and by person: {why}"
        note = (
            f"data of {measure.sensitive} is never shown of one person, whatever is allowed; write it by team or above"
        )
        yield entry.problem("A133", message, *steps, note=note)
    elif not level.allowed:
        yield entry.problem("A133", f"{entry.what} is by person: {why}", *steps, note=_ALLOW)
    elif measure.dpia is None:
        message = f"{entry.what} is by person, and names no data protection impact assessment: {why}"
        hint = "add `dpia: {reference: .., approved_by: .., approved_on: ..}`"
        yield entry.problem("A134", message, *steps, hint=hint)


def _named_so(parts: Parts, level: PersonLevel, names: Names) -> Iterator[Problem]:
    """Levels, places, owners, posts and choices that are persons under another heading."""
    if level.allowed:
        return
    places = parts.models["places"]
    at_level: dict[str, set[str]] = {}
    for name, place in places.items():
        at_level.setdefault(place.level, set()).add(name)
    persons = frozenset[str]().union(*map(persons_among, at_level.values()))
    for name, place in places.items():
        entry = parts.entries["places"][name]
        if names(place.level):
            yield entry.problem(
                "A133", f"level `{place.level}` of {entry.what} tells persons apart", "level", note=_ALLOW
            )
        elif name in persons:
            yield entry.problem(
                "A133", f"{entry.what} is named like one person", note="a place is no person; " + _ALLOW
            )
    for name, owner in parts.owners.items():
        entry = parts.entries["owners"][name]
        if owner.by is not None and names(owner.by):
            message = f"{entry.what} is by `{owner.by}`, which tells persons apart"
            yield entry.problem("A133", message, "by", note=_ALLOW)
        named = persons_among(owner.posts.keys() - places.keys())
        for series, posts in owner.posts.items():
            held = {text.casefold() for post in posts for text in (post.name, post.email)}
            own = (
                series.casefold() in held and len(series.split()) > 1 and series not in places
            )  # `Preston` is a role account
            if series in named or own:
                message = f"{entry.what} has a post for each person: `{series}` is one, and no {owner.by}"
                yield entry.problem("A133", message, "posts", series, key=True, note=_ALLOW)
    for section in ("rules", "annotations", "suppressions"):
        for entry in parts.entries[section].values():
            for column, values in entry.where.items():
                chosen = persons_among({str(value) for value in values} - places.keys())
                if chosen:
                    message = f"`where` of {entry.what} chooses one person: `{column}` is `{min(chosen)}`"
                    yield entry.problem("A133", message, "where", column, note=_ALLOW)
