"""What somebody wrote of an entry, as text: an entry, or everything that is wrong with it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from alertd.config.home import Home
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.measure_parts import folded
from alertd.core.measures import Measure
from alertd.core.periods import Period, day_words
from alertd.core.persons import looks_like_a_person
from alertd.core.recording import Entry, Kind, Recorded, standing

ALIASES = {
    **dict.fromkeys(("assessed_on", "checked_on", "held_on"), "date"),
    **{"due_on": "due", "set_on": "set", "returned_on": "returned", "done_on": "done"},
    **dict.fromkeys(("assessed_by", "checked_by", "held_by", "returned_by", "action_owner"), "by"),
    **{"result": "grade", "action": "finding"},
}
"""The columns that measures read, each with the field that it is recorded by."""

_OF_A_DAY = (("date", "grade", "by"), ("finding",))
_FORMS: Mapping[Kind, tuple[Sequence[str], Sequence[str]]] = {
    Kind.ASSESSMENT: _OF_A_DAY,
    Kind.REALITY_CHECK: _OF_A_DAY,
    Kind.FOCUS_GROUP: (("date", "grade", "by", "finding"), ()),
    Kind.SELF_ASSESSMENT: (("due",), ("returned", "grade", "by", "finding")),
    Kind.ACTION: (("due", "finding"), ("set", "done", "by")),
}
"""The fields that each kind needs, and those that it may have; `reference` goes with all."""
_LONGEST = {"finding": 20_000}
_LONG = 500
_LATER = {
    "date": ", and record it when it has been",
    **dict.fromkeys(("returned", "done"), ", or leave it out until then"),
}
"""What to do by field with a day that is yet to come."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An entry as it was written; a field that was left empty is not there."""

    where: str
    """The line of a file, or nothing for the command line."""
    kind: str
    measure: str
    fields: Mapping[str, str]
    series: Mapping[str, str]


