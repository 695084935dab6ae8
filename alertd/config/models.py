"""From entries to models: each by itself, so that one that is wrong hides nothing of the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from alertd.config.composites import NO_MEASURE, lead_measure
from alertd.config.document import Document
from alertd.config.parts import SETTINGS, Parts
from alertd.config.problems import Problem
from alertd.config.sections import SECTIONS, WHOLE, Entries, Entry
from alertd.config.settings import Settings
from alertd.config.shape import FILLED_IN, keys_of
from alertd.config.statements import Statement
from alertd.config.suggest import did_you_mean, one_of
from alertd.config.validate import Validated, validate
from alertd.core.channels import ChannelSettings
from alertd.core.framework import Framework
from alertd.core.rules import COMPOSITES, DETECTORS, Rule


def make_models(
    documents: Sequence[Document],
    entries: Entries,
    again: Sequence[Entry],
    settings: Document | None,
    statements: Mapping[str, Statement],
    postings: Mapping[str, Statement],
    kinds: Mapping[str, type[ChannelSettings]],
    possible: frozenset[str],
) -> tuple[Parts, list[Problem]]:
    """Every model, what is wrong with those that are not sound, and which of their fields cannot be relied on."""
    made = {
        section: {
            name: _make_entry(entry, postings if section == "owners" else statements, kinds, entries)
            for name, entry in found.items()
        }
        for section, found in entries.items()
    }
    # In force is neither of two that share an id; what else is wrong with the second is told now.
    twice = [_make_entry(entry, {}, kinds, entries) for entry in again]
    own = _make_settings(settings)
    unallocated, wrong = _unallocated(documents)
    framework, framed = _make_framework(documents)
    results = [*(result for found in made.values() for result in found.values()), *twice, own]
    doubtful = {
        (section, name): result.doubtful
        for section, found in made.items()
        for name, result in found.items()
        if result.made is not None
    }
    parts = Parts(
        entries=entries,
        models={
            section: {name: result.made for name, result in found.items() if result.made is not None}
            for section, found in made.items()
        },
        doubtful=doubtful | {SETTINGS: own.doubtful},
        settings=own.made,
        settings_document=settings,
        unallocated=unallocated,
        framework=framework,
        framework_written=any(isinstance(one.data, dict) and "framework" in one.data for one in documents),
        possible=possible,
    )
    return parts, [*(problem for result in results for problem in result.problems), *wrong, *framed]


def _make_settings(document: Document | None) -> Validated[Settings]:
    if document is None or document.broken or not isinstance(document.data, dict):
        return Validated(made=None, problems=[])
    own = {key: value for key, value in document.data.items() if key not in (*SECTIONS, *WHOLE)}
    return validate(Settings, own, document, (), what="the settings", may_lack=True)


def _make_framework(documents: Sequence[Document]) -> tuple[Framework | None, list[Problem]]:
    """The first sound `framework:`, and what is wrong with those before it."""
    problems: list[Problem] = []
    for document in documents:
        data = document.data.get("framework") if isinstance(document.data, dict) else None
        if data is None:
            continue
        read = validate(Framework, data, document, ("framework",), what="the framework")
        problems += read.problems
        if read.made is not None:
            problems += _quadrants(document, read.made)
            if not read.doubtful:
                return read.made, problems
    return None, problems


def _quadrants(document: Document, framework: Framework) -> Iterator[Problem]:
    """Rows of a quadrant that has no name, where others have one."""
    for name, row in framework.rows.items():
        if framework.quadrants and row.quadrant not in framework.quadrants:
            message = f"row `{name}` of the framework is in quadrant {row.quadrant}, which `quadrants` does not name"
            known = one_of(map(str, framework.quadrants), nothing="")
            yield document.problem("A102", ("framework", "rows", name, "quadrant"), message, note=known)


def _make_entry(
    entry: Entry,
    statements: Mapping[str, Statement],
    kinds: Mapping[str, type[ChannelSettings]],
    entries: Entries,
) -> Validated[Any]:
    model = SECTIONS[entry.section]
    filled: dict[str, Any] = {} if entry.section == "places" else {"id": entry.id}
    if entry.section in ("measures", "owners") and entry.id in statements:
        filled["statement"] = statements[entry.id].text
    if entry.section == "channels" and isinstance(entry.data, dict):
        kind = entry.data.get("kind")
        if not isinstance(kind, str) or kind not in kinds:
            return Validated(made=None, problems=[_no_kind(entry, kind, kinds)])
        model = kinds[kind]
    written = set(entry.data) if isinstance(entry.data, dict) else set[str]()
    led = entry.section == "rules" and "measure" not in written and not written.isdisjoint(COMPOSITES)
    lead = lead_measure(entries, entry.id) if led else None
    if led:
        filled["measure"] = lead or NO_MEASURE
    result = validate(
        model,
        entry.data,
        entry.document,
        entry.path,
        what=entry.what,
        filled=filled,
        may_lack=entry.section == "measures",
    )
    if led and lead is None:
        result = replace(result, doubtful=result.doubtful | {"measure"})
    if entry.section == "rules" and isinstance(entry.data, dict):
        return replace(result, problems=_about_detectors(entry, result.problems, written))
    return result


def _no_kind(entry: Entry, kind: Any, kinds: Mapping[str, type[ChannelSettings]]) -> Problem:
    known = one_of(kinds, nothing="")
    if "kind" not in entry.data:
        return entry.problem("A114", f"{entry.what} lacks `kind`", hint="add `kind:`", note=known)
    hint = did_you_mean(kind, kinds) if isinstance(kind, str) else ""
    return entry.problem("A102", f"unknown kind of channel in {entry.what}", "kind", hint=hint, note=known)


def _about_detectors(entry: Entry, problems: list[Problem], written: set[str]) -> list[Problem]:
    """Say once, at the rule's id, that it has no detector or two; a misspelt key is the likelier cause."""
    found = [name for name in DETECTORS if entry.data.get(name) is not None]
    others = [one for one in problems if "needs exactly one detector" not in one.message]
    if not any(name in written for name in DETECTORS) and not keys_of(Rule).keys() >= written - FILLED_IN:
        note = "without it this rule has no detector and could never fire"
        return [_noted(one, note) if one.code == "A101" and one.message.endswith(entry.what) else one for one in others]
    if len(found) == 1:
        return problems
    seen = " and ".join(f"`{name}`" for name in found) or "none"
    known = ", ".join(f"`{name}`" for name in DETECTORS)
    message = f"{entry.what} needs exactly one detector, and has {seen}"
    return [*others, entry.problem("A106", message, note=f"detectors: {known}; without one it could never fire")]


def _noted(problem: Problem, note: str) -> Problem:
    return replace(problem, note=note)


def _unallocated(documents: Sequence[Document]) -> tuple[tuple[str, ...], list[Problem]]:
    """The names of what is no place, of all files, each once."""
    names: list[str] = []
    wrong: list[Problem] = []
    for document in documents:
        block = document.data.get("unallocated") if isinstance(document.data, dict) else None
        if block is not None and not isinstance(block, list):
            message = "`unallocated` is a list of names: `[Not located]`"
            wrong.append(document.problem("A103", ("unallocated",), message, key=True))
            continue
        for number, name in enumerate(block or ()):
            if isinstance(name, str):
                names.append(name)
            else:
                wrong.append(document.problem("A103", ("unallocated", number), "a name belongs here"))
    return tuple(dict.fromkeys(names)), wrong
