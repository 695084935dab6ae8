"""What is old and over is forgotten; what is open, unfinished or newest stays, and the audit still verifies (R34)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from alertd.core.durations import Span
from alertd.store import open_store
from tests.journeys.support import Sink, alertd, fill, write_home

LONDON = ZoneInfo("Europe/London")
MONTHS = [f"{year}-{month:02d}-01" for year in (2020, 2021, 2022, 2023) for month in range(1, 13)]
RULES = """\
measures:
  m: {name: A, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 50}}
"""
TABLES = ("rounds", "rule_outcomes", "cases", "findings", "letters", "attempts", "audit", "audit_people")


@pytest.fixture
def store(tmp_path):
    """A database with one ended case, told by two letters, and one open one, told by a third."""
    with Sink() as sink:
        home = write_home(tmp_path, RULES, smtp_port=sink.port)
        for months, high in ((36, {("A", 35)}), (37, {("A", 35), ("B", 36)})):
            rows = [(MONTHS[i], place, 60 if (place, i) in high else 10) for i in range(months) for place in "AB"]
            fill(home, "t", "period date, place varchar, v double", rows)
            alertd("run", "--once", "--as-of", f"2023-0{months - 35}-05", home=home)
        assert len(sink.mails) == 2
    opened = open_store("sqlite:///state.db", root=home)
    yield opened
    opened.close()


def count(store):
    with store.engine.connect() as connection:
        return {name: connection.execute(text(f"select count(*) from {name}")).scalar_one() for name in TABLES}


def test_nothing_is_forgotten_before_its_time(store):
    before = count(store)
    store.forget(datetime(2000, 1, 1, tzinfo=LONDON))
    assert count(store) == before


def test_what_is_over_goes_and_what_is_open_stays(store):
    store.forget(datetime.now(LONDON) + timedelta(days=1))
    left = count(store)
    assert (left["cases"], left["rounds"]) == (1, 1)
    assert [case.key for case in store.open_cases().values()] == [("B",)]
    (case,) = store.open_cases().values()
    assert len(store.told_of(case.id)) == 1
    assert left["letters"] == 1, "the letter that told of the open case stays, so that its thread goes on"
    assert store.first_message_ids([case.id])
    assert left["audit"] == 3, "two letters, and the rules that the first round judged by"
    assert left["audit_people"] == 0
    assert store.verify_audit() is None


def test_a_span_counts_back_over_short_months():
    moment = datetime(2024, 3, 31, 7, tzinfo=LONDON)
    assert Span.parse("1 month").before(moment) == datetime(2024, 2, 29, 7, tzinfo=LONDON)
    assert Span.parse("24 months").before(moment) == datetime(2022, 3, 31, 7, tzinfo=LONDON)
    assert Span.parse("2 weeks").before(moment) == datetime(2024, 3, 17, 7, tzinfo=LONDON)
