"""Who is told: never nobody, never everybody (R23, R26)."""

from datetime import date

import pytest

from alertd.core.owners import Owner, Via, recipient_for
from alertd.core.places import Places

OWNERS = {
    owner["id"]: Owner.model_validate(owner)
    for owner in (
        {"id": "data_steward", "email": "steward@example.org"},
        {
            "id": "lead",
            "by": "place",
            "posts": {
                "North": [
                    {"name": "Old", "email": "old@example.org", "from": "2019-01-01", "to": "2022-06-30"},
                    {
                        "name": "New",
                        "email": "new@example.org",
                        "from": "2022-07-01",
                        "deputy": "deputy@example.org",
                        "away": [{"from": "2022-08-01", "to": "2022-08-14"}],
                    },
                ]
            },
        },
        {
            "id": "round",
            "by": "place",
            "posts": {"X": [{"name": "X", "email": "x@example.org", "from": "2030-01-01"}]},
            "fallback": "round",
        },
    )
}
PLACES = Places(unallocated=("Not located",))


@pytest.mark.parametrize(
    ("owner", "series", "day", "email", "via"),
    [
        ("lead", {"place": "North"}, "2022-06-30", "old@example.org", Via.HOLDER),
        ("lead", {"place": "North"}, "2022-07-01", "new@example.org", Via.HOLDER),
        ("lead", {"place": "North"}, "2022-08-14", "deputy@example.org", Via.DEPUTY),
        ("lead", {"place": "North"}, "2022-08-15", "new@example.org", Via.HOLDER),
        ("lead", {"place": "North"}, "2018-01-01", "steward@example.org", Via.FALLBACK),
        ("lead", {"place": "West"}, "2022-07-01", "steward@example.org", Via.FALLBACK),
        ("lead", {}, "2022-07-01", "steward@example.org", Via.ABOVE),
        ("lead", {"place": "Not located"}, "2022-07-01", "steward@example.org", Via.UNALLOCATED),
        ("lead", {"place": "North", "category": "Not located"}, "2022-07-01", "steward@example.org", Via.UNALLOCATED),
        ("data_steward", {}, "2022-07-01", "steward@example.org", Via.HOLDER),
        ("ops", {}, "2022-07-01", "ops@example.org", Via.OPS),
        ("nobody", {}, "2022-07-01", "ops@example.org", Via.OPS),
        ("round", {"place": "X"}, "2022-07-01", "ops@example.org", Via.OPS),
    ],
)
def test_who_is_told_and_why(owner, series, day, email, via):
    found = recipient_for(owner, series, date.fromisoformat(day), OWNERS, PLACES, "ops@example.org")
    assert (found.email, found.via) == (email, via)


def test_without_a_steward_unallocated_figures_go_to_ops():
    found = recipient_for("lead", {"place": "Not located"}, date(2022, 7, 1), {}, PLACES, "ops@example.org")
    assert found.email == "ops@example.org"
