"""When a letter is tried again, and which states are ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.letters import LetterState, next_attempt

NOW = datetime(2023, 1, 5, 7, 0, tzinfo=UTC)


@given(attempts=st.integers(1, 10_000), unit=st.floats(0, 1))
def test_it_is_always_tried_again_and_never_later_than_in_an_hour(attempts: int, unit: float) -> None:
    again = next_attempt(attempts, NOW, unit)
    assert NOW + timedelta(seconds=15) <= again <= NOW + timedelta(hours=1)


@given(attempts=st.integers(1, 1000))
def test_the_wait_grows_and_then_stays(attempts: int) -> None:
    assert next_attempt(attempts + 1, NOW, 1.0) >= next_attempt(attempts, NOW, 1.0)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (50, 3600)])
def test_it_doubles_from_thirty_seconds_to_an_hour(attempts: int, seconds: int) -> None:
    assert next_attempt(attempts, NOW, 1.0) - NOW == timedelta(seconds=seconds)


def test_the_unit_that_is_drawn_spreads_letters_over_half_the_wait() -> None:
    assert [(next_attempt(3, NOW, unit) - NOW).total_seconds() for unit in (0.0, 0.5, 1.0)] == [60, 90, 120]


def test_only_these_states_are_ends() -> None:
    assert {state for state in LetterState if state.finished} == {
        LetterState.SENT,
        LetterState.REFUSED,
        LetterState.RESOLVED,
    }
