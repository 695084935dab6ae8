"""The `.sql` files that measures and owners name: found beside the rule file, under `rules/` or in the home, never outside."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alertd.config.files import UnusableFileError, decode, files_in, name_of, read_bytes
from alertd.config.problems import Problem
from alertd.config.sections import Entry
from alertd.config.source import Source
from alertd.config.suggest import nearest, one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The text of an SQL file."""

    path: Path
    source: Source
    text: str
    content: bytes


def read_statements(
    measures: Mapping[str, Entry], owners: Mapping[str, Entry], root: Path
) -> tuple[dict[str, Statement], dict[str, Statement], list[Problem]]:
    """Each measure's and each owner's SQL by its id, and a problem for each that cannot be read or that nothing uses."""
    there = {path: name_of(path, root) for path in files_in(root, ".sql")}
    statements, problems = _read_all(measures, root, there.values())
    postings, wrong = _read_all(owners, root, there.values())
    problems += wrong
    used = {statement.path.resolve() for statement in (*statements.values(), *postings.values())}
    entries = [*measures.values(), *owners.values()]
    named = {Path(name).name for name in _texts(entries)}  # also under a key that is misspelt
    unused = [
        file
        for path, file in there.items()
        if file.startswith("rules/") and path.resolve() not in used and path.name not in named
    ]
    if not problems:  # else the file is probably the one that was meant
        problems += [_unused(file) for file in unused]
    return statements, postings, problems


def _read_all(
    entries: Mapping[str, Entry], root: Path, known: Iterable[str]
) -> tuple[dict[str, Statement], list[Problem]]:
    statements: dict[str, Statement] = {}
    problems = []
    for name, entry in entries.items():
        authored = entry.data.get("sql") if isinstance(entry.data, dict) else None
        if not isinstance(authored, str):
            continue
        found = _read(entry, authored, root, known)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            statements[name] = found
    return statements, problems


def _texts(measures: Iterable[Entry]) -> Iterator[str]:
    for entry in measures:
        written = entry.data.values() if isinstance(entry.data, dict) else ()
        yield from (one for one in written if isinstance(one, str) and "\0" not in one)


def _read(entry: Entry, authored: str, root: Path, known: Iterable[str]) -> Statement | Problem:
    def refuse(message: str, hint: str = "", note: str = "") -> Problem:
        return entry.problem("A110", message, "sql", hint=hint, note=note)

    if "\0" in authored or "\n" in authored:
        return refuse("`sql` names a file, and this is no path", note="SQL lives in files of its own")
    home = root.resolve()
    beside = (root / entry.document.source.file).parent
    tried = [folder / authored for folder in (beside, root / "rules", root / "config", root)]
    try:
        if not any(path.resolve().is_relative_to(home) for path in tried) or Path(authored).is_absolute():
            return refuse(f"`{authored}` lies outside the home", note="SQL files are read from the home only")
        path = next((path for path in tried if path.is_file() and path.resolve().is_relative_to(home)), None)
        if path is None:
            if any(path.is_file() for path in tried):
                return refuse(f"`{authored}` lies outside the home", note="SQL files are read from the home only")
            return refuse(
                f"there is no file `{authored}`",
                _similar(authored, known),
                one_of(known, nothing="the home has no .sql file"),
            )
        content = read_bytes(path, root)
        text = decode(content)
    except UnusableFileError as error:
        return refuse(f"`{authored}`: {error}")
    except (OSError, ValueError, RuntimeError) as error:  # a path that no system can have, or links in a circle
        return refuse(f"`{authored[:80]}` is no path: {getattr(error, 'strerror', None) or error}")
    return Statement(path=path, source=Source.of(name_of(path, root), text), text=text, content=content)


def _similar(authored: str, known: Iterable[str]) -> str:
    by_name = {Path(file).name: file for file in known}
    near = nearest(Path(authored).name, by_name)
    return f"did you mean `{by_name[near]}`?" if near else ""


def _unused(file: str) -> Problem:
    return Problem(
        code="W203", file=file, line=1, column=1, length=1, message="no measure and no owner names this file"
    )
