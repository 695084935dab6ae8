"""What a home's entries say of each other: every id that is named must be declared."""

from collections.abc import Collection, Iterator

from alertd.config.composites import joined_problems
from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.sections import Entry, texts_of
from alertd.config.suggest import did_you_mean, likely, one_of
from alertd.core.calendar import Annotation, Effect, Suppression
from alertd.core.governance import GOVERNANCE
from alertd.core.owners import OPS, OWNER, STEWARD
from alertd.core.periods import Period, period_at
from alertd.core.routes import DEFAULT_ROUTE

_RESERVED = (OPS, STEWARD)
"""Owners that exist though nobody declared them: the steward falls back to ops."""


_MEANINGS = {OWNER: "the measure's owner", GOVERNANCE: "the framework's tiers of governance"}


def reference_problems(parts: Parts) -> Iterator[Problem]:
    """Every name of something that is not declared, and every pair of entries that do not fit together."""
    yield from _measures(parts)
    yield from _rules(parts)
    yield from _routes_and_owners(parts)
    yield from _calendar(parts)
    yield from _warehouse(parts)
    for entry in parts.entries["places"].values():
        yield from _named(parts, entry, "places", "parent")
        earlier = entry.data.get("formerly") if isinstance(entry.data, dict) else None
        for number in range(len(earlier) if isinstance(earlier, list) else 0):
            yield from _named(parts, entry, "places", "formerly", number, "parent")


def _named(
    parts: Parts, entry: Entry, section: str, *steps: str | int, also: Collection[str] = ()
) -> Iterator[Problem]:
    """The name that is written there, if any, must be declared; also in an entry that is wrong otherwise."""
    name = entry.data
    for step in steps:
        if isinstance(step, str) and isinstance(name, dict):
            name = name.get(step)
        elif isinstance(step, int) and isinstance(name, list):
            name = name[step]
        else:
            return
    if not isinstance(name, str) or parts.knows(section, name) or name in also:
        return
    known = {*parts.entries[section], *also}
    hint = did_you_mean(name, known)
    note = "" if hint else one_of(known, nothing=f"the home has no {section}")
    message = f"unknown {section.removesuffix('s')} `{name}` in {entry.what}"
    yield entry.problem("A102", message, *steps, hint=hint, note=note)


def _measures(parts: Parts) -> Iterator[Problem]:
    for entry in parts.entries["measures"].values():
        yield from _named(parts, entry, "owners", "owner", also=_RESERVED)
    for name, measure in parts.measures.items():
        if measure.framework is not None and parts.framework is not None:
            rows = parts.framework.rows
            if measure.framework not in rows:
                entry = parts.entries["measures"][name]
                hint = did_you_mean(measure.framework, rows)
                note = "" if hint else one_of(rows, nothing="`framework:` has no rows")
                message = f"`framework` of {entry.what}: there is no row `{measure.framework}`"
                yield entry.problem("A102", message, "framework", hint=hint, note=note)


def _rules(parts: Parts) -> Iterator[Problem]:
    for entry in parts.entries["rules"].values():
        yield from _named(parts, entry, "measures", "measure")
        yield from _named(parts, entry, "measures", "forecast", "capacity")
        yield from _named(parts, entry, "routes", "route", also=(DEFAULT_ROUTE.id,))
        yield from _named(parts, entry, "owners", "to", also=(OWNER, *_RESERVED))
        yield from _where(parts, entry, "measure")
    yield from joined_problems(parts)
    for entry in parts.entries["tests"].values():
        yield from _named(parts, entry, "rules", "rule")


def _where(parts: Parts, entry: Entry, key: str) -> Iterator[Problem]:
    """Every column of `where` must be one of `by` of the measures that `key` names, or a level above."""
    named = texts_of(entry.data.get(key)) if isinstance(entry.data, dict) and entry.where else ()
    for measure in (parts.measures[name] for name in named if name in parts.measures):
        if not parts.sure("measures", measure.id, "by", "quantile") or not parts.all_places:
            continue
        for column in entry.where:
            if column not in measure.series_by and column not in parts.levels:
                known = {*measure.series_by, *(parts.levels if measure.by else ())}
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


_DATABASES = (
    "duckdb",
    "sqlite",
    "postgresql",
    "mysql",
    "mariadb",
    "mssql",
    "oracle",
    "snowflake",
    "databricks",
    "bigquery",
)