@dataclass(slots=True)
class Reader:
    """Reads what was written against a home; keeps every fault, each with its place."""

    home: Home
    now: datetime
    """Aware, in the home's zone."""
    faults: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    _where: dict[tuple[object, ...], str] = field(default_factory=dict)
    """By identity, where each entry was written."""

    def read(self, written: Written) -> None:
        """Read one entry, or note what is wrong with it."""
        measure, faults = self._measure(written)
        if measure is None or measure.recorded is None:
            self._note(written.where, faults)
            return
        kind = measure.recorded
        faults += [*_lacking(kind, written, measure), *_texts(written), *self._series(measure, written)]
        days: dict[str, date] = {}
        for name in ("date", "due", "set", "returned", "done"):
            if name in written.fields:
                day, wrong = _day(name, written.fields[name])
                if day is not None and name != "due" and day > self.now.date():
                    wrong = f"`{name}` is {day}, which is yet to come; write a day up to {self.now.date()}"
                    wrong += _LATER.get(name, "")
                if day is not None:
                    days[name] = day
                faults += [wrong] if wrong else []
        if "set" in days and any(days[name] < days["set"] for name in ("due", "done") if name in days):
            faults.append(f"`set` is {days['set']}, after the action fell due or was done")
        grade, wrong = _grade(measure, written.fields.get("grade"))
        faults += [wrong] if wrong else []
        day = days.get("due" if kind in (Kind.SELF_ASSESSMENT, Kind.ACTION) else "date")
        faults += self._places(measure, written.series, day)
        if faults or day is None:
            self._note(written.where, faults)
            return
        entry = Entry(
            kind=kind,
            measure=measure.id,
            series={column: written.series[column] for column in measure.by},
            day=day,
            began=days.get("set"),
            ended=days.get("returned" if kind is Kind.SELF_ASSESSMENT else "done"),
            grade=grade,
            by=written.fields.get("by", ""),
            finding=written.fields.get("finding", ""),
            reference=written.fields.get("reference", ""),
        )
        before = self._where.get(entry.identity)
        if before is not None:
            again = f"it is of the same measure, series, day and reference as {before}"
            self._note(written.where, [f"{again}; give each a `reference` of its own, or remove one"])
            return
        self._where[entry.identity] = written.where
        self.entries.append(entry)

    def crowded(self, entries: Iterable[Entry], known: Sequence[Recorded]) -> list[str]:
        """Entries beside which another stands in one period of a measure that takes one a period."""
        single = {
            measure.id: measure
            for measure in self.home.measures.values()
            if measure.recorded is not None and measure.aggregate is None and measure.event is None
        }
        taken: dict[tuple[object, ...], Entry] = {}
        faults = []
        for entry in (*(one.entry for one in standing(known)), *entries):
            measure = single.get(entry.measure)
            if measure is None or not set(measure.by) <= set(entry.series):
                continue
            period = Period.containing(entry.day, measure.grain)
            key = (entry.measure, *(entry.series[column] for column in measure.by), period.slot)
            other = taken.setdefault(key, entry)
            if other.identity != entry.identity:
                there = f"{_reference(other)}of {other.day} stands in {period.words} already"
                hint = "write `aggregate: rows` in the measure, or withdraw the other (`alertd record withdraw`)"
                where = self._where.get(entry.identity, "")
                faults.append(
                    _placed(where, f"an entry {there}, and measure `{measure.id}` takes one a period; {hint}")
                )
        return faults

    def too_late(self, entries: Iterable[Entry], known: Sequence[Recorded]) -> Iterator[str]:
        """What no rule will tell of, for a newer period has entries and the newest alone is judged."""
        given = [entry for entry in entries if entry.kind not in (Kind.ACTION, Kind.SELF_ASSESSMENT)]
        local = self.now.replace(tzinfo=None)
        for name in dict.fromkeys(entry.measure for entry in given):
            measure = self.home.measures[name]
            own = [Period.containing(entry.day, measure.grain) for entry in given if entry.measure == name]
            there = [
                Period.containing(one.entry.day, measure.grain) for one in standing(known) if one.entry.measure == name
            ]
            newest = max((one for one in (*own, *there) if one.end <= local), key=lambda one: one.slot, default=None)
            late = sum(one.slot < newest.slot for one in own) if newest is not None else 0
            if newest is not None and late and there:
                what = "1 entry lies" if late == 1 else f"{late:,} entries lie"
                yield (
                    f"measure `{name}`: {what} before {newest.words}, the newest period with entries, which alone is judged; "
                    "no letter will tell of that"
                )

    def misspelt(self, entries: Iterable[Entry], known: Sequence[Recorded]) -> Iterator[str]:
        """Names without an entry so far that are nearly those of others: there is no hierarchy that could tell them apart."""
        levels = {place.level for place in self.home.places.places.values()}
        there: dict[tuple[str, str], set[str]] = {}
        for one in known:
            for column, name in one.entry.series.items():
                there.setdefault((one.entry.measure, column), set()).add(name)
        given = {(one.measure, *part): None for one in entries for part in one.series.items() if part[0] not in levels}
        for measure, column, name in given:
            others = there.get((measure, column), set())
            hint = did_you_mean(name, others) if name not in others else ""
            if hint:
                yield f"measure `{measure}` has no entry of {column} `{name}` before this one; {hint}"

    def _note(self, where: str, faults: Iterable[str]) -> None:
        self.faults += [_placed(where, fault) for fault in faults]

    def _measure(self, written: Written) -> tuple[Measure | None, list[str]]:
        """The measure that was named, and what is wrong with the name or the kind."""
        recorded = {name: one.recorded for name, one in self.home.measures.items() if one.recorded is not None}
        measure = self.home.measures.get(written.measure)
        kind = written.kind.replace("-", "_").replace(" ", "_").casefold()
        if kind and kind not in list(Kind):
            hint = did_you_mean(kind, list(Kind)) or one_of(list(Kind), nothing="")
            return None, [f"there is no kind of entry `{written.kind}`; {hint}"]
        if not written.measure:
            return None, ["`measure` is missing"]
        if measure is None:
            hint = did_you_mean(written.measure, recorded) or one_of(
                recorded, nothing="no measure of this home has `recorded:`"
            )
            return None, [f"there is no measure `{written.measure}`; {hint}"]
        if measure.recorded is None:
            source = f"`table: {measure.table}`" if measure.table is not None else f"`sql: {measure.sql}`"
            return None, [
                f"measure `{measure.id}` reads the warehouse ({source}), and no entries; write `recorded:` there"
            ]
        if kind and kind != measure.recorded:
            return None, [
                f"measure `{measure.id}` reads entries of kind {measure.recorded.words}, and this is of kind {Kind(kind).words}"
            ]
        return measure, []

    def _series(self, measure: Measure, written: Written) -> Iterator[str]:
        places = self.home.places.places
        for column in measure.by:
            name = written.series.get(column)
            if not name:
                yield f"`{column}` is missing: measure `{measure.id}` is by {', '.join(measure.by)}"
            elif not measure.by_person and name not in places and looks_like_a_person(name):
                yield f"`{column}` is named like one person, and this home judges nobody by person; name the team or the place"
        for column in written.series:
            if column not in measure.by:
                hint = did_you_mean(column, measure.by) or one_of(measure.by, nothing="it is one force-wide series")
                yield f"measure `{measure.id}` is not by `{column}`; {hint}"

    def _places(self, measure: Measure, series: Mapping[str, str], day: date | None) -> Iterator[str]:
        """Names of places that the hierarchy does not have at that level, or not on that day where it can be read."""
        places = self.home.places.places
        for column in measure.by:
            name = series.get(column, "")
            known = [one for one, place in places.items() if place.level == column]
            if not name or not known:
                continue
            if name not in known:
                hint = did_you_mean(name, known) or one_of(known, nothing="")
                yield f"there is no {column} `{name}`; {hint}"
            elif day is not None and not places[name].exists_on(day):
                first, last = places[name].from_, places[name].to
                span = " ".join(
                    f"{word} {day_words(one)}" for word, one in (("from", first), ("to", last)) if one is not None
                )
                yield f"{column} `{name}` is there {span}, and the entry is of {day}"


