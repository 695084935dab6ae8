"""Letters' text by Apprise, which reaches Teams, Slack, SMS gateways and a hundred others (extra `alertd[apprise]`)."""

import email
from collections.abc import Mapping
from email.policy import default
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from alertd.channels.secret import read_secret
from alertd.core.channels import ChannelSettings, Secret
from alertd.core.errors import DeliveryError
from alertd.core.letters import Attempt, Letter, Outcome


class AppriseSettings(ChannelSettings):
    """A channel of `kind: apprise`."""

    kind: Literal["apprise"] = "apprise"
    """What Apprise reaches."""
    urls: tuple[Secret, ...] = Field(min_length=1)
    """Apprise's URLs, each `{env: NAME}` or `{file: PATH}`, for they hold tokens."""


class AppriseChannel:
    """Sends each letter's subject and text part, as text; Apprise says only whether every service took it.

    Services that show HTML get it escaped, for it holds words from the warehouse (R33).
    """

    at_once = 1

    def __init__(self, settings: AppriseSettings, root: Path, environ: Mapping[str, str]) -> None:
        self.per_second = settings.per_second
        self._settings = settings
        self._root = root
        self._environ = environ
        self._services: Any = None

    async def __aenter__(self) -> "AppriseChannel":
        place = f"channel {self._settings.id}"
        try:
            import apprise  # noqa: PLC0415  an extra
        except ImportError as error:
            raise DeliveryError(f"{place}: Apprise is not installed; install alertd[apprise]") from error
        services = apprise.Apprise()
        for number, url in enumerate(self._settings.urls, start=1):
            entry = f"{place}, urls, entry {number}"
            if not services.add(read_secret(url, root=self._root, environ=self._environ, place=entry)):
                raise DeliveryError(
                    f"{entry}: Apprise does not know this kind of URL, or it is incomplete; see its manual"
                )
        self._services = services
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._services = None

    async def send(self, letter: Letter) -> Attempt:
        """Send the subject and the text part to every service."""
        message = email.message_from_bytes(letter.message, policy=default)
        text = message.get_body(preferencelist=("plain",))
        body = letter.subject if text is None else text.get_content()
        if await self._services.async_notify(title=letter.subject, body=body, body_format="text"):
            return Attempt(outcome=Outcome.DELIVERED, detail="taken by every service")
        return Attempt(
            outcome=Outcome.RETRY, detail="at least one service did not take it (Apprise says no more than that)"
        )
