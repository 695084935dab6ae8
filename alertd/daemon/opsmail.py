"""A word to ops, through the same outbox as every letter."""

from collections.abc import Sequence

from alertd.app import Application
from alertd.round.opsnotes import word_to_ops


def tell_ops(app: Application, subject: str, lines: Sequence[str]) -> None:
    """Queue a letter to the instance's ops address; raises `StateError`."""
    address = app.home.settings.ops.email
    app.memory.add_letters([word_to_ops(app.home, app.renderer, address, subject, lines, app.now())])
