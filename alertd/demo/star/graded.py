"""Draws the qualitative tables: assessments, reality checks, self-assessments, actions of supporting plans, focus groups."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa

from alertd.core.periods import Grain, Period
from alertd.demo.star.dimensions import Row, rows
from alertd.demo.star.graded_words import ACTIONS, FINDINGS, GRADES, HEARD, PASSED
from alertd.demo.star.grid import Draw
from alertd.demo.star.people import made_up
from alertd.demo.star.planted import Plant
from alertd.demo.star.spans import LAST_DAY, span_of
from alertd.demo.star.views import THEMES

CHECKED = tuple(f"{letter}{number}" for letter in "MD" for number in range(1, 13))
_SELF = (("D10", "Problem solving"), ("M8", "Victims' Code"))
GOOD = GRADES.index("Good")


def _written(day: date) -> datetime:
    """When an entry of a day reaches the warehouse."""
    return datetime.combine(day + timedelta(days=1), time(4, 10))


def _places(draw: Draw, level: str) -> list[Row]:
    if level == "division":
        return [{"division": name} for name in draw.force.divisions]
    return [{"division": one.division, "district": one.name} for one in draw.force.districts]


def _planted(draw: Draw, table: str, row: Row, period: str, column: str) -> Plant | None:
    """What is planted in an entry, by its columns and the period (of the grain in `column`) that the plant's day lies in."""
    for one in draw.plants.get(table, ()):
        same = all(row.get(name) == value for name, value in one.where.items())
        if same and one.framework == row.get("framework", one.framework) and _in(one.first, column) == period:
            return one
    return None


def _in(day: str, column: str) -> str:
    return day if "Q" in day else str(Period.containing(date.fromisoformat(day), Grain(column)))


def assessments(draw: Draw) -> Iterator[tuple[str, pa.Table]]:
    """Each theme at each place: good or better, unless something is planted; then a way back."""
    rng = draw.rng("assessments")
    found: list[Row] = []
    for framework, theme, level, months, _ in THEMES:
        for place in _places(draw, level):
            hurt = [
                one for one in draw.plants.get("assessments", ()) if one.where == {level: place[level], "theme": theme}
            ]
            better = np.inf if hurt or rng.random() > 0.15 else rng.integers(4, 20)
            back = 0
            for number, quarter in enumerate(span_of(Grain.QUARTER).labels):
                if months == 6 and quarter[-1] in "13":
                    continue
                first = span_of(Grain.QUARTER).first[number].astype(object)
                day = _day_in(first, 0 if months == 6 else 1, int(rng.integers(4, 25)))
                key = {"framework": framework, "theme": theme, **place}
                one = _planted(draw, "assessments", key, quarter, "quarter")
                grade = GOOD + (number >= better) - (back > 0)
                back -= 1
                if one is not None:
                    day, grade, back = date.fromisoformat(one.first), _grade_of(one), 1
                found.append(
                    key
                    | {
                        "force": draw.force.name,
                        "assessed_on": day,
                        "quarter": quarter,
                        "grade": GRADES[grade],
                        "assessed_by": made_up(int(rng.integers(260)), "Assessor"),
                        "finding": _words(rng, FINDINGS[grade], theme),
                        "loaded_at": _written(day),
                    }
                )
    yield _numbered("assessments", found, draw)


def _grade_of(one: Plant) -> int:
    """A grade that is planted: so many below Good, or so many from the bottom."""
    assert one.factor is not None
    return GOOD - int(one.factor) if one.kind == "grade_drop" else int(one.factor) - 1


def _words(rng: np.random.Generator, choice: Sequence[str], theme: str) -> str:
    return choice[int(rng.integers(len(choice)))].format(theme=theme)


def _day_in(first: date, months: int, day: int) -> date:
    month = first.month + months
    found = date(first.year, month, day)
    return found - timedelta(days=max(0, found.weekday() - 4))


def _numbered(table: str, found: list[Row], draw: Draw) -> tuple[str, pa.Table]:
    name = {
        "assessments": "assessment_id",
        "reality_checks": "check_id",
        "self_assessments": "self_assessment_id",
        "plan_actions": "action_id",
        "focus_groups": "focus_group_id",
    }[table]
    return rows(
        table, [row | {name: number + draw.force.number * 100_000} for number, row in enumerate(found, start=1)]
    )


def reality_checks(draw: Draw) -> Iterator[tuple[str, pa.Table]]:
    """Each catalogue row in each division twice a year, at one of its districts; passed, unless something is planted."""
    rng = draw.rng("reality_checks")
    found: list[Row] = []
    for framework in CHECKED:
        for division in draw.force.divisions:
            districts = [one.name for one in draw.force.districts if one.division == division]
            for number, first in enumerate(span_of(Grain.QUARTER).first.astype(object).tolist()):
                if number % 2 == (len(framework) + ord(framework[-1])) % 2:
                    continue
                row: Row = {
                    "framework": framework,
                    "theme": "Reality check",
                    "force": draw.force.name,
                    "division": division,
                    "district": districts[int(rng.integers(len(districts)))],
                    "result": "passed",
                }
                day = _day_in(first, int(rng.integers(3)), int(rng.integers(4, 25)))
                found.append(row | {"checked_on": day, "finding": _words(rng, PASSED, framework)})
    for one in draw.plants.get("reality_checks", ()):
        district = one.where.get("district")
        division = one.where.get("division") or next(p.division for p in draw.force.districts if p.name == district)
        found.append(
            {
                "framework": one.framework,
                "theme": "Reality check",
                "force": draw.force.name,
                "division": division,
                "district": district,
                "result": "failed",
                "checked_on": date.fromisoformat(one.first),
                "finding": f"Failed: {one.note}.",
            }
        )
    kept: dict[tuple[object, ...], Row] = {}
    for row in found:  # a planted check takes the place of another in its month
        month = row["checked_on"].replace(day=1)
        kept[row["framework"], row["division"], row["district"], month] = row | {"month": month}
    done = [
        row | {"checked_by": made_up(int(rng.integers(260)), "Checker"), "loaded_at": _written(row["checked_on"])}
        for row in kept.values()
    ]
    yield _numbered("reality_checks", done, draw)


