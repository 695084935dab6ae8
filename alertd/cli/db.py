"""`alertd db`: the state database's schema."""

from pathlib import Path

import click

from alertd.cli.options import home_option


@click.group(name="db", short_help="The state database.")
def command() -> None:
    """Look after the state database, which holds rounds, cases and letters."""


@command.command("upgrade", short_help="Bring the state database's schema up to date.")
@home_option
def upgrade(home: Path | None) -> None:
    """Bring the schema of the state database up to date; `alertd run` does so by itself when it starts."""
    from alertd.cli.opening import open_app  # noqa: PLC0415  `--help` must not wait for it

    with open_app(home, upgrade=True) as application:
        click.echo(f"The state database is at schema {application.memory.schema_version()}.")
