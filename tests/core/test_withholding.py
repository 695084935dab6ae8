"""Figures of small groups of people: withheld, with siblings where a sum would give them away (R32)."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.adding_up import block_at
from alertd.core.places import Place, Places
from alertd.core.series import SeriesBlock
from alertd.core.withholding import withheld
from tests.core.make import measure

TEAMS = {"a": "West", "b": "West", "c": "West", "d": "East", "e": "East", "f": "East", "g": "Mid", "h": "Mid"}
PLACES = Places(
    places={
        "All": Place(level="force"),
        **{name: Place(level="division", parent="All") for name in ("West", "East", "Mid")},
        **{team: Place(level="team", parent=division) for team, division in TEAMS.items()},
    }
)
SICKNESS = {"by": ["team"], "numerator": "lost", "denominator": "hours", "sensitive": "health", "group_size": "heads"}


def of(sizes: dict[str, float]) -> tuple[SeriesBlock, SeriesBlock, SeriesBlock]:
    """One month of teams of such sizes, at team, division and force; each loses one hour in a hundred."""
    m = measure(**SICKNESS)
    keys = tuple((team,) for team in sorted(sizes))
    hours = np.full((1, len(keys)), 100.0)
    raw = SeriesBlock(
        measure="m",
        grain=m.grain,
        by=("team",),
        keys=keys,
        first=600,
        value=hours / 100,
        numerator=hours / 100,
        denominator=hours,
        present=np.ones((1, len(keys)), dtype=np.bool_),
    )
    shown = withheld(raw, np.array([[sizes[team] for (team,) in keys]]), m, PLACES)
    return shown, block_at(shown, m, "division", PLACES), block_at(shown, m, "force", PLACES)


def seen(block: SeriesBlock) -> set[str]:
    """The series whose figures can be seen."""
    there = ~np.isnan(block.value[0])
    for figures in (block.numerator, block.denominator):
        assert figures is not None
        assert (np.isnan(figures[0]) == ~there).all()
    return {"".join(key) for key, one in zip(block.keys, there.tolist(), strict=True) if one}


def test_large_groups_are_all_shown() -> None:
    team, division, force = of(dict.fromkeys(TEAMS, 10))
    assert (seen(team), seen(division), seen(force)) == (set(TEAMS), {"West", "East", "Mid"}, {""})
    assert division.numerator is not None
    assert sorted(division.numerator[0].tolist()) == [2.0, 3.0, 3.0]


def test_the_next_smallest_sibling_goes_with_the_one_that_a_sum_would_give_away() -> None:
    team, division, force = of({"a": 3, "b": 12, "c": 20, "d": 30, "e": 30, "f": 30, "g": 30, "h": 30})
    assert seen(team) == set("cdefgh")
    assert seen(division) == {"West", "East", "Mid"}
    assert seen(force) == {""}


def test_siblings_go_until_those_withheld_are_as_many_people_as_the_floor() -> None:
    team, division, _ = of({"a": 2, "b": 3, "c": 20, "d": 30, "e": 30, "f": 30, "g": 30, "h": 30})
    assert seen(team) == set("defgh")
    assert seen(division) == {"West", "East", "Mid"}


def test_a_small_division_takes_another_with_it_and_the_smallest_two_teams_of_that_one() -> None:
    team, division, force = of({"g": 4, "h": 3, "a": 11, "b": 12, "c": 13, "d": 30, "e": 30, "f": 30})
    assert seen(division) == {"East"}
    assert seen(force) == {""}
    assert seen(team) == set("cdef")


def test_nothing_at_all_is_shown_of_a_force_below_the_floor() -> None:
    assert [seen(block) for block in of({"a": 4, "d": 3})] == [set(), set(), set()]


def test_a_group_whose_size_nobody_knows_is_withheld() -> None:
    assert "a" not in seen(of({**dict.fromkeys(TEAMS, 50), "a": np.nan})[0])


@settings(deadline=None)  # a slow machine is no counterexample
@given(st.fixed_dictionaries({team: st.integers(1, 25) for team in TEAMS}))
def test_no_combination_of_what_is_shown_tells_of_fewer_people_than_the_floor(sizes: dict[str, int]) -> None:
    team, division, force = (seen(block) for block in of(sizes))
    hidden = {one for one in TEAMS if one not in team}
    assert all(sizes[one] >= 10 for one in team)
    within = {name: {one for one in TEAMS if TEAMS[one] == name} for name in ("West", "East", "Mid")}
    for name in division:  # a division's figure less its teams that are shown
        rest = within[name] & hidden
        assert not rest or sum(sizes[one] for one in rest) >= 10
    rest = {one for name, teams in within.items() if name not in division for one in teams & hidden}
    if force and len(division) < 3:  # the force's less its divisions and teams that are shown
        assert sum(sizes[one] for one in rest) >= 10
