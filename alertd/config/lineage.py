"""Where the columns of a measure's SQL come from, as far as its text says: by other names, joined, cut, hashed.

It errs on the side of seeing too much: a name means the same wherever it stands in a statement.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from alertd.core.sql import MAX_LENGTH, dialect_name, too_deep, words_of

_COUNTING = (exp.Count, exp.ApproxDistinct, exp.Sum, exp.Avg)
"""What is left of a column within these tells no person."""
_COMPARING = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Between,
    exp.Like,
    exp.ILike,
    exp.SimilarTo,
    exp.RegexpLike,
)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which names of a statement are made of which."""

    tree: exp.Expr
    made_of: dict[str, frozenset[str]]
    rows: frozenset[str]
    """Names that stand for a whole row of a table."""

    def source(self, names: Iterable[str], wanted: Callable[[str], bool]) -> str | None:
        """The first name that is wanted among some and all that these are made of; None where there is none."""
        waiting, seen = sorted(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if wanted(name) or name in self.rows:
                return name
            waiting += sorted(self.made_of.get(name, ()))
        return None

    def grouped_by(self) -> Iterator[str]:
        """The names that the rows of the answer are grouped by."""
        for select in _branches(self.tree):
            group, distinct = select.args.get("group"), select.args.get("distinct")
            found = [
                *(group.expressions if group is not None else ()),
                *(distinct.find_all(exp.Column) if distinct is not None else ()),
            ]
            if group is not None and group.args.get("all"):
                found += [one for one in select.expressions if one.find(exp.AggFunc) is None]
            for one in found:
                if isinstance(one, exp.Literal) and one.is_int and 0 < int(one.name) <= len(select.expressions):
                    yield from _names_in(select.expressions[int(one.name) - 1])
                else:
                    yield from _names_in(one)

    def compared(self) -> Iterator[str]:
        """The names that are compared with a fixed value, and so may pick single rows out."""
        for node in self.tree.find_all(*_COMPARING, exp.Case):
            if isinstance(node, exp.Case):
                if node.this is not None:
                    yield from _names_in(node.this)
                continue
            sides = [
                node.this,
                *(one for key in ("expression", "expressions", "low", "high") for one in _listed(node.args.get(key))),
            ]
            named = [list(_names_in(side)) for side in sides]
            if any(
                isinstance(part, (exp.Literal, exp.Cast)) and not names
                for part, names in zip(sides, named, strict=True)
            ):
                for names in named:
                    yield from names

    def read(self) -> Iterator[str]:
        """Every column that is read anywhere."""
        return (column.name.casefold() for column in self.tree.find_all(exp.Column))


@lru_cache(maxsize=256)
def lineage_of(text: str, dialect: str) -> Lineage | None:
    """The lineage of a statement; None where it cannot be read, which is said elsewhere."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        if too_deep(words_of(text, dialect)) is not None:
            return None
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect_name(dialect)) if isinstance(tree, exp.Query)]
    except (SqlglotError, ValueError, RecursionError):
        return None
    if len(trees) != 1:
        return None
    tree = trees[0]
    made_of: dict[str, set[str]] = {}
    for name, names in _made(tree):
        made_of.setdefault(name.casefold(), set()).update(names)
    aliases = {one.alias.casefold() for one in tree.find_all(exp.Table) if one.alias and one.alias != one.name}
    columns = {one.name.casefold() for one in tree.find_all(exp.Column) if one.table}
    rows = aliases - made_of.keys() - columns  # in `SELECT team.team FROM teams AS team` it is a column
    return Lineage(tree, {name: frozenset(names) for name, names in made_of.items()}, frozenset(rows))


def _made(tree: exp.Expr) -> Iterator[tuple[str, set[str]]]:
    """Every name that a statement gives, with the names that it gives it to."""
    for node in tree.find_all(exp.Alias, exp.PropertyEQ):
        yield (
            (node.alias if isinstance(node, exp.Alias) else node.name),
            set(_names_in(node.this if isinstance(node, exp.Alias) else node.expression)),
        )
    for query in tree.find_all(exp.SetOperation):
        first, *others = _branches(query)
        for other in others:
            for one, there in zip(first.expressions, other.expressions, strict=False):
                yield one.alias_or_name, set(_names_in(there))
    for named in tree.find_all(exp.CTE, exp.Subquery):
        alias, inside = named.args.get("alias"), next(iter(_branches(named.this)), None)
        if alias is not None and inside is not None:
            for name, one in zip(alias.args.get("columns") or (), inside.expressions, strict=False):
                yield name.name, set(_names_in(one))
    for node in tree.find_all(exp.Pivot):
        names = set(_names_in(node))
        for one in node.find_all(exp.Identifier):
            yield one.name, names


def _branches(query: exp.Expr | None) -> list[exp.Select]:
    """The SELECTs whose rows a query gives, the first one first."""
    if isinstance(query, exp.Select):
        return [query]
    if isinstance(query, exp.SetOperation):
        return [*_branches(query.left), *_branches(query.right)]
    return _branches(query.this) if isinstance(query, (exp.Subquery, exp.Paren)) else []


def _names_in(node: exp.Expr) -> Iterator[str]:
    """The columns in an expression, but for those that are only counted, added up, or asked whether they are there."""
    if isinstance(node, _COUNTING) or (isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)):
        return
    if isinstance(node, exp.Column):
        yield node.name.casefold()
        return
    apart = (
        node.args.get("partition_by") if isinstance(node, exp.Window) else None
    )  # the newest row of each: no one's own
    for child in node.iter_expressions():
        if not any(child is one for one in apart or ()):
            yield from _names_in(child)


def _listed(value: object) -> list[exp.Expr]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, exp.Expr)]
