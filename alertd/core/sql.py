"""SQL as text, before anything is asked of it: which dialect it is in, its words, and whether it may be parsed."""

import sqlglot
from sqlglot.tokenizer_core import Token, TokenType

MAX_LENGTH = 100_000
MAX_DEPTH = 100
"""Parentheses deeper than this are refused before parsing: the parser recurses, and would take the process with it."""

_DIALECTS = {
    "postgresql": "postgres",
    "mssql": "tsql",
    "mariadb": "mysql",
    "clickhousedb": "clickhouse",
    "awsathena": "athena",
}
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}


def dialect_name(dialect: str) -> str | None:
    """What the parser calls a dialect that SQLAlchemy names; None where it knows none."""
    name = _DIALECTS.get(dialect, dialect)
    return name if sqlglot.Dialect.get(name) is not None else None


def words_of(text: str, dialect: str) -> list[Token]:
    """A text's words; raises `sqlglot.errors.TokenError` where they cannot be told."""
    return list(sqlglot.tokenize(text, dialect=dialect_name(dialect)))


def too_deep(words: list[Token]) -> Token | None:
    """The first bracket that is nested too deeply to be parsed."""
    depth = 0
    for word in words:
        depth += (word.token_type in _OPENING) - (word.token_type in _CLOSING)
        if depth > MAX_DEPTH:
            return word
    return None
