"""Somebody who takes over a post is told, once, of the exceptions that stand there (R23)."""

import asyncio
from datetime import datetime, time

from alertd.app import delivery_lock, opened
from tests.journeys.support import Sink, fill, write_home

OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  lead:
    by: place
    posts:
      North:
        - {name: Supt Old, email: old@example.org, from: 2021-01-01, to: 2023-01-15}
        - name: Supt New
          email: new@example.org
          from: 2023-01-16
          deputy: deputy@example.org
          away: [{from: 2023-02-01, to: 2023-02-05}]
      South: [{name: Supt South, email: south@example.org, from: 2021-01-01}]
"""
RULES = """\
measures:
  m: {name: Calls, table: t, grain: month, period: p, by: [place], value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 50}}
"""
DAYS = ["2023-01-05", "2023-01-15", "2023-01-16", "2023-01-17", "2023-02-02", "2023-02-06", "2023-03-01"]


def rounds(root, port_of, route: str, days=DAYS, owners=OWNERS):
    """What went to whom on each day, where North stands out until February."""
    with port_of as sink:
        routes = f"routes:\n  default: {{to: owner, channel: email{route}}}\n"
        home = write_home(root, RULES, smtp_port=sink.port, owners=owners, routes=routes)
        figures = [("2022-12-01", 99.0), ("2023-01-01", 98.0), ("2023-02-01", 9.0)]
        rows = [(month, "North", value) for month, value in figures] + [(month, "South", 9.0) for month, _ in figures]
        fill(home, "t", "p date, place varchar, v double", rows)
        told = []
        with opened(home, environ={}) as app, delivery_lock(app.memory) as epoch:
            for day in days:
                before = len(sink.mails)
                now = datetime.combine(datetime.fromisoformat(day), time.max, tzinfo=app.home.settings.zone)
                app.judge(now, as_of=True)
                app.compose(now)
                asyncio.run(app.deliver(epoch=epoch))
                told.append(
                    [f"{to[0].split('@')[0]} {str(mail['X-Alertd-Key'])[-6:]}" for to, mail in sink.mails[before:]]
                )
    return told, sink


def test_a_new_holder_is_told_once_of_what_stands_and_hears_of_its_end(tmp_path):
    told, sink = rounds(tmp_path, Sink(), ", hand_over: true")
    assert told == [["old opened"], [], ["new d_over"], [], [], [], ["new leared"]]
    said = sink.to("new@example.org")[0].get_body(("plain",)).get_content()
    assert "Handed over to you" in said
    assert "It stood before the post became yours" in said


def test_without_it_a_change_of_post_sends_nothing_by_itself(tmp_path):
    """R21."""
    told, _ = rounds(tmp_path, Sink(), "")
    assert told == [["old opened"], [], [], [], [], [], ["new leared"]]


def test_who_fills_a_vacant_post_is_told_of_what_was_told_to_the_fallback(tmp_path):
    told, sink = rounds(tmp_path, Sink(), ", hand_over: true", owners=OWNERS.replace("2023-01-15}", "2022-12-31}"))
    assert sorted(told[0]) == ["ops opened", "steward opened"]
    assert told[1:] == [[], ["new d_over"], [], [], [], ["new leared"]]
    assert len(sink.to("ops@example.org")) == 1


def test_a_reminder_that_is_due_on_the_same_day_is_no_second_letter(tmp_path):
    told, _ = rounds(tmp_path, Sink(), ", hand_over: true, remind: every 11 days")
    assert told[:4] == [["old opened"], [], ["new d_over"], []]


def test_what_is_sent_after_the_change_went_to_the_new_holder_already(tmp_path):
    days = ["2023-01-13", "2023-01-16", "2023-01-17", "2023-01-23"]
    told, _ = rounds(tmp_path, Sink(), ", send: mondays 07:00, hand_over: true", days)
    assert told == [
        [],
        ["new opened"],
        [],
        [],
    ]  # judged on the Friday, it is due on the Monday, to who holds the post then
