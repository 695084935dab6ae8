"""What a measure's SQL may be: one SELECT over tables of data, with functions that only compute.

Analysts are trusted to read, not to execute. A read-only connection alone would still sleep, read files and open
connections, so functions are on an allow-list, and tables are names.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import TokenType

from alertd.core.sql import MAX_DEPTH, MAX_LENGTH, dialect_name, too_deep, words_of
from alertd.warehouse.functions import ALLOWED, SYSTEM_PREFIXES, SYSTEM_SCHEMAS, TABLE_FUNCTIONS

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it cannot read is told in our own words
_STATEMENTS = (exp.Select, exp.SetOperation, exp.Subquery)
_REFUSED: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.DML, "changes data"),
    (exp.DDL, "changes the database"),
    (exp.Into, "writes into a table; leave out INTO"),
    (exp.Lock, "locks rows; leave out FOR UPDATE or FOR SHARE"),
    (exp.Command, "is a command"),
    (exp.Set, "changes a setting"),
    (exp.Pragma, "is a PRAGMA"),
    (exp.Attach, "attaches a database"),
    (exp.Copy, "copies files"),
)
_NO_NAME = re.compile(r"[/\\:*?<>|.'\"`\x00-\x1f]")


class Bound(StrEnum):
    """The parameters that alertd binds."""

    SINCE = "since"
    UNTIL = "until"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SqlProblem:
    """Something in a measure's SQL that may not be there; line and column count from 1."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a statement takes bound parameters, and where it ends."""

    at: Mapping[int, Bound]
    """Positions of the colons that open a parameter."""
    end: int
    """The position after the statement's last token, before a final semicolon."""


def check_table(name: str) -> str | None:
    """What is wrong with `table:`, or None."""
    parts = name.split(".")
    if len(parts) > 3 or not all(part.strip() and not _NO_NAME.search(part) for part in parts):
        return f"`{name}` is no table; write `table` or `schema.table`"
    return _system_table(parts[-1], parts[:-1])


@lru_cache(maxsize=1024)
def check_sql(text: str, dialect: str) -> tuple[SqlProblem, ...]:
    """Everything in a measure's SQL that may not be there, in order; `dialect` is SQLAlchemy's name (`postgresql`)."""
    if len(text) > MAX_LENGTH:
        return (
            SqlProblem(line=1, column=1, message=f"the SQL is longer than {MAX_LENGTH:,} characters; make it a view"),
        )
    try:
        tokens = words_of(text, dialect)
        deep = too_deep(tokens)
        if deep is not None:
            words = f"the SQL is nested deeper than {MAX_DEPTH} levels; use WITH to name its parts"
            return (_problem(text, deep.start, words),)
        trees = [
            tree
            for tree in sqlglot.parse(text, dialect=dialect_name(dialect))
            if not isinstance(tree, (exp.Semicolon, type(None)))
        ]
        return tuple(sorted(set(_problems(text, trees, tokens[0].start if tokens else 0))))
    except ParseError as error:
        return (_parse_problem(error),)
    except TokenError:
        return (SqlProblem(line=1, column=1, message="the SQL cannot be read: is a quote or comment left open?"),)
    except RecursionError:
        return (SqlProblem(line=1, column=1, message="the SQL is nested too deeply; use WITH to name its parts"),)
    except (SqlglotError, ValueError) as error:
        return (SqlProblem(line=1, column=1, message=f"the SQL cannot be read: {error}"),)


@lru_cache(maxsize=1024)
def bounds_in(text: str, dialect: str) -> Bounds:
    """Where a statement that passed `check_sql` has `:since` and `:until`."""
    tokens = words_of(text, dialect)
    at = {}
    for colon, name in pairwise(tokens):
        if colon.token_type is TokenType.COLON and name.start == colon.end + 1 and name.text in tuple(Bound):
            at[colon.start] = Bound(name.text)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens = tokens[:-1]
    return Bounds(at=at, end=tokens[-1].end + 1 if tokens else 0)


