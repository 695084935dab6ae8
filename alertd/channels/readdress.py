"""What goes out instead of a letter that was refused: a copy to somebody else, and word of it to ops."""

import email
import html
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alertd.core.letters import Letter, LetterState
from alertd.core.owners import OPS

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


def instead_of(
    letter: Letter, said: str, *, ops_address: str, allowed: Callable[[str], bool], now: datetime
) -> list[Letter]:
    """The letters that go out instead of a refused one: a copy to the deputy, else to ops; ops are told either way.

    None where it was ops who refused it: that is only recorded, or letters about letters would never end.
    """
    if _same(letter.recipient, ops_address):
        return []
    deputy = letter.deputy if letter.deputy and not _same(letter.deputy, letter.recipient) else None
    if deputy is not None and allowed(deputy) and not _same(deputy, ops_address):
        copy = readdressed(letter, deputy, f"Deputy for {letter.recipient_name}", letter.owner, said, now)
        return [copy, word_to_ops(letter, said, ops_address, deputy, now)] if allowed(ops_address) else [copy]
    return [readdressed(letter, ops_address, "Operations", OPS, said, now)] if allowed(ops_address) else []


def readdressed(letter: Letter, address: str, name: str, owner: str, said: str, now: datetime) -> Letter:
    """A copy of a letter to another address, as a letter of its own whose first line says why it comes."""
    message = _parsed(letter)
    identity, message_id = _new_identity(letter)
    _replace(message, "To", Address(display_name=name, addr_spec=address))
    _replace(message, "Message-ID", message_id)
    _replace(message, "X-Alertd-Refused", f"{letter.recipient} ({letter.message_id})")
    line = f"This notice was refused for {letter.recipient} ({said}), so it is sent to you instead."
    for part in message.walk():
        if part.get_content_type() in ("text/plain", "text/html") and not part.is_attachment():
            _put_first(part, line, letter.subject.partition(" - ")[0])
    return Letter(
        id=identity,
        message_id=message_id,
        channel=letter.channel,
        recipient=address,
        recipient_name=name,
        owner=owner,
        deputy=None,
        subject=letter.subject,
        message=message.as_bytes(),
        keys=letter.keys,
        made_at=now,
        state=LetterState.PENDING,
    )


def word_to_ops(letter: Letter, said: str, ops_address: str, told: str, now: datetime) -> Letter:
    """A letter that tells ops of a refused address; it holds nothing of what the refused one said."""
    identity, message_id = _new_identity(letter)
    subject = "OFFICIAL - alertd: an address was refused"
    message = EmailMessage(policy=SMTP)
    message["From"] = _parsed(letter)["From"]
    message["To"] = Address(display_name="Operations", addr_spec=ops_address)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"OFFICIAL\n\nLetter {letter.id} was refused for {letter.recipient}, and a copy went to {told} instead.\n\n"
        f"Answer: {said}\n\nPlease correct the address in config/owners.yaml, or allow_recipients in config/alertd.yaml.\n"
        f"`alertd outbox show {letter.id}` has the letter.\n"
    )
    return Letter(
        id=identity,
        message_id=message_id,
        channel=letter.channel,
        recipient=ops_address,
        recipient_name="Operations",
        owner=OPS,
        deputy=None,
        subject=subject,
        message=message.as_bytes(),
        keys=(),
        made_at=now,
        state=LetterState.PENDING,
    )


def _parsed(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(letter.message, policy=SMTP)
    assert isinstance(message, EmailMessage)  # what this policy makes
    return message


def _put_first(part: EmailMessage, line: str, marking: str) -> None:
    """Put a line at the top of a text part, below its marking, which still opens it (R29)."""
    content = part.get_content()
    if part.get_content_type() == "text/plain":
        first, _, rest = content.partition("\n")
        head = (
            f"{first.rstrip()}\n\n{line}\n"
            if first.strip() == marking
            else f"{marking}\n\n{line}\n\n{first.rstrip()}\n"
        )
        part.set_content(head + rest.replace("\r\n", "\n"), cte="quoted-printable")
        return
    body = _BODY.search(content)
    at = body.end() if body else 0
    top = f"<p>{html.escape(marking)}</p><p>{html.escape(line)}</p>"
    part.set_content(content[:at] + top + content[at:], subtype="html", cte="quoted-printable")


def _replace(message: EmailMessage, name: str, value: object) -> None:
    del message[name]
    message[name] = value


def _new_identity(letter: Letter) -> tuple[str, str]:
    """A new letter's id, and a Message-ID of the same domain as the old one's."""
    identity = secrets.token_hex(8)
    domain = letter.message_id.rpartition("@")[2].rstrip("> ") or "alertd.invalid"
    return identity, f"<{identity}@{domain}>"


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
