"""What the framework says of a home and a home of its framework: names, dates, rows that nothing watches, overdue reviews."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from alertd.config.document import Document
from alertd.config.parts import Parts
from alertd.config.problems import Problem, counted
from alertd.config.row_components import component_problems
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.framework import REVIEWS_A_YEAR, Framework
from alertd.core.owners import OPS, STEWARD

_LISTED = 6


def framework_problems(parts: Parts, document: Document | None, today: date) -> Iterator[Problem]:
    """Everything about the framework that `document` holds; reviews are overdue from the day after they were due."""
    framework = parts.framework
    yield from _overdue(parts, framework or Framework(), document, today)
    if framework is None or document is None:
        return
    yield from _rows_named(parts, framework, document)
    yield from _people(parts, framework, document)
    yield from _plans(parts, framework, document)
    yield from _reviews(framework, document)
    yield from _uncovered(parts, framework, document)
    yield from component_problems(parts, framework, document)


def _unknown(
    document: Document, steps: tuple[str | int, ...], what: str, name: str, known: Collection[str], nothing: str
) -> Problem:
    hint = did_you_mean(name, known)
    note = "" if hint else one_of(known, nothing=nothing)
    return document.problem("A102", ("framework", *steps), what, hint=hint, note=note)


def _rows_named(parts: Parts, framework: Framework, document: Document) -> Iterator[Problem]:
    """Rows that priorities, reviews, roles and commitments name, and measures that roles name."""
    named: dict[str, dict[str, tuple[str, ...]]] = {
        "priorities": {name: one.rows for name, one in framework.priorities.items()},
        "reviews": {name: one.rows for name, one in framework.reviews.items()},
        "roles": {name: one.rows for name, one in framework.roles.items()},
        "commitments": {name: one.rows for name, one in framework.commitments.items()},
    }
    for key, entries in named.items():
        for name, rows in entries.items():
            for number, row in enumerate(rows):
                if row not in framework.rows:
                    what = f"`{name}` under `{key}` names row `{row}`, which the framework does not have"
                    steps = (key, name, "rows", number)
                    yield _unknown(document, steps, what, row, framework.rows, "`framework:` has no rows")
    measures = [("roles", f"role `{name}`", name, one.measures) for name, one in framework.roles.items()]
    measures += [("reviews", f"review `{name}`", name, one.measures) for name, one in framework.reviews.items()]
    for key, who, name, named_there in measures:
        for number, measure in enumerate(named_there):
            if not parts.knows("measures", measure):
                what = f"{who} names measure `{measure}`, which is not there"
                steps = (key, name, "measures", number)
                yield _unknown(document, steps, what, measure, parts.entries["measures"], "the home has no measures")


def _people(parts: Parts, framework: Framework, document: Document) -> Iterator[Problem]:
    """Owners of roles and tiers, and the levels that tiers look at."""
    owners = {("roles", name): one.owner for name, one in framework.roles.items() if one.owner is not None}
    owners |= {("governance", name): one.owner for name, one in framework.governance.items()}
    for (key, name), owner in owners.items():
        if not parts.knows("owners", owner) and owner not in (OPS, STEWARD):
            what = f"`{name}` under `{key}` names owner `{owner}`, which is not there"
            known = parts.entries["owners"]
            yield _unknown(document, (key, name, "owner"), what, owner, known, "the home has no owners")
    for name, tier in framework.governance.items():
        if tier.level is not None and parts.all_places and tier.level not in parts.levels:
            what = f"tier `{name}` looks at level `{tier.level}`, and no place is of that level"
            steps = ("governance", name, "level")
            yield _unknown(document, steps, what, tier.level, parts.levels, "the home has no places")
    yield from _climbing(parts, framework, document)


def _climbing(parts: Parts, framework: Framework, document: Document) -> Iterator[Problem]:
    """Tiers that stand after one that looks at a level above theirs: nothing would ever climb to them."""
    places = parts.places
    looked = [(name, one.level) for name, one in framework.governance.items() if one.level is not None]
    for (before, upper), (tier, level) in pairwise(looked):
        above = any(
            place.level == level and any(places.places[one].level == upper for one in places.ever_above(name) - {name})
            for name, place in places.places.items()
        )
        if above:
            message = f"tier `{tier}` comes after `{before}`, and looks at level `{level}`, which lies below `{upper}`"
            note = "an exception climbs the tiers in their order: write the one nearest to the street first"
            yield document.problem("A144", ("framework", "governance", tier), message, key=True, note=note)


def _plans(parts: Parts, framework: Framework, document: Document) -> Iterator[Problem]:
    """Plans of a quadrant that has no name, and plans that measures name by neither id nor title."""
    for name, plan in framework.plans.items():
        if framework.quadrants and plan.quadrant not in framework.quadrants:
            what = f"plan `{name}` is in quadrant {plan.quadrant}, which `quadrants` does not name"
            steps = ("plans", name, "quadrant")
            yield _unknown(document, steps, what, str(plan.quadrant), [*map(str, framework.quadrants)], "")
    if not framework.plans:
        return
    known = [*framework.plans, *(plan.title for plan in framework.plans.values())]
    folded = {one.casefold() for one in known}
    for name, measure in parts.measures.items():
        for number, plan_name in enumerate(measure.supports):
            if plan_name.casefold() not in folded:
                entry = parts.entries["measures"][name]
                hint = did_you_mean(plan_name, known)
                note = "" if hint else one_of(framework.plans, nothing="")
                message = f"`supports` of {entry.what}: there is no plan `{plan_name}`"
                listed = ("supports", number) if isinstance(entry.data["supports"], list) else ("supports",)
                yield entry.problem("A102", message, *listed, hint=hint, note=note)


def _reviews(framework: Framework, document: Document) -> Iterator[Problem]:
    """Reviews that were not announced ahead (R46) or fall on one day, and performance years that have not four."""
    days: dict[date, str] = {}
    for name, review in framework.reviews.items():
        if review.announced >= review.held:
            message = f"review `{name}` is held on {review.held}, and announced on {review.announced}: not ahead of it"
            yield document.problem("A103", ("framework", "reviews", name, "announced"), message)
        if not review.rows and not review.measures:
            idle = [
                key
                for key in ("from", "to", "priority")
                if getattr(review, "from_" if key == "from" else key) is not None
            ]
            for key in idle:
                message = f"`{key}` of review `{name}` has no effect: its theme names no `rows` and no `measures`"
                yield document.problem("W218", ("framework", "reviews", name, key), message, key=True)
        if (other := days.setdefault(review.held, name)) != name:
            message = f"review `{name}` is held on {review.held}, and so is `{other}`"
            note = "two themes on one day are one review; join them, or write another day"
            yield document.problem("A139", ("framework", "reviews", name, "held"), message, note=note)
    years = Counter(framework.performance_year.year_of(review.held) for review in framework.reviews.values())
    for year, reviews in sorted(years.items(), key=lambda one: one[0].begins):
        if reviews != REVIEWS_A_YEAR:
            message = f"the performance year {year} has {counted(reviews, 'learning review')}"
            note = f"there are {REVIEWS_A_YEAR} a year"
            yield document.problem("W223", ("framework", "reviews"), message, key=True, note=note)


def _uncovered(parts: Parts, framework: Framework, document: Document) -> Iterator[Problem]:
    """Rows without a measure, or whose measures have no rule in force; said only where all entries could be read."""
    if not parts.whole("measures", "rules"):
        return
    rows: dict[str, list[str]] = {}
    for name, measure in parts.measures.items():
        if measure.framework is not None:
            rows.setdefault(measure.framework, []).append(name)
    for name, row in framework.rows.items():
        measures = rows.get(name, [])
        if not parts.watched.isdisjoint(measures):
            continue
        message = f"nothing watches row `{name}` ({row.title}): "
        message += f"no rule in force judges {_some(measures)}" if measures else "no measure belongs to it"
        note = "its silence proves nothing; write a rule" if measures else f"write `framework: {name}` in its measure"
        yield document.problem("W221", ("framework", "rows", name), message, key=True, note=note)


def _overdue(parts: Parts, framework: Framework, document: Document | None, today: date) -> Iterator[Problem]:
    """Measures and rules whose review is overdue (R45): each where it says when, all others once."""
    others = []
    for section in ("measures", "rules"):
        for name, one in parts.models[section].items():
            due = framework.due(one) if parts.sure(section, name, "review_by") else None
            if due is None or due >= today:
                continue
            if one.review_by is None:
                others.append(name)
                continue
            entry = parts.entries[section][name]
            message = f"{entry.what} was due for review by {due}"
            yield entry.problem("W222", message, "review_by", note="review it, then write when it is due again")
    if others and document is not None:
        message = f"{_some(others)} {'was' if len(others) == 1 else 'were'} due for review a year after `reviewed_on`"
        note = "review them, then write the day; or give one a `review_by` of its own"
        yield document.problem("W222", ("framework", "reviewed_on"), message, note=note)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(f"`{name}`" for name in names[:_LISTED]) + more
