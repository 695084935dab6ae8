"""Rules that join others: three-valued logic, windows, finer grains and series, what is shown, and what is said of it."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Calendar, Suppression
from alertd.core.composites.components import leaves, measure_of, measures_needed
from alertd.core.judgement import basis_of, judgement
from alertd.core.measures import SmallNumbers
from alertd.core.rule_changes import rule_version
from alertd.core.rules import Rule
from tests.core.make import FAR, LONDON, block, measure, timeline

HIGH = {"threshold": {"above": 50}}


def one_rule(name, **more):
    return Rule.model_validate({"id": name, "measure": name, **more})


class Home:
    """Two or more rules, `a`, `b`, .., each above 50 on a measure of its own, and one that joins them."""

    def __init__(self, blocks, calendar=None, now=FAR, measures=None, rules=None, **joined):
        self.blocks = {name: replace(one, measure=name) for name, one in blocks.items()}
        self.measures = {name: measure(id=name, name=name.upper()) for name in blocks} | (measures or {})
        self.rules = {name: one_rule(name, **HIGH) for name in blocks} | (rules or {})
        joined = joined or {"all_of": list(blocks)}
        self.rules["r"] = Rule.model_validate({"id": "r", "measure": next(iter(blocks)), **joined})
        self.calendar, self.now = calendar or Calendar(), now

    def judgement(self, small=None):
        basis = basis_of(self.rules["r"], self.rules, self.measures, self.blocks)
        return judgement(basis, self.calendar, self.now, lambda _: small)

    def line(self, column=0):
        return timeline(self.judgement().history(), column)


def joined(how, *series, within=None, **more):
    blocks = {chr(ord("a") + j): block(one) for j, one in enumerate(series)}
    window = {} if within is None else {"within": within}
    return Home(blocks, **{how: list(blocks)}, **window, **more)


A = [90, 10, 90, 10, None, None, None, 90, 10]
B = [90, 90, 10, 10, None, 90, 10, None, None]


@pytest.mark.parametrize(("how", "expected"), [("all_of", "X...??.?."), ("any_of", "XXX.?X?X?")])
def test_two_rules_are_joined_with_three_valued_logic(how, expected):
    """True and unknown is unknown; false settles `all_of`, and true settles `any_of`."""
    assert joined(how, A, B).line() == expected


def test_each_signal_carries_the_name_of_how_the_rules_are_joined():
    for how in ("all_of", "any_of"):
        found = joined(how, A, B).judgement()
        assert found.history().signals(0, 0) == (how,)
        assert found.history().signals(3, 0) == ()


@pytest.mark.parametrize(
    ("within", "expected"),
    [(1, "........"), ("2 periods", ".X......"), ("3 periods", ".XX....."), (5, ".XXXX...")],
)
def test_a_component_counts_for_as_many_periods_as_within_says(within, expected):
    assert joined(
        "all_of", [90, 10, 10, 10, 10, 10, 10, 10], [10, 90, 90, 90, 90, 90, 90, 90], within=within
    ).line() == (expected)


def test_a_missing_period_within_the_window_leaves_the_answer_open():
    assert joined("all_of", [90] * 5, [90, 10, None, 10, 10], within=2).line() == "XX??."
    assert joined("all_of", [10] * 5, [90, 10, None, 10, 10], within=2).line() == "....."


def test_learning_now_is_learning_and_learning_before_was_no_exception():
    """R5."""
    chart = {"b": one_rule("b", spc={"chart": "xmr", "min_baseline": 3})}
    b = [10, 11, 10, 11, 10, 11, 10, 90]
    home = Home({"a": block([90] * 8), "b": block(b)}, rules=chart, all_of=["a", "b"], within=2)
    assert home.line() == "LLL" + home.line()[3:]
    assert home.line()[-1] == "X"
    assert "L" not in home.line()[6:]


def test_an_improvement_is_not_what_rules_are_joined_for():
    better = {"a": measure(id="a", improvement="increase")}
    assert Home({"a": block([90]), "b": block([90])}, measures=better).line() == "."


def test_measures_of_which_neither_way_is_better_make_a_change_and_nothing_worse():
    """R3; one component that can be worse makes it a concern."""
    neither = {name: measure(id=name, improvement="neither") for name in "ab"}
    blocks = {"a": block([90]), "b": block([90])}
    assert Home(blocks, measures=neither).line() == "c"
    assert Home(blocks, measures={"a": neither["a"]}).line() == "X"


def test_a_muted_component_mutes_what_hangs_on_it():
    mute = Suppression.model_validate(
        {"id": "s", "measures": "b", "from": "2020-02", "to": "2020-02", "effect": "mute", "reason": "floods"}
    )
    calendar = Calendar(suppressions={"s": mute})
    blocks = {"a": block([90, 90, 90]), "b": block([90, 90, 90])}
    assert Home(blocks, calendar).line() == "XmX"
    assert Home({**blocks, "a": block([10, 10, 10])}, calendar).line() == "..."


def test_the_condition_may_have_to_last():
    home = joined("all_of", [90, 90, 90, None, 90, 90, 10], [90] * 7, **{"for": "2 periods"})
    assert home.line() == "pXX?XX."


def test_the_newest_period_is_the_newest_that_every_component_has_settled_figures_for():
    home = joined("all_of", [90, 90, 90, 90], [90, 90, 90])
    found = home.judgement()
    assert str(found.newest.period(0)) == "2020-03"
    assert timeline(found.newest) == "X"
    assert home.line() == "XXX?"
    slow = {"b": measure(id="b", settles_after="20 days")}
    now = datetime(2020, 5, 10, tzinfo=LONDON)
    home = Home({"a": block([90] * 4), "b": block([90] * 4)}, measures=slow, now=now)
    assert (home.line(), str(home.judgement().newest.period(0))) == ("XXXu", "2020-03")


def test_a_component_without_any_figures_leaves_nothing_to_judge():
    empty = block([], first="2020-01").take([])
    home = Home({"a": block([90]), "b": empty}, any_of=["a", "b"])
    assert home.line() == "X", "one is known to be so"
    home = Home({"a": block([90]), "b": empty}, all_of=["a", "b"])
    assert home.judgement().newest.keys == ()
    nothing = Home({"a": empty, "b": empty}, all_of=["a", "b"])
    assert nothing.judgement().newest.periods == 0


def two_columns(*series, first="2020-01"):
    """A block by place and kind: A/x, A/y, B/x, B/y, .."""
    made = block(*series, first=first)
    keys = tuple((place, kind) for place in "ABC" for kind in "xy")[: len(series)]
    return replace(made, by=("place", "kind"), keys=keys)


def test_rules_are_joined_on_the_columns_that_their_measures_share():
    fine = {"b": measure(id="b", by=["kind", "place"])}
    b = two_columns([10, 10], [10, 90], [10, 10], [None, 10])
    b = replace(b, by=("kind", "place"), keys=tuple(key[::-1] for key in b.keys))
    home = Home({"a": block([90, 90], [90, 90], [90, 90]), "b": b}, measures=fine)
    found = home.judgement().history()
    assert (found.by, found.keys) == (("place",), (("A",), ("B",)))
    assert [timeline(found, j) for j in range(2)] == [".X", ".."], "what is known of one kind is enough to say no"
    assert found.value[:, 0].tolist() == [90, 90], "the figures of the first component"
    home.rules["r"] = Rule.model_validate({"id": "r", "measure": "b", "all_of": ["b", "a"]})
    assert np.isnan(home.judgement().history().value).all(), "no one figure of several kinds is the place's"
    home.rules["r"] = Rule.model_validate({"id": "r", "measure": "a", "any_of": ["a", "b"]})
    assert home.judgement().history().keys == (("A",), ("B",), ("C",))


def test_a_force_wide_component_makes_one_force_wide_series():
    wide = {"b": measure(id="b", by=[])}
    b = replace(block([90, 90]), by=(), keys=((),))
    home = Home({"a": block([10, 10], [10, 90]), "b": b}, measures=wide)
    found = home.judgement().history()
    assert (found.by, found.keys, timeline(found)) == ((), ((),), ".X")


def test_weeks_count_in_the_month_that_they_end_in():
    weekly = {"b": measure(id="b", grain="week")}
    weeks = [10] * 14
    weeks[4] = 90  # the week from 27 January to 2 February 2020
    home = Home({"a": block([90, 90, 90]), "b": block(weeks, first="2020-W01")}, measures=weekly)
    found = home.judgement()
    assert timeline(found.history()) == ".X.?", "April has weeks and no month yet"
    assert str(found.newest.period(0)) == "2020-03"
    assert found.history().grain.value == "month"
    assert found.history().value[:3, 0].tolist() == [90, 90, 90]
    turned = Home({"b": block(weeks, first="2020-W01"), "a": block([90, 90, 90])}, measures=weekly)
    assert np.isnan(turned.judgement().history().value).all(), "a week's figure is not the month's"


def test_a_month_whose_weeks_are_not_all_there_is_not_judged_yet():
    weekly = {"b": measure(id="b", grain="week")}
    home = Home({"a": block([90, 90]), "b": block([90] * 6, first="2020-W01")}, measures=weekly)
    assert str(home.judgement().newest.period(0)) == "2020-01"


def test_rules_that_join_others_may_be_joined():
    inner = {"inner": Rule.model_validate({"id": "inner", "measure": "a", "any_of": ["a", "b"]})}
    home = Home(
        {"a": block([90, 10, 10]), "b": block([10, 90, 10]), "c": block([90, 90, 90])},
        rules=inner,
        all_of=["inner", "c"],
    )
    assert home.line() == "XX."
    assert [leaf.id for leaf in leaves(home.rules["r"], home.rules)] == ["a", "b", "c"]
    assert measures_needed(home.rules["r"], home.rules) == ("a", "b", "c")


def test_lateness_counts_now_whichever_period_it_is_about():
    late = {"b": one_rule("b", freshness={"late_after": "5 days"})}
    now = datetime(2020, 4, 20, tzinfo=LONDON)
    home = Home({"a": block([10, 90]), "b": block([10, 10])}, rules=late, now=now)
    found = home.judgement()
    assert (timeline(found.newest), str(found.newest.period(0))) == ("X", "2020-02")
    earlier = Home({"a": block([10, 90]), "b": block([10, 10])}, rules=late, now=now.replace(day=2))
    assert timeline(earlier.judgement().newest) == "."


def test_a_where_of_its_own_chooses_among_the_series():
    home = Home({"a": block([90], [90]), "b": block([90], [90])}, all_of=["a", "b"], where={"place": ["B"]})
    assert home.judgement().newest.keys == (("B",),)


def test_a_change_to_any_component_is_a_change_to_the_whole():
    home = joined("all_of", [90], [90])

    def version():
        rule = home.rules["r"]
        return rule_version(rule, measure_of(rule, home.rules, home.measures))

    before = version()
    assert version() == before
    home.rules["b"] = one_rule("b", threshold={"above": 51})
    after = version()
    assert after != before
    home.measures["b"] = measure(id="b", name="B", settles_after="5 days")
    assert version() != after


def test_every_component_is_told_with_its_figure():
    home = joined("all_of", [10, 90, 90], [10, 60, 10], within=2)
    (seen,) = home.judgement().look([("A",), ("nowhere",)])
    assert str(seen.verdict.since) == "2020-02"
    assert seen.components == (
        "A, A, March 2020: 90, beyond the agreed level; it fires above 50; since February 2020.",
        "B, A, February 2020: 60, beyond the agreed level; it fires above 50.",
    )
    assert seen.history.keys == seen.block.keys == (("A",),)
    assert seen.block.value[:, 0].tolist() == [10, 90, 90]


def test_a_compared_component_tells_the_figure_that_it_is_compared_with():
    """R1."""
    home = joined("all_of", [10, 90], [10, 60])
    home.rules["b"] = one_rule("b", change={"versus": "previous period", "worse_by": "20 percent"}, accept_noise="x")
    (seen,) = home.judgement().look([("A",)])
    assert seen.components[1].endswith("; the previous period was 10.")


def test_of_several_series_the_one_furthest_out_is_told():
    fine = {"b": measure(id="b", name="B", by=["place", "kind"])}
    home = Home({"a": block([90]), "b": two_columns([70], [90])}, measures=fine)
    (seen,) = home.judgement().look([("A",)])
    assert seen.components[1].startswith("B, A, y, January 2020: 90, beyond the agreed level")
    assert seen.components[1].endswith("; 1 more of its series stands out.")
    quiet = Home({"a": block([90]), "b": two_columns([7], [9])}, measures=fine, any_of=["a", "b"])
    (seen,) = quiet.judgement().look([("A",)])
    assert seen.components[1] == "B, A: none of its 2 series stands out."


def test_a_small_number_is_not_told_in_a_components_sentence():
    """R31."""
    few = {name: measure(id=name, name=name.upper(), count="n", value=None) for name in "ab"}
    rules = {"b": one_rule("b", threshold={"above": 1})}
    home = Home({"a": block([90]), "b": block([3])}, measures=few, rules=rules)
    (seen,) = home.judgement(SmallNumbers(fewer_than=5)).look([("A",)])
    assert "fewer than 5" in seen.components[1]
    assert "3" not in seen.components[1]


def test_what_cannot_be_written_together_is_refused():
    for more, words in (
        ({"clear": {"below": 3}}, "`clear`"),
        ({"threshold": {"above": 3}}, "exactly one detector"),
        ({"all_of": ["a"]}, "at least 2"),
        ({"within": "2 weeks"}, "counts no periods"),
    ):
        with pytest.raises(ValueError, match=words):
            Rule.model_validate({"id": "r", "measure": "a", "all_of": ["a", "b"], **more})


figures = st.lists(st.sampled_from([10, 90, None]), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(figures, figures, st.integers(1, 4), st.sampled_from(["all_of", "any_of"]))
def test_against_a_plain_reading_period_by_period(a, b, within, how):
    found = joined(how, a, b, within=within).line()

    def so(values, row):
        window = [values[at] if at < len(values) else None for at in range(max(0, row - within + 1), row + 1)]
        return True if 90 in window else (None if None in window else False)

    for row, letter in enumerate(found):
        said = [so(a, row), so(b, row)]
        settled, other = (False, True) if how == "all_of" else (True, False)
        whole = settled if settled in said else (None if None in said else other)
        assert letter == {True: "X", False: ".", None: "?"}[whole]


@settings(max_examples=40, deadline=None)
@given(figures, figures, st.integers(1, 3))
def test_later_periods_never_change_earlier_verdicts_and_the_order_of_components_is_nothing(a, b, within):
    length = min(len(a), len(b))
    whole = joined("all_of", a[:length], b[:length], within=within)
    assert joined("all_of", b[:length], a[:length], within=within).line() == whole.line()
    for stop in range(1, length + 1):
        part = joined("all_of", a[:stop], b[:stop], within=within)
        assert part.line() == whole.line()[:stop]
        assert timeline(part.judgement().newest) == whole.line()[stop - 1]
