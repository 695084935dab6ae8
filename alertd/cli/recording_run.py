"""Recording for real: entries read against the home, decided beside what is known, and kept all or not at all."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time
from pathlib import Path

import click

from alertd.app import read_home
from alertd.cli.clock import now_in
from alertd.cli.recording import Reader, Written
from alertd.cli.recording_csv import read_csv
from alertd.cli.whoami import current_user
from alertd.config.home import Home
from alertd.config.load import find_home
from alertd.core.errors import AlertdError, UsageError
from alertd.core.periods import Period, day_words, in_sentence
from alertd.core.printable import in_lines
from alertd.core.recording import Decided, Entry, Kind, Recorded, decide
from alertd.core.series import series_words
from alertd.core.settling import settled_at
from alertd.store import Store, open_store

_MOST_TOLD = 1000


class _WrongError(AlertdError):
    """Lines of a file, or options, that cannot be recorded."""

    def __init__(self, faults: Sequence[str], *, of_a_file: bool) -> None:
        more = f"\nand {len(faults) - _MOST_TOLD:,} more" if len(faults) > _MOST_TOLD else ""
        super().__init__("nothing was recorded:\n" + "\n".join(faults[:_MOST_TOLD]) + more)
        self.exit_code = 1 if of_a_file else UsageError.exit_code


class _DryRunError(Exception):
    """Ends the transaction of a dry run."""


@contextmanager
def opened_state(home: Path | None) -> Iterator[tuple[Home, Store]]:
    """The home that was named, and its state database; the warehouse is left alone."""
    found = read_home(find_home(home, os.environ), os.environ)
    store = open_store(found.settings.state.url, root=found.root)
    try:
        yield found, store
    finally:
        store.close()


def record(
    home: Path | None,
    file: Path | None,
    *,
    kind: str,
    measure: str,
    series: Mapping[str, str],
    fields: Mapping[str, str],
    dry_run: bool,
) -> int:
    """Record one entry, or those of a file; raises an `AlertdError` with everything that is wrong."""
    with opened_state(home) as (found, store):
        reader = Reader(home=found, now=now_in(found.settings.zone))
        if file is None:
            reader.read(Written(where="", kind=kind, measure=measure, fields=fields, series=series))
        else:
            for written in read_csv(file, found, kind=kind, measure=measure, series=series, faults=reader.faults):
                reader.read(written)
        if reader.faults:
            raise _WrongError(reader.faults, of_a_file=file is not None)
        numbers, decided, warned = _kept(store, reader, file, dry_run=dry_run)
    for warning in warned:
        click.echo(f"alertd: {in_lines(warning)}", err=True)
    click.echo(_told(reader.entries, numbers, decided, file, dry_run=dry_run))
    if later := _judged_later(found, reader.entries, reader.now):
        click.echo(later)
    return 0


def _kept(store: Store, reader: Reader, file: Path | None, *, dry_run: bool) -> tuple[range, Decided, list[str]]:
    """What was new among the entries, now kept (not in a dry run), under which numbers, and what is to be said of it."""
    found: list[tuple[Decided, list[str]]] = []

    def choose(known: Sequence[Recorded]) -> Decided:
        decided = decide(reader.entries, known, again=file is None)
        new = [entry for entry, _ in decided.new]
        crowded = reader.crowded(new, known)
        if crowded:
            raise _WrongError(crowded, of_a_file=file is not None)
        found.append((decided, [*reader.misspelt(new, known), *reader.too_late(new, known)]))
        if dry_run:
            raise _DryRunError
        return decided

    source = "" if file is None else file.name
    measures = {entry.measure for entry in reader.entries}
    numbers = range(0)
    with suppress(_DryRunError):
        numbers = store.record(measures, choose, source=source, who=current_user(), at=datetime.now(UTC))
    return numbers, *found[-1]


def _told(entries: Sequence[Entry], numbers: range, decided: Decided, file: Path | None, *, dry_run: bool) -> str:
    would = "would be recorded; nothing was" if dry_run else "recorded"
    if file is None:
        (entry,) = entries
        if not decided.new:
            return f"recorded already, so nothing was added: {described(entry)}"
        before = decided.new[0][1]
        own = f" {numbers[0]}" if numbers else ""
        return f"{would}{own}{'' if before is None else f', which corrects {before}'}: {described(entry)}"
    corrected = sum(before is not None for _, before in decided.new)
    number = len(decided.new)
    parts = [f"{number:,} {'entry' if number == 1 else 'entries'} {would}"]
    if corrected:
        parts[0] += (
            f" ({corrected:,} of them {'corrects an earlier one' if corrected == 1 else 'correct earlier ones'})"
        )
    if decided.same:
        parts.append(f"{decided.same:,} {'was' if decided.same == 1 else 'were'} there already")
    if decided.older:
        parts.append(
            f"{decided.older:,} {'was' if decided.older == 1 else 'were'} corrected or withdrawn since, and left so"
        )
    return f"{file}: " + "; ".join(parts)


def _judged_later(home: Home, entries: Sequence[Entry], now: datetime) -> str:
    """From when on rules judge the one entry, should its period not be over or settled; empty where they do already."""
    if len(entries) != 1 or entries[0].kind in (Kind.SELF_ASSESSMENT, Kind.ACTION):
        return ""
    measure = home.measures[entries[0].measure]
    period = Period.containing(datetime.combine(entries[0].day, time()), measure.grain)
    judged = settled_at(period, measure.settles_after, home.calendar.holidays)
    if judged <= now.replace(tzinfo=None):
        return ""
    return f"rules judge {in_sentence(period)} from {day_words(judged.date())} on, as its measure is {measure.grain.adverb}"


def described(entry: Entry) -> str:
    """An entry in a line: `reality check of `custody`, Preston, 3 April 2022: failed`."""
    what = f"{entry.kind.words} of `{entry.measure}`, {series_words(entry.series)}"
    end = entry.grade or (entry.finding if entry.ended is None else "done")
    due = "due " if entry.kind.value in ("self_assessment", "action") else ""
    return f"{what}, {due}{day_words(entry.day)}" + (f": {end}" if end else "")


def standings(known: Sequence[Recorded]) -> list[tuple[Recorded, str]]:
    """Every entry that records something, in the order of recording, with what became of it."""
    after: dict[int, Recorded] = {}
    last: dict[object, Recorded] = {}
    for one in known:
        before = last.get(one.entry.identity)
        if before is not None:
            after[before.number] = one
        last[one.entry.identity] = one
    found = []
    for one in known:
        if one.withdrawn is not None:
            continue
        later = after.get(one.number)
        if later is None:
            state = "stands"
        elif later.withdrawn is not None:
            state = f"withdrawn: {later.withdrawn}"
        else:
            state = f"corrected by {later.number}"
        found.append((one, state))
    return found
