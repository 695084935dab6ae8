"""Who is told: never nobody, never everybody (R23, R26)."""

from datetime import date

import pytest

from alertd.core.owners import Owner, Post, Vacancy, Via, recipient_for, vacancy_of
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


@pytest.mark.parametrize(
    ("place", "day", "since"),
    [("North", "2018-01-01", None), ("West", "2022-07-01", None), ("Gap", "2022-05-01", "2022-04-01")],
)
def test_a_fallback_knows_which_post_nobody_holds_and_since_when(place, day, since):
    gap = [
        {"name": "First", "email": "first@example.org", "from": "2021-01-01", "to": "2022-03-31"},
        {"name": "Later", "email": "later@example.org", "from": "2022-06-01"},
    ]
    lead = OWNERS["lead"].model_copy(
        update={"posts": {**OWNERS["lead"].posts, "Gap": tuple(map(Post.model_validate, gap))}}
    )
    on = date.fromisoformat(day)
    found = recipient_for("lead", {"place": place}, on, {**OWNERS, "lead": lead}, PLACES, "ops@example.org")
    first = date.fromisoformat(since) if since else None
    assert found.vacancy == Vacancy(owner="lead", place=place, since=first)
    assert vacancy_of(lead, "Gap", date(2022, 6, 1)) is None


def test_a_role_account_is_told_before_the_fallback_while_nobody_holds_the_post():
    lead = OWNERS["lead"].model_copy(update={"role_accounts": {"North": "duty.north@example.org"}})
    told = [
        recipient_for(
            "lead", {"place": "North"}, date.fromisoformat(day), {**OWNERS, "lead": lead}, PLACES, "ops@example.org"
        )
        for day in ("2018-01-01", "2022-07-01")
    ]
    assert [(one.email, one.via, one.name) for one in told] == [
        ("duty.north@example.org", Via.ROLE_ACCOUNT, "Lead, North"),
        ("new@example.org", Via.HOLDER, "New"),
    ]
    assert [one.vacancy is not None for one in told] == [True, False]


@pytest.mark.parametrize(
    "series", [{"district": "North", "crime": "Burglary"}, {"crime": "Burglary", "district": "North"}]
)
def test_the_post_above_a_place_is_found_whatever_else_the_figures_are_of(series):
    division = Owner.model_validate(
        {
            "id": "division",
            "by": "division",
            "posts": {"West": [{"name": "W", "email": "west@example.org", "from": "2020-01-01"}]},
        }
    )
    places = Places.model_validate(
        {"places": {"West": {"level": "division"}, "North": {"level": "district", "parent": "West"}}}
    )
    told = recipient_for("division", series, date(2022, 7, 1), {"division": division}, places, "ops@example.org")
    assert (told.email, told.via) == ("west@example.org", Via.HOLDER)


def test_without_a_steward_unallocated_figures_go_to_ops():
    found = recipient_for("lead", {"place": "Not located"}, date(2022, 7, 1), {}, PLACES, "ops@example.org")
    assert found.email == "ops@example.org"