def _placed(where: str, fault: str) -> str:
    return f"{where}: {fault}" if where else fault


def _reference(entry: Entry) -> str:
    return f"`{entry.reference}` " if entry.reference else ""


def _lacking(kind: Kind, written: Written, measure: Measure) -> Iterator[str]:
    """Fields that are missing, and fields that do not belong to the kind."""
    needed, optional = _FORMS[kind]
    if kind is Kind.SELF_ASSESSMENT and "returned" in written.fields:
        needed = ("due", "grade", "by")
    for name in needed:
        if name not in written.fields and (name != "grade" or measure.scale is not None):
            yield f"`{name}` is missing"
    if kind is Kind.SELF_ASSESSMENT and "returned" not in written.fields:
        early = [name for name in ("grade", "by", "finding") if name in written.fields]
        if early:
            yield f"`returned` is missing, and there is a `{early[0]}` already; say on which day it came back"
    allowed = {*_FORMS[kind][0], *optional, "reference"}
    for name in written.fields:
        if name not in allowed:
            yield f"`{name}` does not belong to an entry of kind {kind.words}; {one_of(allowed, nothing='')}"


def _texts(written: Written) -> Iterator[str]:
    for name, text in (*written.fields.items(), *written.series.items()):
        most = _LONGEST.get(name, _LONG)
        if len(text) > most:
            yield f"`{name}` has {len(text):,} characters, and at most {most:,} are kept"
        if _NO_TEXT.search(text):
            yield f"`{name}` has characters that are no text"


@lru_cache(maxsize=100_000)
def _day(name: str, text: str) -> tuple[date | None, str]:
    """A day as it is written, or what is wrong with it."""
    if _ISO.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None, f"`{name}`: there is no day {text}"
        return (
            (day, "") if 1900 <= day.year <= 2999 else (None, f"`{name}`: the year of {text} is not from 1900 to 2999")
        )
    hint = "2022-10-03"
    british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    if british is not None:
        hint = f"{british[3]}-{int(british[2]):02}-{int(british[1]):02}"
    return None, f"`{name}`: `{text[:40]}` is no date; write for example {hint}"


def _grade(measure: Measure, text: str | None) -> tuple[str | None, str]:
    """A grade as its scale spells it, or what is wrong with it."""
    if text is None or measure.scale is None:
        return text, ""
    grade = _on_scale(measure.scale, text)
    if grade is not None:
        return grade, ""
    hint = did_you_mean(text, measure.scale)
    known = ", ".join(measure.scale)
    return None, f"`{text[:60]}` is no grade of measure `{measure.id}`; " + (hint or f"it has {known}")


@lru_cache(maxsize=10_000)
def _on_scale(scale: tuple[str, ...], text: str) -> str | None:
    return next((grade for grade in scale if folded(grade) == folded(text)), None)
