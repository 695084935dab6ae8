"""What `check` looks at in a home's SQL and templates; asks no warehouse."""

import re
from collections.abc import Iterator
from pathlib import Path

from alertd.config.files import UnusableFileError, decode, files_below, name_of
from alertd.config.load import Reading
from alertd.config.problems import Problem
from alertd.config.source import Mark, Source
from alertd.config.suggest import did_you_mean, likely, nearest, one_of


def sql_problems(reading: Reading) -> Iterator[Problem]:
    """Everything in the home's SQL that may not be there; asks no warehouse."""
    settings = reading.parts.settings
    if not (reading.statements or reading.postings) or settings is None or settings.warehouse is None:
        return
    from alertd.warehouse.guard import check_sql  # noqa: PLC0415  the SQL parser is slow to import

    dialect = settings.warehouse.url.partition(":")[0].partition("+")[0].lower()
    for statement in (*reading.statements.values(), *reading.postings.values()):
        found = list(check_sql(statement.text, dialect))
        slip = _misspelt(statement.source) if any("cannot be read" in one.message for one in found) else None
        if slip is not None:
            mark, word, meant = slip
            message = f"the SQL cannot be read, and `{word}` is no word of it"
            yield statement.source.problem("A111", mark, message, hint=f"did you mean `{meant}`?")
            continue
        for problem in found:
            mark = Mark(problem.line, problem.column)
            if "cannot be read" in problem.message and problem.line == 1:
                mark = _open_quote(statement.source) or mark
            yield statement.source.problem("A111", mark, problem.message)


def _open_quote(source: Source) -> Mark | None:
    """The first quote that its line does not close."""
    for number, line in enumerate(source.lines, start=1):
        code = line.partition("--")[0]
        if code.count("'") % 2:
            return Mark(number, code.rindex("'") + 1)
    return None


_KEYWORDS = ("SELECT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "UNION", "DISTINCT", "BETWEEN", "WITH")


def _misspelt(source: Source) -> tuple[Mark, str, str] | None:
    """The first word of a statement that cannot be read which is nearly a keyword: its place, itself, the keyword."""
    for number, line in enumerate(source.lines, start=1):
        for found in re.finditer(r"(?<![\w.\"'])[A-Za-z]{4,10}(?![\w.\"'(])", line.partition("--")[0]):
            meant = likely(found[0], _KEYWORDS)
            if meant is not None and found[0].upper() not in _KEYWORDS:
                return Mark(number, found.start() + 1, len(found[0])), found[0], meant
    return None


def template_problems(root: Path) -> Iterator[Problem]:
    """Everything for which the home's own templates would be given up, as far as it shows before there is a letter."""
    folder = root / "templates"
    paths = [path for path in files_below(folder) if path.name.endswith(".j2")]
    if not paths:
        return
    from alertd.rendering.sandbox import environment, faults  # noqa: PLC0415  most homes have no template of their own
    from alertd.rendering.template_words import USED, named_templates, unknown_words  # noqa: PLC0415

    made = environment(folder)
    texts: dict[str, str] = {}
    for path in paths:
        file = name_of(path, root)
        try:
            if not path.is_file():  # a pipe would never end
                raise UnusableFileError("this is no ordinary file")
            text = decode(path.read_bytes())
        except (OSError, UnusableFileError) as error:
            yield Source.of(file, "").problem("A118", Mark(1, 1), f"this template cannot be read: {error}")
            continue
        source = Source(file, tuple(re.split("\r\n|\r|\n", text)))  # lines as templates count them
        wrong = list(faults(made, path.relative_to(folder).as_posix(), text))
        for line, word, message in wrong:
            yield source.problem("A118", _word(source, line, word), message)
        if wrong:
            continue
        texts[path.relative_to(folder).as_posix()] = text
        for line, word, known in unknown_words(made, text):
            message = f"letters have nothing called `{word}` here"
            near = nearest(word, known)
            hint = f"did you mean `{known[near]}`?" if near is not None else ""
            note = "the template would fail with every letter" + (
                "" if hint else f"; {one_of(known.values(), nothing='')}"
            )
            yield source.problem("A118", _word(source, line, word), message, hint=hint, note=note)
    named = {*USED, *(name for text in texts.values() for name in named_templates(made, text))}
    for name in texts:
        if name not in named:
            free = [one for one in USED if one not in texts]
            note = "letters are made of " + ", ".join(f"`{one}`" for one in USED)
            message = f"no letter and no other template uses `{name}`"
            source = Source.of(f"templates/{name}", texts[name])
            yield source.problem("W218", Mark(1, 1), message, hint=did_you_mean(name, free), note=note)


def _word(source: Source, line: int, word: str) -> Mark:
    """Where a word stands in a line, or the line's beginning."""
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", source.line(line)) if word else None
    return Mark(line, found.start() + 1, len(word)) if found is not None else Mark(line, 1)
