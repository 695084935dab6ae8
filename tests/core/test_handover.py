"""Who holds a post from when on (R23)."""

from datetime import date

from alertd.core.handover import holder_on, holders_of, next_holder
from alertd.core.owners import Owner
from alertd.core.places import Places

OWNERS = {
    owner["id"]: Owner.model_validate(owner)
    for owner in (
        {"id": "chief", "email": "chief@example.org"},
        {
            "id": "division",
            "by": "division",
            "fallback": "chief",
            "posts": {
                "West": [{"name": "W", "email": "West@example.org", "from": "2020-01-01"}],
                "East": [{"name": "E", "email": "east@example.org", "from": "2020-01-01", "to": "2022-12-31"}],
            },
        },
    )
}
PLACES = Places.model_validate(
    {
        "places": {
            "West": {"level": "division"},
            "East": {"level": "division"},
            "North": {"level": "district", "parent": "East", "formerly": [{"parent": "West", "to": "2022-03-31"}]},
        }
    }
)


def test_holders_change_with_posts_and_with_the_structure():
    holders = holders_of("division", {"district": "North"}, OWNERS, PLACES)
    assert holders == (
        (date.min, ""),
        (date(2020, 1, 1), "west@example.org"),
        (date(2022, 4, 1), "east@example.org"),
        (date(2023, 1, 1), ""),
    )
    assert holder_on(holders, date(2022, 3, 31)) == "west@example.org"
    assert next_holder(holders, date(2021, 1, 1), "west@example.org") == date(2022, 4, 1)
    assert next_holder(holders, date(2022, 5, 1), "west@example.org") == date(2022, 5, 1)
    assert next_holder(holders, date(2022, 5, 1), "east@example.org") is None  # a vacancy takes over nothing
    assert next_holder(holders, date(2022, 5, 1), None) is None


def test_one_address_never_changes_hands():
    assert holders_of("chief", {"district": "North"}, OWNERS, PLACES) == ((date.min, "chief@example.org"),)
