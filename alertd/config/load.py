"""From a folder to a `Home`: find it, read it, check it, and say everything that is wrong at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from alertd.config.advice import warnings
from alertd.config.bank_holidays import bank_holidays_of
from alertd.config.document import Document, read_document
from alertd.config.files import (
    SETTINGS_FILE,
    UnusableFileError,
    decode,
    files_in,
    name_of,
    read_bytes,
    unreadable_folders,
    whole_file_problem,
)
from alertd.config.fitting import fitting_problems
from alertd.config.framed import framework_problems
from alertd.config.groups import group_problems, protected_measures
from alertd.config.home import Home
from alertd.config.idle import idle_problems
from alertd.config.levels import calendar_at_places, level_problems, rules_at_places
from alertd.config.markings import marking_problems
from alertd.config.models import make_models
from alertd.config.overlaps import overlap_problems
from alertd.config.overrides import HOME, apply_overrides
from alertd.config.parts import Parts
from alertd.config.persons import person_problems
from alertd.config.postings import posting_problems
from alertd.config.problems import ConfigError, Problem, in_order
from alertd.config.recipients import recipient_problems
from alertd.config.recording import recording_problems
from alertd.config.references import reference_problems
from alertd.config.roster import place_problems
from alertd.config.sections import SECTIONS, find_entries
from alertd.config.source import Source
from alertd.config.statements import Statement, read_statements
from alertd.config.two_points import two_point_problems
from alertd.core.calendar import Calendar
from alertd.core.channels import ChannelSettings
from alertd.core.errors import UsageError
from alertd.core.framework import Framework


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading a home: the sound parts of it, and everything that is wrong."""

    root: Path
    parts: Parts
    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of files and lines."""
    statements: Mapping[str, Statement]
    """The SQL file of each measure that has one."""
    postings: Mapping[str, Statement]
    """The SQL file of each owner that has one."""
    digest: str

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the home from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def settings_readable(self) -> bool:
        """Whether `config/alertd.yaml` could be read to its end."""
        return self.parts.settings_document is not None and not self.parts.settings_document.broken


def find_home(option: Path | None, environ: Mapping[str, str], *, near: Path | None = None) -> Path:
    """The home that `--home`, `ALERTD_HOME` or the current folder names; raises `UsageError` where there is none.

    `near` is a path of the command's own: its folder and those above it are looked at after the current one.
    """
    named = option if option is not None else Path(environ[HOME]) if environ.get(HOME) else None
    if named is not None:
        root = named.expanduser().absolute()
        if not _is_home(root):
            source = "--home" if option is not None else f"${HOME}"
            raise UsageError(f"{source}: {root} is no home: it has no {SETTINGS_FILE}; `alertd init {root}` makes one")
        return root
    here = Path.cwd()
    there = (here / near).resolve() if near is not None else here
    for folder in (here, *here.parents, there, *there.parents):
        if _is_home(folder):
            return folder
    raise UsageError(
        f"there is no home here: neither {here} nor a folder above it has {SETTINGS_FILE}; "
        "name one by --home DIR, or make one by `alertd init DIR`"
    )


def _is_home(folder: Path) -> bool:
    path = folder / SETTINGS_FILE
    return path.exists() or path.is_symlink()


def load_home(root: Path, *, kinds: Mapping[str, type[ChannelSettings]], environ: Mapping[str, str]) -> Home:
    """A home that is sound as a whole; raises `ConfigError` with every problem where it is not."""
    return home_of(read_home(root, kinds=kinds, environ=environ))


def home_of(reading: Reading) -> Home:
    """The home that was read, where it is sound as a whole; raises `ConfigError` with every problem where it is not."""
    parts, settings = reading.parts, reading.parts.settings
    if reading.errors or settings is None:
        raise ConfigError(reading.errors)
    calendar = Calendar(
        annotations=parts.annotations,
        suppressions=parts.suppressions,
        holidays=bank_holidays_of(settings.bank_holidays),
    )
    return Home(
        root=reading.root,
        settings=settings,
        measures=protected_measures(parts.measures, settings),
        rules=rules_at_places(parts.rules, parts.measures, parts.places),
        owners=parts.owners,
        routes=parts.routes,
        channels=parts.channels,
        places=parts.places,
        calendar=calendar_at_places(calendar, parts.measures, parts.places),
        framework=parts.framework or Framework(),
        digest=reading.digest,
        tests=parts.tests,
    )


def read_home(
    root: Path, *, kinds: Mapping[str, type[ChannelSettings]], environ: Mapping[str, str], today: date | None = None
) -> Reading:
    """Read everything, and check all that needs no warehouse; raises nothing for anything that files may hold.

    `today` is the day from which on every post should be held; left out, the present one.
    """
    root = root.absolute()
    read = [_read(path, root) for path in files_in(root, ".yaml", ".yml")]
    documents = [document for document, _ in read]
    problems = [*unreadable_folders(root), *(problem for document in documents for problem in document.problems)]
    settings = next((one for one in documents if one.source.file == SETTINGS_FILE), None)
    if settings is None:
        problems.append(whole_file_problem(SETTINGS_FILE, "this file is not there, and every home has one"))
    elif settings.data is None:
        settings.data = {}
    readable = [document for document in documents if not document.broken]
    entries, again, found = find_entries(readable)
    problems += found
    overrides, found = apply_overrides(environ, documents, entries, kinds)
    problems += found
    statements, postings, found = read_statements(entries["measures"], entries["owners"], root)
    if len(readable) < len(documents):  # what names a file may stand in one that could not be read
        found = [problem for problem in found if problem.code != "W203"]
    problems += found
    possible = frozenset[str]().union(*(document.possible_keys for document in documents))
    parts, found = make_models(readable, entries, again, settings, statements, postings, kinds, possible)
    problems += found
    framework = next(
        (one for one in readable if isinstance(one.data, dict) and one.data.get("framework") is not None), None
    )
    today = today or date.today()  # noqa: DTZ011  the day where the analyst is
    problems += _between_parts(parts, statements, framework, today)
    if not any(problem.severity == "error" for problem in problems):  # else it may follow from what has been told
        problems += overlap_problems(parts)
    return Reading(
        root=root,
        parts=parts,
        problems=in_order(problems),
        statements=statements,
        postings=postings,
        digest=_digest_of(
            (
                *((document.source.file, content) for document, content in read),
                *(("environment", override.encode("utf-8", "backslashreplace")) for override in overrides),
                *sorted((one.source.file, one.content) for one in (*statements.values(), *postings.values())),
            )
        ),
    )


def _read(path: Path, root: Path) -> tuple[Document, bytes]:
    """A YAML file, and its bytes; none where it cannot be used."""
    file = name_of(path, root)
    try:
        content = read_bytes(path, root)
        text = decode(content)
    except UnusableFileError as error:
        document = read_document(Source.of(file, error.text), error.text)  # for the words in it that look like keys
        document.broken = True
        document.problems = [whole_file_problem(file, str(error), line=error.line)]
        return document, b""
    return read_document(Source.of(file, text), text), content


def _between_parts(
    parts: Parts, statements: Mapping[str, Statement], framework: Document | None, today: date
) -> Iterator[Problem]:
    """What is wrong between parts each of which is sound by itself; `framework` is the file that has it."""
    yield from reference_problems(parts)
    yield from fitting_problems(parts)
    yield from level_problems(parts)
    yield from recipient_problems(parts)
    yield from posting_problems(parts, today)
    yield from place_problems(parts)
    yield from recording_problems(parts)
    yield from framework_problems(parts, framework, today)
    yield from marking_problems(parts)
    yield from person_problems(parts, statements, today)
    yield from group_problems(parts)
    yield from idle_problems(parts)
    yield from two_point_problems(parts)
    yield from warnings(parts)


def _digest_of(contents: Iterable[tuple[str, bytes]]) -> str:
    """A digest of everything that a home consists of: names and bytes, in order."""
    digest = sha256()
    for name, content in contents:
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


__all__ = ["SECTIONS", "Reading", "find_home", "home_of", "load_home", "read_home"]
