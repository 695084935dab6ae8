"""Every way to a figure of one person that files show: refused wherever a home is loaded, not in `check` alone (R32)."""

from datetime import date

import pytest

from alertd.config.load import home_of, read_home
from alertd.config.problems import ConfigError
from tests.edges.config.homes import FILES, Read, kinds

SETTINGS = FILES["config/alertd.yaml"]
ALLOWED = SETTINGS + "person_level: {allowed: true}\n"
DPIA = "dpia: {reference: DPIA-2026-014, approved_by: Data protection officer, approved_on: 2026-05-01}"


def rules(by: str = "team", source: str = "table: t", more: str = "", rule: str = "") -> str:
    return f"""\
measures:
  m: {{name: A measure, {source}, grain: month, period: period, by: [{by}], value: v, owner: lead{", " + more if more else ""}}}
rules:
  high: {{measure: m, threshold: {{above: 50}}, to: ops{", " + rule if rule else ""}}}
"""


def with_sql(sql: str, by: str = "team", more: str = "") -> dict[str, str]:
    return {"rules/rules.yaml": rules(by, "sql: m.sql", more), "rules/m.sql": sql}


def codes(reading) -> list[str]:
    return [one.code for one in reading.problems]


def refused(reading) -> str:
    """The refusal, which every command meets that loads the home."""
    with pytest.raises(ConfigError) as raised:
        home_of(reading)
    assert {one.code for one in raised.value.problems} == {"A133"}
    return raised.value.problems[0].message


@pytest.mark.parametrize(
    "column", ["officer", "officer_id", "OfficerID", "collar_number", "CollarNo", "staff_id", "warrant_no", "pcso", "email", "attending_officer"]
)  # fmt: skip
def test_a_column_that_tells_persons_apart_is_refused_by_its_name(read: Read, column: str) -> None:
    assert f"`{column}` tells persons apart" in refused(read({"rules/rules.yaml": rules(f"team, {column}")}))


@pytest.mark.parametrize(
    "column", ["team", "officer_rank", "staff_group_code", "district", "crime_type", "place_name", "plan"]
)
def test_groups_of_people_and_places_are_not(read: Read, column: str) -> None:
    assert codes(read({"rules/rules.yaml": rules(column)})) == []


def test_a_force_adds_columns_of_its_own_and_takes_none_away(read: Read) -> None:
    settings = SETTINGS + "person_level: {columns: [kit_bag]}\n"
    assert "KitBag" in refused(read({"config/alertd.yaml": settings, "rules/rules.yaml": rules("KitBag")}))
    assert "officer_id" in refused(read({"config/alertd.yaml": settings, "rules/rules.yaml": rules("officer_id")}))


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select period, v, officer_id as team from t", "made of `officer_id`"),
        ("select period, v, 'x' || collar_no || '-a' as team from t", "made of `collar_no`"),
        (
            "select period, v, md5(k) as team from (select officer_id as k, period, v from t) as s",
            "made of `officer_id`",
        ),
        (
            "with a(k, period, v) as (select staff_id, period, v from t) select period, v, k as team from a",
            "made of `staff_id`",
        ),
        ("select period, v, team from t union all select period, v, officer_id from u", "made of `officer_id`"),
        ("select period, v, row_number() over (order by officer_id) as team from t", "made of `officer_id`"),
        ("select period, v, dense_rank() over (order by officer_id) as team from t", "made of `officer_id`"),
        ("select period, v, first_value(officer_id) over (partition by v) as team from t", "made of `officer_id`"),
        ("select period, v, case when v > 1 then officer_id else team end as team from t", "made of `officer_id`"),
        ('select period, v, "Collar No" as team from t', "made of `collar no`"),
        (
            "select period, v, s.team from (select period, v, {'team': officer_id} as s from t) as q",
            "made of `officer_id`",
        ),
        ("select period, v, cast(f as varchar) as team from facts as f", "made of `f`"),
        ("select period, sum(v) as v, team from t group by period, team, officer_id", "a row for each `officer_id`"),
        (
            "select period, sum(v) as v, team from t where officer_id = '1234' group by period, team",
            "picks single persons",
        ),
        (
            "select period, sum(v) as v, team from t where lower(officer_id) in ('a', 'b') group by 1, 3",
            "picks single persons",
        ),
        (
            "select period, team, sum(case officer_id when 'a' then v end) as v from t group by 1, 2",
            "picks single persons",
        ),
        (
            "select period, team, sum(v) filter (where officer_id like 'a%') as v from t group by 1, 2",
            "picks single persons",
        ),
    ],
)
def test_other_names_for_a_person_in_the_sql_are_seen_through(read: Read, sql: str, says: str) -> None:
    assert says in refused(read(with_sql(sql)))


