"""`ALERTD_*` variables: any key of a home may be overridden, and a variable that overrides nothing is an error.

Parts are joined by two underscores and matched whatever their case; `-`, `.` and spaces of ids are written `_`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alertd.config.document import Document, Path, read_document
from alertd.config.files import SETTINGS_FILE
from alertd.config.problems import Problem, blot_secrets
from alertd.config.sections import SECTIONS, WHOLE, Entries
from alertd.config.settings import Settings
from alertd.config.shape import annotation_at, is_a, keys_of, model_at
from alertd.config.source import Source
from alertd.config.suggest import nearest
from alertd.core.channels import ChannelSettings, Secret
from alertd.core.measures import Measure
from alertd.core.model import Authored

PREFIX = "ALERTD_"
HOME = "ALERTD_HOME"
AS_OF = "ALERTD_AS_OF"
"""What commands take for now; read by them alone, so it is no key of a home."""


_PROTECTED: Mapping[type[Authored], frozenset[str]] = {
    Settings: frozenset(("person_level", "group_floor")),
    Measure: frozenset(("dpia", "group_floor", "group_size", "sensitive")),
}
"""Keys that the environment does not override, whatever else it may."""


class _Refusal(Exception):  # noqa: N818  never leaves this file
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a variable's value goes: a path of a document, and the model that describes what lies below `base`."""

    document: Document
    base: Path
    model: type[Authored]


def apply_overrides(
    environ: Mapping[str, str],
    documents: Sequence[Document],
    entries: Entries,
    kinds: Mapping[str, type[ChannelSettings]],
) -> tuple[list[str], list[Problem]]:
    """Write the environment's values into the documents; gives what was applied, without secrets, and the problems."""
    broken = [document for document in documents if document.broken]
    referred = set(_references([document.data for document in documents]))
    applied, problems = [], []
    for name in sorted(environ):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in (HOME, AS_OF) or name in referred:
            continue
        if any(name in line for document in broken for line in document.source.lines):
            continue
        try:
            applied.append(_apply(name, environ[name], documents, entries, kinds))
        except _Refusal as refusal:
            if not broken:
                problems.append(_problem(name, refusal.message, refusal.hint))
    return applied, problems


def _apply(
    name: str,
    value: str,
    documents: Sequence[Document],
    entries: Entries,
    kinds: Mapping[str, type[ChannelSettings]],
) -> str:
    parts = name[len(PREFIX) :].split("__")
    target = _target(parts, documents, entries, kinds)
    base: Any = target.document.data
    for step in target.base:
        base = base[step]
    path: Path = ()
    data = base
    for part in parts[len(target.base) :]:
        path = (*path, _step(target.model, path, data, part))
        data = data.get(path[-1]) if isinstance(data, dict) else None
    kept = _PROTECTED.get(target.model, frozenset())
    if path[0] in kept:
        raise _Refusal(
            f"`{path[0]}` protects people, and no variable overrides it; write it into {target.document.source.file}, "
            "where its changes are reviewed"
        )
    if not value:
        raise _Refusal("this is set and empty; unset it, or give it a value")
    secret = is_a(annotation_at(target.model, path), Secret)
    parsed = {"env": name} if secret else _parsed(name, value)
    data = base
    for step in path[:-1]:
        if not isinstance(data.get(step), dict):
            data[step] = {}
        data = data[step]
    data[path[-1]] = parsed
    target.document.overridden[target.base + path] = name
    return f"{name}=" if secret else blot_secrets(f"{name}={value}")


def _target(
    parts: Sequence[str],
    documents: Sequence[Document],
    entries: Entries,
    kinds: Mapping[str, type[ChannelSettings]],
) -> _Target:
    first = parts[0].casefold()
    if first in SECTIONS:
        if len(parts) < 3:
            raise _Refusal(f"this names no key of one of the {first}; write {PREFIX}{first.upper()}__ID__KEY")
        entry = entries[first][_match(parts[1], entries[first], f"the home has no {first.removesuffix('s')} like this")]
        model = SECTIONS[first]
        if first == "channels" and isinstance(entry.data, dict):
            model = kinds.get(str(entry.data.get("kind")), model)
        if not isinstance(entry.data, dict):
            raise _Refusal(f"{entry.what} is no mapping")
        return _Target(entry.document, entry.path, model)
    if first in WHOLE:
        raise _Refusal(f"`{first}` is too large for a variable; write it into a file")
    for document in documents:
        if document.source.file == SETTINGS_FILE and isinstance(document.data, dict):
            return _Target(document, (), Settings)
    raise _Refusal(f"there is no {SETTINGS_FILE} that it could override")


def _step(model: type[Authored], path: Path, data: Any, part: str) -> str:
    around = model_at(model, path)
    known = list(keys_of(around)) if around is not None else []
    written = [key for key in data if isinstance(key, str)] if isinstance(data, dict) else []
    return _match(part, dict.fromkeys([*known, *written]), "nothing in the home has such a key")


def _match(part: str, known: Iterable[str], otherwise: str) -> str:
    by_plain: dict[str, list[str]] = {}
    for one in known:
        by_plain.setdefault(_plain(one), []).append(one)
    found = by_plain.get(_plain(part), [])
    if len(found) > 1:
        raise _Refusal(f"`{part}` may be {' or '.join(f'`{one}`' for one in found)}")
    if found:
        return found[0]
    near = nearest(_plain(part), by_plain)
    raise _Refusal(f"{otherwise}: `{part}`", f"did you mean `{near.upper()}`?" if near else "")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold())


def _parsed(name: str, value: str) -> Any:
    """A list or mapping in YAML's short form, else the text itself."""
    if value[:1] not in ("[", "{"):
        return value
    document = read_document(Source.of(name, value), value)
    if document.problems:
        raise _Refusal(f"this begins like a list or mapping, and: {document.problems[0].message}")
    return document.data


def _references(values: Iterable[Any]) -> Iterator[str]:
    """Names used by `{env: NAME}`, anywhere."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("env"), str):
                yield value["env"]
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _problem(name: str, message: str, hint: str) -> Problem:
    note = f"a variable that begins with {PREFIX} overrides a key of the home, as in {PREFIX}WAREHOUSE__URL"
    return Problem(
        code="A115", file=f"environment: {name}", line=0, column=0, length=0, message=message, hint=hint, note=note
    )
