"""What the warehouse shows of a home beside columns and values: types, posts, the roster, and how long the data are."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from alertd.config.parts import Parts
from alertd.config.postings import unmatched_posts
from alertd.config.problems import Problem
from alertd.config.sections import Entry
from alertd.config.source import Mark, Source
from alertd.config.suggest import did_you_mean, likely, nearest, one_of
from alertd.core.errors import WarehouseError
from alertd.core.measure_parts import folded
from alertd.core.measures import Measure
from alertd.core.owners import OWNER, Owner
from alertd.core.periods import Period
from alertd.core.postings import in_short, with_postings

Values = Callable[[Measure, str], set[str]]
"""The different values of a column; raises `WarehouseError`."""

_TIME = re.compile(r"(?i)^(date|time|datetime|smalldatetime)")
_NUMBER = re.compile(
    r"(?i)^(u?(big|huge|small|tiny|medium)?int|integer|int\d|u?double|float|real|decimal|numeric|number|money)"
)
_TEXT = re.compile(r"(?i)^(var|n|nvar|bp)?(char|text|string|clob)")
_WRITTEN_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_PERIODS = (("period",), ("event", "date"))
_MOMENTS = (("loaded_at",), ("assessed_on",), ("complete_to",), ("event", "complete_to"))
_WORDS = (("finding",), ("assessed_by",))


def type_problems(
    entry: Entry, measure: Measure, types: Mapping[str, str], values: Values, zone: tzinfo
) -> Iterator[Problem]:
    """Columns of a type that can never be what they stand for; `types` are by folded name, empty where not known."""
    from alertd.core.rows import UNREAD  # noqa: PLC0415  slow to import, and needed only beside a warehouse
    from alertd.warehouse.words import slot_of  # noqa: PLC0415

    for steps, column in measure.written_columns():
        kind = types.get((column or "").casefold(), "")  # None where `period` is missing or wrong
        if not kind:
            continue
        if steps in _PERIODS:
            if _TIME.match(kind) and not kind.upper().startswith(("TIME ", "TIMETZ")) and kind.upper() != "TIME":
                continue
            found = sorted(values(measure, column))
            if found and all(slot_of(one, measure.grain, zone)[0] == UNREAD for one in found[:1000]):
                what = "date" if steps[0] == "event" else f"period of the grain {measure.grain}"
                message = f"column `{column}` of {entry.what} is {_words(kind)}, and `{found[0]}` is no {what}"
                dated = [name for name, one in types.items() if _TIME.match(one)]
                note = one_of(dated, nothing="no column of it holds dates").replace("known:", "dates stand in")
                yield entry.problem("A124", message, *steps, note=note)
        elif steps in _MOMENTS:
            if _NUMBER.match(kind) or kind.upper().startswith("BOOL"):
                message = f"column `{column}` of {entry.what} is {_words(kind)}, and a date belongs there"
                yield entry.problem("A124", message, *steps)
        elif steps in _WORDS:
            if _NUMBER.match(kind) or _TIME.match(kind) or kind.upper().startswith("BOOL"):
                texts = [name for name, one in types.items() if _TEXT.match(one)]
                message = f"column `{column}` of {entry.what} is {_words(kind)}, and words belong there"
                note = one_of(texts, nothing="").replace("known:", "text stands in")
                yield entry.problem("A124", message, *steps, note=note)
        elif steps == ("grade",):
            yield from _grades(entry, measure, values(measure, column))
        elif steps[0] != "by" and not (steps == ("count",) and measure.aggregate is not None):
            unread = _TIME.match(kind) is not None
            if _TEXT.match(kind):
                written = values(measure, column)
                unread = bool(written) and not any(_WRITTEN_NUMBER.fullmatch(one) for one in written)
            if unread:
                numbers = [name for name, one in types.items() if _NUMBER.match(one)]
                message = f"column `{column}` of {entry.what} is {_words(kind)}, and a number belongs there"
                note = one_of(numbers, nothing="").replace("known:", "numbers stand in")
                yield entry.problem("A124", message, *steps, note=note)


def _words(kind: str) -> str:
    return "a number" if _NUMBER.match(kind) else "text" if _TEXT.match(kind) else f"of type {kind}"


def _grades(entry: Entry, measure: Measure, found: Collection[str]) -> Iterator[Problem]:
    """Grades of the scale that no row has, beside ones that no scale has and that are nearly spelt so."""
    scale = {folded(grade): grade for grade in measure.scale or ()}
    strange = [one for one in found if folded(one) not in scale]
    there = {folded(one) for one in found}
    for number, grade in enumerate(measure.scale or ()):
        meant = likely(grade, strange) if folded(grade) not in there else None
        if meant is not None:
            message = f"no row of {entry.what} has the grade `{grade}`"
            note = "rows with a grade that the scale does not have are faults, and are not judged"
            yield entry.problem("A107", message, "scale", number, hint=f"did you mean `{meant}`?", note=note)


def too_short(entry: Entry, measure: Measure, asked: int, span: tuple[Period, Period] | None) -> Iterator[Problem]:
    """A `for` that asks for more periods than there are data of."""
    if span is None:
        return
    there = span[1].slot - span[0].slot + 1
    if asked > there:
        message = f"`for` of {entry.what} asks for {asked} periods, and measure `{measure.id}` has data of {there}"
        note = f"its data run from {span[0]} to {span[1]}; until there are more the rule cannot fire"
        yield entry.problem("W214", message, "for", note=note)


def read_postings(
    parts: Parts, read: Callable[[Owner], list[dict[str, Any]]]
) -> tuple[dict[str, Owner], list[Problem]]:
    """The owners with the postings that the warehouse holds, and what is wrong with these."""
    owners, problems = dict(parts.owners), []
    for name, owner in parts.owners.items():
        if owner.statement is None or not parts.sure("owners", name, "by", "sql"):
            continue
        entry = parts.entries["owners"][name]
        try:
            owners[name], wrong = with_postings(owner, read(owner))
        except WarehouseError as error:
            if not error.reachable:
                raise
            problems.append(entry.problem("A117", str(error), "sql"))
            owners.pop(name)
            continue
        if wrong:
            note = "they are left out, and their places go to the fallback where nobody else holds the post"
            problems.append(entry.problem("W216", f"postings of {entry.what}: {in_short(wrong)}", "sql", note=note))
    return owners, problems


def post_problems(
    parts: Parts, owners: Mapping[str, Owner], measures: Iterable[Measure], values: Values
) -> Iterator[Problem]:
    """Posts against the values of the column that they are by, where no places of that level say which there are."""
    asked = list(measures)
    for name, owner in owners.items():
        levels = parts.levels if parts.all_places else {owner.by}
        if owner.by is None or owner.by in levels or not parts.sure("owners", name, "by", "posts"):
            continue
        known = {
            value
            for measure in asked
            if owner.by in measure.by and name in _owners_of(parts, measure)
            for value in values(measure, owner.by)
        }
        if not known:
            continue
        entry = parts.entries["owners"][name]
        if owner.sql is None:
            yield from unmatched_posts(entry, owner, known, f"the values of `{owner.by}` in the warehouse")
        strange = set(owner.posts) - known
        lacking = sorted(known - set(owner.posts) - set(parts.unallocated))
        lacking = [value for value in lacking if likely(value, strange) is None]
        if lacking:
            shown = ", ".join(f"`{value}`" for value in lacking[:6]) + (" .." if len(lacking) > 6 else "")
            message = f"{entry.what} has no post for {shown}, which the warehouse has figures of"
            key = "posts" if owner.sql is None else "sql"
            yield entry.problem("W217", message, key, key=True, note="their notices go to the fallback")


def _owners_of(parts: Parts, measure: Measure) -> set[str]:
    """Everybody who may be told of a measure in the first place."""
    routes = {rule.route for rule in parts.rules.values() if rule.measure == measure.id}
    told = {rule.to for rule in parts.rules.values() if rule.measure == measure.id and rule.to is not None}
    told |= {parts.routes[route].to for route in routes if route in parts.routes}
    return (told | {measure.owner}) - {OWNER}


def roster_problems(parts: Parts, measures: Iterable[Measure], values: Values) -> Iterator[Problem]:
    """Places against the values of their level's column: what is on one side alone, and is spelt another way."""
    if not parts.all_places:
        return
    told: set[str] = set()
    for measure in measures:
        for number, column in enumerate(measure.by):
            roster = {name: place for name, place in parts.places.places.items() if place.level == column}
            found = values(measure, column) if roster else set()
            if not roster.keys() & found:  # the level is of other names altogether
                continue
            strange = found - set(roster) - set(parts.unallocated)
            for name, place in roster.items():
                meant = nearest(name, strange) if name not in found and place.expected else None
                if meant is not None and name not in told:
                    told.add(name)
                    message = f"place `{name}` has no figures in measure `{measure.id}`, which has a {column} `{meant}`"
                    hint = did_you_mean(name, strange)
                    note = "it counts as a place whose figures are missing, and the other as one that nobody expects"
                    yield parts.entries["places"][name].problem("W217", message, hint=hint, note=note)
            lacking = sorted(
                one for one in strange if nearest(one, [name for name in roster if name not in found]) is None
            )
            if lacking and not told.issuperset(lacking):
                told |= set(lacking)
                shown = ", ".join(f"`{one}`" for one in lacking[:6]) + (" .." if len(lacking) > 6 else "")
                message = f"measure `{measure.id}` has figures of {shown}, which config/places.yaml does not name"
                note = f"add it as a place of level {column}, or under `unallocated` where it is none"
                entry = parts.entries["measures"][measure.id]
                yield entry.problem("W217", message, "by", number, note=note)


