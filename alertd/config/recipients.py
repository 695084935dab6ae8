"""Addresses in a home that `allow_recipients` keeps every letter from."""

from collections.abc import Iterator

from alertd.config.parts import SETTINGS, Parts
from alertd.config.problems import Problem
from alertd.config.suggest import one_of
from alertd.core.letters import allowed


def recipient_problems(parts: Parts) -> Iterator[Problem]:
    """Every address that delivery would refuse (R30), as warnings: what is sent to it goes to others, and is never lost."""
    settings, document = parts.settings, parts.settings_document
    if settings is None or document is None or not parts.sure(*SETTINGS, "allow_recipients"):
        return
    patterns = settings.allow_recipients
    allows = one_of(patterns, nothing="`allow_recipients` is empty")
    if parts.sure(*SETTINGS, "ops") and not allowed(settings.ops.email, patterns):
        message = f"ops could never be told: `{settings.ops.email}` is not among `allow_recipients`"
        hint = "add it there, or correct it"
        yield document.problem("W211", ("ops", "email"), message, hint=hint, note=allows)
    for name, steps, address in _owners(parts):
        if not allowed(address, patterns):
            entry = parts.entries["owners"][name]
            message = f"letters to `{address}` will be refused: it is not among `allow_recipients`"
            yield entry.problem("W210", message, *steps, note=f"{entry.what} is told there; {allows}")


def _owners(parts: Parts) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """Every address of every owner, with the steps to where it is written."""
    for name, owner in parts.owners.items():
        if owner.email is not None and parts.sure("owners", name, "email"):
            yield name, ("email",), owner.email
        for place, mailbox in owner.role_accounts.items() if parts.sure("owners", name, "role_accounts") else ():
            yield name, ("role_accounts", place), mailbox
        for place, posts in owner.posts.items() if parts.sure("owners", name, "posts") else ():
            for number, post in enumerate(posts):
                yield name, ("posts", place, number, "email"), post.email
                if post.deputy is not None:
                    yield name, ("posts", place, number, "deputy"), post.deputy
