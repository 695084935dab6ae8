"""`alertd preview`: a rule's notice as files, exactly as it would be sent."""

from datetime import datetime
from pathlib import Path

import click

from alertd.cli.options import as_of_option, home_option, where_option


@click.command(short_help="The notice as files; sends nothing.")
@click.argument("rule")
@home_option
@where_option
@as_of_option
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("preview"),
    show_default=True,
    help="Where the files go.",
)
def command(
    rule: str, home: Path | None, where: dict[str, tuple[str, ...]], as_of: datetime | None, folder: Path
) -> int:
    """Write the notice of RULE as .html, .txt, .eml and .png.

    Where the rule fires now, that is the notice; else the newest one that it would have made.
    """
    from alertd.cli import judgements, previewing  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.opening import now_of, open_app  # noqa: PLC0415
    from alertd.core.periods import day_words  # noqa: PLC0415

    with open_app(home, with_store=False) as application:
        now = now_of(application, as_of)
        basis, wanted = judgements.one_rule(application, rule, where, now, as_of=as_of is not None)
        found = previewing.newest_notice(application.home, basis, wanted, now)
        if found is None:
            click.echo(f"Rule `{rule}` fires nowhere in the data, so there is no notice to show.")
            return 1
        paths = previewing.write_notice(application, found, folder)
    what, to = found.findings[0].measure_name, found.recipient
    click.echo(f"{what}, {to.name} <{to.email}>, as of {day_words(found.day)}:")
    for path in paths:
        click.echo(f"  {path}")
    return 0
