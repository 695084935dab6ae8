"""Opening a home for a command."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from alertd.app import Application, opened
from alertd.cli.clock import now_in
from alertd.config.load import find_home
from alertd.round.postings import posted


@contextmanager
def open_app(
    home: Path | None,
    *,
    with_store: bool = True,
    upgrade: bool = True,
    held: bool | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Application]:
    """The application over the home that the command line, the environment or the folder names.

    A command that only looks (no `with_store`) keeps a DuckDB file open until it ends, for it reads measures one by one,
    unless `held` says otherwise. `settings` override the home's as the environment does.
    """
    environ = {**os.environ, **(settings or {})}
    root = find_home(home, environ)
    with ExitStack() as kept:
        application = kept.enter_context(opened(root, environ=environ, with_store=with_store, upgrade=upgrade))
        if held or (held is None and not with_store):
            kept.enter_context(application.warehouse.held())
        now_held, troubles = posted(application.home, application.warehouse, application.now())
        for owner, trouble in troubles.items():
            if trouble:
                click.echo(f"alertd: owner `{owner}`: {trouble}; its fallback stands in", err=True)
        yield replace(application, home=now_held) if troubles else application


def now_of(application: Application, as_of: datetime | None = None) -> datetime:
    """What the command takes for now: the end of the day that `--as-of` or `ALERTD_AS_OF` names, else the clock."""
    return now_in(application.home.settings.zone) if as_of is None else application.end_of(as_of)
