"""Levels of the hierarchy: what places add up to, and what an exception above explains."""

from datetime import date

import numpy as np
import pytest

from alertd.core.adding_up import block_at
from alertd.core.levels import (
    cannot_add_up,
    levels_above,
    levels_of,
    measure_at,
    place_column,
    where_at_places,
)
from alertd.core.places import Places
from alertd.core.series import Events, SeriesBlock
from tests.core.make import measure, rule

PLACES = Places.model_validate(
    {
        "places": {
            "County": {"level": "force"},
            "West": {"level": "division", "parent": "County"},
            "East": {"level": "division", "parent": "County"},
            "A": {"level": "district", "parent": "West"},
            "B": {"level": "district", "parent": "West"},
            "C": {"level": "district", "parent": "East", "to": "2020-02-29"},
        },
        "unallocated": ["Not located"],
    }
)
SHARE = {"by": ("district",), "value": None, "numerator": "n", "denominator": "d", "unit": "percent"}
FIRST = 600  # January 2020


def shares(numerator, denominator, keys=(("A",), ("B",), ("C",))) -> SeriesBlock:
    n, d = np.array(numerator, dtype=float), np.array(denominator, dtype=float)
    return SeriesBlock(
        measure="m",
        grain=measure().grain,
        by=("district",),
        keys=keys,
        first=FIRST,
        value=100 * n / d,
        numerator=n,
        denominator=d,
        present=~np.isnan(d),
    )


MOVED = Places.model_validate(
    {
        "places": {
            "County": {"level": "force"},
            "West": {"level": "division", "parent": "County", "to": "2022-03-31"},
            "East": {"level": "division", "parent": "County"},
            "South": {"level": "division", "parent": "County", "from": "2022-04-01"},
            "A": {
                "level": "district",
                "parent": "South",
                "formerly": [{"parent": "East", "to": "2022-03-31"}, {"parent": "West", "to": "2020-02-29"}],
            },
        }
    }
)


@pytest.mark.parametrize(
    ("day", "division"),
    [
        ("2019-01-01", "West"),
        ("2020-02-29", "West"),
        ("2020-03-01", "East"),
        ("2022-03-31", "East"),
        ("2022-04-01", "South"),
    ],
)
def test_a_place_belongs_to_what_it_belonged_to_on_the_day(day, division):
    """R39."""
    assert MOVED.ancestor("A", "division", date.fromisoformat(day)) == division
    assert MOVED.ancestor("A", "force", date.fromisoformat(day)) == "County"


def test_a_place_that_moved_counts_to_each_division_in_its_time():
    found = block_at(shares([[5], [6], [7]], [[10], [10], [10]], keys=(("A",),)), measure(**SHARE), "division", MOVED)
    assert found.keys == (("East",), ("West",))
    np.testing.assert_equal(found.numerator, [[np.nan, 5], [np.nan, 6], [7, np.nan]])
    where = where_at_places({"division": ("West",)}, measure(**SHARE), MOVED)
    assert where == {"district": ("A",)}


@pytest.mark.parametrize(("level", "keys"), [("division", (("West",),)), ("force", ((),))])
def test_a_where_by_a_level_above_means_a_place_that_moved_in_its_time_alone(level, keys):
    """The sum of a division that was not asked for would be one of some of its places."""
    block = shares([[5], [6], [7]], [[10], [10], [10]], keys=(("A",),))
    found = block_at(block, measure(**SHARE), level, MOVED, {"division": ("West",)})
    assert found.keys == keys
    np.testing.assert_equal(found.numerator, [[5], [6], [np.nan]])


def test_levels_are_found_from_the_hierarchy():
    one = measure(**SHARE)
    assert place_column(one, PLACES) == "district"
    assert levels_above(one, PLACES) == ("division", "force")
    assert levels_of(rule(threshold={"above": 1}, at=["district", "force"]), one, PLACES) == ("force", "district")
    assert levels_of(rule(threshold={"above": 1}), one, PLACES) == (None,)
    assert place_column(measure(by=("category",)), PLACES) is None


