"""What a notice is made from: figures, charts, what would bring it back, and what may not be shown."""

import math
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from alertd.core.back_to_usual import back_to_usual
from alertd.core.calendar import Annotation, Calendar
from alertd.core.charting import chart_of
from alertd.core.data_faults import stale_fault, troubles
from alertd.core.evaluate import since_when, verdict_at
from alertd.core.evidence import Asked, finding_of
from alertd.core.lifecycle import Policy, decide
from alertd.core.measures import SmallNumbers
from alertd.core.methods import method_line
from alertd.core.rule_changes import rule_version
from alertd.core.series import Fault, FaultKind, SeriesBlock
from tests.core.make import FAR, LONDON, block, measure, rule, verdicts


def share_block(pairs) -> SeriesBlock:
    """A block of one series of percentages from (numerator, denominator)."""
    plain = block([100 * n / d for n, d in pairs])
    numerator = np.array([[float(n)] for n, _ in pairs])
    denominator = np.array([[float(d)] for _, d in pairs])
    return SeriesBlock(
        measure=plain.measure, grain=plain.grain, by=plain.by, keys=plain.keys, first=plain.first, value=plain.value,
        numerator=numerator, denominator=denominator, present=plain.present,
    )  # fmt: skip


PERCENT = measure(numerator="n", denominator="d", unit="percent", improvement="increase")


def newest(one, series, of):
    found = verdicts(one, series, of=of)
    row = found.periods - 1
    return verdict_at(found, row, 0, since_when(found, row, 0)), found


@pytest.mark.parametrize(
    ("condition", "pair", "nearest", "units"),
    [
        ({"below": 85}, (93, 126), 85, 15),  # 108 of 126 is 85.7%, 107 is 84.9%
        ({"below": 85}, (84, 100), 85, 1),
        ({"at_or_below": 85}, (84, 100), 85, 2),  # 85 of 100 would still fire
        ({"above": 50}, (60, 100), 50, -10),
        ({"at_or_above": 50}, (60, 100), 50, -11),
    ],
)
def test_how_many_more_would_have_put_it_inside(condition, pair, nearest, units):
    improvement = "increase" if "below" in next(iter(condition)) else "decrease"
    of = measure(numerator="n", denominator="d", unit="percent", improvement=improvement)
    one = rule(threshold=condition)
    verdict, _ = newest(one, share_block([(90, 100), pair]), of)
    assert back_to_usual(verdict, one, of) == (nearest, units)


def test_a_run_has_no_single_figure_that_brings_it_back():
    one = rule(spc={"baseline": "first 24 periods"})
    verdict, _ = newest(one, block([*([10, 12] * 12), *([11.1] * 7)]), measure())
    assert verdict.signals == ("shift",)
    assert back_to_usual(verdict, one, measure()) == (None, None)


def test_a_figure_that_no_count_can_reach_gives_no_count():
    one = rule(threshold={"below": 101})
    verdict, _ = newest(one, share_block([(5, 10)]), PERCENT)
    assert back_to_usual(verdict, one, PERCENT)[1] is None


def finding(one, series, of, calendar=None, small=None):
    calendar = calendar or Calendar()
    verdict, history = newest(one, series, of)
    decision = decide(None, verdict, Policy(), FAR)
    assert decision.transition is not None
    return finding_of(decision.transition, verdict, one, of, series, history, calendar, small, Asked())


def test_a_finding_holds_the_figures_the_range_and_since_when():
    found = finding(rule(spc="mdc-2024"), block([*([10, 12] * 14), 40, 41]), measure())
    assert (found.value, found.period, found.since, found.lasting) == (41, "2022-06", "2022-05", 2)
    assert (found.baseline_from, found.baseline_to) == ("2020-04", "2022-03")
    assert found.chart is not None
    assert [point.mark for point in found.chart.points[-3:]] == [None, "exception", "exception"]
    assert len(found.chart.points) >= 24
    assert found.chart.upper == found.upper


def test_the_chart_of_a_drift_shows_its_usual_level_and_no_limits_of_the_sum():
    found = finding(rule(drift={"k": 0.5, "h": 4}), block([*([10, 12] * 14), 30]), measure())
    assert found.high == ("drift",)
    assert found.chart is not None
    assert found.chart.centre == pytest.approx(11)
    assert (found.chart.lower, found.chart.upper, found.lower, found.upper) == (None,) * 4


