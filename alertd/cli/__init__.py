"""The command line: one file a command, loaded only when it is called, so that `alertd check` starts quickly."""

import importlib
import sys
from typing import Any

import click

from alertd.cli.outlets import open_outlets
from alertd.core.errors import AlertdError, UsageError
from alertd.core.printable import in_lines

COMMANDS = {
    "backtest": "backtest",
    "check": "check",
    "db": "db",
    "demo": "demo",
    "demo-warehouse": "demo_warehouse",
    "evaluate": "evaluate",
    "exceptions": "exceptions",
    "explain": "explain",
    "framework": "framework",
    "init": "init",
    "load": "load",
    "noise": "noise",
    "outbox": "outbox",
    "preview": "preview",
    "record": "record",
    "run": "run",
    "schema": "schema",
    "status": "status",
    "test": "test",
}
"""Command to module of this package; the click command in it is named `command`."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module: Any = importlib.import_module(f"alertd.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="alertd", prog_name="alertd")
def cli() -> None:
    """Tell the right people at the right time, and only when performance exceptions exist.

    alertd reads each measure from the warehouse, judges its rules, and sends a notice to the leader who owns an
    exception. No exception, no mail.

    \b
    New here?      alertd demo         the whole main job in an empty folder, with a simulated force
    Start a home:  alertd init DIR     a small, working, commented home
    Before merge:  alertd check        every error in the home's files at once

    Every command finds its home by --home, else $ALERTD_HOME, else the nearest folder upward with
    config/alertd.yaml. Exit codes: 0 fine, 1 found something wrong, 2 wrong use, 3 warehouse, 4 state, 5 delivery.
    """


def main() -> None:
    """Run the command line; every error that alertd raises on purpose becomes a message and an exit code."""
    open_outlets()
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except AlertdError as error:
        click.echo(f"alertd: {in_lines(str(error))}", err=True)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = UsageError.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("alertd: stopped", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