def _problems(text: str, trees: list[exp.Expr], first: int) -> Iterator[SqlProblem]:
    if len(trees) != 1:
        found = "none" if not trees else f"{len(trees)} statements"
        yield SqlProblem(line=1, column=1, message=f"write exactly one SELECT; found {found}")
    for tree in trees:
        if not isinstance(tree, _STATEMENTS):
            yield _problem(
                text, first if tree is trees[0] else _start(tree), f"write a SELECT; found {tree.key.upper()}"
            )
        for node in tree.walk():
            message = _refusal(node)
            if message is not None:
                written = text.find(f":{node.name}") if isinstance(node, exp.Placeholder) and node.name else -1
                start = first if node is trees[0] else written if written >= 0 else _start(node)
                yield _problem(text, start, message)


def _refusal(node: exp.Expr) -> str | None:
    for kind, words in _REFUSED:
        if isinstance(node, kind) and not isinstance(node, _STATEMENTS):
            return f"{node.key.upper()} {words}; a measure only reads"
    if isinstance(node, exp.Placeholder):
        if node.name in tuple(Bound):
            return None
        return (
            f"`:{node.name}` is no parameter; there are `:since` and `:until`"
            if node.name
            else "`?` is no parameter; there are `:since` and `:until`"
        )
    if isinstance(node, (exp.Parameter, exp.SessionParameter)):
        return "variables are not bound; there are `:since` and `:until`"
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        return "write functions without a schema"
    if isinstance(node, exp.Func):
        return _function_refusal(node)
    if isinstance(node, exp.Table):
        return _table_refusal(node)
    return None


def _function_refusal(node: exp.Func) -> str | None:
    names = _function_names(node)
    if not ALLOWED.isdisjoint(names):
        return None
    return f"the function `{names[0]}` is not among those that a measure may call"


def _function_names(node: exp.Func) -> list[str]:
    """What a function is called: as written where sqlglot does not know it, else in every dialect."""
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)):
        return [node.name.lower()]
    return [name.lower() for name in node.sql_names()]


def _table_refusal(node: exp.Table) -> str | None:
    if isinstance(node.this, exp.Func):
        if TABLE_FUNCTIONS.isdisjoint(_function_names(node.this)):
            return f"`{_function_names(node.this)[0]}` may not stand in FROM; name a table"
        return None
    if not isinstance(node.this, exp.Identifier):
        return "only tables with a plain name may be read"
    schemas = [part.name for part in (node.args.get("db"), node.args.get("catalog")) if part is not None]
    for part in (node.name, *schemas):
        if _NO_NAME.search(part):
            return f"`{part}` looks like a file, not like a table"
    return _system_table(node.name, schemas)


def _system_table(name: str, schemas: list[str]) -> str | None:
    if any(part.lower() in SYSTEM_SCHEMAS for part in schemas) or name.lower().startswith(SYSTEM_PREFIXES):
        return f"`{name}` belongs to the database itself; a measure reads tables of data"
    return None


def _start(node: exp.Expr) -> int:
    """Where a node begins in the text, as nearly as the parser says."""
    if "start" in node.meta:
        return int(node.meta["start"])
    within = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
    if within:
        return min(within)
    return _start(node.parent) if node.parent is not None and node.parent.parent is not None else 0


def _problem(text: str, position: int, message: str) -> SqlProblem:
    before = text[:position]
    return SqlProblem(line=before.count("\n") + 1, column=position - (before.rfind("\n") + 1) + 1, message=message)


def _parse_problem(error: ParseError) -> SqlProblem:
    first = error.errors[0] if error.errors else {}
    highlight = first.get("highlight") or ""
    column = max(1, (first.get("col") or 1) - len(highlight) + 1)
    found = f" at `{highlight}`" if highlight else ""
    words = (first.get("description") or str(error)).rstrip(".")
    if words.startswith("Required keyword"):
        words = "something is missing"
    return SqlProblem(line=first.get("line") or 1, column=column, message=f"the SQL cannot be read{found}: {words}")
