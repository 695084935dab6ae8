"""What goes out instead of a refused letter: the same notice to somebody who can act, and word to ops; never a loop."""

import email
from datetime import timedelta
from email.policy import default

from alertd.channels.readdress import instead_of
from alertd.core.letters import Letter, LetterState
from tests.edges.store.make import NOW, letter

SAID = "RCPT: 550 5.1.1 no such user"
OPS = "ops@example.org"


def _instead(refused: Letter, forbidden: tuple[str, ...] = ()) -> list[Letter]:
    return instead_of(
        refused,
        SAID,
        ops_address=OPS,
        allowed=lambda address: address not in forbidden,
        now=NOW + timedelta(hours=1),
    )


def _parsed(made: Letter):
    return email.message_from_bytes(made.message, policy=default)


def test_the_deputy_gets_a_copy_of_its_own_that_says_why() -> None:
    refused = letter(deputy="deputy@example.org")
    copy, _ = _instead(refused)
    assert (copy.recipient, copy.deputy, copy.state) == ("deputy@example.org", None, LetterState.PENDING)
    assert (copy.channel, copy.subject, copy.keys) == (refused.channel, refused.subject, refused.keys)
    assert copy.id != refused.id
    assert copy.message_id != refused.message_id
    message = _parsed(copy)
    assert message["Message-ID"] == copy.message_id
    assert copy.message_id.endswith("@alerts.example.org>")
    assert message["To"] == "Deputy for Supt A Example <deputy@example.org>"
    assert message["X-Alertd-Key"] == ",".join(refused.keys)
    assert message["X-Alertd-Refused"] == f"lead@example.org ({refused.message_id})"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [len(message.get_all(name, [])) for name in ("To", "Subject", "Message-ID", "From")] == [1, 1, 1, 1]


def test_the_marking_still_opens_the_body_and_nothing_of_it_is_lost() -> None:
    """R29: the marking opens subject and body."""
    copy, _ = _instead(letter(deputy="deputy@example.org"))
    message = _parsed(copy)
    text = message.get_body(("plain",)).get_content()
    first, _, second, *rest = text.splitlines()
    assert first == "OFFICIAL"
    assert second == f"This notice was refused for lead@example.org ({SAID}), so it is sent to you instead."
    assert "In December, Burnley reached 93 of 126 – naïvely." in rest
    assert text.count("OFFICIAL") == 1
    html = message.get_body(("html",)).get_content()
    assert html.startswith("<html><body class='x'><p>OFFICIAL</p><p>This notice was refused for")
    assert "<p>In December</p>" in html


def test_what_a_server_said_is_data_in_the_html_too() -> None:
    refused = letter(deputy="deputy@example.org")
    copy = instead_of(refused, "550 <b>&", ops_address=OPS, allowed=lambda address: True, now=NOW)[0]
    assert "550 &lt;b&gt;&amp;" in _parsed(copy).get_body(("html",)).get_content()


def test_every_byte_of_a_copy_can_pass_any_server() -> None:
    copy, _ = _instead(letter(deputy="deputy@example.org"))
    assert copy.message.isascii()
    assert max(len(line) for line in copy.message.split(b"\r\n")) <= 998
    assert b"\n" not in copy.message.replace(b"\r\n", b"")


def test_ops_are_told_of_the_address_and_not_of_the_content() -> None:
    refused = letter(deputy="deputy@example.org")
    _, word = _instead(refused)
    text = _parsed(word).get_body(("plain",)).get_content()
    assert word.recipient == OPS
    assert word.keys == ()
    assert "lead@example.org" in text
    assert "deputy@example.org" in text
    assert SAID in text
    assert "Burnley" not in text + word.subject
    assert text.splitlines()[0] == "OFFICIAL"


def test_without_a_deputy_ops_get_the_copy_itself() -> None:
    (copy,) = _instead(letter())
    assert (copy.recipient, copy.owner) == (OPS, "ops")
    assert "so it is sent to you instead" in _parsed(copy).get_body(("plain",)).get_content()


def test_a_deputy_who_may_not_be_written_to_is_passed_over() -> None:
    (copy,) = _instead(letter(deputy="deputy@elsewhere.net"), forbidden=("deputy@elsewhere.net",))
    assert copy.recipient == OPS


def test_a_refused_copy_goes_to_ops_and_a_refused_copy_to_ops_ends_there() -> None:
    first, _ = _instead(letter(deputy="deputy@example.org"))
    (second,) = _instead(first)
    assert second.recipient == OPS
    assert _instead(second) == []


def test_word_that_ops_refuse_makes_no_more_letters() -> None:
    _, word = _instead(letter(deputy="deputy@example.org"))
    assert _instead(word) == []
    assert _instead(letter(recipient="OPS@example.org", deputy="deputy@example.org")) == []


def test_a_deputy_with_the_same_address_is_no_deputy() -> None:
    (copy,) = _instead(letter(deputy="Lead@example.org"))
    assert copy.recipient == OPS


def test_ops_who_may_not_be_written_to_are_not() -> None:
    assert _instead(letter(), forbidden=(OPS,)) == []
    (copy,) = _instead(letter(deputy="deputy@example.org"), forbidden=(OPS,))
    assert copy.recipient == "deputy@example.org"


def test_attachments_and_pictures_travel_with_the_copy() -> None:
    refused = letter(deputy="deputy@example.org")
    message = email.message_from_bytes(refused.message, policy=default)
    html = message.get_body(("html",))
    html.add_related(b"\x89PNG picture", "image", "png", cid="<chart>")
    message.add_attachment("a,b\n1,2\n", subtype="csv", filename="rows.csv")
    whole = Letter(**{name: getattr(refused, name) for name in refused.__slots__} | {"message": message.as_bytes()})
    copy, _ = _instead(whole)
    parts = list(_parsed(copy).walk())
    assert [part.get_content() for part in parts if part.get_content_type() == "image/png"] == [b"\x89PNG picture"]
    assert [part["Content-ID"] for part in parts if part.get_content_type() == "image/png"] == ["<chart>"]
    (rows,) = (part for part in parts if part.get_content_type() == "text/csv")
    assert rows.get_content().splitlines() == ["a,b", "1,2"]
