"""What reads as one person: columns by their names, values by themselves and beside the others of their column (R32)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.persons import names_a_person, persons_among

PLACES = ["Preston", "Burnley", "West Lancashire", "Chorley", "Fylde", "Wyre", "Rossendale"]


@pytest.mark.parametrize(
    "name", ["PC 1234", "ps 204", "a.b@example.org", "Sgt 204 Example", "DC 1234", "1234 PC Example", "PCSO 7012"]
)
def test_a_rank_with_a_number_and_an_address_are_persons_beside_any_places(name: str) -> None:
    assert persons_among([*PLACES, name]) == {name}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "PC World",
            "Sgt Pepper Ward",
            "St Anne's 12",
            "DC 12",
            "B1234",
            "E01012345",
            "2022",
            "PC Response",
            "Early 1",
        ),
        *(
            "Burnley, E",
            "Smith, B",
            "Dr Example's Hospital",
            "Dr Barnardo's",
            "Miss Example Lane",
            "101 Calls A",
            "PC1234",
        ),
        *(
            "SC 100",
            "DS 1001",
            "Sgt A Team",
            "Mr Example",
            "Relief, A",
            "2024 Wave A",
            "Ashton, Lea and Broughton",
            "a@b",
        ),
        *("Barrow-in-Furness", "PCSO team", "12345 Example A", "DC A Team", "PC 1234-5", "Duty Sgt"),
    ],
)
def test_a_place_a_team_or_a_code_that_reads_a_little_like_a_name_is_not_left_out(name: str) -> None:
    assert persons_among([*PLACES, name]) == frozenset()


@pytest.mark.parametrize(
    "names",
    [
        ["Example, A", "Sample, B", "Doe, J K", "Roe, E"],
        ["PC A Example", "Sgt B Sample", "DC J Doe", "Nobody"],
        ["Mr Example", "Ms Sample", "Dr Doe"],
        ["1234 Example A", "2345 Sample B", "3456 Doe J", "Unknown"],
        ["PC1234", "PC2345", "DS204", "1234 Insp Example"],
    ],
)
def test_a_column_most_of_which_reads_like_names_is_one_of_persons(names: list[str]) -> None:
    assert persons_among(names) == set(names)


@pytest.mark.parametrize(
    "names",
    [
        ["PA 101", "PB 101", "PC 101", "PS 102"],
        ["PA1001", "PB1001", "PC1001", "DC1001"],
        ["Preston, N", "Preston, S", "Burnley, E", "Fylde, W"],
        ["Relief, A", "Relief, B", "Relief, C", "Relief, D"],
        ["Dr Example Surgery", "Dr Sample Practice", "Dr Doe Hospital"],
        ["101 Calls A", "101 Calls B", "999 Calls A"],
        ["Example, A", "Sample, B"],
    ],
)
def test_codes_of_beats_compass_points_watches_and_surgeries_are_not_persons(names: list[str]) -> None:
    assert persons_among(names) == frozenset()


def test_a_name_beside_the_number_is_a_person_among_codes_too() -> None:
    assert persons_among(["PA 101", "PC 101", "PC 1234 Example", "a.b@example.org"]) == {
        "PC 1234 Example",
        "a.b@example.org",
    }


@given(names=st.sets(st.text(st.characters(exclude_characters="@0123456789,"), min_size=1, max_size=20)))
def test_without_a_figure_an_address_or_a_comma_single_values_are_never_left_out(names: set[str]) -> None:
    assert persons_among(names) in (frozenset(), names)


@pytest.mark.parametrize(
    "column",
    [
        *(
            "officer",
            "OfficerID",
            "collar_number",
            "CollarNo",
            "staff_id",
            "warrant_no",
            "attending_officer",
            "officer_hash",
        ),
        *("team_officer_id", "shift_sergeant", "name_of_officer", "officer_unique_id", "staff_member_id", "officerid"),
    ],
)
def test_columns_that_tell_persons_apart_are_known_by_their_names(column: str) -> None:
    assert names_a_person(column)


@pytest.mark.parametrize(
    "column",
    [
        *(
            "team",
            "force",
            "gender",
            "ethnicity",
            "officer_defined_ethnicity",
            "self_defined_ethnicity",
            "type",
            "outcome",
        ),
        *(
            "object_of_search",
            "age_range",
            "lsoa_code",
            "ward_name",
            "beat",
            "owner",
            "plan",
            "officer_rank",
            "staff_group",
        ),
        *("staff_survey_name", "victim_satisfaction_code", "victims_code", "nhs_trust_name", "driver_offence_code"),
        *(
            "is_officer",
            "number_of_staff",
            "officer_team_id",
            "child_protection_code",
            "suspect_outcome_code",
            "officers",
        ),
    ],
)
def test_columns_that_name_groups_things_and_numbers_are_not(column: str) -> None:
    assert not names_a_person(column)
