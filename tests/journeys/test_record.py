"""R16: what people record leads to one letter with its words, is judged as the warehouse's rows are, and is never told twice."""

import json
from pathlib import Path

from alertd.store import open_store
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
    finding: finding
    assessed_by: checked_by
    owner: commander
  self: {name: Self-assessment, recorded: self_assessment, grain: quarter, period: due_on, by: [district], grade: grade,
         scale: [Inadequate, Good], loaded_at: loaded_at, owner: commander}
rules:
  custody-check-failed: {measure: custody_check, rating: {failed: true}}
  many-failed: {measure: custody_check, rating: {share_above: {grade: failed, share: 40 percent}}, status: shadow}
  self-overdue: {measure: self, rating: {overdue: 30 days}}
tests:
  one-fails: {rule: custody-check-failed, values: {Preston: passed failed}, expect: .F, told: commander}
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
custody_check,Preston,2022-04-14,passed,Insp C,Every review was there,
self,Burnley,,,,,2022-03-31
"""
FAILED = ("--where", "district=Preston", "--date", "2022-04-03", "--result", "failed", "--by", "Insp C Example")
WORDS = "Two of ten records had no review, <none> in time"


def test_a_failed_check_that_somebody_records_leads_to_one_letter_with_its_words(tmp_path: Path) -> None:
    with Sink() as sink:
        home = write_home(tmp_path, RULES, owners=OWNERS, smtp_port=sink.port, extra={"config/places.yaml": PLACES})
        fill(home, "t", "v double", [])
        (home / "checks.csv").write_text(CHECKS)
        assert "4 entries recorded" in alertd("record", "--csv", "checks.csv", home=home).stdout
        assert (
            "recorded 5"
            in alertd("record", "reality-check", "custody_check", *FAILED, "--finding", WORDS, home=home).stdout
        )
        for _ in range(2):
            alertd("run", "--once", "--as-of", "2022-05-05", home=home)
    ((recipients, letter),) = sink.mails
    assert recipients == ["preston@example.org"]
    assert "Reality checks of custody" in letter["Subject"]
    text = letter.get_body(("plain",)).get_content()
    assert WORDS in " ".join(text.split())
    assert "Insp C Example" in text
    store = open_store("sqlite:///state.db", root=home)
    links = store.audit_entries()
    assert [link.event for link in links if link.event in ("recorded", "told")] == ["recorded"] * 5 + ["told"]
    (recorded,) = (link for link in links if json.loads(link.details).get("grade") == "failed")
    assert json.loads(recorded.people)["who"] == store.recorded()[-1].recorded_by != ""
    assert recorded.at == store.recorded()[-1].recorded_at
    assert store.verify_audit() is None
    store.close()


def test_every_command_reads_what_was_recorded(tmp_path: Path) -> None:
    home = write_home(tmp_path, RULES, owners=OWNERS, extra={"config/places.yaml": PLACES})
    fill(home, "t", "v double", [])
    assert alertd("check", home=home).stdout.count("W225") == 2
    (home / "checks.csv").write_text(CHECKS + f'custody_check,Preston,2022-04-03,failed,Insp C,"{WORDS}",\n')
    alertd("record", "--csv", "checks.csv", home=home)
    found = alertd("evaluate", "--all", "--format", "json", home=home).stdout
    states = {(one["rule"], *one["series"].values()): one["state"] for one in map(json.loads, found.splitlines())}
    assert states["many-failed", "Preston"] == "exception", "one of two failed"
    assert states["self-overdue", "Burnley"] == "exception", "it was due and never came"
    assert states["custody-check-failed", "Burnley"] == "quiet"
    points = alertd(
        "explain", "custody-check-failed", "--where", "district=Preston", "--format", "csv", home=home
    ).stdout
    assert points.splitlines()[-1].startswith("custody-check-failed,district=Preston,2022-04,1,")
    told = alertd(
        "backtest", "custody-check-failed", "--notices", "--format", "json", "--to", "2022-06-01", home=home
    ).stdout
    assert any(one.get("email") == "preston@example.org" for one in map(json.loads, told.splitlines()))
    alertd("preview", "custody-check-failed", "--to", "preview", home=home)
    assert any("&lt;none&gt; in time" in page.read_text() for page in (home / "preview").glob("*.html"))
    assert "W225" not in alertd("check", home=home).stdout
    hidden = alertd(
        "evaluate", "--all", "--rule", "self-overdue", "--as-of", "2022-06-01", "--format", "json", home=home
    ).stdout
    assert hidden == "", "its measure says when rows were loaded, and then nothing had been recorded"


def test_it_is_said_from_when_on_an_entry_of_a_month_that_is_not_over_is_judged(tmp_path: Path) -> None:
    home = write_home(tmp_path, RULES, owners=OWNERS, extra={"config/places.yaml": PLACES})
    fill(home, "t", "v double", [])
    given = ("record", "reality-check", "custody_check", *FAILED, "--dry-run")
    early = alertd(*given, home=home, env={"ALERTD_AS_OF": "2022-04-04"}).stdout
    assert "rules judge April 2022 from 1 May 2022 on, as its measure is monthly" in early
    assert "rules judge" not in alertd(*given, home=home, env={"ALERTD_AS_OF": "2022-05-01"}).stdout


def test_what_was_recorded_by_mistake_is_taken_back_and_a_correction_names_grades(tmp_path: Path) -> None:
    with Sink() as sink:
        home = write_home(tmp_path, RULES, owners=OWNERS, smtp_port=sink.port, extra={"config/places.yaml": PLACES})
        fill(home, "t", "v double", [])
        (home / "checks.csv").write_text(
            "measure,district,date,result,by\n"
            "custody_check,Preston,2022-04-03,failed,Insp C\ncustody_check,Burnley,2022-03-03,failed,Insp C\n"
            "custody_check,Burnley,2022-04-03,failed,Insp C\n"
        )
        alertd("record", "--csv", "checks.csv", home=home)
        alertd("run", "--once", "--as-of", "2022-05-05", home=home)
        sink.mails.clear()
        alertd("record", "withdraw", "1", "--reason", "of another district", home=home)
        burnley = ("--where", "district=Burnley", "--date", "2022-04-03", "--result", "passed", "--by", "Insp C")
        alertd("record", "reality-check", "custody_check", *burnley, home=home)
        for _ in range(2):
            alertd("run", "--once", "--as-of", "2022-05-06", home=home)
        open_cases = alertd("exceptions", "list", "--format", "json", home=home).stdout
    told = {to[0]: (mail["Subject"], mail.get_body(("plain",)).get_content()) for to, mail in sink.mails}
    assert len(sink.mails) == 2
    assert "withdrawn" in told["preston@example.org"][0]
    assert "was recorded by mistake and is withdrawn" in " ".join(told["preston@example.org"][1].split())
    assert "(it said failed for April 2022)" in " ".join(told["burnley@example.org"][1].split())
    assert "The grade is now passed" in " ".join(told["burnley@example.org"][1].split())
    assert open_cases == ""
