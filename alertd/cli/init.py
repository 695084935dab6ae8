"""`alertd init`: a new home."""

from datetime import date
from pathlib import Path

import click

from alertd.cli.options import ignored_home_option


@click.command(short_help="Start a home: small, commented, working.")
@ignored_home_option
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--framework", is_flag=True, help="Start with the whole 12x12 framework over a simulated force instead.")
def command(folder: Path, framework: bool) -> None:
    """Write a new home into DIR, which must not exist yet, or be empty.

    The home passes `alertd check` and works at once: it reads a small sample warehouse, clearly marked as such, and
    writes its letters as files into DIR/mail. Comments in each file say what to change for your own data.
    """
    from alertd.cli.clock import pinned_day  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.schema import write_schemas  # noqa: PLC0415 - as above
    from alertd.demo import homes  # noqa: PLC0415 - as above

    if framework:
        homes.write_framework(folder)
        click.echo(f"Wrote the framework's home over a simulated force to {folder}.\n")
    else:
        homes.write_starter(folder, pinned_day() or date.today())  # noqa: DTZ011 - it ends with the user's own last month
        click.echo(f"Wrote a small home with sample figures to {folder}.\n")
    write_schemas(folder / "schemas")
    click.echo("Next:")
    if framework:
        from alertd.demo.star.spans import FED_TO  # noqa: PLC0415 - as above

        click.echo(f"  export ALERTD_AS_OF={FED_TO}        its figures end there: take that day for today")
    click.echo(f"  alertd check --home {folder}        every error in its files at once")
    click.echo(f"  alertd evaluate --home {folder}     the exceptions now; stores and sends nothing")
    if framework:
        click.echo(f"  alertd framework --home {folder}    how its 24 rows stand; --format html as a page")
        click.echo(
            f"  alertd run --once --home {folder}   judge and send; its mail server is set in channels/email.yaml"
        )
    else:
        click.echo(f"  alertd run --once --home {folder}   judge, and write the letters to {folder / 'mail'}")
        click.echo(f"\nThen point warehouse.url in {folder / 'config' / 'alertd.yaml'} at your own warehouse.")
