"""Which tiers of governance lie above an exception (R25)."""

from datetime import date

import pytest

from alertd.core.framework import Tier
from alertd.core.governance import tiers_above
from alertd.core.places import Places

DAY = date(2023, 1, 5)
TIERS = {
    name: Tier.model_validate(tier)
    for name, tier in {
        "place": {"title": "Place", "level": "district", "owner": "district_commander"},
        "division": {"title": "Division", "level": "division", "owner": "divisional_commander"},
        "force": {"title": "Learning Review", "level": "force", "owner": "assistant_chief"},
        "strategic": {"title": "Strategic scrutiny", "owner": "deputy_chief"},
    }.items()
}
PLACES = Places.model_validate(
    {
        "places": {
            "Force": {"level": "force"},
            "West": {"level": "division", "parent": "Force"},
            "East": {"level": "division", "parent": "Force"},
            "North": {"level": "district", "parent": "West"},
            "North 1": {"level": "team", "parent": "North"},
            "Old": {"level": "district", "parent": "West", "to": "2020-03-31"},
        },
        "unallocated": ["Not located"],
    }
)


@pytest.mark.parametrize(
    ("series", "owned_by", "above"),
    [
        ({"district": "North"}, "district", ["division", "force", "strategic"]),
        ({"district": "North", "crime_type": "Burglary"}, None, ["division", "force", "strategic"]),
        ({"division": "West", "department": "Crime"}, "division", ["force", "strategic"]),
        ({"force": "Force"}, None, ["strategic"]),
        ({}, None, ["strategic"]),
        ({"plan": "Fleet"}, None, ["strategic"]),
        ({"team": "North 1"}, "team", ["place", "division", "force", "strategic"]),
        ({"district": "North", "squad": "A"}, "squad", ["place", "division", "force", "strategic"]),
        ({"squad": "A"}, "squad", ["force", "strategic"]),
        ({"district": "Elsewhere"}, "district", ["force", "strategic"]),
        ({"district": "Old"}, "district", ["force", "strategic"]),
        ({"district": "Not located"}, "district", []),
    ],
)
def test_the_tiers_above_a_series(series, owned_by, above):
    assert list(tiers_above(TIERS, series, owned_by, DAY, PLACES)) == above


def test_two_tiers_may_look_at_one_level():
    tiers = TIERS | {"strategic": TIERS["strategic"].model_copy(update={"level": "force"})}
    assert tiers_above(tiers, {}, None, DAY, PLACES) == ("strategic",)
    assert tiers_above(tiers, {"district": "North"}, None, DAY, PLACES) == ("division", "force", "strategic")


def test_there_is_nothing_above_where_there_are_no_tiers():
    assert tiers_above({}, {"district": "North"}, None, DAY, PLACES) == ()