def test_the_limits_of_a_joined_rule_are_not_told_as_limits_of_the_figure():
    """They may be those of a CUSUM."""
    verdict, history = newest(rule(spc="mdc-2024"), series := block([*([10, 12] * 14), 40, 41]), measure())
    decision = decide(None, verdict, Policy(), FAR)
    assert decision.transition is not None
    joined = rule(all_of=["a", "b"])
    found = finding_of(decision.transition, verdict, joined, measure(), series, history, Calendar(), None, Asked())
    assert (found.value, found.lower, found.upper, found.range_rounded) == (41, None, None, False)


def test_a_surge_against_recent_periods_is_told_from_one_against_the_season():
    counts = measure(value=None, count="n")
    recent = finding(rule(seasonal={"method": "ears_c1"}), block([10, 12] * 14 + [60]), counts)
    assert recent.recent


def test_a_period_without_a_row_is_a_gap_to_bear_in_mind_only_where_one_was_due():
    figures = block([72, math.nan, math.nan, 62])
    assert finding(rule(threshold={"above": 60}), figures, measure()).caveats == (
        "2 months before it have no figures.",
    )
    assert finding(rule(threshold={"above": 60}), figures, measure(absent="nothing_due")).caveats == ()


def test_the_interval_of_a_surveys_figure_is_told():
    of = measure(standard_error="se", unit="percent", improvement="increase")
    series = replace(block([72, 73, 62]), standard_error=np.array([[1.5], [1.5], [1.5]]))
    told = finding(rule(threshold={"below": 70}), series, of)
    assert told.caveats == (
        "It is estimated from a survey: the true figure probably lies in the range 59.1% to 64.9%.",
    )
    near = replace(series, value=np.array([[72.0], [73], [1.0]]))
    assert "0% to 3.94" in finding(rule(threshold={"below": 70}), near, of).caveats[0]


def test_recording_changes_and_known_events_are_dated_on_the_chart():
    notes = {
        "new-form": {"effect": "known_event", "from": "2022-02", "reason": "a new form"},
        "recording": {"effect": "rebase", "from": "2020-03", "reason": "counted anew", "agreed_by": "A"},
        "elsewhere": {"effect": "known_event", "from": "2022-02", "reason": "not here", "where": {"place": "B"}},
    }
    calendar = Calendar(
        annotations={k: Annotation.model_validate({"id": k, "measures": "m", **v}) for k, v in notes.items()}
    )
    found = finding(rule(threshold={"above": 30}), block([*([10, 12] * 14), 40]), measure(), calendar)
    assert found.chart is not None
    assert [(note.period, note.text, note.rebase) for note in found.chart.notes] == [("2022-02", "a new form", False)]
    spc = finding(rule(spc="mdc-2024"), block([*([10, 12] * 14), 40]), measure(), calendar)
    assert spc.chart is not None
    assert [note.period for note in spc.chart.notes] == ["2020-03", "2022-02"]


def test_small_numbers_are_hidden_everywhere():
    """R31."""
    of = measure(count="n", improvement="neither")
    series = block([*([7, 9] * 14), 3])
    found = finding(rule(threshold={"below": 4}), series, of, small=SmallNumbers())
    assert found.small == 5
    hidden = [
        found.value,
        found.numerator,
        found.centre,
        found.lower,
        found.upper,
        found.nearest_usual,
        found.units_to_usual,
        found.told_value,
    ]
    assert hidden == [None] * 8
    assert found.chart is not None
    assert found.chart.points[-1].hidden
    assert found.chart.points[-1].value is None
    assert (found.chart.centre, found.chart.lower, found.chart.upper) == (None, None, None)


def test_limits_that_would_give_a_hidden_count_away_are_shown_in_whole_numbers():
    """R31: 24 times an exact centre line is the sum of the baseline, and all but the hidden count are on the chart."""
    of = measure(count="n", improvement="neither")
    series = block([*([7, 3] * 14), 40])
    exact = finding(rule(spc="mdc-2024"), series, of)
    found = finding(rule(spc="mdc-2024"), series, of, small=SmallNumbers())
    assert (found.value, found.centre, found.range_rounded) == (40, None, True)
    assert exact.upper is not None
    assert (found.lower, found.upper) == (0, math.floor(exact.upper))
    assert found.units_to_usual == exact.units_to_usual, "whole limits decide the same for whole counts"
    assert found.chart is not None
    assert (found.chart.centre, found.chart.lower, found.chart.upper) == (None, 0, found.upper)


