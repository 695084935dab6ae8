"""Keeping secrets out of messages: what drivers say may repeat the URL that they were given."""

from collections.abc import Iterable

_SHORTEST = 3  # shorter ones would blot out ordinary words, and protect nothing


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret in it replaced by `***`."""
    for secret in sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
