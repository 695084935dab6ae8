"""By when a letter asks for an answer, however long it has waited: reckoned from the day on which it leaves."""

import asyncio
import email
import email.policy
from datetime import datetime, time

import pytest

from alertd.app import opened
from alertd.store import delivery_lock
from tests.journeys.support import Sink, dead_port, fill, write_home

RULES = """\
measures:
  calls: {name: Calls, table: calls, grain: month, period: p, by: [place], value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: calls, threshold: {above: 50}}
"""
OWNERS = """\
owners:
  lead:
    by: place
    posts:
      North: [{name: Lead North, email: north@example.org, from: 2018-01-01}]
      South: [{name: Lead South, email: south@example.org, from: 2018-01-01}]
"""


@pytest.fixture
def sink():
    with Sink() as running:
        yield running


def home_of(root, port, **changes):
    home = write_home(root, RULES, smtp_port=port, owners=OWNERS, **changes)
    rows = [("2022-11-01", place, value) for place in ("North", "South") for value in (99.0,)]
    fill(home, "calls", "p date, place varchar, v double", rows)
    return home


def at(app, day):
    return datetime.combine(datetime.fromisoformat(day), time(8), tzinfo=app.home.settings.zone)


def sent_on(app, day, *, judged=False):
    """Judge, where asked to, compose and deliver on a day."""
    with delivery_lock(app.memory) as epoch:
        if judged:
            app.judge(at(app, day), as_of=True)
        app.compose(at(app, day), ignore_backoff=True)
        return asyncio.run(app.deliver(epoch=epoch, ignore_backoff=True))


def text(mail) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


def page(mail) -> str:
    return " ".join(mail.get_body(("html",)).get_content().split())


def test_a_letter_that_was_held_asks_for_an_answer_in_time_from_its_release(tmp_path, sink):
    with opened(home_of(tmp_path, sink.port, settings="max_letters_per_round: 1\n"), environ={}) as app:
        sent_on(app, "2022-12-05", judged=True)
        (held,) = [letter for letter in app.memory.letters() if letter.recipient == "south@example.org"]
        app.memory.release_held(who="ops", now=at(app, "2022-12-28"))
        sent_on(app, "2022-12-28")
        kept = app.memory.letter(held.id)
    (first,), (late,) = sink.to("north@example.org"), sink.to("south@example.org")
    assert "by Monday 12 December" in text(first)
    # Five working days on, without the bank holiday of 2 January.
    assert "by Thursday 5 January 2023" in text(late)
    assert "by Thursday 5 January 2023" in page(late)
    assert "on 28 December 2022" in text(late)
    assert late["Message-ID"] == held.message_id
    assert "28 Dec 2022" in late["Date"]
    assert (kept.state.value, kept.made_at) == ("sent", held.made_at)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_letter_that_no_server_took_for_a_week_asks_anew(tmp_path, sink, request, database):
    state = {"ALERTD_STATE__URL": request.getfixturevalue("postgres_url")} if database == "postgresql" else {}
    escalated = "routes:\n  default: {to: owner, channel: email, escalate: {after: 3 days, to: lead}}\n"
    home = home_of(tmp_path, 9, routes=escalated)
    with (
        dead_port() as port,
        opened(home, environ={**state, "ALERTD_CHANNELS__EMAIL__SMTP": f"127.0.0.1:{port}"}) as app,
    ):
        sent_on(app, "2022-12-05", judged=True)
        before = {letter.recipient: letter for letter in app.memory.letters()}
        early = email.message_from_bytes(before["north@example.org"].message, policy=email.policy.default)
        assert "is told on Thursday 8 December" in text(early)
        sent_on(app, "2022-12-05")  # on the same day it is the same letter
        assert {letter.recipient: letter.message for letter in app.memory.letters()} == {
            address: letter.message for address, letter in before.items()
        }
        assert sent_on(app, "2022-12-12").undelivered == 2
    with opened(home, environ={**state, "ALERTD_CHANNELS__EMAIL__SMTP": f"127.0.0.1:{sink.port}"}) as app:
        sent_on(app, "2022-12-12")
    (late,) = sink.to("north@example.org")
    assert "by Monday 19 December" in text(late)
    assert "is told on Thursday 8 December" not in text(late)
    assert late["Message-ID"] == before["north@example.org"].message_id


def test_ops_hear_of_a_template_that_fails_where_a_letter_is_written_anew(tmp_path, sink):
    home = home_of(tmp_path, sink.port)
    with opened(home, environ={}) as app:
        app.judge(at(app, "2022-12-05"), as_of=True)
    (home / "templates").mkdir()
    (home / "templates" / "notice.txt.j2").write_text("{{ view.nothing.like.this }}\n")
    with opened(home, environ={}) as app:
        sent_on(app, "2022-12-12")
    assert "by Monday 19 December" in text(sink.to("north@example.org")[0])
    (word,) = sink.to("ops@example.org")
    assert "a template failed" in word["Subject"]
    assert "templates/notice.txt.j2" in text(word)


def test_a_letter_that_may_have_arrived_is_sent_again_as_it_was(tmp_path, sink):
    home = home_of(tmp_path, sink.port)
    with opened(home, environ={}) as app:
        now = at(app, "2022-12-05")
        app.judge(now, as_of=True)
        with delivery_lock(app.memory) as epoch:
            claimed = app.memory.claim(now, limit=10, epoch=epoch)
        # The process dies between its attempt and the note of it.
        sent_on(app, "2022-12-12")
    assert len(claimed) == 2
    (again,) = sink.to("north@example.org")
    assert "by Monday 12 December" in text(again)


def test_a_notice_that_waits_for_its_send_time_asks_for_an_answer_in_time_from_there_on(tmp_path, sink):
    routes = 'routes:\n  default: {to: owner, channel: email, send: "0 8 28 * *"}\n'
    with opened(home_of(tmp_path, sink.port, routes=routes), environ={}) as app:
        sent_on(app, "2022-12-05", judged=True)
        assert sink.mails == []
        sent_on(app, "2022-12-28")
    assert "by Thursday 5 January 2023" in text(sink.to("north@example.org")[0])
