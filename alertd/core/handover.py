"""Who holds a post from when on, so that a new holder is told of what stands (R23)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache

from alertd.core.owners import OPS, STEWARD, Owner, Via, recipient_for
from alertd.core.places import Places

Holders = tuple[tuple[date, str], ...]
"""From which day on who holds a post, by address, oldest first; empty for nobody. Who is away, or stands in, is left out."""

_HOLDS = (Via.HOLDER, Via.ABOVE)


def holders_of(owner_id: str, series: Mapping[str, str], owners: Mapping[str, Owner], places: Places) -> Holders:
    """Who holds the post that a series belongs to, from when on."""
    names = {above for value in series.values() for above in (value, *places.ever_above(value))}
    chain = {owner.id: _always_there(owner, names) for owner in _chain(owner_id, owners)}
    found: list[tuple[date, str]] = []
    for day in sorted({date.min, *_boundaries(chain, names, places)}):
        told = recipient_for(owner_id, series, day, chain, places, "")
        holder = told.email.casefold() if told.via in _HOLDS else ""
        if not found or found[-1][1] != holder:
            found.append((day, holder))
    return tuple(found)


def holders_by(owner_id: str, owners: Mapping[str, Owner], places: Places) -> Callable[[Mapping[str, str]], Holders]:
    """`holders_of` for the series of one owner, each found once."""

    @cache
    def found(series: tuple[tuple[str, str], ...]) -> Holders:
        return holders_of(owner_id, dict(series), owners, places)

    return lambda series: found(tuple(series.items()))


def holder_on(holders: Holders, day: date) -> str | None:
    """Who holds the post on a day; None where that is not known."""
    return next((holder for since, holder in reversed(holders) if since <= day), None)


def next_holder(holders: Holders, day: date, told: str | None) -> date | None:
    """From which day on, that one or a later one, somebody holds the post who is not the one that was told."""
    if told is None or holder_on(holders, day) not in (None, "", told):
        return None if told is None else day
    return next((since for since, holder in holders if since > day and holder not in ("", told)), None)


def _chain(owner_id: str, owners: Mapping[str, Owner]) -> Iterator[Owner]:
    """An owner and its fallbacks."""
    seen: set[str] = set()
    here: str | None = owner_id
    while here is not None and here in owners and here not in seen:
        seen.add(here)
        yield owners[here]
        here = owners[here].fallback or (STEWARD if STEWARD in owners else OPS)


def _always_there(owner: Owner, names: set[str]) -> Owner:
    """An owner with its posts at some places alone, as though nobody were ever away."""
    posts = {
        place: tuple(one.model_copy(update={"away": ()}) for one in owner.posts[place])
        for place in names
        if place in owner.posts
    }
    return owner.model_copy(update={"posts": posts})


def _boundaries(chain: Mapping[str, Owner], names: set[str], places: Places) -> Iterator[date]:
    """The days on which who holds the post may change."""
    for name in names:
        held = [post for owner in chain.values() for post in owner.posts.get(name, ())]
        yield from (one.from_ for one in held)
        yield from (one.to + timedelta(days=1) for one in held if one.to is not None and one.to < date.max)
        if name in places.places:
            yield from places.places[name].changes
