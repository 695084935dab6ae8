"""The letter as mail: parts, headers, identity."""

import re
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.core.owners import Recipient, Via
from alertd.rendering import Renderer
from alertd.rendering.headers import letter_policy
from tests.edges.rendering.kinds import EVERY_KIND
from tests.edges.rendering.reading import html_of, letter, read, text_of
from tests.edges.rendering.samples import NOW, SENDER, changed, data, finding, improvement, notice, threshold

RENDERER = Renderer()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_letter_has_text_and_html_and_the_promised_headers(kind: str) -> None:
    """R35; the contract's list of headers."""
    made = letter(EVERY_KIND[kind], renderer=RENDERER)
    message = read(made)
    assert [part.get_content_type() for part in message.iter_parts()][:1] == ["text/plain"]
    assert html_of(message).count('lang="en-GB"') == 1
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en-GB"
    assert message["Message-ID"] == made.message_id
    assert message["X-Alertd-Key"] == EVERY_KIND[kind].key == made.keys[0]
    assert message["From"].addresses == (Address("Performance", "alerts", "example.org"),)
    assert message["To"].addresses == (Address("Supt A Example", "a.example", "example.org"),)
    assert message["Reply-To"].addresses[0].addr_spec == "analyst@example.org"
    assert message["Date"].datetime == NOW
    assert message.defects == []
    assert RENDERER.fallbacks == []


def test_every_chart_that_the_html_shows_is_in_the_letter_and_no_other() -> None:
    message = read(letter(finding(), threshold(), changed(), data(), improvement()))
    shown = re.findall(r'src="cid:([^"]+)"', html_of(message))
    carried = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in carried] == [f"<{cid}>" for cid in shown]
    assert len(shown) == 4
    assert all(part.get_content().startswith(b"\x89PNG") for part in carried)
    assert html_of(message).count('alt="Line chart of ') == 4
    assert "http" not in html_of(message), "nothing is loaded from elsewhere, and no link leads nowhere"


def test_the_same_notice_gives_the_same_bytes() -> None:
    assert letter(finding(), changed()).message == letter(finding(), changed()).message


def test_what_is_told_decides_the_message_id_and_the_day_does_not() -> None:
    first = letter(finding())
    assert first.message_id == letter(finding(), day=NOW.date().replace(day=7)).message_id
    assert first.message_id != letter(finding(number="1099")).message_id
    assert first.message_id.endswith("@example.org>")
    assert len(first.id) == 12


def test_a_letter_joins_the_thread_of_the_first_letter_about_its_cases() -> None:
    made = letter(
        finding(),
        changed(),
        threshold(),
        first={"case-1": "<one@example.org>", "case-3": "<three@example.org>", "case-2": "not an id"},
    )
    message = read(made)
    assert message["In-Reply-To"] == "<one@example.org>"
    assert message["References"] == "<one@example.org> <three@example.org>"


def test_replies_go_to_the_analyst_only_where_all_findings_share_one() -> None:
    message = read(letter(finding(), changed(analyst="other@example.org")))
    assert message["Reply-To"] is None
    assert "Write to other@example.org by Wednesday 13 April" in text_of(message)


def test_a_key_is_one_line_of_readable_text_however_many_findings_there_are() -> None:
    findings = [
        finding(number=str(n), series={"district": f"District, of the {n}th kind; and=more"}, chart=None)
        for n in range(9)
    ]
    made = letter(*findings)
    raw = next(line for line in made.message.split(b"\r\n") if line.startswith(b"X-Alertd-Key:"))
    assert len(raw) <= 998
    assert raw.decode("ascii").removeprefix("X-Alertd-Key: ").split(",") == [each.key for each in findings]
    assert findings[0].key == "response-spc/district=District%2C of the 0th kind%3B and%3Dmore/2022-03/opened"