def test_one_person_picked_out_of_a_force_wide_series_is_refused(read: Read) -> None:
    text = rules().replace("by: [team], ", "").replace("table: t", "sql: m.sql")
    sql = "select period, sum(v) as v from t where officer_id = '1234' group by period"
    assert "picks single persons" in refused(read({"rules/rules.yaml": text, "rules/m.sql": sql}))


@pytest.mark.parametrize(
    "sql",
    [
        "select period, o.team, sum(v) as v, count(distinct t.officer_id) as n from t join o on o.officer_id = t.officer_id group by 1, 2",
        "select period, team, count(*) as v, count(distinct officer_id) as n from (select officer_id, team, period, count(*) as c "
        "from t where officer_id is not null group by all) as s where c > 3 group by period, team",
    ],
)
def test_persons_counted_and_joined_are_figures_of_groups_whose_size_is_asked_for(read: Read, sql: str) -> None:
    assert codes(read(with_sql(sql))) == ["W227"]
    assert codes(read(with_sql(sql, more="group_size: n"))) == []


@pytest.mark.parametrize(
    "sql",
    [
        "select f.period, team.team, f.v from facts as f join dim_team as team on team.id = f.team_id",
        "select period, v, case when officer_id is null then 'nobody' else team end as team from t group by all",
        "select period, v, officer_defined_ethnicity as team from t where self_defined_ethnicity <> 'unknown'",
        "select period, team, count(*) as v from (select *, row_number() over (partition by officer_id order by loaded desc) as rn "
        "from t) as s where rn = 1 group by 1, 2",
        "select period, team, v from t qualify row_number() over (partition by officer_id order by loaded desc) = 1",
        "select period, sum(v) as v, team from t where is_officer = 1 and number_of_staff > 4 group by 1, 3",
    ],
)
def test_what_is_no_person_in_the_sql_is_not_refused(read: Read, sql: str) -> None:
    assert [code for code in codes(read(with_sql(sql))) if code != "W227"] == []


def test_role_accounts_named_after_their_places_are_not_persons(read: Read) -> None:
    posts = "{PLACE: [{name: PLACE, email: place@example.org, from: 2020-01-01}]}"
    owners = FILES["config/owners.yaml"] + f"  boss: {{by: district, posts: {posts}}}\n"
    assert "A133" not in codes(read({"config/owners.yaml": owners.replace("PLACE", "Preston")}))
    known = "places:\n  West Lancashire: {level: district}\n"
    files = {"config/owners.yaml": owners.replace("PLACE", "West Lancashire"), "config/places.yaml": known}
    assert "A133" not in codes(read(files))


def test_beats_and_places_that_read_a_little_like_persons_are_places(read: Read) -> None:
    beats = "places:\n  PA 101: {level: beat}\n  PC 101: {level: beat}\n  Burnley, E: {level: beat}\n"
    assert "A133" not in codes(read({"config/places.yaml": beats}))


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("config/places.yaml", "places:\n  PC 1234: {level: team}\n", "is named like one person"),
        ("config/places.yaml", "places:\n  Alpha: {level: officer_id}\n", "tells persons apart"),
        (
            "config/owners.yaml",
            FILES["config/owners.yaml"]
            + "  boss: {by: officer_id, posts: {x: [{name: A, email: a@example.org, from: 2020-01-01}]}}\n",
            "is by `officer_id`",
        ),
        (
            "config/owners.yaml",
            FILES["config/owners.yaml"]
            + "  boss: {by: team, posts: {Jo Doe: [{name: Jo Doe, email: a@example.org, from: 2020-01-01}]}}\n",
            "has a post for each person",
        ),
        ("rules/rules.yaml", rules(rule="where: {team: PC 1234}"), "chooses one person"),
    ],
)
def test_persons_as_places_levels_owners_posts_and_choices_are_refused(
    read: Read, file: str, text: str, says: str
) -> None:
    assert says in refused(read({file: text}))


@pytest.mark.parametrize(
    "name",
    [
        "ALERTD_PERSON_LEVEL__ALLOWED",
        "ALERTD_PERSON_LEVEL",
        "ALERTD_GROUP_FLOOR",
        "ALERTD_MEASURES__M__DPIA__REFERENCE",
        "ALERTD_MEASURES__M__GROUP_SIZE",
        "ALERTD_MEASURES__M__SENSITIVE",
    ],
)
def test_the_environment_turns_nothing_of_it_off(read: Read, name: str) -> None:
    [problem] = read(environ={name: "true"}).errors
    assert problem.code == "A115"
    assert "no variable overrides it" in problem.message


def test_a_column_that_the_environment_puts_in_is_refused_as_a_written_one_is(read: Read) -> None:
    assert "officer_id" in refused(read(environ={"ALERTD_MEASURES__M__BY": "[officer_id]"}))


