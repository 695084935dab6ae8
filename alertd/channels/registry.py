"""Every kind of channel, in one place; a new kind is one file beside this one and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alertd.channels.apprise import AppriseChannel, AppriseSettings
from alertd.channels.base import Channel
from alertd.channels.email_settings import EmailSettings
from alertd.channels.file import FileChannel, FileSettings
from alertd.core.channels import ChannelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """What a kind of channel is told in its file, and how a channel is built from that, the home and the environment."""

    settings: type[ChannelSettings]
    build: Callable[[Any, Path, Mapping[str, str]], Channel]


def _email(settings: EmailSettings, root: Path, environ: Mapping[str, str]) -> Channel:
    from alertd.channels.email import EmailChannel  # noqa: PLC0415  `check` needs the settings, and not the SMTP client

    return EmailChannel(settings, root, environ)


KINDS: dict[str, ChannelKind] = {
    "apprise": ChannelKind(settings=AppriseSettings, build=AppriseChannel),
    "email": ChannelKind(settings=EmailSettings, build=_email),
    "file": ChannelKind(settings=FileSettings, build=FileChannel),
}


def build_channels(
    settings: Mapping[str, ChannelSettings], root: Path, environ: Mapping[str, str]
) -> dict[str, Channel]:
    """Every configured channel by id."""
    return {name: KINDS[one.kind].build(one, root, environ) for name, one in settings.items()}