def test_a_key_longer_than_a_line_may_be_still_decodes_to_the_same() -> None:
    findings = [
        finding(number=str(n), series={"district": f"A district with a long name {n}"}, chart=None) for n in range(40)
    ]
    made = letter(*findings)
    assert all(len(line) <= 998 for line in made.message.split(b"\r\n"))
    assert read(made)["X-Alertd-Key"].split(",") == [each.key for each in findings]


def test_a_line_break_in_a_place_name_adds_no_header() -> None:
    """R33."""
    evil = "Burnley\r\nBcc: thief@example.com\r\n\r\n<script>alert(1)</script>"
    made = letter(
        finding(series={"district": evil}, measure_name=evil, advice=evil, caveats=(evil,), told_next=evil, unit=evil),
        recipient=Recipient(owner="x", name=evil, email="a.example@example.org", via=Via.HOLDER),
        instance=evil,
        marking="OFFICIAL\r\nBcc: thief@example.com",
    )
    message = read(made)
    assert message["Bcc"] is None
    assert b"\r\nBcc:" not in made.message.partition(b"\r\n\r\n")[0]
    assert [address.addr_spec for address in message["To"].addresses] == ["a.example@example.org"]
    assert "<script" not in html_of(message)
    assert "\r" not in made.subject + made.recipient_name
    assert "\n" not in made.subject + made.recipient_name


@pytest.mark.parametrize(
    "subject",
    [
        "OFFICIAL - b ó żaż Σ ł ¡ Σ óż żc ł żc ΣΣü ü ¡ ¡ ü¡é Σł",
        "OFFICIAL - a ééc ü¡éc üé¡é ć¡Σ ł ü ¡Σ¡łććbóé łb",
        "Tŷ Mawr – é",
    ],
)
def test_a_subject_loses_no_space_where_it_is_folded(subject: str) -> None:
    message = EmailMessage(policy=letter_policy())
    message["Subject"] = subject
    raw = message.as_bytes()
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject
    assert all(len(line) <= 76 for line in raw.splitlines())


_SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_SETTINGS
@given(
    place=st.text(max_size=60),
    name=st.text(max_size=200),
    holder=st.text(max_size=60),
    unit=st.none() | st.text(max_size=40),
)
def test_no_warehouse_text_breaks_a_letter_or_its_headers(place: str, name: str, holder: str, unit: str | None) -> None:
    renderer = Renderer()
    told = finding(series={"district": place}, measure_name=name, unit=unit, advice=name, faults=(name,), chart=None)
    recipient = Recipient(owner="x", name=holder, email="a.example@example.org", via=Via.DEPUTY)
    made = renderer.letter(
        notice(told, data(series={"district": place}), recipient=recipient),
        sender=SENDER,
        first_message_ids={},
        now=NOW,
    )
    message = read(made)
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
    assert set(message.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Reply-To",
        "X-Alertd-Key",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "Content-Language",
        "Content-Type",
        "MIME-Version",
    }
    assert message["X-Alertd-Key"] == ",".join(made.keys)
    assert message["Subject"] == made.subject
    assert [address.addr_spec for address in message["To"].addresses] == ["a.example@example.org"]
    assert renderer.fallbacks == []


def test_a_letter_to_ops_is_a_whole_letter_too() -> None:
    made = RENDERER.ops_letter(
        instance="lancashire",
        address="ops@example.org",
        channel="email",
        sender=SENDER,
        subject="3 letters were refused\r\nBcc: x@example.com",
        lines=["a.example@example.org: 550 no such user <x>"],
        now=NOW,
    )
    message = read(made)
    assert made.subject == "OFFICIAL - alertd lancashire: 3 letters were refused Bcc: x@example.com"
    assert message["X-Alertd-Key"].startswith("ops/3 letters were refused")
    assert message["Bcc"] is None
    assert "550 no such user &lt;x&gt;" in html_of(message)
    assert text_of(message).startswith("OFFICIAL\n")
