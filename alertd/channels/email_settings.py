"""What a channel of `kind: email` is told in its file."""

import re
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from alertd.core.channels import ChannelSettings, Secret

_SERVER = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


def _check_server(text: str) -> str:
    found = _SERVER.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise ValueError(f"`{text}` is no server; write host:port, for example smtp.example.org:587")
    return text


def is_address(text: str) -> bool:
    """Whether a text is one bare address that SMTP can carry."""
    return text.isascii() and text.isprintable() and _ADDRESS.fullmatch(text) is not None


def _check_sender(text: str) -> str:
    address = parseaddr(text)[1]
    if not text.isprintable() or not is_address(address):
        raise ValueError(f"`{text}` is no sender; write for example Performance <alerts@example.org>")
    return text


class EmailSettings(ChannelSettings):
    """A channel of `kind: email`."""

    kind: Literal["email"] = "email"
    """Mail by SMTP."""
    smtp: Annotated[str, AfterValidator(_check_server)]
    """The server, as host:port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls` and `tls` both require verified TLS 1.2 or newer; `none` is for loopback only."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's, for a server with a private authority; relative to the home."""
    username: str | None = None
    """Given together with `password`."""
    password: Secret | None = None
    """`{env: NAME}` or `{file: PATH}`."""
    from_: Annotated[str, AfterValidator(_check_sender), Field(alias="from")]
    """The sender: `Performance <alerts@example.org>`."""
    connections: int = Field(default=1, ge=1, le=50)
    """At most so many connections at once; a crash can double one letter for each, never more."""

    @property
    def host(self) -> str:
        """The server's name or address."""
        return self.smtp.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The server's port."""
        return int(self.smtp.rpartition(":")[2])

    @property
    def address(self) -> str:
        """The address of `from`, which is the envelope's sender too."""
        return parseaddr(self.from_)[1]

    @model_validator(mode="after")
    def _safe(self) -> "EmailSettings":
        if self.security == "none" and not _loopback(self.host):
            raise ValueError(f"`security: none` is for loopback only, and `{self.host}` is not; write starttls or tls")
        if (self.username is None) != (self.password is None):
            raise ValueError("give both `username` and `password`, or neither")
        return self


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
