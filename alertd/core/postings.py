"""Postings from the warehouse: who holds which post from when to when, one row a posting (R23)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from alertd.core.owners import Owner, Post

COLUMNS = ("name", "email", "from", "to", "deputy")
"""What a posting's row has beside the owner's `by` column; `to` and `deputy` may be left out, or empty."""
NEEDED = ("name", "email", "from")
_MOST_NAMED = 5


def with_postings(owner: Owner, rows: Iterable[Mapping[str, Any]]) -> tuple[Owner, tuple[str, ...]]:
    """An owner with the posts that rows tell, by column name; and what is wrong with rows that cannot be used.

    Posts that are written beside `sql` go on, after those of the warehouse.
    """
    assert owner.by is not None  # an owner with `sql` has one
    found: dict[str, list[Post]] = defaultdict(list)
    wrong: list[str] = []
    for number, row in enumerate(rows, start=1):
        place = _text(row.get(owner.by))
        given = {name: _text(row.get(name)) for name in COLUMNS}
        missing = [name for name in (owner.by, *NEEDED) if not (place if name == owner.by else given[name])]
        if missing:
            wrong.append(f"row {number} has no {' and no '.join(f'`{name}`' for name in missing)}")
            continue
        try:
            found[place].append(Post.model_validate({name: text for name, text in given.items() if text}))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(step) for step in first["loc"])
            wrong.append(f"row {number} ({place}): `{key}`: {first['msg'].removeprefix('Value error, ')}")
    posts = {place: tuple(sorted(held, key=lambda post: post.from_)) for place, held in found.items()}
    for place, written in owner.posts.items():
        posts[place] = (*posts.get(place, ()), *written)
    return owner.model_copy(update={"posts": posts}), tuple(wrong)


def in_short(wrong: Sequence[str]) -> str:
    """The first few of what is wrong with rows, and how many more there are."""
    more = f"; and {len(wrong) - _MOST_NAMED:,} more" if len(wrong) > _MOST_NAMED else ""
    return "; ".join(wrong[:_MOST_NAMED]) + more


def _text(value: Any) -> str:
    """A cell as it would be written in a file; dates with a time of day are their day."""
    if value is None or value != value:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    return text[:10] if len(text) > 10 and text[4:5] == "-" and text[10:11] in ("T", " ") else text