def _warehouse(parts: Parts) -> Iterator[Problem]:
    """The kind of database that the warehouse's URL begins with, where it is plainly misspelt."""
    settings, document = parts.settings, parts.settings_document
    if settings is None or document is None or settings.warehouse is None:  # None where its `url` is missing or wrong
        return
    kind = settings.warehouse.url.partition(":")[0].partition("+")[0].casefold()
    meant = likely(kind, _DATABASES)
    if kind not in _DATABASES and meant is not None:
        message = f"`warehouse.url` of the settings: there is no kind of database `{kind}`"
        yield document.problem("A103", ("warehouse", "url"), message, hint=f"did you mean `{meant}`?")


def _routes_and_owners(parts: Parts) -> Iterator[Problem]:
    for entry in parts.entries["routes"].values():
        yield from _named(parts, entry, "owners", "to", also=(OWNER, *_RESERVED))
        yield from _named(parts, entry, "owners", "escalate", "to", also=(OWNER, GOVERNANCE, *_RESERVED))
        yield from _named(parts, entry, "channels", "channel")
    for name, route in parts.routes.items():
        if "channel" not in parts.entries["routes"][name].data and not parts.knows("channels", route.channel):
            message = f"route `{name}` sends by channel `{route.channel}`, as it names no other; there is none"
            note = one_of(parts.entries["channels"], nothing="the home has no channels")
            yield parts.entries["routes"][name].problem("A102", message, hint="add `channel:`", note=note)
    for name, route in parts.routes.items():
        tiered = route.escalate is not None and route.escalate.to == GOVERNANCE
        if tiered and not (parts.framework is not None and parts.framework.governance) and not parts.possible:
            if parts.framework is None and parts.framework_written:
                continue  # said of the framework itself
            message = f"route `{name}` escalates by `governance`, and the framework has no tiers of it"
            note = "write `governance:` under `framework:`, the tier nearest to the street first; or name an owner"
            yield parts.entries["routes"][name].problem("A143", message, "escalate", "to", note=note)
    for name, entry in parts.entries["owners"].items():
        yield from _named(parts, entry, "owners", "fallback", also=_RESERVED)
        if name in _MEANINGS:
            message = f"`{name}` is reserved: in `to:` it means {_MEANINGS[name]}"
            yield entry.problem("A103", message, hint="choose another id")
    for name, owner in parts.owners.items():
        entry = parts.entries["owners"][name]
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
        if rule.route == DEFAULT_ROUTE.id and parts.sure("rules", name, "route"):
            yield parts.entries["rules"][name].problem(
                "A102",
                f"rule `{name}` takes the default route, which sends by channel `{DEFAULT_ROUTE.channel}`; there is none",
                hint="write it into channels/",
                note=one_of(parts.entries["channels"], nothing="the home has no channels"),
            )
            return


def _calendar(parts: Parts) -> Iterator[Problem]:
    for section in ("annotations", "suppressions"):
        for entry in parts.entries[section].values():
            authored = entry.data.get("measures") if isinstance(entry.data, dict) else None
            yield from _where(parts, entry, "measures")
            yield from _named(parts, entry, "measures", "measures")
            for number in range(len(authored) if isinstance(authored, list) else 0):
                yield from _named(parts, entry, "measures", "measures", number)
    for name, entry in parts.entries["annotations"].items():
        if (
            isinstance(entry.data, dict)
            and entry.data.get("effect") == Effect.REBASE
            and not entry.data.get("agreed_by")
        ):
            message = f"{entry.what} rebases limits, and does not say who agreed to it"
            note = "a rebase hides the past from judging, so it needs a date, a reason and somebody who answers for it"
            yield entry.problem("A116", message, hint="add `agreed_by:`", note=note)
        if name in parts.annotations:
            yield from _dated(parts, entry, parts.annotations[name])
    for name, suppression in parts.suppressions.items():
        yield from _dated(parts, parts.entries["suppressions"][name], suppression)


def _dated(parts: Parts, entry: Entry, dated: Annotation | Suppression) -> Iterator[Problem]:
    if dated.to is not None and dated.to.end <= dated.from_.start:
        message = f"{entry.what} ends ({dated.to}) before it begins ({dated.from_})"
        yield entry.problem("A103", message, "to")
    sure = [name for name in dated.measures if name in parts.measures and parts.sure("measures", name, "grain")]
    for named in (parts.measures[name] for name in sure):
        for key, period in (("from", dated.from_), ("to", dated.to)):
            if isinstance(period, Period):
                try:
                    period_at(str(period), named.grain)
                except ValueError as error:
                    yield entry.problem("A103", f"`{key}` of {entry.what}: {error} (measure `{named.id}`)", key)
