"""`alertd run`: the daemon, or one round."""

from datetime import datetime
from pathlib import Path

import click

from alertd.cli.options import as_of_option, home_option


@click.command("run")
@home_option
@click.option("--once", is_flag=True, help="Judge every rule, send what is due now, and exit.")
@as_of_option
@click.option("--no-upgrade", is_flag=True, help="Refuse an older state database instead of bringing it up to date.")
def command(home: Path | None, once: bool, as_of: datetime | None, no_upgrade: bool) -> int:
    """Judge at each slot of the schedules and send what is due, until SIGTERM.

    SIGHUP reads the home again, and confirms changes that take a rule away. With --once: exit code 0 also with
    exceptions, 1 where a rule could not be judged, 3 where the warehouse cannot be reached, 4 where the state database
    cannot be used or another process delivers from it, 5 where a letter could not be delivered (it stays in the outbox).
    """
    from alertd.cli.running import run  # noqa: PLC0415 - `--help` must not wait for it

    return run(home, once=once, as_of=as_of, upgrade=not no_upgrade)
