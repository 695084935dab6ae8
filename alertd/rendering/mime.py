"""A notice's parts as one MIME message, the same bytes every time."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from alertd.rendering.clean import clean
from alertd.rendering.headers import address_of, letter_policy

_POLICY = letter_policy()


def message_bytes(
    *,
    sender: str,
    to_address: str,
    to_name: str,
    subject: str,
    text: str,
    html: str,
    images: Mapping[str, bytes],
    message_id: str,
    keys: Sequence[str],
    now: datetime,
    reply_to: str | None = None,
    references: Sequence[str] = (),
) -> bytes:
    """The message as it is sent: text and HTML side by side, charts beside the HTML under their content ids."""
    message: Any = EmailMessage(policy=_POLICY)
    message["From"] = address_of(sender)
    message["To"] = address_of(to_address, to_name)
    message["Subject"] = clean(subject, 400)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if reply_to:
        message["Reply-To"] = address_of(reply_to, "")
    if references:
        message["In-Reply-To"] = references[0]
        message["References"] = " ".join(references)
    message["X-Alertd-Key"] = ",".join(keys)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    body = message.get_payload()[-1]
    for cid, data in images.items():
        body.add_related(data, "image", "png", cid=f"<{cid}>", disposition="inline", filename="chart.png")
    message["Content-Language"] = "en-GB"  # set last: earlier it would move into the first part
    # Boundaries are random by default; the same notice must give the same bytes.
    for index, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{hashlib.sha256(f'{message_id}{index}'.encode()).hexdigest()[:32]}")
    return bytes(message.as_bytes())


def message_id_for(domain: str, *identity: str) -> str:
    """A Message-ID that depends on nothing but what the message is about."""
    digest = hashlib.sha256("\x1f".join(identity).encode("utf-8", "replace")).hexdigest()
    return f"<{digest[:24]}@{domain}>"
