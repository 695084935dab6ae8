"""YAML as plain text in plain containers, with the place of every key and value.

Scalars keep their source text (`NO`, `0101` and `12:30` are typed later, by the schema); only a plain `null`, `~` or
nothing is None. The parser's events are read one by one, so that nesting is bounded while it is found: the C parser is
iterative, where composing nodes would recurse and end the process.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from alertd.config.problems import Problem
from alertd.config.source import START, Mark, Source

MAX_DEPTH = 64
Path = tuple[str | int, ...]

_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_KEYS = re.compile(r"""(?m)^[\s\-{]*["']?([A-Za-z][\w.-]*)["']?\s*:""")
_THROWN_AWAY = "\0"  # begins keys whose values are read and left: NUL cannot stand in YAML


@dataclass(slots=True, kw_only=True)
class Document:
    """What a file says. Overrides from the environment are written into it before anything is checked."""

    source: Source
    data: Any = None
    keys: dict[Path, Mark] = field(default_factory=dict)
    """Where the key of each path stands."""
    values: dict[Path, Mark] = field(default_factory=dict)
    """Where the value of each path stands."""
    problems: list[Problem] = field(default_factory=list)
    possible_keys: frozenset[str] = frozenset()
    """Words that look like keys, where the file could not be read to its end."""
    broken: bool = False
    """Whether the file could not be read to its end."""
    overridden: dict[Path, str] = field(default_factory=dict)
    """The environment variable that a path's value comes from."""
    written: dict[Path, str] = field(default_factory=dict)
    """The key that stands in the file, for each path whose last key has been put right in `data`."""
    blank: set[Path] = field(default_factory=set)
    """Where nothing is written, not even `null`."""

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """The place of a path, or of the nearest thing around it; `key` asks for the key rather than the value."""
        path = self._as_written(path)
        while path:
            first, second = (self.keys, self.values) if key else (self.values, self.keys)
            found = first.get(path) or second.get(path)
            if found is not None:
                return found
            path, key = path[:-1], True
        return START

    def problem(
        self, code: str, path: Path, message: str, *, key: bool = False, hint: str = "", note: str = ""
    ) -> Problem:
        """A problem at a path, or at the environment variable that overrides it."""
        path = self._as_written(path)
        for end in range(len(path), 0, -1):
            variable = self.overridden.get(path[:end])
            if variable is not None:
                return Problem(
                    code=code,
                    file=f"environment: {variable}",
                    line=0,
                    column=0,
                    length=0,
                    message=message,
                    hint=hint,
                    note=note,
                )
        return self.source.problem(code, self.mark(path, key=key), message, hint=hint, note=note)

    def left_empty(self, path: Path) -> bool:
        """Whether nothing stands after the key of a path; a `null` or `~` does."""
        return self._as_written(path) in self.blank

    def _as_written(self, path: Path) -> Path:
        if not self.written:
            return path
        return tuple(self.written.get(path[:end], step) for end, step in enumerate(path, 1))


def read_document(source: Source, text: str) -> Document:
    """Read one YAML document; every problem is in `Document.problems`, and what could be read is in `data`."""
    document = Document(source=source)
    builder = _Builder(document)
    unreadable = _UNREADABLE.search(text)
    if unreadable is not None:
        mark = Source.of("", text[: unreadable.start()] + "x")
        place = Mark(len(mark.lines), len(mark.lines[-1]))
        message = f"the character U+{ord(unreadable[0]):04X} cannot stand in YAML"
        document.problems.append(source.problem("A108", place, message))
        document.broken = True
    else:
        try:
            for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                if not builder.take(event):
                    document.broken = True
                    break
        except yaml.YAMLError as error:
            document.problems.append(_syntax_problem(source, error))
            document.broken = True
    if document.broken:
        document.possible_keys = frozenset(_KEYS.findall(text))
    return document


@dataclass(slots=True)
class _Frame:
    container: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    is_key: bool = False


class _Builder:
    """Builds data from events, on a stack of its own."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._frames: list[_Frame] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> bool:
        """Take one event; False where reading stops."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(
                    "A108", event, "a file holds one YAML document, and here a second one begins", "remove `---`"
                )
                return False
            if event.tags:
                self._refuse("A109", event, "tags (`%TAG`) are not part of the rule language")
        elif isinstance(event, yaml.AliasEvent):
            merge = bool(self._frames) and (self._frames[-1].key or "").startswith(_THROWN_AWAY)
            if not merge:
                note = "each entry says for itself what it means, so that it can be read alone"
                self._refuse("A109", event, f"the alias `*{event.anchor}` is not allowed", "write it out", note)
            self._place(None, _mark(self._document.source, event))
        elif isinstance(event, yaml.ScalarEvent):
            self._check_properties(event)
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._check_properties(event)
            return self._open({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            frame = self._frames.pop()
            if frame.is_key:
                self._frames[-1].key = _THROWN_AWAY
        return True

    def _open(self, container: dict[str, Any] | list[Any], event: yaml.Event) -> bool:
        mark = _mark(self._document.source, event)
        if len(self._frames) >= MAX_DEPTH:
            self._refuse("A108", event, f"this is nested deeper than {MAX_DEPTH} levels")
            return False
        parent = self._frames[-1] if self._frames else None
        is_key = parent is not None and isinstance(parent.container, dict) and parent.key is None
        if is_key and parent is not None:
            self._refuse("A108", event, "a key is a plain word, and this one is a list or mapping", "remove `[` or `{`")
            self._frames.append(_Frame(container, (*parent.path, _THROWN_AWAY), is_key=True))
            return True
        path = self._place(container, mark)
        self._frames.append(_Frame(container, path))
        return True

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._frames[-1] if self._frames else None
        mark = _mark(self._document.source, event)
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            frame.key = self._key(frame, event, mark)
            return
        plain = not event.style
        path = self._place(None if plain and event.value in ("", "~", "null") else event.value, mark)
        if plain and not event.value:
            self._document.blank.add(path)

    def _key(self, frame: _Frame, event: yaml.ScalarEvent, mark: Mark) -> str:
        key: str = event.value
        if key == "<<" and not event.style:
            self._refuse("A109", event, "merge keys (`<<`) are not part of the rule language", "write it out")
            return _THROWN_AWAY
        path = (*frame.path, key)
        earlier = self._document.keys.get(path)
        if earlier is not None:
            source = self._document.source
            message = f"`{key}` stands twice in one mapping"
            first = f"first written at {source.file}:{earlier.line}:{earlier.column}"
            self._document.problems.append(source.problem("A104", mark, message, hint="keep one", note=first))
            return _THROWN_AWAY
        self._document.keys[path] = mark
        return key

    def _place(self, value: Any, mark: Mark) -> Path:
        """Put a value where it belongs; gives its path."""
        if not self._frames:
            self._document.data = value
            self._document.values[()] = mark
            return ()
        frame = self._frames[-1]
        path: Path
        if isinstance(frame.container, list):
            path = (*frame.path, len(frame.container))
            frame.container.append(value)
        elif frame.key is None:  # an alias as a key
            frame.key = _THROWN_AWAY
            return (*frame.path, _THROWN_AWAY)
        else:
            path, key, frame.key = (*frame.path, frame.key), frame.key, None
            if key.startswith(_THROWN_AWAY):
                return path
            frame.container[key] = value
        self._document.values[path] = mark
        return path

    def _check_properties(self, event: Any) -> None:
        if event.anchor is not None:
            note = "without aliases an anchor has no use; each entry says for itself what it means"
            self._refuse(
                "A109", event, f"the anchor `&{event.anchor}` is not allowed", "remove it", note, len(event.anchor) + 1
            )
        if event.tag is not None:
            note = "the schema knows the type of every key"
            self._refuse("A109", event, "tags (`!..`) are not part of the rule language", "remove it", note)

    def _refuse(
        self, code: str, event: yaml.Event, message: str, hint: str = "", note: str = "", length: int | None = None
    ) -> None:
        mark = _mark(self._document.source, event)
        if length is not None:
            mark = Mark(mark.line, mark.column, length)
        self._document.problems.append(self._document.source.problem(code, mark, message, hint=hint, note=note))


def _mark(source: Source, event: yaml.Event) -> Mark:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return START
    line = source.line(start.line + 1)
    until = end.column if end.line == start.line else len(line)
    return Mark(start.line + 1, start.column + 1, max(1, len(line[start.column : until].rstrip())))


def _syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    where = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    words = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    context = getattr(error, "context", None)
    begun = getattr(error, "context_mark", None)
    opened = context in ("while parsing a flow mapping", "while parsing a flow sequence")
    if (
        begun is not None
        and where is not None
        and (context == "while scanning a simple key" or (opened and where.line > begun.line))
    ):
        where = begun  # the key without its colon, the bracket that is left open, and not what follows them
    mark = Mark(where.line + 1, where.column + 1) if where is not None else START
    if not source.line(mark.line) and mark.line > 1:  # the end of the file: show the last line that says something
        last = max((number for number in range(1, mark.line) if source.line(number).strip()), default=1)
        mark = Mark(last, len(source.line(last)) + 1)
    line = source.line(mark.line)
    if line[mark.column - 1 : mark.column] == "\t" or line.lstrip(" ").startswith("\t"):
        tab = Mark(mark.line, line.index("\t") + 1)
        return source.problem("A108", tab, "a tab cannot indent YAML", hint="write spaces")
    return source.problem("A108", mark, f"this is not YAML: {words}", note=_remedy(words, context))


def _remedy(words: str, context: str | None) -> str:
    if "mapping values are not allowed" in words:
        return "text that holds `: ` needs quotes around it; or the indentation is not that of the line above"
    if "could not find expected ':'" in words:
        return "a key needs `: ` after it"
    if "did not find expected key" in words:
        return "it is indented neither as the lines above nor as what they belong to; or a quote closes too early"
    if "expected ',' or" in words:
        return "a `{` or `[`, here or before, lacks a comma or its closing bracket"
    if "unexpected end of stream" in words or "document end" in words:
        return "a quote or bracket is left open"
    return f"{context}" if context else ""
