"""Who is told: posts, who holds them from when to when, deputies and fallbacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from alertd.core.model import Authored, Day, Email, Id
from alertd.core.places import Places

STEWARD = "data_steward"
OPS = "ops"
OWNER_OUTCOME = "owner:"
"""Before an owner's id, where an outcome of a round is that of its postings and of no rule."""
OWNER = "owner"  # reserved in `to:`; means the measure's owner


class Absence(Authored):
    """Days on which a post-holder is away and the deputy is told instead; both ends are inclusive."""

    from_: Annotated[Day, Field(alias="from")]
    """First day away."""
    to: Day
    """Last day away."""


class Post(Authored):
    """One person's time in a post; both ends are inclusive."""

    name: str
    """Rank and name, as the letter addresses them."""
    email: Email
    """Where notices go."""
    from_: Annotated[Day, Field(alias="from")]
    """First day in post."""
    to: Day | None = None
    """Last day in post; left out, still there."""
    deputy: Email | None = None
    """Who is told when the holder is away or the address is refused."""
    away: tuple[Absence, ...] = ()
    """When the deputy is told instead."""


class Owner(Authored):
    """An owner: one address, or a post for each value of a `by` column."""

    id: Id
    """The key under `owners:`."""
    email: Email | None = None
    """The one address, for an owner without `by`."""
    name: str | None = None
    """How the letter addresses an owner without `by`."""
    by: str | None = None
    """The column of a measure whose value decides who it is."""
    posts: dict[str, tuple[Post, ...]] = Field(default_factory=dict)
    """For each value of `by`, who holds the post from when to when."""
    sql: str | None = None
    """A `.sql` file that gives the postings from the warehouse instead, read anew in each round: one row a posting, with the
    `by` column, `name`, `email`, `from`, and, where there are any, `to` and `deputy`."""
    statement: str | None = Field(default=None, exclude=True)
    """The text of the SQL file; filled in by the loader, not authored."""
    role_accounts: dict[str, Email] = Field(default_factory=dict)
    """For some values of `by`, a shared mailbox that is told while nobody holds the post, before the fallback is."""
    fallback: Id | None = None
    """Who is told where nobody holds the post, and it has no role account; left out, the data steward, else ops."""

    @model_validator(mode="after")
    def _one_form(self) -> "Owner":
        if (self.email is None) == (self.by is None):
            raise ValueError("an owner is either `{email: ..}` or `{by: .., posts: ..}`")
        if self.by is not None and not self.posts and self.sql is None:
            raise ValueError(
                "`by` needs `posts`: for each place, who holds the post from when; or `sql`, which reads them"
            )
        if self.by is None and self.sql is not None:
            raise ValueError("`sql` needs `by`: the column whose value decides which post it is")
        if self.by is None and self.role_accounts:
            raise ValueError("`role_accounts` need `by`: an owner with one `email` may have a shared mailbox there")
        if self.by is None and self.posts:
            raise ValueError("`posts` need `by`: the column whose value decides which post it is")
        return self


class Via(StrEnum):
    """Why this person is the one who is told."""

    HOLDER = "holds the post"
    DEPUTY = "deputy while the holder is away"
    ROLE_ACCOUNT = "nobody holds the post, and this is its shared mailbox"
    FALLBACK = "nobody holds the post"
    ABOVE = "the figures are of no single place"
    UNALLOCATED = "the figures belong to no place"
    REFUSED = "the first address was refused"
    OPS = "nobody else could be found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """A post that nobody holds."""

    owner: str
    """An id under `owners:`."""
    place: str
    """The value of its `by`."""
    since: date | None
    """The first day without a holder; None where nobody has held it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets a letter, and why it is they."""

    owner: str
    name: str
    email: str
    via: Via
    deputy: str | None = None
    vacancy: Vacancy | None = field(default=None, compare=False)
    """The post that nobody holds, where it is told as a fallback; it is the same person for whichever post."""


def recipient_for(
    owner_id: str, series: Mapping[str, str], day: date, owners: Mapping[str, Owner], places: Places, ops: str
) -> Recipient:
    """Find who is told on `day` about a series that `owner_id` owns; never nobody, never everybody (R23, R26)."""
    if owner_id == OPS and OPS not in owners:
        return _ops(ops)
    levels = {owner.by for owner in owners.values() if owner.by is not None and owner.by not in series} & places.levels
    found = ((level, places.ancestor(value, level, day)) for level in levels for value in series.values())
    series = {**{level: name for level, name in found if name is not None}, **series}
    if any(value in places.unallocated for value in series.values()) and owner_id != STEWARD:
        return _resolve(STEWARD, series, day, owners, ops, Via.UNALLOCATED, frozenset())
    return _resolve(owner_id, series, day, owners, ops, Via.HOLDER, frozenset())


def _resolve(
    owner_id: str,
    series: Mapping[str, str],
    day: date,
    owners: Mapping[str, Owner],
    ops: str,
    via: Via,
    seen: frozenset[str],
    vacancy: Vacancy | None = None,
) -> Recipient:
    owner = owners.get(owner_id)
    if owner is None or owner_id in seen:
        return _ops(ops, vacancy)
    if owner.email is not None:
        name = owner.name or _title(owner_id)
        return Recipient(owner=owner_id, name=name, email=owner.email, via=via, vacancy=vacancy)
    place = series.get(owner.by or "")  # None: figures of a level above have nobody at the places below
    post = held_by(owner, place, day)
    if post is not None and post.deputy is not None and any(one.from_ <= day <= one.to for one in post.away):
        name, via = f"Deputy for {post.name}", Via.DEPUTY
        return Recipient(owner=owner_id, name=name, email=post.deputy, via=via, vacancy=vacancy)
    if post is not None:
        name, deputy = post.name, post.deputy
        return Recipient(owner=owner_id, name=name, email=post.email, via=via, deputy=deputy, vacancy=vacancy)
    if place is not None and vacancy is None:
        vacancy = vacancy_of(owner, place, day)
    mailbox = owner.role_accounts.get(place or "")
    if mailbox is not None:
        name = f"{_title(owner_id)}, {place}"
        return Recipient(owner=owner_id, name=name, email=mailbox, via=Via.ROLE_ACCOUNT, vacancy=vacancy)
    fallback = owner.fallback or (STEWARD if STEWARD in owners else OPS)
    via = Via.ABOVE if place is None else Via.FALLBACK
    return _resolve(fallback, series, day, owners, ops, via, seen | {owner_id}, vacancy)


def held_by(owner: Owner, place: str | None, day: date) -> Post | None:
    """Who holds a post on a day, away or not; None where nobody does."""
    posts = owner.posts.get(place or "", ())
    return next((one for one in posts if one.from_ <= day and (one.to is None or day <= one.to)), None)


def vacancy_of(owner: Owner, place: str, day: date) -> Vacancy | None:
    """That nobody holds a post on a day, and since when; None where somebody does."""
    if owner.by is None or held_by(owner, place, day) is not None:
        return None
    ended = [one.to for one in owner.posts.get(place, ()) if one.to is not None and one.to < day]
    return Vacancy(owner=owner.id, place=place, since=max(ended) + timedelta(days=1) if ended else None)


def _ops(address: str, vacancy: Vacancy | None = None) -> Recipient:
    return Recipient(owner=OPS, name="Operations", email=address, via=Via.OPS, vacancy=vacancy)


def _title(owner_id: str) -> str:
    return owner_id.replace("_", " ").replace("-", " ").capitalize()
