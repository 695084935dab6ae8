"""The life of a case: who is told of what, once, and what never ends it."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.cases import Case, CaseState, Direction, Reason, TransitionKind
from alertd.core.durations import Span
from alertd.core.lifecycle import Policy, decide, decide_faults, withdraw
from alertd.core.periods import parse_period
from alertd.core.verdicts import State, Verdict
from tests.core.make import LONDON

NOW = datetime(2023, 1, 5, 7, tzinfo=LONDON)
CHART = Policy(in_sigma=True)


def verdict(state=State.EXCEPTION, period="2022-12", signals=("astronomical",), excess=1.0, value=9.0):
    at = parse_period(period)
    return Verdict(
        rule="r",
        measure="m",
        by=("place",),
        key=("North",),
        period=at,
        state=state,
        high=signals if state.notable else (),
        low=(),
        value=value,
        numerator=math.nan,
        denominator=math.nan,
        centre=5.0,
        lower=2.0,
        upper=8.0,
        excess=excess if state.notable else 0.0,
        since=at if state.notable else None,
    )


def opened(policy=CHART, **more) -> Case:
    case = decide(None, verdict(**more), policy, NOW).case
    assert case is not None
    return case


def test_the_first_exception_opens_a_case_and_is_told():
    decision = decide(None, verdict(), CHART, NOW)
    assert decision.transition is not None
    assert (decision.transition.kind, decision.reason) == (TransitionKind.OPENED, Reason.FIRST_SEEN)


def test_the_first_round_says_that_it_was_already_so():
    assert decide(None, verdict(), replace(CHART, first_round=True), NOW).reason is Reason.ALREADY_SO


def test_a_second_round_over_the_same_data_says_nothing():
    """R21."""
    case = opened()
    again = decide(case, verdict(), CHART, NOW + timedelta(hours=1))
    assert (again.case, again.transition, again.reason) == (case, None, Reason.TOLD_THIS_PERIOD)


def test_a_lasting_exception_that_is_no_worse_says_nothing():
    case = opened()
    assert decide(case, verdict(period="2023-01"), CHART, NOW).reason is Reason.STILL_SO


@pytest.mark.parametrize("state", [State.UNKNOWN, State.LEARNING, State.UNSETTLED, State.MUTED, State.PENDING])
def test_what_is_not_known_never_clears_a_case(state):
    case = opened()
    decision = decide(case, verdict(state, period="2023-01"), CHART, NOW)
    assert (decision.case, decision.transition) == (case, None)


def test_figures_that_went_back_in_time_never_clear_a_case():
    case = opened()
    assert decide(case, verdict(State.QUIET, period="2022-11"), CHART, NOW).case == case


def test_quiet_at_a_later_period_clears_it():
    decision = decide(opened(), verdict(State.QUIET, period="2023-01"), CHART, NOW)
    assert decision.transition is not None
    assert (decision.transition.kind, decision.reason) == (TransitionKind.CLEARED, Reason.BACK_TO_USUAL)
    assert decision.case is not None
    assert decision.case.state is CaseState.CLEARED


def test_quiet_at_the_same_period_is_a_correction_of_the_notice():
    """R18."""
    decision = decide(opened(), verdict(State.QUIET), CHART, NOW)
    assert decision.transition is not None
    assert (decision.transition.kind, decision.reason) == (TransitionKind.CORRECTED, Reason.REVISED)


def test_a_changed_rule_is_no_revision_of_the_figures():
    decision = decide(opened(), verdict(State.QUIET), replace(CHART, rule_changed=True), NOW)
    assert decision.reason is Reason.RULE_CHANGED


def test_a_rebase_ends_a_case_through_learning():
    decision = decide(opened(), verdict(State.LEARNING, period="2023-01"), CHART, NOW, rebased=True)
    assert decision.reason is Reason.REBASED
    assert decision.case is not None
    assert decision.case.state is CaseState.CLEARED


@pytest.mark.parametrize(
    ("policy", "told", "excess", "worse"),
    [
        (CHART, 1.0, 1.9, False),
        (CHART, 1.0, 2.0, True),
        (Policy(), 2.0, 3.9, False),
        (Policy(), 2.0, 4.0, True),
        (Policy(), 0.0, 0.0, False),
        (Policy(least_step=1), 0.2, 0.5, False),
        (Policy(least_step=1), 1.0, 2.0, True),
    ],
)
def test_worse_means_a_sigma_further_or_twice_as_far_beyond_a_threshold(policy, told, excess, worse):
    case = opened(policy, excess=told)
    decision = decide(case, verdict(period="2023-01", excess=excess, value=9.5), policy, NOW)
    assert (decision.reason is Reason.FURTHER_OUT) == worse
    assert (decision.transition is not None) == worse


def test_a_range_that_has_only_narrowed_is_no_worsening():
    case = opened()
    closer = decide(case, verdict(period="2023-01", excess=5.0, value=8.9), CHART, NOW)
    assert closer.reason is Reason.STILL_SO


def test_a_point_now_beyond_its_limit_is_worse_than_a_run():
    case = opened(signals=("shift",), excess=0.0)
    decision = decide(case, verdict(period="2023-01", excess=0.1), CHART, NOW)
    assert decision.reason is Reason.NEW_SIGNAL
    assert decision.case is not None
    assert decision.case.told_signals == ("shift", "astronomical")


def test_worse_figures_for_a_period_already_told_wait_for_the_next():
    case = opened()
    assert decide(case, verdict(excess=9.0), CHART, NOW).reason is Reason.TOLD_THIS_PERIOD


def test_a_reminder_is_due_after_its_span_and_not_before():
    policy = replace(CHART, remind=Span.parse("4 weeks"))
    case = opened(policy)
    assert decide(case, verdict(), policy, NOW + timedelta(days=27)).transition is None
    due = decide(case, verdict(), policy, NOW + timedelta(days=28))
    assert due.reason is Reason.REMINDER_DUE
    assert due.case is not None
    assert decide(due.case, verdict(), policy, NOW + timedelta(days=29)).transition is None


def test_an_exception_escalates_once():
    policy = replace(CHART, escalate_after=Span.parse("2 periods"))
    case = opened(policy)
    assert decide(case, verdict(period="2023-01"), policy, NOW + timedelta(days=30)).transition is None
    due = decide(case, verdict(period="2023-02"), policy, datetime(2023, 3, 5, 7, tzinfo=LONDON))
    assert due.reason is Reason.ESCALATION_DUE
    assert due.case is not None
    assert decide(due.case, verdict(period="2023-03"), policy, datetime(2023, 9, 5, tzinfo=LONDON)).transition is None


def test_improvement_is_told_only_where_it_was_asked_for():
    """R17."""
    better = verdict(State.IMPROVEMENT)
    assert decide(None, better, CHART, NOW).reason is Reason.IMPROVEMENT_NOT_ASKED
    asked = decide(None, better, replace(CHART, tell_improvement=True), NOW)
    assert asked.case is not None
    assert asked.case.direction is Direction.IMPROVEMENT


def test_an_improvement_that_nobody_asked_for_ends_a_concern_and_is_not_called_usual():
    decision = decide(opened(), verdict(State.IMPROVEMENT, period="2023-01"), CHART, NOW)
    assert decision.case is not None
    assert (decision.case.state, decision.reason) == (CaseState.CLEARED, Reason.NOW_BETTER)


def test_an_improvement_is_neither_reminded_of_nor_escalated():
    """R17."""
    policy = replace(CHART, tell_improvement=True, remind=Span.parse("1 day"), escalate_after=Span.parse("1 day"))
    case = decide(None, verdict(State.IMPROVEMENT), policy, NOW).case
    later = decide(case, verdict(State.IMPROVEMENT, period="2023-03"), policy, NOW + timedelta(days=90))
    assert (later.transition, later.reason) == (None, Reason.STILL_SO)


def test_late_figures_that_came_are_no_revision():
    policy = replace(CHART, data=True)
    case = decide(None, verdict(signals=("late",)), policy, NOW).case
    assert decide(case, verdict(State.QUIET), policy, NOW).reason is Reason.BACK_TO_USUAL


def test_a_rule_that_goes_into_shadow_falls_silent_about_its_cases():
    shadow = replace(CHART, silent=True)
    worse = decide(opened(), verdict(period="2023-01", excess=9.0, value=20.0), shadow, NOW)
    assert worse.transition is None
    assert worse.case is not None
    assert worse.case.muted
    ended = decide(opened(), verdict(State.QUIET, period="2023-01"), shadow, NOW)
    assert ended.transition is None


def test_a_rule_that_comes_out_of_shadow_tells_what_still_stands():
    """Decision 8: changed, so judged again."""
    case = decide(None, verdict(), replace(CHART, silent=True), NOW).case
    live = decide(case, verdict(), CHART, NOW)
    assert live.transition is not None
    assert (live.transition.kind, live.reason) == (TransitionKind.OPENED, Reason.ALREADY_SO)
    assert live.case is not None
    assert not live.case.muted
    assert decide(live.case, verdict(), CHART, NOW).transition is None


def test_what_was_kept_from_people_climbs_nothing_and_waits_from_when_it_is_told():
    live = replace(CHART, escalate_after=Span.parse("2 periods"), next_tier=lambda case, day: f"tier {len(case.tiers)}")
    shadow = replace(live, silent=True)
    case = decide(None, verdict(), shadow, NOW).case
    for month in (3, 6, 9):
        case = decide(case, verdict(period=f"2023-0{month - 1}"), shadow, datetime(2023, month, 5, tzinfo=LONDON)).case
    assert case is not None
    assert (case.tiers, case.escalated_at) == ((), None)
    case = decide(case, verdict(period="2023-08"), live, datetime(2023, 9, 6, tzinfo=LONDON)).case
    early = decide(case, verdict(period="2023-09"), live, datetime(2023, 10, 7, tzinfo=LONDON))
    assert early.transition is None
    due = decide(early.case, verdict(period="2023-10"), live, datetime(2023, 11, 7, tzinfo=LONDON))
    assert due.reason is Reason.ESCALATION_DUE
    assert due.case is not None
    assert due.case.tiers == ("tier 0",)


def test_concern_that_turns_into_improvement_is_a_new_case():
    policy = replace(CHART, tell_improvement=True)
    decision = decide(opened(), verdict(State.IMPROVEMENT, period="2023-01"), policy, NOW)
    assert decision.closed is not None
    assert decision.closed.state is CaseState.CLEARED
    assert decision.case is not None
    assert (decision.case.direction, decision.reason) == (Direction.IMPROVEMENT, Reason.CHANGED_SIDE)


def test_a_shadow_rule_keeps_cases_and_tells_nobody():
    policy = replace(CHART, silent=True)
    decision = decide(None, verdict(), policy, NOW)
    assert decision.transition is None
    assert decision.case is not None
    ended = decide(decision.case, verdict(State.QUIET, period="2023-01"), CHART, NOW)
    assert ended.transition is None, "nobody was told of it, so nobody is told of its end"


def test_a_withdrawn_rule_closes_its_cases_and_says_so():
    decision = withdraw(opened(), NOW)
    assert decision.case is not None
    assert decision.case.state is CaseState.WITHDRAWN
    assert decision.transition is not None


def test_data_faults_are_told_once_and_new_ones_again():
    start = replace(opened(), id="d", direction=Direction.DATA)
    first = decide_faults(None, {"a", "b"}, start, NOW, first_round=False)
    assert first.case is not None
    assert decide_faults(first.case, {"a", "b"}, start, NOW, first_round=False).reason is Reason.STILL_SO
    fewer = decide_faults(first.case, {"a"}, start, NOW, first_round=False)
    assert (fewer.transition, fewer.reason) == (None, Reason.STILL_SO)
    worse = decide_faults(first.case, {"a", "c"}, start, NOW, first_round=False)
    assert worse.reason is Reason.NEW_FAULT
    assert worse.case is not None
    assert worse.case.told_faults == ("a", "c")
    back = decide_faults(worse.case, {"a", "b", "c"}, start, NOW, first_round=False)
    assert back.reason is Reason.NEW_FAULT, "put right and come back is told again"
    ended = decide_faults(worse.case, set(), start, NOW, first_round=False)
    assert ended.reason is Reason.BACK_TO_USUAL


def test_a_fault_that_a_rule_tells_is_remembered_and_not_told_twice():
    start = replace(opened(), id="d", direction=Direction.DATA)
    quiet = decide_faults(None, {"late"}, start, NOW, first_round=False, covered={"late"})
    assert quiet.transition is None
    assert quiet.case is not None
    again = decide_faults(quiet.case, {"late"}, start, NOW, first_round=False)
    assert (again.transition, again.reason) == (None, Reason.STILL_SO), "told by its rule when it was new"
    other = decide_faults(quiet.case, {"late", "null"}, start, NOW, first_round=False)
    assert other.transition is not None
    assert other.transition.kind is TransitionKind.OPENED, "the first that is told opens the case for its reader"
    assert other.case is not None
    more = decide_faults(other.case, {"late", "null", "gap"}, start, NOW, first_round=False, covered={"gap"})
    assert more.transition is None
    assert more.case is not None
    assert more.case.told_faults == ("gap", "late", "null")
    assert decide_faults(quiet.case, set(), start, NOW, first_round=False).transition is None


steps = st.lists(
    st.tuples(
        st.sampled_from(list(State)), st.integers(0, 2), st.floats(0, 9), st.sampled_from(["shift", "astronomical"])
    ),
    max_size=20,
)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_replaying_any_verdict_changes_nothing_and_unknown_never_ends_a_case(history):
    case, period = None, parse_period("2022-01")
    for state, ahead, excess, signal in history:
        period += ahead
        said = replace(verdict(state, signals=(signal,), excess=excess), period=period, since=None)
        before = case
        decision = decide(case, said, CHART, NOW)
        case = decision.case if decision.case is not None and decision.case.state is CaseState.OPEN else None
        if state in (State.UNKNOWN, State.UNSETTLED, State.MUTED, State.LEARNING, State.PENDING):
            assert (case, decision.transition) == (before, None)
        again = decide(case, said, CHART, NOW + timedelta(minutes=5))
        assert again.transition is None, "the same verdict twice makes one notice"
        assert again.case == case
