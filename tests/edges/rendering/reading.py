"""Letters as a mail program reads them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from alertd.core.findings import Finding
from alertd.core.letters import Letter
from alertd.rendering import Renderer
from tests.edges.rendering.samples import NOW, SENDER, notice


def read(letter: Letter) -> EmailMessage:
    """The letter as a mail program reads it."""
    message = message_from_bytes(letter.message, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def letter(
    *findings: Finding, renderer: Renderer | None = None, first: dict[str, str] | None = None, **more: Any
) -> Letter:
    """The letter for a notice of these findings."""
    made = renderer or Renderer()
    return made.letter(notice(*findings, **more), sender=SENDER, first_message_ids=first or {}, now=NOW)


def text_of(message: EmailMessage) -> str:
    """The text part."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    """The HTML part."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
