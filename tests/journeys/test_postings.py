"""Owners whose postings stand in the warehouse: who holds a post is asked anew in each round (R23)."""

import pytest

from tests.journeys.support import Sink, alertd, fill, write_home

OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  lead: {by: place, sql: sql/postings.sql, fallback: data_steward}
"""
RULES = """\
measures:
  m: {name: Calls, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 50}}
"""
SQL = 'select place, name, email, from_day as "from", to_day as "to", deputy from postings\n'
COLUMNS = "place varchar, name varchar, email varchar, from_day date, to_day date, deputy varchar"
NORTH = ("North", "Supt A", "a@example.org", "2021-01-01", None, None)


def home_of(root, port, postings):
    home = write_home(root, RULES, smtp_port=port, owners=OWNERS, extra={"config/sql/postings.sql": SQL})
    fill(
        home, "t", "period date, place varchar, v double", [("2022-12-01", "North", 99.0), ("2022-12-01", "South", 1.0)]
    )
    fill(home, "postings", COLUMNS, postings)
    return home


def run(home, day: str, code: int = 0):
    return alertd("run", "--once", "--as-of", day, home=home, code=code)


def test_the_holder_on_the_day_is_told_by_the_warehouse_s_own_postings(tmp_path):
    with Sink() as sink:
        home = home_of(
            tmp_path,
            sink.port,
            [(*NORTH[:4], "2022-12-31", None), ("North", "Supt B", "b@example.org", "2023-01-01", None, None)],
        )
        assert "no errors" in alertd("check", home=home).stdout
        run(home, "2023-01-05")
        assert sink.recipients == ["b@example.org"]
        assert "Supt B" in alertd("explain", "high", "--as-of", "2023-01-05", home=home).stdout


def test_a_change_of_post_needs_no_change_of_files(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, [NORTH])
        run(home, "2023-01-05")
        fill(home, "postings", COLUMNS, [("North", "Supt C", "c@example.org", "2021-01-01", None, None)])
        fill(
            home,
            "t",
            "period date, place varchar, v double",
            [("2022-12-01", "North", 99.0), ("2023-01-01", "North", 1.0)],
        )
        run(home, "2023-02-05")
        assert sink.recipients == ["a@example.org", "c@example.org"]


def test_postings_that_cannot_be_read_go_to_the_fallback_and_ops_hear_of_it_once(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, [NORTH])
        (home / "config/sql/postings.sql").write_text('select place, name, from_day as "from" from postings\n')
        assert "gives no column `email`" in alertd("check", home=home, code=1).stdout
        run(home, "2023-01-05", code=1)
        assert set(sink.recipients) == {"steward@example.org", "ops@example.org"}
        (mail,) = sink.to("ops@example.org")
        assert "gives no column `email`" in mail.get_body(("plain",)).get_content()
        run(home, "2023-01-06", code=1)
        assert len(sink.to("ops@example.org")) == 1


def test_rows_that_cannot_be_used_are_named_and_lose_no_other(tmp_path):
    with Sink() as sink:
        wrong = [
            ("South", "Supt D", "no address", "2021-01-01", None, None),
            ("South", None, "d@example.org", "2021-01-01", None, None),
        ]
        home = home_of(tmp_path, sink.port, [NORTH, *wrong])
        shown = alertd("check", home=home).stdout
        assert "W216" in shown
        assert "row 2 (South): `email`" in shown
        assert "row 3 has no `name`" in shown
        run(home, "2023-01-05", code=1)
        assert "a@example.org" in sink.recipients


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        ("lead: {sql: sql/postings.sql}", "an owner is either"),
        ("lead: {email: a@example.org, sql: sql/postings.sql}", "`sql` needs `by`"),
        ("lead: {by: place, sql: sql/postngs.sql}", "did you mean"),
    ],
)
def test_a_slip_in_an_owner_is_said(tmp_path, owners, said):
    home = home_of(tmp_path, 9, [])
    (home / "config/owners.yaml").write_text(f"owners:\n  data_steward: {{email: steward@example.org}}\n  {owners}\n")
    assert said in alertd("check", "--offline", home=home, code=1).stdout