def self_assessments(draw: Draw) -> Iterator[tuple[str, pa.Table]]:
    """Two a district and quarter, due in the middle of the month after it; returned in time, unless something is planted."""
    rng = draw.rng("self_assessments")
    found: list[Row] = []
    for framework, theme in _SELF:
        for one in draw.force.districts:
            for quarter, last in zip(
                span_of(Grain.QUARTER).labels, span_of(Grain.QUARTER).last.astype(object), strict=True
            ):
                due: date = last + timedelta(days=15)
                if due > LAST_DAY:
                    continue
                row: Row = {
                    "framework": framework,
                    "theme": theme,
                    "force": draw.force.name,
                    "division": one.division,
                    "district": one.name,
                    "quarter": quarter,
                    "due_on": due,
                }
                planted = _planted(draw, "self_assessments", row, quarter, "quarter")
                back: date | None = due - timedelta(days=int(rng.integers(0, 12)))
                if planted is not None:
                    back = due + timedelta(days=97) if "97" in planted.note else None
                if back is None:
                    found.append(row | {"loaded_at": _written(due)})
                    continue
                found.append(
                    row
                    | {
                        "returned_on": back,
                        "grade": GRADES[GOOD],
                        "returned_by": made_up(int(rng.integers(260)), "Insp"),
                        "finding": _words(rng, FINDINGS[GOOD], theme),
                        "loaded_at": _written(back),
                    }
                )
    yield _numbered("self_assessments", found, draw)


def focus_groups(draw: Draw) -> Iterator[tuple[str, pa.Table]]:
    """One a division and quarter."""
    rng = draw.rng("focus_groups")
    found: list[Row] = []
    for division in draw.force.divisions:
        for quarter, first in zip(
            span_of(Grain.QUARTER).labels, span_of(Grain.QUARTER).first.astype(object), strict=True
        ):
            row: Row = {"force": draw.force.name, "division": division, "quarter": quarter}
            one = _planted(draw, "focus_groups", row, quarter, "quarter")
            day = date.fromisoformat(one.first) if one else _day_in(first, 1, int(rng.integers(4, 25)))
            grade = _grade_of(one) if one else GOOD
            theme = ("Being kept informed", "Being believed", "The first officer who came", "Court")[
                int(rng.integers(4))
            ]
            found.append(
                row
                | {
                    "held_on": day,
                    "theme": theme,
                    "participants": int(rng.integers(10, 16)),
                    "grade": GRADES[grade],
                    "held_by": made_up(int(rng.integers(260)), "Facilitator"),
                    "finding": _words(rng, HEARD[grade], theme),
                    "loaded_at": _written(day),
                }
            )
    yield _numbered("focus_groups", found, draw)


def plan_actions(draw: Draw, plans: Sequence[tuple[str, int]]) -> Iterator[tuple[str, pa.Table]]:
    """Each plan's actions, one falling due in most quarters; done in time, unless something is planted."""
    rng = draw.rng("plan_actions")
    found: list[Row] = []
    for plan, quadrant in plans:
        hurt = [one for one in draw.plants.get("plan_actions", ()) if one.where.get("plan") == plan]
        for number, last in enumerate(span_of(Grain.QUARTER).last.astype(object).tolist()):
            if rng.random() < 0.3:
                continue
            due: date = last - timedelta(days=int(rng.integers(0, 60)))
            done: date | None = due - timedelta(days=int(rng.integers(1, 45)))
            found.append({"due_on": due, "done_on": done, **_action(draw, rng, plan, quadrant, number)})
        for one in hurt:
            due = date.fromisoformat(one.first)
            done = due + timedelta(days=181) if "was done" in one.note else None
            found.append({"due_on": due, "done_on": done, **_action(draw, rng, plan, quadrant, 0)})
    yield _numbered(
        "plan_actions",
        [
            row
            | {
                "set_on": row["due_on"] - timedelta(days=150),
                "loaded_at": _written(row["due_on"] - timedelta(days=150)),
            }
            for row in found
        ],
        draw,
    )


def _action(draw: Draw, rng: np.random.Generator, plan: str, quadrant: int, number: int) -> Row:
    division = draw.force.divisions[number % len(draw.force.divisions)] if number % 3 else None
    return {
        "plan": plan,
        "quadrant_no": quadrant,
        "force": draw.force.name,
        "division": division,
        "action": _words(rng, ACTIONS, plan),
        "action_owner": made_up(int(rng.integers(260)), "Manager"),
    }


MAKERS = (assessments, reality_checks, self_assessments, focus_groups)
