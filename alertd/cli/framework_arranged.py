"""`alertd framework --by commitment`: what stands out, by commitment, priority, plan or role in place of by row."""

from collections.abc import Iterable
from typing import Any

from alertd.core.series import series_words
from alertd.workbench.arranged import Group

COLUMNS = ("id", "title", "rows", "state", "exceptions", "measures", "owner", "inferred")


def group_rows(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """A row for each group, every column as it is."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "rows": list(one.rows),
            "state": _state(one),
            "exceptions": [
                f"{judged.name}: {series_words(verdict.series)}, {verdict.period}" for judged, verdict in one.exceptions
            ],
            "measures": list(one.measures),
            "owner": one.owner,
            "inferred": one.inferred,
        }
        for one in groups
    ]


def in_words(row: dict[str, Any]) -> dict[str, Any]:
    """The same for a table: rows as a list in words, and how many exceptions and measures there are."""
    said = {
        "rows": ", ".join(row["rows"]),
        "exceptions": len(row["exceptions"]) or None,
        "measures": len(row["measures"]),
    }
    return row | said | {"inferred": "yes" if row["inferred"] else None}


def _state(one: Group) -> str:
    if not one.watched:
        return "not watched"
    if one.exceptions:
        return "exception"
    return "not known" if one.errors else "no exceptions"
