"""How long a condition must hold, when it ends, and what gaps do: thresholds and freshness, period by period."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect.threshold import meets
from alertd.core.evaluate import look_back
from alertd.core.parameters.condition import Condition
from tests.core.make import LONDON, block, measure, rule, states, timeline, verdicts

INCREASE = measure(improvement="increase")


def line(values, of=INCREASE, **more):
    return timeline(verdicts(rule(**more), block(values), of=of))


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ({"above": 50}, [50, 50.1, 49], ".X."),
        ({"at_or_above": 50}, [50, 50.1, 49], "XX."),
        ({"below": 50}, [50, 49.9, 51], ".X."),
        ({"at_or_below": 50}, [50, 49.9, 51], "XX."),
        ({"outside": [10, 20]}, [9.9, 10, 20, 20.1], "X..X"),
        ({"above": 10, "below": 20}, [10, 15, 20], ".X."),
    ],
)
def test_each_form_of_a_threshold_at_its_edges(condition, values, expected):
    neither = measure(improvement="neither")
    assert line(values, of=neither, threshold=condition).replace("c", "X") == expected


def test_direction_decides_between_concern_improvement_and_change():
    low = {"below": 85}
    assert line([90, 80], threshold=low) == ".X"
    assert line([90, 80], of=measure(improvement="decrease"), threshold=low) == ".i"
    assert line([90, 80], of=measure(improvement="neither"), threshold=low) == ".c", "R3: changed, never worse"


@pytest.mark.parametrize(
    ("hold", "values", "expected"),
    [
        ("2 periods", [91, 91, 91, 84, 88, 84, 83, 86, 88], "...p.pX.."),
        ("2 periods", [84, 83, 82], "pXX"),
        ("3 periods", [84, 83, None, 82, 81, 80], "pp?ppX"),
        ("2 of 3 periods", [84, 90, 83, 90, 90, 82, None, 81, None, None, 80], "p.X..p?X??X"),
        ("1 of 4 periods", [84, 90, 90, 90], "X..."),
    ],
)
def test_how_long_a_condition_must_hold(hold, values, expected):
    assert line(values, threshold={"below": 85}, **{"for": hold}) == expected


def test_hysteresis_keeps_an_exception_until_its_own_condition_is_met():
    expected = "...p.pXXX."
    values = [91, 91, 91, 84, 88, 84, 83, 86, 86.9, 88]
    found = verdicts(
        rule(threshold={"below": 85}, clear={"at_or_above": 87}, **{"for": "2 periods"}), block(values), of=INCREASE
    )
    assert timeline(found) == expected
    assert found.signals(7, 0) == (), "held by hysteresis: an exception without a signal"


def test_a_missing_period_is_unknown_and_neither_ends_nor_begins_anything():
    assert line([80, None, 80, 90], threshold={"below": 85}) == "X?X."
    assert line([80, None, 90], threshold={"below": 85}, clear={"at_or_above": 95}) == "X?X"
    assert line([84, 83, None, 82], threshold={"below": 85}, **{"for": "2 periods"}) == "pX?X", (
        "it stood before the gap"
    )


def test_what_ends_an_exception_does_not_hold_an_improvement():
    figures = [80, 81, 79, 80, 82, 80, 81, 79, 80, 81, 79, 81, 80, 80, 88, 80, 81, 72, 80, 80, 90]
    found = {"spc": {"chart": "xmr", "baseline": "first 14 periods", "rules": "three-sigma"}}
    assert line(figures, **found) == "L" * 12 + "..i..X..i"
    assert line(figures, clear={"at_or_above": 87}, **found) == "L" * 12 + "..i..XXXi", "only the exception waits"


def test_a_muted_period_without_a_figure_is_unknown():
    mute = Suppression.model_validate(
        {"id": "s", "measures": "m", "from": "2020-02", "to": "2020-04", "effect": "mute", "reason": "r"}
    )
    found = verdicts(
        rule(threshold={"below": 85}), block([80, 80, None, 80, 80]), Calendar(suppressions={"s": mute}), of=INCREASE
    )
    assert timeline(found) == "Xm?mX"


def test_muted_periods_are_judged_and_say_so():
    mute = Suppression.model_validate(
        {"id": "s", "measures": "m", "from": "2020-02", "to": "2020-02", "effect": "mute", "reason": "floods"}
    )
    found = verdicts(
        rule(threshold={"below": 85}), block([90, 80, 80, 90]), Calendar(suppressions={"s": mute}), of=INCREASE
    )
    assert states(found) == ["quiet", "muted", "exception", "quiet"]


def test_a_rebase_ends_an_exception_and_leaves_the_period_before_it_as_it_was():
    rebase = Annotation.model_validate(
        {"id": "a", "effect": "rebase", "measures": "m", "from": "2020-04", "reason": "r", "agreed_by": "a"}
    )
    held = rule(threshold={"below": 85}, clear={"at_or_above": 87})
    found = verdicts(held, block([90, 84, 84, 86, 84]), Calendar(annotations={"a": rebase}), of=INCREASE)
    assert timeline(found) == ".XX.X"


def test_periods_that_have_not_settled_raise_nothing():
    """R12."""
    settling = measure(improvement="increase", settles_after="5 days")
    now = datetime(2020, 5, 5, 23, 59, 59, 999999, tzinfo=LONDON)
    one = rule(threshold={"below": 85})
    series = block([90, 90, 90, 80, 80])
    assert timeline(verdicts(one, series, of=settling, now=now)) == "...Xu"
    earlier = now.replace(day=4)
    assert timeline(verdicts(one, series, of=settling, now=earlier)) == "...uu"
    newest = verdicts(one, series, of=settling, now=earlier, every_period=False)
    assert (str(newest.period(0)), states(newest)) == ("2020-03", ["quiet"])


def test_only_series_that_a_where_names_are_judged():
    found = verdicts(rule(threshold={"above": 1}, where={"place": ["B"]}), block([9], [9], [9]))
    assert found.keys == (("B",),)


def test_freshness_tells_late_from_missing():
    one = rule(freshness={"late_after": "5 working days", "missing": "any"})
    series = block([1, 2, 3], [1, None, 3])
    on_time = datetime(2020, 5, 6, tzinfo=LONDON)
    found = verdicts(one, series, now=on_time, every_period=False)
    assert [states(found, j)[0] for j in (0, 1)] == ["quiet", "quiet"]
    everything = verdicts(one, series, now=on_time)
    assert everything.signals(1, 1) == ("missing",)
    # April ends on the 30th; 1, 4, 5, 6 and 7 May 2020 are working days, so it is late from the end of the 7th.
    end = datetime(2020, 5, 7, 23, 59, 59, 999999, tzinfo=LONDON)
    assert str(verdicts(one, series, now=end.replace(hour=12), every_period=False).period(0)) == "2020-03"
    late = verdicts(one, series, now=end, every_period=False)
    assert str(late.period(0)) == "2020-04"
    assert late.signals(0, 0) == ("late",)
    assert states(late) == ["exception"]


def test_a_series_is_missing_where_others_are_there_whichever_series_was_asked_for():
    one = rule(freshness={"missing": "any"}, where={"place": ["B"]})
    series = block([1, 2, 3], [1, 2, None])
    found = verdicts(one, series, now=datetime(2020, 4, 10, tzinfo=LONDON), every_period=False)
    assert found.keys == (("B",),)
    assert found.signals(0, 0) == ("missing",)
    ((verdict, history),) = look_back(
        one, measure(), series, [("B",)], Calendar(), datetime(2020, 4, 10, tzinfo=LONDON)
    )
    assert (verdict.signals, str(verdict.since)) == (("missing",), "2020-03")
    assert history.keys == (("B",),)


def test_missing_all_fires_only_when_no_series_has_a_row():
    one = rule(freshness={"missing": "all"})
    found = verdicts(one, block([1, None], [None, None]), now=datetime(2020, 3, 1, tzinfo=LONDON))
    assert [found.signals(row, 0) for row in (0, 1)] == [(), ("missing",)]


@pytest.mark.parametrize(("percent", "signals"), [("50 percent", ()), ("40%", ("shrunk",))])
def test_a_feed_that_has_shrunk_is_told_from_one_that_is_late(percent, signals):
    one = rule(freshness={"shrunk_by": percent})
    series = [[1, 1, 1, 1] for _ in range(6)] + [[1, 1, 1, None] for _ in range(4)]
    found = verdicts(one, block(*series), now=datetime(2020, 5, 2, tzinfo=LONDON), every_period=False)
    assert found.signals(0, 0) == signals
    assert (
        verdicts(one, block(*series), now=datetime(2020, 6, 2, tzinfo=LONDON), every_period=False).signals(0, 0) == ()
    )


values = st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(values, st.sampled_from([None, "2 periods", "2 of 3 periods"]), st.sampled_from([None, {"below": -20}]))
def test_later_points_never_change_earlier_states(series, hold, clear):
    more = {"threshold": {"above": 10}, **({"for": hold} if hold else {}), **({"clear": clear} if clear else {})}
    one, of = rule(**more), measure()
    whole = timeline(verdicts(one, block(series), of=of))
    for length in (1, len(series) // 2 or 1):
        assert timeline(verdicts(one, block(series[:length]), of=of)) == whole[:length]


@pytest.mark.parametrize("unknown", range(1, 30))
def test_what_fired_before_a_quiet_period_counts_for_m_of_n_however_long_nothing_was_known_since(unknown):
    one = rule(threshold={"below": 85}, **{"for": "2 of 3 periods"})
    newest = verdicts(one, block([90, 84, 90, 84, *[None] * unknown, 84]), of=INCREASE, every_period=False)
    assert timeline(newest) == "X"


stretches = st.lists(
    st.tuples(st.sampled_from([None, 80.0, 90.0, 99.0]), st.integers(1, 40)), min_size=6, max_size=6
).map(lambda parts: [figure for figure, times in parts for _ in range(times)])
months = st.integers(0, 239).map(lambda month: f"{2020 + month // 12}-{month % 12 + 1:02d}")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(stretches, min_size=1, max_size=4),
    st.sampled_from(["2 periods", "2 of 3 periods", "1 of 4 periods", "3 of 12 periods"]),
    months,
    st.tuples(months, months).map(sorted),
    st.sampled_from(["mute", "exclude"]),
)
def test_however_far_back_a_state_follows_from_the_newest_is_the_last_of_all(series, hold, rebased, between, effect):
    last = max(len(one) for one in series)
    figures = block(*([None] * (last - len(one)) + one for one in series))
    said = {"id": "s", "measures": "m", "reason": "r"}
    begun = {**said, "effect": "rebase", "from": rebased, "agreed_by": "a", "where": {"place": ["A"]}}
    silent = {**said, "effect": effect, "from": between[0], "to": between[1]}
    calendar = Calendar(
        annotations={"a": Annotation.model_validate(begun)}, suppressions={"s": Suppression.model_validate(silent)}
    )
    one = rule(threshold={"outside": [85, 95]}, **{"for": hold})
    later = datetime(2050, 1, 1, tzinfo=LONDON)
    newest, whole = (verdicts(one, figures, calendar, INCREASE, later, every_period=every) for every in (False, True))
    for column in range(len(series)):
        assert timeline(newest, column) == timeline(whole, column)[-1]


@settings(max_examples=100, deadline=None)
@given(values)
def test_a_threshold_without_conditions_on_time_is_a_plain_comparison(series):
    found = verdicts(rule(threshold={"above": 10}), block(series))
    expected = ["unknown" if v is None else ("exception" if v > 10 else "quiet") for v in series]
    assert states(found) == expected
    assert np.isfinite(found.excess).all()


@pytest.mark.parametrize(
    "authored",
    [
        {"above": 1},
        {"at_or_above": 1},
        {"below": 1},
        {"at_or_below": 1},
        {"outside": [-1, 1]},
        {"above": -1, "below": 1},
    ],
)
@given(figure=st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, float("nan")]))
def test_one_figure_is_compared_as_a_whole_array_is(authored, figure):
    condition = Condition.model_validate(authored)
    up, down = meets(condition, np.array([figure]))
    assert condition.holds(figure) == bool(up[0] or down[0])
