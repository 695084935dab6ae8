"""Opening a home for a command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from alertd.app import Application, opened
from alertd.cli.clock import now_in
from alertd.config.load import find_home


@contextmanager
def open_app(home: Path | None, *, with_store: bool = True, upgrade: bool = True) -> Iterator[Application]:
    """The application over the home that the command line, the environment or the folder names."""
    root = find_home(home, os.environ)
    with opened(root, environ=os.environ, with_store=with_store, upgrade=upgrade) as application:
        yield application


def now_of(application: Application, as_of: datetime | None = None) -> datetime:
    """What the command takes for now: the end of the day that `--as-of` or `ALERTD_AS_OF` names, else the clock."""
    return now_in(application.home.settings.zone) if as_of is None else application.end_of(as_of)
