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
    problems: list[Problem] = []
    models: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    doubtful: dict[tuple[str, str], frozenset[str]] = {}
    for section, found in entries.items():
        for name, entry in found.items():
            result = _make(entry, postings if section == "owners" else statements, kinds, entries)
            problems += result.problems
            if result.made is not None:
                models[section][name] = result.made
                doubtful[section, name] = result.doubtful
    for entry in again:  # in force is neither of two that share an id; what else is wrong with this one is told now
        problems += _make(entry, {}, kinds, entries).problems
    instance = None
    if settings is not None and not settings.broken and isinstance(settings.data, dict):
        own = {key: value for key, value in settings.data.items() if key not in (*SECTIONS, *WHOLE)}
        checked = validate(Settings, own, settings, (), what="the settings", may_lack=True)
        problems += checked.problems
        instance, doubtful[SETTINGS] = checked.made, checked.doubtful
    unallocated: list[str] = []
    framework = None
    for document in documents:
        if not isinstance(document.data, dict):
            continue
        names, wrong = _unallocated(document)
        unallocated += names
        problems += wrong
        if framework is None and document.data.get("framework") is not None:
            data = document.data["framework"]
            read = validate(Framework, data, document, ("framework",), what="the framework")
            problems += read.problems
            if read.made is not None:
                problems += _quadrants(document, read.made)
            framework = None if read.doubtful else read.made
    parts = Parts(
        entries=entries,
        models=models,
        doubtful=doubtful,
        settings=instance,
        settings_document=settings,
        unallocated=tuple(dict.fromkeys(unallocated)),
        framework=framework,
        framework_written=any(isinstance(one.data, dict) and "framework" in one.data for one in documents),
        possible=possible,
    )
    return parts, problems


def _quadrants(document: Document, framework: Framework) -> Iterator[Problem]:
    """Rows of a quadrant that has no name, where others have one."""
    for name, row in framework.rows.items():
        if framework.quadrants and row.quadrant not in framework.quadrants:
            message = f"row `{name}` of the framework is in quadrant {row.quadrant}, which `quadrants` does not name"
            known = one_of(map(str, framework.quadrants), nothing="")
            yield document.problem("A102", ("framework", "rows", name, "quadrant"), message, note=known)


def _make(
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


def _unallocated(document: Document) -> tuple[list[str], list[Problem]]:
    block = document.data.get("unallocated")
    if block is None:
        return [], []
    if not isinstance(block, list):
        return [], [
            document.problem("A103", ("unallocated",), "`unallocated` is a list of names: `[Not located]`", key=True)
        ]
    wrong = [
        document.problem("A103", ("unallocated", number), "a name belongs here")
        for number, name in enumerate(block)
        if not isinstance(name, str)
    ]
    return [name for name in block if isinstance(name, str)], wrong
