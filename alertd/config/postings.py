"""Whether every owner can be reached on every date: who holds each post from when to when, and who is told instead."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.sections import Entry
from alertd.config.suggest import did_you_mean, likely, one_of
from alertd.core.owners import OPS, STEWARD, Owner, Post


def _before(day: date) -> date:
    return max(day, date.min + timedelta(days=1)) - timedelta(days=1)


def _next(day: date) -> date:
    return min(day, date.max - timedelta(days=1)) + timedelta(days=1)


def posting_problems(parts: Parts, today: date) -> Iterator[Problem]:
    """Days on which nobody holds a post, posts of places that do not exist, and fallbacks that lead nowhere.

    A post that begins later than `today`, with nobody before it, is held by nobody until then.
    """
    for name, owner in parts.owners.items():
        if not parts.sure("owners", name, "by", "fallback"):
            continue
        entry = parts.entries["owners"][name]
        way = _circle(parts, name)
        if way:
            shown = " -> ".join(f"`{one}`" for one in way)
            note = "where nobody holds the post, ops are told"
            yield entry.problem("A123", f"{entry.what} falls back to itself: {shown}", "fallback", note=note)
        if owner.email is not None and owner.fallback is not None and parts.knows("owners", owner.fallback):
            note = "one address is always there; only an owner `by` a column can have a post that nobody holds"
            message = f"`fallback` of {entry.what} has no effect: it has an `email`"
            yield entry.problem("W218", message, "fallback", key=True, hint="remove it", note=note)
        yield from _mailboxes(parts, entry, owner)
        if owner.by is None or owner.sql is not None or not parts.sure("owners", name, "posts"):
            continue  # postings of the warehouse change without a change of files
        instead = _instead(parts, owner)
        for place, posts in owner.posts.items():
            mailbox = owner.role_accounts.get(place)
            told = f"the fallback, `{instead}`" if mailbox is None else f"the post's shared mailbox, `{mailbox}`"
            yield from _held(parts, entry, place, posts, told, today)
        yield from _against_roster(parts, entry, owner, instead)


def _mailboxes(parts: Parts, entry: Entry, owner: Owner) -> Iterator[Problem]:
    """Role accounts of places that neither the posts nor the hierarchy know."""
    listed = {name for name, place in parts.places.places.items() if place.level == owner.by}
    if not parts.all_places or (owner.sql is not None and not listed):
        return
    known = listed | set(owner.posts)
    for place in owner.role_accounts:
        if place not in known:
            hint = did_you_mean(place, known)
            message = f"`{place}` in `role_accounts` of {entry.what} is no place that it has a post for"
            note = "" if hint else one_of(sorted(known), nothing="")
            yield entry.problem("A102", message, "role_accounts", place, key=True, hint=hint, note=note)


def _instead(parts: Parts, owner: Owner) -> str:
    """Who is told where nobody holds the post."""
    return owner.fallback or (STEWARD if parts.knows("owners", STEWARD) else OPS)


def _circle(parts: Parts, name: str) -> tuple[str, ...]:
    """The way from an owner by its fallbacks to itself; empty where there is none."""
    way = [name]
    while True:
        owner = parts.owners.get(way[-1])
        if owner is None or owner.by is None or not parts.sure("owners", owner.id, "fallback"):
            return ()
        after = owner.fallback
        if after is None or (after in way and after != name):
            return ()
        way.append(after)
        if after == name:
            return tuple(way)


def _held(
    parts: Parts, entry: Entry, place: str, posts: Sequence[Post], instead: str, today: date
) -> Iterator[Problem]:
    """Days between the first and the last that nobody, or that two people, hold a post."""
    where = parts.places.places.get(place)
    ordered = sorted(enumerate(posts), key=lambda one: one[1].from_)
    note = f"its notices then go to {instead}"
    until: date | None = None  # the last day that is held so far
    for number, post in ordered:
        yield from _away(entry, place, number, post)
        if post.to is not None and post.to < post.from_:
            return  # said already
    begun = ordered[0][1].from_ if ordered else None
    if begun is None:
        message = f"nobody is named for `{place}` of {entry.what}"
        yield entry.problem("W216", message, "posts", place, key=True, note=note)
        return
    if begun > today and (where is None or where.exists_on(today)):
        message = f"nobody holds the post of {entry.what} for `{place}` until {_before(begun)}"
        yield entry.problem("W216", message, "posts", place, ordered[0][0], "from", note=note)
    for (number, post), (_, after) in zip(ordered, [*ordered[1:], (0, None)], strict=True):
        until = post.to if until is None or post.to is None else max(until, post.to)
        steps = ("posts", place, number, "to")
        if post.to is None and after is not None:
            message = f"two people hold the post of {entry.what} for `{place}` from {after.from_} on"
            told = (
                f"{post.name} alone is told"
                if posts.index(post) < posts.index(after)
                else f"{after.name} alone is told"
            )
            hint = f"add `to: {_before(after.from_)}`"
            yield entry.problem("W216", message, "posts", place, number, "from", hint=hint, note=told)
            return
        if post.to is None or until is None or until == date.max:
            return
        if after is None:
            if where is None or where.exists_on(_next(until)):
                message = f"nobody holds the post of {entry.what} for `{place}` after {until}"
                yield entry.problem("W216", message, *steps, hint="name who follows", note=note)
        elif after.from_ <= until:
            message = f"two people hold the post of {entry.what} for `{place}` from {after.from_} to {until}"
            first = post if posts.index(post) < posts.index(after) else after
            yield entry.problem("W216", message, *steps, note=f"{first.name} alone is told then")
        elif after.from_ > _next(until) and (where is None or where.exists_on(_next(until))):
            days = f"from {_next(until)} to {_before(after.from_)}"
            message = f"nobody holds the post of {entry.what} for `{place}` {days}"
            yield entry.problem("W216", message, *steps, note=note)


def _away(entry: Entry, place: str, number: int, post: Post) -> Iterator[Problem]:
    steps = ("posts", place, number)
    for which, absence in enumerate(post.away):
        if absence.to < absence.from_:
            message = f"`away` of {entry.what} ends ({absence.to}) before it begins ({absence.from_})"
            yield entry.problem("A103", message, *steps, "away", which, "to")
        elif absence.to < post.from_ or (post.to is not None and absence.from_ > post.to):
            message = f"`away` of {post.name} lies outside the time in post, so that it has no effect"
            yield entry.problem("W218", message, *steps, "away", which, "from")
    if post.away and post.deputy is None:
        note = "letters go to the holder all the same, who is away"
        message = f"{post.name} of {entry.what} is `away` and has no `deputy`"
        yield entry.problem("W216", message, *steps, "away", key=True, hint="add `deputy:`", note=note)
    if post.deputy is not None and post.deputy.casefold() == post.email.casefold():
        message = f"the deputy of {post.name} has the same address"
        yield entry.problem("W218", message, *steps, "deputy", hint="write another person's, or remove it")


def _against_roster(parts: Parts, entry: Entry, owner: Owner, instead: str) -> Iterator[Problem]:
    """Posts of places that `config/places.yaml` does not know, and its places without a post."""
    places = {name: place for name, place in parts.places.places.items() if place.level == owner.by}
    if not places or not parts.all_places:
        return
    yield from unmatched_posts(entry, owner, places, f"the places of level `{owner.by}`")
    lacking = [name for name, place in places.items() if place.expected and name not in owner.posts]
    lacking = [name for name in lacking if likely(name, set(owner.posts) - set(places)) is None]
    if lacking:
        message = f"{entry.what} has no post for {_listed(lacking)}"
        note = (
            f"its notices go to the fallback, `{instead}`" if len(lacking) == 1 else f"their notices go to `{instead}`"
        )
        yield entry.problem("W217", message, "posts", key=True, note=note)


def unmatched_posts(entry: Entry, owner: Owner, known: Collection[str], what: str) -> Iterator[Problem]:
    """Posts whose place is not among the known ones: an error where a known one without a post was plainly meant."""
    free = [name for name in known if name not in owner.posts]
    for place in owner.posts:
        if place in known:
            continue
        message = f"`{place}` in `posts` of {entry.what} is none of {what}"
        note = "" if did_you_mean(place, free) else one_of(known, nothing="")
        code = "A102" if likely(place, free) is not None else "W217"
        yield entry.problem(code, message, "posts", place, key=True, hint=did_you_mean(place, free), note=note)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")
