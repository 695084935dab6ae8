"""A role's few rows come first in its letters, through a real round (R48)."""

from tests.journeys.support import Sink, alertd, fill, write_home

FRAMEWORK = """\
framework:
  quadrants: {1: Local}
  rows:
    M1: {title: People, kind: measure, quadrant: 1}
    M2: {title: Response, kind: measure, quadrant: 1}
    M3: {title: Frontline, kind: measure, quadrant: 1}
  roles:
    commander: {title: District commander, owner: commander, rows: [M3, M2]}
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  commander: {email: commander@example.org}
  chief: {email: chief@example.org}
"""
MEASURE = "  {id}: {{name: {id}, framework: {row}, table: {id}, grain: month, period: p, value: v, improvement: decrease, owner: {owner}}}\n"
RULE = "  {id}-high: {{measure: {id}, threshold: {{above: 50}}, priority: {priority}}}\n"


def test_the_commander_s_own_rows_come_first_and_for_others_the_most_serious(tmp_path):
    given = [("people", "M1", 1), ("response", "M2", 4), ("frontline", "M3", 3)]
    measures = "".join(
        MEASURE.format(id=f"{name}_{owner}", row=row, owner=owner)
        for name, row, _ in given
        for owner in ("commander", "chief")
    )
    rules = "".join(
        RULE.format(id=f"{name}_{owner}", priority=priority)
        for name, _, priority in given
        for owner in ("commander", "chief")
    )
    with Sink() as sink:
        home = write_home(
            tmp_path,
            f"measures:\n{measures}rules:\n{rules}",
            smtp_port=sink.port,
            owners=OWNERS,
            extra={"config/framework.yaml": FRAMEWORK},
        )
        for name, _, _ in given:
            for owner in ("commander", "chief"):
                fill(home, f"{name}_{owner}", "p date, v double", [("2022-12-01", 99.0)])
        alertd("run", "--once", "--as-of", "2023-01-05", home=home)
    told = {}
    for who in ("commander", "chief"):
        (mail,) = sink.to(f"{who}@example.org")
        keys = str(mail["X-Alertd-Key"]).replace("\n", "").split(",")
        told[who] = [key.strip().split("_")[0] for key in keys]
        text = mail.get_body(("plain",)).get_content()
        assert sorted(told[who], key=lambda name, said=text: said.index(f"{name}_")) == told[who]
    assert told == {"commander": ["frontline", "response", "people"], "chief": ["people", "frontline", "response"]}