def refused(entry: Entry, source: Source | None, message: str) -> Problem:
    """The warehouse's refusal of a measure: in its SQL at the word that the refusal names, where it names one."""
    if source is None:
        return entry.problem("A117", message, "table")
    named = re.search(
        r"(?i)(?:column:?|relation|table with name|table:|function with name|function) \"?([A-Za-z_][\w.]*)", message
    )
    if named is not None:
        for number, line in enumerate(source.lines, start=1):
            found = re.search(rf"(?<![\w.])(?:\w+\.)?{re.escape(named[1])}(?!\w)", line.partition("--")[0])
            if found is not None:
                mark = Mark(number, found.start() + 1, len(found[0]))
                hint = ""
                meant = re.search(r"(?i)(?:candidate bindings:|did you mean|hint:.*column)\s*\"?([\w.]+)", message)
                if meant is not None and likely(named[1].rpartition(".")[2], [meant[1].rpartition(".")[2]]):
                    hint = f"did you mean `{meant[1]}`?"
                return source.problem("A117", mark, message, hint=hint, note=f"this is the SQL of {entry.what}")
    shown = re.search(r"LINE \d+: (?:\.\.\.)?\s*(\S.*?)(?:\.\.\.)?\s+\^", message)
    for number, line in enumerate(source.lines, start=1):
        if shown is not None and shown[1] in " ".join(line.split()):
            mark = Mark(number, len(line) - len(line.lstrip()) + 1, len(line.strip()))
            return source.problem("A117", mark, message, note=f"this is the SQL of {entry.what}")
    return entry.problem("A117", message, "sql")
