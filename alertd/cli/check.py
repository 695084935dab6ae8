"""`alertd check`: every error in a home's files at once."""

from pathlib import Path

import click

from alertd.cli.options import format_option, home_option


@click.command("check", short_help="Say every error in the home's files at once.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@home_option
@click.option("--offline", is_flag=True, help="Do not ask the warehouse for columns and values.")
@click.option("--explain", metavar="CODE", help="Say what a code such as A101 means, and what to do.")
@click.option("--no-replay", is_flag=True, help="Do not read the figures to see how often rules would have fired.")
@click.option("--diff", is_flag=True, help="Say too what the files would do to open exceptions at the next round.")
@format_option("text", "json", "github", "sarif")
def command(
    paths: tuple[Path, ...],
    home: Path | None,
    offline: bool,
    explain: str | None,
    no_replay: bool,
    diff: bool,
    output: str,
) -> int:
    """Say every error in the home's files at once, with its place and what to write instead.

    PATH limits what is shown to those files or folders; the whole home is read all the same, for entries name each other.
    --format github writes annotations for a workflow, with paths from $GITHUB_WORKSPACE or the current folder; sarif a
    SARIF 2.1.0 log.
    --diff compares with the state database: rules that were added, changed or withdrawn since they were last judged, and
    what the next round would make of the exceptions that are open. It stores and sends nothing.
    Without --offline the warehouse is asked whether columns, rows and the values of `where` are there, and where all is
    well, how often each rule would have fired over the last 24 months.

    Exit codes: 0 no error; 1 errors; 2 no home, or config/alertd.yaml cannot be read; 3 no other error, and the
    warehouse cannot be reached.
    """
    if explain is not None:
        from alertd.config.catalogue import explain_code  # noqa: PLC0415 - `--help` must not wait for it

        click.echo(explain_code(explain))
        return 0
    if diff and output not in ("text", "json"):
        from alertd.core.errors import UsageError  # noqa: PLC0415

        raise UsageError(f"--diff has no form for --format {output}; write --format text or json")
    from alertd.cli.checking_home import check_home  # noqa: PLC0415

    return check_home(home, paths, offline=offline, replay=not no_replay, diff=diff, output=output)
