"""A post that nobody holds: its notices go to the fallback, and ops hear of it once (R23)."""

import json

from alertd.app import opened
from tests.journeys.support import Sink, alertd, fill, told_on, write_home

OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  chief: {name: Chief Example, email: chief@example.org}
  lead:
    by: place
    fallback: chief
    posts:
      North:
        - {name: Supt Then, email: then@example.org, from: 2021-01-01, to: 2022-12-31}
        - {name: Supt Next, email: next@example.org, from: 2023-04-01}
      South: [{name: Supt South, email: south@example.org, from: 2021-01-01}]
"""
ROUTES = "routes:\n  default: {to: owner, channel: email, remind: every 2 weeks}\n"
RULES = """\
measures:
  m: {name: Calls, table: t, grain: month, period: p, by: [place], value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 50}}
"""


def rounds(home, sink, *days):
    """The addresses that something went to on each day, and the metrics at the end."""
    with opened(home, environ={}) as app:
        return told_on(app, sink, days), app.metrics.exposition().decode()


def home_of(root, port):
    home = write_home(root, RULES, smtp_port=port, owners=OWNERS, routes=ROUTES)
    high = [(f"2022-{month}-01", "North", 99.0) for month in (11, 12)]
    fill(home, "t", "p date, place varchar, v double", [*high, ("2022-12-01", "South", 9.0)])
    return home


def test_a_vacant_post_is_told_to_the_fallback_and_once_to_ops_until_somebody_holds_it(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        told, metrics = rounds(home, sink, "2023-01-05", "2023-01-06", "2023-01-19", "2023-01-20")
        assert told == [["chief@example.org", "ops@example.org"], [], ["chief@example.org"], []]
        assert "alertd_vacancies 1.0" in metrics
        (mail,) = sink.to("ops@example.org")
        assert "nobody holds 1 post" in mail["Subject"]
        said = " ".join(mail.get_body(("plain",)).get_content().split())
        assert "lead for North, since 1 January 2023: Chief Example is told (chief)" in said
        status = json.loads(alertd("status", "--format", "json", home=home).stdout)
        assert status["vacancies"] == [{"post": "lead", "place": "North", "since": "2023-01-01"}]
        told, metrics = rounds(home, sink, "2023-04-03", "2023-04-04")
        assert told == [["next@example.org", "steward@example.org"], []]  # South's figures have stopped by then
        assert "alertd_vacancies 0.0" in metrics


def test_a_role_account_has_the_letter_while_nobody_holds_the_post(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        owners = OWNERS.replace(
            "    fallback: chief\n", "    fallback: chief\n    role_accounts: {North: duty.north@example.org}\n"
        )
        (home / "config/owners.yaml").write_text(owners)
        told, _ = rounds(home, sink, "2023-01-05")
        assert told == [["duty.north@example.org", "ops@example.org"]]
    said = sink.to("duty.north@example.org")[0].get_body(("plain",)).get_content()
    assert "Sent to Lead, North by journey" in said
    assert "This is the post's shared mailbox: nobody holds the post now." in said
    assert "the shared mailbox of `lead`" in alertd("explain", "high", "--as-of", "2023-01-05", home=home).stdout
    (home / "config/owners.yaml").write_text(owners.replace("{North: duty", "{Nroth: duty"))
    shown = alertd("check", "--offline", home=home, code=1).stdout
    assert "error[A102]: `Nroth` in `role_accounts`" in shown
    assert "did you mean `North`?" in shown


def test_each_gap_of_a_post_is_told_anew(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        rounds(home, sink, "2023-01-05")
        (home / "config/owners.yaml").write_text(OWNERS.replace("from: 2023-04-01", "from: 2023-02-01, to: 2023-02-14"))
        told, _ = rounds(home, sink, "2023-02-02", "2023-02-20")
        assert told == [["next@example.org"], ["chief@example.org", "ops@example.org"]]
        assert "since 15 February 2023" in sink.to("ops@example.org")[1].get_body(("plain",)).get_content()


def test_a_post_that_falls_vacant_before_a_letter_leaves_is_told_once_and_by_its_day(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        (home / "config/owners.yaml").write_text(OWNERS.replace("2022-12-31", "2023-01-07"))
        routes = ROUTES.replace("email,", "email, send: mondays 07:00,")
        (home / "config/routes.yaml").write_text(routes)  # judged on a Thursday
        told, _ = rounds(home, sink, "2023-01-05", "2023-01-06", "2023-01-19")
    assert told == [["ops@example.org"], [], []]
    said = sink.to("ops@example.org")[0].get_body(("plain",)).get_content()
    assert "- lead for North, from 8 January 2023 on: Chief Example is told (chief)" in said.splitlines()
