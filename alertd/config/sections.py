"""The keys that may stand at the top of a home's files, and the entries under them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alertd.config.document import Document, Path
from alertd.config.examples import RuleTest
from alertd.config.files import SETTINGS_FILE
from alertd.config.problems import Problem
from alertd.config.settings import Settings
from alertd.config.shape import keys_of
from alertd.config.suggest import did_you_mean, likely, one_of
from alertd.core.calendar import Annotation, Suppression
from alertd.core.channels import ChannelSettings
from alertd.core.measures import Measure
from alertd.core.model import Authored
from alertd.core.owners import Owner
from alertd.core.places import Place
from alertd.core.routes import Route
from alertd.core.rules import Rule

SECTIONS: Mapping[str, type[Authored]] = {
    "measures": Measure,
    "rules": Rule,
    "tests": RuleTest,
    "annotations": Annotation,
    "suppressions": Suppression,
    "routes": Route,
    "owners": Owner,
    "channels": ChannelSettings,
    "places": Place,
}
"""Keys whose value is a mapping from ids to entries, and what an entry is; a channel's kind says more."""
WHOLE = ("unallocated", "framework")
"""Keys whose value is one thing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One measure, rule, owner .., as it was written."""

    section: str
    id: str
    document: Document

    @property
    def data(self) -> Any:
        """What was written, in plain containers."""
        return self.document.data[self.section][self.id]

    @property
    def path(self) -> Path:
        """Where it stands in its document."""
        return (self.section, self.id)

    @property
    def what(self) -> str:
        """What it is called in messages."""
        return f"{self.section.removesuffix('s')} `{self.id}`"

    @property
    def where(self) -> Mapping[str, Sequence[str]]:
        """The columns of its `where` with what can be read of their values, also where the entry is wrong otherwise."""
        written = self.data.get("where") if isinstance(self.data, dict) else None
        return {column: texts_of(values) for column, values in written.items()} if isinstance(written, dict) else {}

    def problem(
        self, code: str, message: str, *steps: str | int, key: bool = False, hint: str = "", note: str = ""
    ) -> Problem:
        """A problem at a step below the entry, or at its id."""
        return self.document.problem(code, (*self.path, *steps), message, key=key or not steps, hint=hint, note=note)


def texts_of(written: Any) -> Sequence[str]:
    """The texts of what is one text or a list of them."""
    return [one for one in (written if isinstance(written, list) else [written]) if isinstance(one, str)]


Entries = Mapping[str, Mapping[str, Entry]]


def find_entries(documents: Iterable[Document]) -> tuple[dict[str, dict[str, Entry]], list[Entry], list[Problem]]:
    """Every entry by section and id, those whose id stands elsewhere already, and what is wrong with ids and keys."""
    entries: dict[str, dict[str, Entry]] = {section: {} for section in SECTIONS}
    again: list[Entry] = []
    problems: list[Problem] = []
    for document in documents:
        problems += _top_level_problems(document)
        for entry in _entries_of(document):
            first = entries[entry.section].setdefault(entry.id, entry)
            if first is not entry:
                again.append(entry)
                problems += (_duplicate(entry, first), _duplicate(first, entry))
    problems += _written_once(documents)
    return entries, again, problems


def _entries_of(document: Document) -> Iterator[Entry]:
    if not isinstance(document.data, dict):
        return
    for section in SECTIONS:
        block = document.data.get(section)
        if isinstance(block, dict):
            for name in block:
                yield Entry(section, name, document)


def _top_level_problems(document: Document) -> Iterator[Problem]:
    if document.broken or document.data is None:
        return
    if not isinstance(document.data, dict):
        note = one_of([*SECTIONS, *WHOLE], nothing="")
        yield document.problem("A103", (), "a file is a mapping, and this one is not", note=note)
        return
    settings = keys_of(Settings)
    known = [*SECTIONS, *WHOLE]
    for key, block in list(document.data.items()):
        if key in SECTIONS:
            if block is not None and not isinstance(block, dict):
                yield document.problem(
                    "A103", (key,), f"`{key}` is a mapping from ids to what they mean", key=True, hint=_named(block)
                )
        elif key not in known and document.source.file != SETTINGS_FILE:
            hint = did_you_mean(key, known)
            note = (
                f"this key belongs in {SETTINGS_FILE}" if key in settings else "" if hint else one_of(known, nothing="")
            )
            yield document.problem("A101", (key,), f"unknown key `{key}`", key=True, hint=hint, note=note)
            meant = likely(key, (one for one in known if one not in document.data))
            if meant is not None:  # what stands below it is looked at as if it had been written so
                document.written[(meant,)] = key
                document.data[meant] = document.data.pop(key)


def _named(block: object) -> str:
    return "write an id and `:` instead of each `-`" if isinstance(block, list) else ""


def _written_once(documents: Iterable[Document]) -> Iterator[Problem]:
    framed = [one for one in documents if isinstance(one.data, dict) and "framework" in one.data]
    for one in framed[1:]:
        for here, there in ((one, framed[0]), (framed[0], one)):
            mark = there.mark(("framework",), key=True)
            note = f"also at {there.source.file}:{mark.line}:{mark.column}"
            yield here.problem("A105", ("framework",), "`framework` is written twice", key=True, note=note)


def _duplicate(here: Entry, there: Entry) -> Problem:
    mark = there.document.mark(there.path, key=True)
    note = f"also at {there.document.source.file}:{mark.line}:{mark.column}; ids are unique across the home"
    return here.problem("A105", f"{here.what} is written twice", hint="rename or remove one", note=note)
