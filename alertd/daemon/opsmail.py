"""A word to ops, through the same outbox as every letter."""

from collections.abc import Sequence

from alertd.app import Application
from alertd.round.lettering import sender_of


def tell_ops(app: Application, subject: str, lines: Sequence[str]) -> None:
    """Queue a letter to the instance's ops address; raises `StateError`."""
    settings, channel = app.home.settings, app.home.default_route.channel
    letter = app.renderer.ops_letter(
        instance=settings.instance,
        address=settings.ops.email,
        channel=channel,
        sender=sender_of(app.home, channel),
        subject=subject,
        lines=lines,
        now=app.now(),
    )
    app.memory.add_letters([letter])
