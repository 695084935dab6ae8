"""What stands out by commitment, priority, plan and role, and in a letter the plan that it bears on (R42, R47, R48, R51)."""

import json

from tests.journeys.support import Sink, alertd, fill, write_home

FRAMEWORK = """\
framework:
  quadrants: {1: Local}
  rows:
    M1: {title: People, kind: measure, quadrant: 1}
    M2: {title: Response, kind: measure, quadrant: 1, peel: {values: [Effectiveness], inferred: true}}
    M3: {title: Frontline, kind: measure, quadrant: 1}
  priorities: {local: {title: Local policing, rows: [M1, M2], inferred: true}}
  plans: {fleet: {title: Fleet plan, quadrant: 1}, estates: {title: Estates plan, quadrant: 1, inferred: true}}
  roles: {lead: {title: The lead, owner: lead, rows: [M3], measures: [calls]}}
  commitments:
    answer: {title: Answer calls, rows: [M2]}
    people: {title: Have the people, rows: [M1]}
    frontline: {title: Be on the street, rows: [M3]}
"""
RULES = """\
measures:
  calls: {name: Calls, framework: M2, supports: [fleet], table: t, grain: month, period: p, value: v, improvement: decrease, owner: lead}
  posts: {name: Posts, framework: M1, table: t, grain: month, period: p, value: w, improvement: increase, owner: lead}
rules:
  calls-high: {measure: calls, threshold: {above: 50}}
  posts-low: {measure: posts, threshold: {below: 5}}
"""


def by(home, what: str) -> dict[str, dict]:
    shown = alertd("framework", "--by", what, "--as-of", "2023-01-05", "--format", "json", home=home).stdout
    return {row[what]: row for row in map(json.loads, shown.splitlines())}


def test_exceptions_against_each_commitment_priority_plan_and_role(tmp_path):
    with Sink() as sink:
        home = write_home(tmp_path, RULES, smtp_port=sink.port, extra={"config/framework.yaml": FRAMEWORK})
        fill(home, "t", "p date, v double, w double", [("2022-12-01", 99.0, 9.0)])
        found = by(home, "commitment")
        assert {name: row["state"] for name, row in found.items()} == {
            "answer": "exception",
            "people": "no exceptions",
            "frontline": "not watched",
        }
        assert found["answer"]["rows"] == ["M2"]
        assert found["answer"]["exceptions"] == ["calls-high: the whole force, 2022-12"]
        plans = by(home, "plan")
        assert (plans["fleet"]["state"], plans["fleet"]["rows"]) == ("exception", ["M2"])
        assert (plans["estates"]["state"], plans["estates"]["inferred"]) == ("not watched", True)
        assert by(home, "priority")["local"]["inferred"] is True
        role = by(home, "role")["lead"]
        assert (role["owner"], role["measures"], len(role["exceptions"])) == ("lead", ["calls"], 1)
        table = alertd("framework", "--by", "commitment", "--as-of", "2023-01-05", home=home).stdout
        assert "Answer calls" in table
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
        (mail,) = sink.to("lead@example.org")
    assert "Fleet plan" in mail.get_body(("plain",)).get_content()
    assert "PEEL: Effectiveness (inferred)" in mail.get_body(("plain",)).get_content()
