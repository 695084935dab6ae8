"""`alertd demo`, as somebody who tries alertd for the first time meets it: a program, an empty folder, nothing else."""

import email
import email.policy
import os
import subprocess
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from alertd.demo.report import Finding, Told, compare, told_in, unplanned
from alertd.demo.sink import Mail
from alertd.demo.truth import PLANTED, Expected
from tests.journeys.starts import afresh, forked


@dataclass(frozen=True)
class Demo:
    """One run of the demonstration."""

    folder: Path
    output: str
    mails: tuple[Mail, ...]


def _run(cwd: Path, *arguments: str, start: Any = forked) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALERTD_")}
    return start(arguments, cwd=cwd, environ=environ | {"COLUMNS": "200"})


def _mail(path: Path) -> Mail:
    message = _read(path)
    address = message["To"].addresses[0]
    keys = tuple(key.strip() for key in str(message["X-Alertd-Key"] or "").split(",") if key.strip())
    day = message["Date"].datetime.date()
    name = address.display_name
    return Mail(day=day, to=address.addr_spec, name=name, subject=str(message["Subject"]), keys=keys, path=path)


def _read(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    cwd = tmp_path_factory.mktemp("demo")
    ran = _run(cwd, "demo", start=afresh)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    folder = cwd / "alertd-demo"
    return Demo(folder, ran.stdout, tuple(_mail(path) for path in sorted((folder / "mails").glob("*.eml"))))


@pytest.fixture(scope="module")
def findings(demo: Demo) -> list[Finding]:
    return compare(demo.mails)


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=[planted.what[:40] for planted in PLANTED])
def test_what_was_planted_comes_out_as_it_should(number: int, findings: list[Finding]) -> None:
    finding = findings[number]
    assert finding.right, f"{finding.planted.what}: {finding.notice}"


def test_every_letter_has_what_a_mail_program_and_a_person_need(demo: Demo) -> None:
    for mail in demo.mails:
        message = _read(mail.path)
        types = {part.get_content_type() for part in message.walk()}
        assert {"text/plain", "text/html"} <= types, mail.path.name
        for header in ("Message-ID", "X-Alertd-Key", "Auto-Submitted", "Subject", "To"):
            assert message[header], f"{mail.path.name} has no {header}"


def test_letters_about_figures_carry_a_chart(demo: Demo) -> None:
    with_chart = [
        mail for mail in demo.mails if any(part.get_content_type() == "image/png" for part in _read(mail.path).walk())
    ]
    assert len(with_chart) > len(demo.mails) / 2


def test_simulated_figures_say_so_in_every_letter(demo: Demo) -> None:
    for mail in demo.mails:
        message = _read(mail.path)
        for kind in ("plain", "html"):
            body = message.get_body((kind,))
            assert body is not None
            assert "simulated" in body.get_content().lower(), f"{mail.path.name}, {kind}"


def test_no_letter_is_empty_and_nobody_gets_two_on_one_day(demo: Demo) -> None:
    """R20, R22: no exception, no mail; all that one person is due is one message."""
    assert all(mail.keys for mail in demo.mails)
    assert len({(mail.day, mail.to) for mail in demo.mails}) == len(demo.mails)


def test_one_notice_for_a_rule_series_and_period(demo: Demo) -> None:
    """R21: nobody is told the same thing of the same month twice."""
    opened = [key for mail in demo.mails for key in mail.keys if key.endswith("/opened")]
    assert len(opened) == len(set(opened))


def test_the_holder_of_the_post_on_the_day_is_told(demo: Demo) -> None:
    """R23: the post at Pendlebeck changed hands on 1 October 2021; Priestbridge has a deputy for some weeks."""
    for mail in demo.mails:
        if mail.to == "pendlebeck.until.2021@example.org":
            assert str(mail.day) <= "2021-09-30"
        if mail.to == "pendlebeck@example.org":
            assert str(mail.day) >= "2021-10-01"


def test_figures_without_a_place_never_reach_a_leader(demo: Demo) -> None:
    """R26."""
    told = [told for mail in demo.mails for told in told_in(mail) if told.series.get("district") == "Not located"]
    assert told
    assert {notice.mail.to for notice in told} == {"steward@example.org"}


def test_small_numbers_of_people_are_not_shown(demo: Demo) -> None:
    """R31: in the real hate crime figures, counts of 1 to 4 appear as `fewer than 5` only."""
    counts = _hate_crime_counts()
    small = [told for told in _hate_crime(demo) if 1 <= counts[(told.series["borough"], told.period)] <= 4]
    for told in small:
        text = _read(told.mail.path).get_body(("plain",))
        assert text is not None
        assert "fewer than 5" in text.get_content()


def test_chance_alone_throws_up_few_first_notices(demo: Demo) -> None:
    """Some 100 simulated series and rules in 25 months: rolling limits of three sigma promise about one a month."""
    assert unplanned(demo.mails, simulated=True) <= 30


def test_the_output_says_who_was_told_what_stayed_quiet_and_where_to_look(demo: Demo) -> None:
    assert "Who was told what, and when" in demo.output
    assert "Stayed quiet" in demo.output
    assert "alertd-demo/mails" in demo.output
    assert demo.mails[0].name in demo.output
    assert f"{len(PLANTED)} of {len(PLANTED)}" in demo.output


def test_every_letter_can_be_looked_at_in_a_browser(demo: Demo) -> None:
    for mail in demo.mails:
        page = mail.path.with_suffix(".html").read_text(encoding="utf-8")
        assert "cid:" not in page


def test_the_home_it_leaves_behind_is_a_working_one(demo: Demo) -> None:
    checked = _run(demo.folder, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    explained = _run(demo.folder, "explain", "response-trend", "--where", "district=Brunford", "--as-of", "2021-09-15")
    assert explained.returncode == 0, explained.stdout + explained.stderr
    assert "Brunford" in explained.stdout


def test_it_replaces_its_own_folder_and_no_other(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    refused = _run(tmp_path, "demo", "--dir", ".")
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_half_of_what_is_planted_is_hard_and_some_of_it_must_stay_quiet() -> None:
    """The table of truth is worth something only if it can show both kinds of mistake."""
    assert sum(planted.expected is Expected.QUIET for planted in PLANTED) >= 3
    assert {prefix for planted in PLANTED for prefix in (planted.first[:4],)} == {"2021", "2022"}


def _hate_crime(demo: Demo) -> list[Told]:
    return [told for mail in demo.mails for told in told_in(mail) if told.rule == "hate-crime-change"]


def _hate_crime_counts() -> dict[tuple[str, str], int]:
    import csv
    from importlib.resources import files

    counts: dict[tuple[str, str], int] = {}
    with (files("alertd.demo") / "data" / "nypd_hate_crime_monthly.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            key = (row["place"], row["period"])
            counts[key] = counts.get(key, 0) + int(row["count"])
    return counts
