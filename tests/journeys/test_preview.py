"""`alertd preview`: the notice as files, as it goes over the wire; of any kind that the rule's past has; never sent."""

import email
import email.policy
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from alertd.cli.preview import command
from alertd.core.errors import UsageError
from tests.journeys.support import Sink, alertd, fill, write_home

MONTHS = [f"{2020 + i // 12}-{i % 12 + 1:02d}-01" for i in range(36)]
RULES = """\
measures:
  m: {name: Calls answered, table: t, grain: month, period: period, by: [place], numerator: n, denominator: d, unit: percent, improvement: increase, owner: lead}
rules:
  low: {measure: m, spc: mdc, advice: Look at the crews first}
  never: {measure: m, threshold: {below: 5}}
  feed: {measure: m, freshness: {missing: any}}
  hidden: {measure: m, threshold: {below: 82}, status: shadow}
"""
ROUTES = "routes:\n  default: {to: owner, channel: email, remind: every 4 weeks}\n"


def make(root: Path, *, port: int = 9, rules: str = RULES, fallen: int = 32) -> Path:
    """North falls from one month on, further a month later, and comes back in the last one."""
    home = write_home(root, rules, smtp_port=port, routes=ROUTES)
    rows = []
    for i, month in enumerate(MONTHS):
        for place in ("North", "South"):
            share = 900 + (i * 7) % 5 * 4
            if place == "North" and i >= fallen:
                share = {0: 800, 1: 700, 2: 700}.get(i - fallen, 906)
            rows.append((month, place, share, 1000))
    fill(home, "t", "period DATE, place TEXT, n INTEGER, d INTEGER", rows)
    return home


def previewed(home, folder, *arguments):
    """What `alertd preview` says, and its exit code."""
    result = CliRunner().invoke(command, [*arguments, "--home", str(home), "--to", str(folder)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout, result.return_value


def parts_of(message):
    """The text, the HTML and the pictures of a letter, without what is its own: numbers of notices, ids of pictures."""
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    pictures = [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "image/png"]

    def bare(words):
        return re.sub(r"cid:[^\"']+", "cid:", re.sub(r"N-[0-9A-F]{8}", "N-", words))

    return bare(text), bare(html), pictures


def read(folder):
    """The one letter in a folder."""
    (file,) = folder.glob("*.eml")
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def test_it_is_the_letter_that_a_round_puts_on_the_wire(tmp_path):
    with Sink() as sink:
        home = make(tmp_path / "home", port=sink.port, rules=RULES.split("  never")[0])
        alertd("run", "--once", "--as-of", "2022-09-05", home=home)
        assert sink.mails == []
        alertd("run", "--once", "--as-of", "2022-10-05", home=home)
        ((addresses, sent),) = sink.mails
        previewed(home, tmp_path / "out", "low", "--as-of", "2022-10-05")
    shown = read(tmp_path / "out")
    assert addresses == ["lead@example.org"]
    assert parts_of(shown) == parts_of(sent)
    for header in ("From", "To", "Subject", "X-Alertd-Key", "Auto-Submitted", "Reply-To", "Content-Language"):
        assert shown[header] == sent[header]
    assert {header for header, _ in shown.items()} == {header for header, _ in sent.items()}


def test_every_form_of_it_is_a_file_and_nothing_is_sent_or_stored(tmp_path):
    home = make(tmp_path / "home")
    said, code = previewed(home, tmp_path / "new/out", "low", "--as-of", "2022-10-05")
    assert code == 0
    assert "<lead@example.org>, as of 5 October 2022" in said
    files = {path.suffix: path for path in (tmp_path / "new/out").iterdir()}
    assert set(files) == {".txt", ".html", ".eml", ".png"}
    assert files[".png"].name in files[".html"].read_text()
    assert "cid:" not in files[".html"].read_text()
    assert "Look at the crews first" in files[".txt"].read_text()
    assert not (home / "state.db").exists()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine to show letters with")
def test_the_html_opens_in_a_browser_on_a_telephone_with_its_picture(tmp_path):
    from playwright.sync_api import sync_playwright

    previewed(make(tmp_path / "home"), tmp_path / "out", "low", "--as-of", "2022-10-05")
    (file,) = (tmp_path / "out").glob("*.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
            timeout=120_000,
        )
        page = browser.new_page(viewport={"width": 390, "height": 700})
        page.goto(file.as_uri(), timeout=120_000)
        wide, pictures = page.evaluate(
            "[document.documentElement.scrollWidth, [...document.images].map(i => [i.naturalWidth, i.clientWidth])]"
        )
        browser.close()
    assert wide <= 390
    ((natural, shown),) = pictures
    assert natural == 750
    assert 300 <= shown <= 390


@pytest.mark.parametrize(
    ("kind", "key", "words"),
    [
        ("opened", "low/place=North/2022-09/opened", "below its usual range"),
        ("worsened", "low/place=North/2022-10/worsened", "It is worse than at the last notice"),
        ("cleared", "low/place=North/2022-12/cleared", "back inside its usual range"),
    ],
)
def test_a_notice_of_any_kind_that_the_past_has_can_be_seen(tmp_path, kind, key, words):
    home = make(tmp_path / "home")
    _, code = previewed(home, tmp_path / "out", "low", "--as-of", "2023-01-20", "--transition", kind)
    letter = read(tmp_path / "out")
    assert code == 0
    assert letter["X-Alertd-Key"] == key
    assert words in " ".join(letter.get_body(("plain",)).get_content().split())
    assert (letter["References"] is None) is (kind == "opened"), "it belongs to the first letter's thread"


def test_a_kind_that_the_past_has_not_is_said_with_those_that_it_has(tmp_path):
    said, code = previewed(make(tmp_path / "home"), tmp_path / "out", "low", "--transition", "escalated")
    assert code == 1
    assert "would never have sent a notice of the kind `escalated`; 3 reminded, 1 opened, 1 worsened, 1 cleared" in said
    assert not (tmp_path / "out").exists()


def test_a_rule_that_never_fires_says_so_and_where_to_look(tmp_path):
    said, code = previewed(make(tmp_path / "home"), tmp_path / "out", "never")
    assert code == 1
    assert "fires nowhere in the data (2 series, every period)" in said
    assert "`alertd explain never` says how near it is." in said


def test_what_would_keep_it_back_is_said(tmp_path):
    said, code = previewed(make(tmp_path / "home"), tmp_path / "out", "hidden", "--as-of", "2022-10-05")
    assert code == 0
    assert "It would not be sent as things are. The rule is in shadow" in said


def test_a_notice_without_a_chart_says_that_it_has_none(tmp_path):
    home = make(tmp_path / "home")
    rows = [(month, place, 900, 1000) for month in MONTHS for place in ("North", "South") if (month, place) != (MONTHS[-1], "North")]  # fmt: skip
    fill(home, "t", "period DATE, place TEXT, n INTEGER, d INTEGER", rows)
    said, code = previewed(home, tmp_path / "out", "feed", "--as-of", "2023-01-05")
    assert code == 0
    assert "no .png: there is no chart in this notice" in said
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".txt", ".html", ".eml"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UsageError, match="--to /proc/x: it cannot be written"):
        previewed(make(tmp_path / "home"), "/proc/x", "low", "--as-of", "2022-10-05")