def test_a_share_over_hidden_counts_shows_no_limits_at_all():
    of = measure(numerator="n", denominator="d", unit="percent", improvement="decrease")
    pairs = [*([(7, 100), (3, 100)] * 14), (40, 100)]
    one = rule(spc="mdc-2024")
    verdict, history = newest(one, share_block(pairs), of)
    decision = decide(None, verdict, Policy(), FAR)
    assert decision.transition is not None
    found = finding_of(
        decision.transition, verdict, one, of, share_block(pairs), history, Calendar(), SmallNumbers(), Asked()
    )
    assert found.range_rounded
    assert (found.centre, found.lower, found.upper, found.nearest_usual) == (None, None, None, None)


@pytest.mark.parametrize(("told", "repeated"), [(3.0, None), (0.0, 0.0), (9.0, 9.0)])
def test_a_small_figure_of_an_earlier_notice_is_not_told_later(told, repeated):
    of = measure(count="n", improvement="neither")
    one = rule(threshold={"above": 20})
    series = block([7, 9, 40])
    verdict, history = newest(one, series, of)
    first = decide(None, verdict, Policy(), FAR).case
    assert first is not None
    before = replace(first, told_value=told, told_excess=0.0, told_period=history.period(0))
    again = decide(before, verdict, Policy(), FAR)
    assert again.transition is not None
    found = finding_of(again.transition, verdict, one, of, series, history, Calendar(), SmallNumbers(), Asked())
    assert found.told_value == repeated


def test_small_numbers_show_where_nothing_was_configured():
    found = finding(rule(threshold={"below": 4}), block([7, 3]), measure(count="n", improvement="neither"))
    assert (found.small, found.value) == (None, 3)


def test_a_chart_of_nothing_is_none():
    one = rule(threshold={"above": 1})
    history = verdicts(one, block([None, None]))
    shown = verdict_at(history, 1, 0, None)
    assert chart_of(shown, one, measure(), history, Calendar(), None) is None


def test_a_rules_version_changes_with_anything_that_decides_how_it_judges():
    one, of = rule(threshold={"above": 1}), measure()
    assert rule_version(one, of) == rule_version(rule(threshold={"above": 1}), measure())
    assert rule_version(one, of) != rule_version(rule(threshold={"above": 2}), of)
    assert rule_version(one, of) != rule_version(one, of.model_copy(update={"statement": "select 1"}))


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        ({"threshold": {"below": 85}, "for": "2 periods"}, "Fixed threshold: below 85, for 2 periods."),
        (
            {"spc": "mdc"},
            "XmR chart, for a figure that varies about a level, mdc-2024; usual range from the 24 months that end 3 before the one judged, 3 sigma.",
        ),
        (
            {"freshness": {"late_after": "5 working days", "missing": "any"}},
            "Freshness of the feed: late after 5 working days, missing: any.",
        ),
    ],
)
def test_the_method_is_one_line(detector, words):
    assert method_line(rule(**detector), measure()) == words


def test_neighbouring_missing_periods_are_one_trouble_with_a_lasting_identity():
    def faults(*periods):
        series = block([1.0] * 6)
        return SeriesBlock(
            measure="m", grain=series.grain, by=series.by, keys=series.keys, first=series.first, value=series.value,
            numerator=None, denominator=None, present=series.present,
            faults=tuple(Fault(kind=FaultKind.MISSING_SERIES, key=("A",), period=period) for period in periods),
        )  # fmt: skip

    at = datetime(2020, 7, 10, tzinfo=LONDON)
    short = troubles(measure(), faults("2020-02", "2020-03", "2020-05"), Calendar(), at)
    longer = troubles(measure(), faults("2020-02", "2020-03", "2020-05", "2020-06"), Calendar(), at)
    assert [(t.first, t.last) for t in short] == [("2020-02", "2020-03"), ("2020-05", "2020-05")]
    assert [t.identity for t in short] == [t.identity for t in longer]
    assert short[0].sentence == "A: no figures where others have them, February 2020 to March 2020"


def test_a_feed_is_stale_when_two_settled_periods_have_not_arrived():
    series = block([1.0, 1.0, math.nan])  # to March 2020
    assert stale_fault(measure(), series, Calendar(), datetime(2020, 5, 31, 12, tzinfo=LONDON)) is None
    fault = stale_fault(measure(), series, Calendar(), datetime(2020, 6, 1, tzinfo=LONDON))
    assert fault is not None
    assert fault.found == "newest figures are for March 2020"
