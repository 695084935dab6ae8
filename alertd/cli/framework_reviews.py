"""The learning reviews as `alertd framework --reviews` prints them, and the next one in a line."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from alertd.core.framework import Framework
from alertd.core.periods import day_words
from alertd.core.series import series_words
from alertd.workbench.reviewing import Scheduled

COLUMNS = (
    *("performance_year", "quarter", "review", "announced", "held", "stage", "theme", "rows", "exceptions"),
    *("period", "measures", "priority", "priority_from", "priority_to", "has_priority"),
)


def review_rows(reviews: Iterable[Scheduled]) -> list[dict[str, Any]]:
    """A row for each review, every column as it is."""
    return [
        {
            "performance_year": str(one.year),
            "quarter": one.quarter,
            "review": one.name,
            "announced": one.review.announced.isoformat(),
            "held": one.review.held.isoformat(),
            "stage": one.stage,
            "theme": one.review.theme,
            "rows": list(one.review.rows),
            "exceptions": [
                f"{judged.name}: {series_words(verdict.series)}, {verdict.period}" for judged, verdict in one.exceptions
            ],
            "period": str(one.period),
            "measures": list(one.review.measures),
            "priority": one.review.priority,
            "priority_from": one.review.first.isoformat(),
            "priority_to": one.review.last.isoformat(),
            "has_priority": one.has_priority,
        }
        for one in reviews
    ]


def in_short(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for a table: rows as a list in words, and how many exceptions there are."""
    return [
        {**row, "rows": ", ".join((*row["rows"], *row["measures"])), "exceptions": len(row["exceptions"]) or None}
        for row in rows
    ]


def next_review(framework: Framework, today: date) -> str:
    """The performance year of a day and its next learning review in a line; empty where no review is written at all."""
    if not framework.reviews:
        return ""
    year = f"Performance year {framework.performance_year.year_of(today)}."
    name = framework.coming_review(today)
    if name is None:
        return f"{year} No learning review is written from {day_words(today)} on."
    review = framework.reviews[name]
    about = ", ".join((*review.rows, *review.measures))
    ahead = "announced" if review.announced <= today else "to be announced"
    return (
        f"{year} Next learning review: {day_words(review.held)}, {review.theme}{f' ({about})' if about else ''}; "
        f"{ahead} on {day_words(review.announced)}."
    )
