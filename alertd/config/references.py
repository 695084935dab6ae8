"""What a home's entries say of each other: every id that is named must be declared."""

from collections.abc import Collection, Iterator

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.sections import Entry
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.calendar import Annotation, Effect, Suppression
from alertd.core.owners import OPS, OWNER, STEWARD
from alertd.core.periods import Period, period_at
from alertd.core.routes import DEFAULT_ROUTE

_RESERVED = (OPS, STEWARD)
"""Owners that exist though nobody declared them: the steward falls back to ops."""


def reference_problems(parts: Parts) -> Iterator[Problem]:
    """Every name of something that is not declared, and every pair of entries that do not fit together."""
    yield from _measures(parts)
    yield from _rules(parts)
    yield from _routes_and_owners(parts)
    yield from _calendar(parts)
    for name, place in parts.places.places.items():
        if place.parent is not None:
            yield from _unknown(parts, parts.entries["places"][name], "places", place.parent, "parent")


def _unknown(
    parts: Parts, entry: Entry, section: str, name: str, *steps: str | int, also: Collection[str] = ()
) -> Iterator[Problem]:
    if parts.knows(section, name) or name in also:
        return
    known = {*parts.entries[section], *also}
    noun = section.removesuffix("s")
    hint = did_you_mean(name, known)
    note = "" if hint else one_of(known, nothing=f"the home has no {section}")
    yield entry.problem("A102", f"unknown {noun} `{name}` in {entry.what}", *steps, hint=hint, note=note)


def _measures(parts: Parts) -> Iterator[Problem]:
    for name, measure in parts.measures.items():
        entry = parts.entries["measures"][name]
        yield from _unknown(parts, entry, "owners", measure.owner, "owner", also=_RESERVED)
        if measure.framework is not None and parts.framework is not None:
            rows = parts.framework.rows
            if measure.framework not in rows:
                hint = did_you_mean(measure.framework, rows)
                note = one_of(rows, nothing="`framework:` has no rows")
                message = f"`framework` of {entry.what}: there is no row `{measure.framework}`"
                yield entry.problem("A102", message, "framework", hint=hint, note=note)


def _rules(parts: Parts) -> Iterator[Problem]:
    for name, rule in parts.rules.items():
        entry = parts.entries["rules"][name]
        yield from _unknown(parts, entry, "measures", rule.measure, "measure")
        yield from _unknown(parts, entry, "routes", rule.route, "route", also=(DEFAULT_ROUTE.id,))
        if rule.to is not None:
            yield from _unknown(parts, entry, "owners", rule.to, "to", also=(OWNER, *_RESERVED))
        yield from _where(parts, entry, [rule.measure], rule.where)
    for name, test in parts.tests.items():
        yield from _unknown(parts, parts.entries["tests"][name], "rules", test.rule, "rule")


def _where(parts: Parts, entry: Entry, measures: Collection[str], where: Collection[str]) -> Iterator[Problem]:
    for measure in (parts.measures[name] for name in measures if name in parts.measures):
        for column in where:
            if column not in measure.by and column not in parts.levels:
                known = {*measure.by, *(parts.levels if measure.by else ())}
                nothing = "it has no `by`: it is one force-wide series"
                yield entry.problem(
                    "A107",
                    f"`where` of {entry.what} matches nothing: measure `{measure.id}` is not by `{column}`",
                    "where",
                    column,
                    key=True,
                    hint=did_you_mean(column, known),
                    note=one_of(known, nothing=nothing),
                )


def _routes_and_owners(parts: Parts) -> Iterator[Problem]:
    for name, route in parts.routes.items():
        entry = parts.entries["routes"][name]
        yield from _unknown(parts, entry, "owners", route.to, "to", also=(OWNER, *_RESERVED))
        yield from _unknown(parts, entry, "channels", route.channel, "channel")
        if route.escalate is not None:
            also = (OWNER, *_RESERVED)
            yield from _unknown(parts, entry, "owners", route.escalate.to, "escalate", "to", also=also)
    for name, owner in parts.owners.items():
        entry = parts.entries["owners"][name]
        if name == OWNER:
            message = "`owner` is reserved: in `to:` it means the measure's owner"
            yield entry.problem("A103", message, hint="choose another id")
        if owner.fallback is not None:
            yield from _unknown(parts, entry, "owners", owner.fallback, "fallback", also=_RESERVED)
        for place, posts in owner.posts.items():
            for number, post in enumerate(posts):
                if post.to is not None and post.to < post.from_:
                    message = f"post of {entry.what}: it ends ({post.to}) before it begins ({post.from_})"
                    yield entry.problem("A103", message, "posts", place, number, "to")
    yield from _default_channel(parts)


def _default_channel(parts: Parts) -> Iterator[Problem]:
    """Where nobody wrote the default route, its channel must be there for the first rule that takes it."""
    if parts.knows("routes", DEFAULT_ROUTE.id) or parts.knows("channels", DEFAULT_ROUTE.channel):
        return
    for name, rule in parts.rules.items():
        if rule.route == DEFAULT_ROUTE.id:
            yield parts.entries["rules"][name].problem(
                "A102",
                f"rule `{name}` takes the default route, which sends by channel `{DEFAULT_ROUTE.channel}`; there is none",
                hint="write it into channels/",
                note=one_of(parts.entries["channels"], nothing="the home has no channels"),
            )
            return


def _calendar(parts: Parts) -> Iterator[Problem]:
    for name, annotation in parts.annotations.items():
        entry = parts.entries["annotations"][name]
        if annotation.effect is Effect.REBASE and not annotation.agreed_by:
            message = f"{entry.what} rebases limits, and does not say who agreed to it"
            note = "a rebase hides the past from judging, so it needs a date, a reason and somebody who answers for it"
            yield entry.problem("A116", message, hint="add `agreed_by:`", note=note)
        yield from _dated(parts, entry, annotation)
    for name, suppression in parts.suppressions.items():
        yield from _dated(parts, parts.entries["suppressions"][name], suppression)


def _dated(parts: Parts, entry: Entry, dated: Annotation | Suppression) -> Iterator[Problem]:
    listed = isinstance(entry.data.get("measures"), list)
    for number, measure in enumerate(dated.measures):
        yield from _unknown(parts, entry, "measures", measure, "measures", *([number] if listed else []))
    yield from _where(parts, entry, dated.measures, dated.where)
    if dated.to is not None and dated.to.end <= dated.from_.start:
        message = f"{entry.what} ends ({dated.to}) before it begins ({dated.from_})"
        yield entry.problem("A103", message, "to")
    for named in (parts.measures[name] for name in dated.measures if name in parts.measures):
        for key, period in (("from", dated.from_), ("to", dated.to)):
            if isinstance(period, Period):
                try:
                    period_at(str(period), named.grain)
                except ValueError as error:
                    yield entry.problem("A103", f"`{key}` of {entry.what}: {error} (measure `{named.id}`)", key)
