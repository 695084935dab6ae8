"""Header values that must neither break a message nor be broken by folding."""

from base64 import b64encode
from collections.abc import Iterator
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import parseaddr
from typing import Any

from alertd.rendering.clean import clean

_LONGEST_LINE = 998
_IN_A_WORD = 36  # bytes that leave a line with the longest of these names below 76 characters


class TokenHeader(UnstructuredHeader, BaseHeader):
    """A header of tokens that programs compare: it stays readable ASCII on one line as long as the standard allows."""

    def fold(self, *, policy: "Policy[Any]") -> str:
        """One line up to 998 characters, or a line for each token; past that, encoded words that decode to the same."""
        text = str(self)
        one_line = f"{self.name}: {text}"
        if text.isascii() and len(one_line) <= 78:
            return one_line + policy.linesep
        tokens = text.split(" ") if self.name.casefold() == "references" else [text]
        if text.isascii() and all(len(token) + len(self.name) + 2 <= _LONGEST_LINE for token in tokens):
            return f"{self.name}: " + f"{policy.linesep} ".join(tokens) + policy.linesep
        if not text.isascii():
            return f"{self.name}: " + f"{policy.linesep} ".join(_encoded_words(text)) + policy.linesep
        return super().fold(policy=policy)


def _encoded_words(text: str) -> Iterator[str]:
    """The whole text as encoded words (RFC 2047), spaces inside them: the standard library loses some at a fold."""
    chunk = b""
    for character in text:
        coded = character.encode("utf-8", "replace")
        if len(chunk) + len(coded) > _IN_A_WORD:
            yield f"=?utf-8?b?{b64encode(chunk).decode()}?="
            chunk = b""
        chunk += coded
    yield f"=?utf-8?b?{b64encode(chunk).decode()}?="


def letter_policy() -> "EmailPolicy[Any]":
    """`policy.SMTP`, with headers of tokens that are not mangled when they are long."""
    registry = HeaderRegistry()
    for name in ("subject", "x-alertd-key", "message-id", "references", "in-reply-to"):
        registry.map_to_type(name, TokenHeader)
    return SMTP.clone(header_factory=registry)


def address_of(text: str, name: str | None = None) -> Address:
    """An address header's value from `Name <a@b>`, or from an address and a name; control characters cannot pass."""
    shown, plain = parseaddr(clean(text, 320)) if name is None else (name, text)
    local, _, domain = clean(plain, 320).replace(" ", "").rpartition("@")
    return Address(display_name=clean(shown, 120), username=local, domain=domain)


def domain_of(sender: str) -> str:
    """The domain of a From address."""
    domain = address_of(sender).domain
    return domain if domain.isascii() and domain else "localhost"
