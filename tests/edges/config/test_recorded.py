"""Measures of recorded entries: what entries cannot give is told with what to write instead (A129)."""

import pytest

from tests.edges.config.homes import MakeHome, reading_of

CHECK = {
    "name": "A check",
    "recorded": "reality_check",
    "grain": "month",
    "period": "checked_on",
    "by": "[district]",
    "grade": "result",
    "scale": "[failed, passed]",
    "owner": "lead",
}
RULE = "rules:\n  failed: {measure: m, rating: {failed: true}}\n"


def told(make_home: MakeHome, rule: str = RULE, **changes: str | None) -> list[str]:
    keys = {name: value for name, value in {**CHECK, **changes}.items() if value is not None}
    written = "measures:\n  m:\n" + "".join(f"    {name}: {value}\n" for name, value in keys.items()) + rule
    return [
        " ".join(filter(None, (one.code, one.message, one.hint)))
        for one in reading_of(make_home({"rules/rules.yaml": written})).problems
    ]


def test_a_measure_of_entries_is_right_without_a_warehouse_behind_it(make_home: MakeHome) -> None:
    assert told(make_home) == []
    assert told(make_home, aggregate="rows", loaded_at="loaded_at") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"period": "chekced_on"},
            "A129 measure `m`: an entry of kind `reality_check` has no column `chekced_on` did you mean `checked_on`?",
        ),
        ({"grade": "grade"}, "A129 measure `m`: an entry of kind `reality_check` has no column `grade`"),
        (
            {"by": "[result]"},
            "A129 `by` of measure `m`: `result` is a column that every reality check has, and names no series",
        ),
        (
            {"at_age": "1 month", "loaded_at": "loaded_at"},
            "A129 measure `m`: entries that people record have no age write `settles_after`",
        ),
        ({"table": "t"}, "A103 measure `m`: give exactly one of `sql`, `table` and `recorded`"),
        (
            {"recorded": "reality_chek"},
            "A103 `recorded` of measure `m`: `reality_chek` is not one of `assessment`, `reality_check`, `self_assessment`, "
            "`action` and `focus_group` did you mean `reality_check`?",
        ),
    ],
)
def test_what_entries_cannot_give_is_an_error(make_home: MakeHome, changes: dict[str, str], message: str) -> None:
    assert message in told(make_home, **changes)


def test_a_column_of_by_has_a_name_that_an_option_has_not(make_home: MakeHome) -> None:
    (found,) = told(make_home, by="[district, due]")
    assert found.startswith("A129 `by` of measure `m`: `due` is what `alertd record` calls something else")


def test_actions_and_self_assessments_are_judged_by_what_they_have(make_home: MakeHome) -> None:
    above = "rules:\n  late: {measure: m, threshold: {above: 0}}\n"
    of_plan = {
        "recorded": "action",
        "period": "month",
        "grade": None,
        "scale": None,
        "count": "overdue",
        "by": "[plan]",
    }
    (found,) = told(make_home, above, **of_plan)
    assert found.startswith("A129 measure `m` lacks `aggregate: rows`")
    assert told(make_home, above, **of_plan, aggregate="rows", improvement="decrease") == []
    counted = {
        "recorded": "self_assessment",
        "period": "due_on",
        "grade": None,
        "scale": None,
        "count": '"*"',
        "aggregate": "rows",
    }
    assert any(
        one.startswith("A129 measure `m`: what is judged of a self-assessment")
        for one in told(make_home, above, **counted)
    )