def test_numerators_and_denominators_add_up_and_the_share_follows_from_the_sums():
    block = shares([[1, 9, 5]], [[10, 10, 50]])
    west = block_at(block, measure(**SHARE), "division", PLACES)
    assert west.by == ("division",)
    assert west.keys == (("East",), ("West",))
    assert west.value.tolist() == [[10.0, 50.0]]  # and not the mean of 10% and 90%
    force = block_at(block, measure(**SHARE), "force", PLACES)
    assert (force.by, force.keys) == ((), ((),))
    assert force.value.tolist() == [[pytest.approx(100 * 15 / 70)]]


def test_a_missing_place_makes_the_sum_missing_and_never_smaller():
    nan = np.nan
    block = shares([[1, 9, 5], [1, nan, 5], [1, 9, nan]], [[10, 10, 50], [10, nan, 50], [10, 10, nan]])
    west = block_at(block, measure(**SHARE), "division", PLACES)
    assert np.isnan(west.value[1, 1])
    assert west.value[2, 1] == 50.0
    assert np.isnan(west.value[2, 0])  # C was closed in March, so nothing belongs to the East any more


def test_what_is_located_nowhere_counts_to_the_force_and_to_no_division():
    block = shares([[1, 9, 5, 3]], [[10, 10, 50, 30]], keys=(("A",), ("B",), ("C",), ("Not located",)))
    assert block_at(block, measure(**SHARE), "force", PLACES).denominator.tolist() == [[100.0]]
    assert block_at(block, measure(**SHARE), "division", PLACES).denominator.tolist() == [[50.0, 20.0]]


def test_other_columns_stay_and_events_go_with_their_places():
    counts = measure(by=("district", "kind"), value=None, event={"date": "at"}, period="at")
    keys = (("A", "x"), ("A", "y"), ("B", "x"))
    figures = np.array([[1.0, 0.0, 2.0]])
    block = SeriesBlock(
        measure="m",
        grain=counts.grain,
        by=("district", "kind"),
        keys=keys,
        first=FIRST,
        value=figures,
        numerator=None,
        denominator=None,
        present=np.ones((1, 3), dtype=bool),
        events=Events(at=np.array([18270.0, 18265.0, 18275.0]), column=np.array([0, 2, 2])),
    )
    found = block_at(block, counts, "division", PLACES)
    assert found.keys == (("West", "x"), ("West", "y"))
    assert found.value.tolist() == [[3.0, 0.0]]
    assert (found.events.at.tolist(), found.events.column.tolist()) == ([18265.0, 18270.0, 18275.0], [0, 0, 0])


def test_a_place_that_changes_its_division_counts_to_the_one_of_the_day():
    moved = PLACES.model_copy(
        update={
            "places": {
                **PLACES.places,
                "D": PLACES.places["A"].model_copy(update={"parent": "East"}),
                "C": PLACES.places["C"].model_copy(update={"parent": "West", "to": None}),
            }
        }
    )
    assert moved.ancestor("D", "division", date(2020, 1, 1)) == "East"
    assert moved.ancestor("C", "force", date(2020, 1, 1)) == "County"
    assert PLACES.ancestor("C", "division", date(2020, 3, 1)) is None
    assert PLACES.ancestor("Nowhere", "division", date(2020, 3, 1)) is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"value": "v"}, "not the sum"),
        ({"value": None, "count": "n"}, ""),
        ({"value": None, "numerator": "n", "denominator": "d"}, ""),
        ({"value": None, "grade": "g", "scale": ["bad", "good"]}, "grades"),
    ],
)
def test_only_what_adds_up_is_added_up(keys, said):
    found = cannot_add_up(measure(by=("district",), **keys))
    assert said in found
    assert bool(found) == bool(said)


def test_a_reference_agreed_for_a_share_holds_above_and_one_for_a_count_does_not():
    line = {"value": 90, "label": "agreed"}
    assert measure_at(measure(**SHARE, reference=line), "force", PLACES).reference is not None
    counted = measure(by=("district",), value=None, count="n", reference=line)
    assert measure_at(counted, "force", PLACES).reference is None


def test_a_where_by_a_level_above_means_its_places():
    one = measure(**SHARE)
    assert where_at_places({"division": ("West",)}, one, PLACES) == {"district": ("A", "B")}
    assert where_at_places({"division": ("West",), "district": ("B", "C")}, one, PLACES) == {"district": ("B",)}
    assert where_at_places({"district": ("A",)}, one, PLACES) == {"district": ("A",)}
