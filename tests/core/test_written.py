"""Which words of assessors are told with a verdict: the worst first, no more than three, and none about a small number."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from alertd.core.calendar import Calendar
from alertd.core.cases import TransitionKind
from alertd.core.entries import Entries
from alertd.core.evaluate import verdict_at
from alertd.core.evidence import Asked, finding_of, withdrawn_finding
from alertd.core.lifecycle import Policy, decide
from alertd.core.measures import SmallNumbers
from alertd.core.written import written_of
from tests.core.make import FAR, block, measure, rule, verdicts

SCALE = ["Inadequate", "Requires improvement", "Good", "Outstanding"]
GRADED = measure(grade="g", scale=SCALE, improvement="increase", finding="f", assessed_by="who")
NONE = np.datetime64("NaT", "D")


def entries(*found: tuple[float, str, str | None], row: int = 2, by: str = "") -> Entries:
    """Entries of one period of series 0: figure, words, day."""
    return Entries(
        row=np.full(len(found), row),
        column=np.zeros(len(found), dtype=np.int64),
        figure=np.array([figure for figure, _, _ in found]),
        day=np.array([NONE if day is None else np.datetime64(day) for _, _, day in found], dtype="M8[D]"),
        words=tuple(words for _, words, _ in found),
        by=(by,) * len(found),
    )


def told(one, series, of, *, small=False, row=-1):
    found = verdicts(one, series, of=of)
    return written_of(verdict_at(found, row % found.periods, 0, None), of, series, small=small)


def graded(*found, **more):
    return replace(block([3, 3, 1]), entries=entries(*found, **more))


POOR = rule(rating={"at_or_below": "Requires improvement"})
FIVE = [
    (3, "sound", "2022-01-09"),
    (1, "old and poor", "2022-01-02"),
    (4, "a model", None),
    (1, "new and poor", "2022-01-08"),
    (1, "of no day", None),
]


def test_the_worst_grade_is_quoted_first_and_of_equals_the_newest() -> None:
    found = told(POOR, graded(*FIVE, by="Insp A Sloe"), GRADED)
    assert [entry.words for entry in found.entries] == ["new and poor", "old and poor", "of no day"]
    assert found.in_all == 5
    first = found.entries[0]
    assert (first.by, first.day, first.grade) == ("Insp A Sloe", date(2022, 1, 8), "Inadequate")


def test_the_order_of_the_rows_changes_nothing() -> None:
    assert told(POOR, graded(*FIVE), GRADED) == told(POOR, graded(*reversed(FIVE)), GRADED)


def test_of_an_improvement_the_best_is_quoted_first() -> None:
    series = replace(block([9.0, 10.0, 8.0] * 10 + [1.0]), entries=entries((9, "bad", None), (1, "good", None), row=30))
    of = measure(value="v", finding="f", aggregate="rows")
    assert [entry.words for entry in told(rule(spc="mdc"), series, of).entries] == ["good", "bad"]


def test_only_the_judged_period_of_the_series_is_quoted() -> None:
    series = graded((1, "of an earlier month", None), row=1)
    assert told(POOR, series, GRADED).entries == ()
    assert told(POOR, series, GRADED, row=1).entries[0].words == "of an earlier month"


def test_words_go_with_their_series_wherever_it_stands() -> None:
    both = replace(
        block([3, 1], [3, 2], [2, 2]),
        entries=Entries(
            row=np.array([0, 1, 1]),
            column=np.array([0, 0, 2]),
            figure=np.array([3.0, 1.0, 2.0]),
            day=np.array([NONE] * 3, dtype="M8[D]"),
            words=("A first", "A then", "C then"),
            by=("", "", ""),
        ),
    )
    taken = both.take([2, 1, 0])
    assert taken.entries is not None
    assert [taken.entries.at(1, column).words for column in range(3)] == [("C then",), (), ("A then",)]
    assert taken.entries.at(0, 2).words == ("A first",)


def finding(one, series, of, small=None, **more):
    found = verdicts(one, series, of=of)
    verdict = verdict_at(found, found.periods - 1, 0, None)
    decision = decide(None, verdict, Policy(first_round=False), FAR)
    assert decision.transition is not None
    return finding_of(
        decision.transition, verdict, one, of, series, found, Calendar(), small, Asked(), **more
    ), decision


@pytest.mark.parametrize("people", [2, 7])
def test_words_about_a_hidden_count_are_withheld(people) -> None:
    """R31: what was written may name the number that is not shown."""
    series = replace(block([20, 20, people]), entries=entries((people, f"all {people} were boys", None)))
    of = measure(count="n", finding="f", improvement="increase")
    made, _ = finding(rule(threshold={"below": 10}), series, of, SmallNumbers(fewer_than=5))
    assert made.written.withheld == (people < 5)
    assert ("boys" in made.model_dump_json()) == (people >= 5)


def test_a_withdrawn_rule_quotes_nothing_any_more() -> None:
    made, decision = finding(POOR, graded((1, "no plan", None)), GRADED)
    assert made.written.entries[0].words == "no plan"
    assert decision.transition is not None
    gone = withdrawn_finding(replace(decision.transition, kind=TransitionKind.WITHDRAWN), made)
    assert "no plan" not in gone.model_dump_json()
