"""R16: what people record leads to one letter, is judged as the warehouse's rows are, and is never told twice."""

import json
from pathlib import Path

import pytest

from tests.journeys.support import Sink, alertd, fill, write_home

RULES = """\
measures:
  custody_check:
    name: Reality checks of custody
    recorded: reality_check
    grain: month
    period: checked_on
    by: [district]
    aggregate: rows
    grade: result
    scale: [failed, passed]
    owner: commander
  self: {name: Self-assessment, recorded: self_assessment, grain: quarter, period: due_on, by: [district], grade: grade,
         scale: [Inadequate, Good], loaded_at: loaded_at, owner: commander}
rules:
  custody-check-failed: {measure: custody_check, rating: {failed: true}}
  many-failed: {measure: custody_check, rating: {share_above: {grade: failed, share: 40 percent}}, status: shadow}
  self-overdue: {measure: self, rating: {overdue: 30 days}}
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  commander:
    by: district
    fallback: data_steward
    posts:
      Preston: [{name: Supt A Example, email: preston@example.org, from: 2020-01-01}]
      Burnley: [{name: Supt B Example, email: burnley@example.org, from: 2020-01-01}]
"""
PLACES = "places:\n  Preston: {level: district}\n  Burnley: {level: district}\n"
CHECKS = """\
measure,district,checked_on,result,checked_by,finding,due
custody_check,Preston,2022-03-03,passed,Insp C,,
custody_check,Burnley,2022-04-12,passed,Insp C,,
custody_check,Preston,2022-04-14,passed,Insp C,,
self,Burnley,,,,,2022-03-31
"""
FAILED = ("--where", "district=Preston", "--date", "2022-04-03", "--result", "failed", "--by", "Insp C Example")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_failed_check_that_somebody_records_leads_to_one_letter(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    env = {"ALERTD_STATE__URL": request.getfixturevalue("postgres_url")} if database == "postgresql" else {}
    with Sink() as sink:
        home = write_home(tmp_path, RULES, owners=OWNERS, smtp_port=sink.port, extra={"config/places.yaml": PLACES})
        fill(home, "t", "v double", [])
        assert alertd("check", home=home, env=env).stdout.count("W225") == 2
        (home / "checks.csv").write_text(CHECKS)
        assert "4 entries recorded" in alertd("record", "--csv", "checks.csv", home=home, env=env).stdout
        alertd(
            "record",
            "reality-check",
            "custody_check",
            *FAILED,
            "--finding",
            "No review in two of ten",
            home=home,
            env=env,
        )
        for _ in range(2):
            alertd("run", "--once", "--as-of", "2022-05-05", home=home, env=env)
        (letter,) = sink.mails
        assert letter[0] == ["preston@example.org"]
        assert "Reality checks of custody" in letter[1]["Subject"]
        listed = [
            json.loads(line)
            for line in alertd("record", "list", "--format", "json", home=home, env=env).stdout.splitlines()
        ]
        assert len(listed) == 5
        assert all(one["recorded_by"] and one["recorded_at"] and one["standing"] == "stands" for one in listed)
        points = alertd(
            "explain", "custody-check-failed", "--where", "district=Preston", "--format", "csv", home=home, env=env
        ).stdout
        assert points.splitlines()[-1].startswith("custody-check-failed,district=Preston,2022-04,1,")
        found = alertd("evaluate", "--all", "--format", "json", home=home, env=env).stdout
        states = {(one["rule"], *one["series"].values()): one["state"] for one in map(json.loads, found.splitlines())}
        assert states["many-failed", "Preston"] == "exception", "one of two failed"
        assert states["self-overdue", "Burnley"] == "exception", "it was due and never came"
        assert states["custody-check-failed", "Burnley"] == "quiet"
        told = alertd(
            "backtest",
            "custody-check-failed",
            "--notices",
            "--format",
            "json",
            "--to",
            "2022-06-01",
            home=home,
            env=env,
        ).stdout
        assert any(one.get("email") == "preston@example.org" for one in map(json.loads, told.splitlines()))
