"""What assessors wrote, from a table's column to the letter of the leader: quoted, and no more than data."""

import json
import sqlite3

from tests.journeys.support import Sink, alertd, fill, write_home

SCALE = "scale: [Inadequate, Requires improvement, Good, Outstanding]"
RULES = f"""\
measures:
  plans:
    name: Problem-solving plans
    table: assessments
    grain: quarter
    period: assessed_on
    by: [district]
    grade: grade
    {SCALE}
    finding: finding
    assessed_by: assessor
    owner: lead
  harmed:
    name: People harmed in custody
    table: harm
    grain: quarter
    period: day
    by: [district]
    count: people
    improvement: decrease
    small_numbers: {{fewer_than: 5}}
    finding: finding
    owner: lead
rules:
  plans-poor: {{measure: plans, rating: {{at_or_below: Requires improvement}}}}
  harmed-many: {{measure: harmed, threshold: {{above: 1}}}}
"""
FINDING = '<b>Most plans</b> had\r\nBcc: all@example.org\r\n\r\nno "review" {{ 7 * 7 }} \u202edate.\x07'
GRADES = [
    ("2022-01-11", "Burnley", "Good", "As before.", "Insp A Sloe"),
    ("2022-04-12", "Burnley", "Inadequate", FINDING, "Insp A Sloe"),
    ("2022-04-14", "Wyre", "Good", "Clear plans.", "Insp B Rowan"),
]
HARM = [("2022-05-01", "Burnley", 3, "Three boys of one family"), ("2022-05-01", "Wyre", 8, "Eight in one van")]
COLUMNS = "assessed_on date, district varchar, grade varchar, finding varchar, assessor varchar"


def words_of(message):
    return " ".join(message.get_body(("plain",)).get_content().split())


def test_a_finding_reaches_the_leader_as_words_and_only_once(tmp_path):
    with Sink() as sink:
        home = write_home(tmp_path, RULES, smtp_port=sink.port)
        fill(home, "assessments", COLUMNS, GRADES)
        fill(home, "harm", "day date, district varchar, people integer, finding varchar", HARM)
        done = alertd("run", "--once", "--as-of", "2022-07-15", home=home)
        (letter,) = sink.to("lead@example.org")
        text, html = words_of(letter), letter.get_body(("html",)).get_content()
        said = "Most plans</b> had Bcc: all@example.org no 'review' {{ 7 * 7 }} date."
        assert f'The finding of 12 April 2022 by Insp A Sloe says: "<b>{said}"' in text
        assert "&lt;b&gt;Most plans" in html
        assert letter["Bcc"] is None
        assert sink.recipients == ["lead@example.org"]
        assert "Wyre: 8" in text
        assert '"Eight in one van"' in text
        assert "fewer than 5" in text
        assert "boys" not in text + html + done.stdout + done.stderr, "R31"
        assert text.count("What was written about it is not shown") == 1
        assert "Most plans" not in done.stdout + done.stderr + str(letter["Subject"])
        changed = [(*row[:3], "Other words.", "Somebody else") for row in GRADES]
        fill(home, "assessments", COLUMNS, changed)
        alertd("run", "--once", "--as-of", "2022-07-18", home=home)
        assert len(sink.to("lead@example.org")) == 1, "other words for the same grade are nothing new"


def test_words_are_evaluated_and_explained_on_sqlite(tmp_path):
    home = write_home(
        tmp_path, RULES.replace("    assessed_by: assessor\n", ""), extra={"config/alertd.yaml": SETTINGS}
    )
    with sqlite3.connect(home / "w.db") as warehouse:
        warehouse.execute("create table assessments (assessed_on text, district text, grade text, finding text)")
        warehouse.executemany("insert into assessments values (?, ?, ?, ?)", [row[:4] for row in GRADES])
        warehouse.execute("create table harm (day text, district text, people integer, finding text)")
        warehouse.execute("insert into harm values ('2022-05-01', 'Wyre', 1, 'One girl')")
    done = alertd("evaluate", "--format", "json", "--as-of", "2022-07-15", home=home)
    (found,) = map(json.loads, done.stdout.splitlines())
    assert found["written"]["entries"][0]["day"] == "2022-04-12"
    assert found["written"]["entries"][0]["words"].startswith("<b>Most plans</b> had Bcc:")
    words = alertd("explain", "plans-poor", "--where", "district=Burnley", "--as-of", "2022-07-15", home=home).stdout
    assert 'The finding of 12 April 2022 says: "<b>Most plans</b>' in words
    points = alertd("explain", "harmed-many", "--format", "json", "--as-of", "2022-07-15", home=home).stdout
    assert json.loads(points)["explanation"]["written"] == {"entries": [], "in_all": 0, "withheld": True}
    assert "girl" not in points


def test_a_column_of_numbers_or_dates_is_refused_where_words_belong(tmp_path):
    home = write_home(tmp_path, RULES.replace("finding: finding\n    owner", "finding: people\n    owner"))
    fill(
        home, "assessments", COLUMNS.replace("assessor varchar", "assessor date"), [(*row[:4], None) for row in GRADES]
    )
    fill(home, "harm", "day date, district varchar, people integer, finding varchar", HARM)
    checked = alertd("check", home=home, code=1).stdout
    assert "error[A124]: column `assessor` of measure `plans` is of type DATE, and words belong there" in checked
    assert "error[A124]: column `people` of measure `harmed` is a number, and words belong there" in checked
    assert "text stands in `district`, `finding`" in checked


def test_a_test_of_a_rule_may_give_words_and_look_for_them(tmp_path):
    tests = """\
tests:
  quoted:
    {rule: plans-poor, values: Good Inadequate, finding: No review dates., expect: .F, says: "\\"No review dates.\\""}
  withheld:
    rule: harmed-many
    values: 0 3
    finding: Three boys
    expect: .F
    says: not shown
    never_says: boys
  "wrong": {rule: plans-poor, values: Good Inadequate, finding: No plan., expect: .F, never_says: No plan}
"""
    home = write_home(tmp_path, RULES + tests)
    shown = alertd("test", home=home, code=1).stdout
    assert "2 passed, 1 failed" in shown
    without = RULES.replace("    finding: finding\n", "").replace("    assessed_by: assessor\n", "")
    write_home(tmp_path, without + tests)
    refused = alertd("check", "--offline", home=home, code=1).stdout
    assert "error[A122]: test `quoted`: measure `plans` names no column of words: a `finding`" in refused


SETTINGS = """\
instance: journey
warehouse: {url: "sqlite:///w.db"}
state: {url: "sqlite:///state.db"}
allow_recipients: ["*@example.org"]
ops: {email: ops@example.org}
"""