def test_where_it_is_allowed_each_measure_names_an_assessment_that_is_approved(tmp_path, read: Read) -> None:
    by_officer = {"config/alertd.yaml": ALLOWED, "rules/rules.yaml": rules("officer_id")}
    assert codes(read(by_officer)) == ["A134"]
    unsigned = rules("officer_id", more="dpia: {reference: DPIA-1}")
    assert codes(read({**by_officer, "rules/rules.yaml": unsigned})) == ["A134", "A114"]
    reading = read({**by_officer, "rules/rules.yaml": rules("officer_id", more=DPIA)})
    assert codes(reading) == []
    assert home_of(reading).measures["m"].by_person
    early = read_home(reading.root, kinds=kinds(), environ={}, today=date(2026, 4, 30))
    assert codes(early) == ["A134"]


def test_an_assessment_alone_allows_nothing(read: Read) -> None:
    reading = read({"rules/rules.yaml": rules("officer_id", more=DPIA)})
    refused(reading)
    assert not home_of(read({"rules/rules.yaml": rules(more=DPIA)})).measures["m"].by_person


def test_health_and_location_are_never_by_person_whatever_is_allowed(read: Read) -> None:
    text = rules("officer_id", more=f"sensitive: health, group_size: n, {DPIA}")
    assert "is of health and by person" in refused(read({"config/alertd.yaml": ALLOWED, "rules/rules.yaml": text}))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("sensitive: health", "`sensitive` needs `group_size`"),
        ("sensitive: location, group_size: n, group_floor: 9", "`group_floor` of data of location is at least 10"),
        ("group_size: n, group_floor: 4", "must be at least 5"),
        ("group_floor: 20", "`group_floor` needs `group_size`"),
        ("sensitive: politics, group_size: n", "is not one of `health` and `location`"),
        ("group_size: '*'", "counts every row"),
        ("group_size: n, by_person: true", "unknown key `by_person`"),
    ],
)
def test_floors_are_only_ever_raised_and_sizes_are_asked_for(read: Read, more: str, says: str) -> None:
    assert any(says in one.message for one in read({"rules/rules.yaml": rules(more=more)}).errors)


@pytest.mark.parametrize(
    ("settings", "more", "floor"),
    [
        ("", "group_size: n", 5),
        ("", "sensitive: health, group_size: n", 10),
        ("group_floor: 8\n", "group_size: n", 8),
        ("group_floor: 8\n", "sensitive: health, group_size: n", 10),
        ("group_floor: 12\n", "sensitive: health, group_size: n, group_floor: 11", 12),
        ("", "", None),
    ],
)
def test_the_highest_floor_of_home_measure_and_law_holds(
    read: Read, settings: str, more: str, floor: int | None
) -> None:
    home = home_of(read({"config/alertd.yaml": SETTINGS + settings, "rules/rules.yaml": rules(more=more)}))
    assert home.measures["m"].floor == floor


def test_a_sum_over_some_places_of_small_groups_is_refused(read: Read) -> None:
    places = "places:\n  All: {level: force}\n  A: {level: team, parent: All}\n  B: {level: team, parent: All}\n"
    text = rules(more="group_size: n").replace("value: v", "numerator: v, denominator: d")
    chosen = text.replace("to: ops", "to: ops, at: [force], where: {team: [A]}")
    assert codes(read({"config/places.yaml": places, "rules/rules.yaml": chosen})) == ["W202", "A135"]
    whole = text.replace("to: ops", "to: ops, at: [team], where: {team: [A]}")
    assert codes(read({"config/places.yaml": places, "rules/rules.yaml": whole})) == ["W202"]


def test_a_row_of_the_framework_whose_floor_a_measure_does_not_keep_is_warned_of(read: Read) -> None:
    framework = """\
framework:
  rows: {M1: {title: Our people, kind: measure, quadrant: 1, disclosure_floor: 10}}
"""
    for more, expected in (
        ("", ["W226"]),
        ("group_size: n", ["W226"]),
        ("group_size: n, group_floor: 10", []),
        ("sensitive: health, group_size: n", []),
    ):
        text = rules(more=f"framework: M1{', ' + more if more else ''}")
        assert codes(read({"config/framework.yaml": framework, "rules/rules.yaml": text})) == expected


def test_the_same_figures_under_another_measure_without_a_size_are_warned_of(read: Read) -> None:
    text = (
        rules(more="sensitive: health, group_size: n") + "  again: {measure: bare, threshold: {above: 50}, to: ops}\n"
    )
    bare = (
        "measures:\n  bare: {name: Bare, table: t, grain: month, period: period, by: [team], value: v, owner: lead}\n"
    )
    [problem] = read({"rules/rules.yaml": text, "rules/more.yaml": bare}).problems
    assert (problem.code, "has figures of health" in problem.message) == ("W227", True)
