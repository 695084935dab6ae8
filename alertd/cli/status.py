"""`alertd status`: whether silence can be trusted, in the words of `/readyz`."""

from pathlib import Path

import click

from alertd.cli.options import format_option, home_option


@click.command("status")
@home_option
@format_option("table", "json")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything is not well.")
def command(home: Path | None, output: str, exit_code: bool) -> int:
    """Show how the instance is: last rounds, stale feeds, the queue, who delivers, next runs, missed slots."""
    from alertd.cli.status_shown import show_status  # noqa: PLC0415 - `--help` must not wait for it

    well = show_status(home, output)
    return int(exit_code and not well)
