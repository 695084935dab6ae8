"""`alertd demo`: the whole main job in an empty folder."""

import sys
from pathlib import Path

import click

from alertd.cli.options import ignored_home_option


@click.command(short_help="The whole main job in an empty folder, with a simulated force.")
@ignored_home_option
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("alertd-demo"),
    show_default=True,
    help="Where to put the home, the warehouse, the state and the mails.",
)
def command(folder: Path) -> None:
    """Run the whole main job, with nothing but this machine.

    Builds a small warehouse of a simulated force (fixed seed, exceptions planted on purpose) and one real data set,
    then lets two years pass month by month: every rule is judged, cases open and close, and letters go by SMTP to a
    mail sink that stands in for a mail server. Prints who was told what and when, what stayed quiet, and what was
    planted and found. Needs no network and no other service; takes some seconds.
    """
    from rich.console import Console  # noqa: PLC0415 - `--help` must not wait for it
    from rich.progress import track  # noqa: PLC0415 - as above

    from alertd.app import delivery_lock, opened  # noqa: PLC0415 - as above
    from alertd.cli.schema import write_schemas  # noqa: PLC0415 - as above
    from alertd.demo import homes, report  # noqa: PLC0415 - as above
    from alertd.demo.sink import mail_sink  # noqa: PLC0415 - as above
    from alertd.demo.walk import days_of_rounds, walk  # noqa: PLC0415 - as above

    homes.write_demo(folder)
    write_schemas(folder / "schemas")
    console, bar, days = Console(), Console(stderr=True), days_of_rounds()
    with mail_sink(folder / "mails") as sink:
        # The caller's own ALERTD_* variables are not for the demonstration: they may name a real state database.
        environ = {"ALERTD_CHANNELS__EMAIL__SMTP": f"127.0.0.1:{sink.port}"}
        with opened(folder.resolve(), environ=environ) as app, delivery_lock(app.memory) as epoch:
            months = walk(app, app.home.settings.zone, days, epoch)
            hidden = not bar.is_terminal
            steps = list(track(months, "Two years pass", total=len(days), console=bar, transient=True, disable=hidden))
    findings = report.compare(sink.mails)
    console.print(f"\n[bold]{report.HEADING}[/bold]\n")
    report.print_letters(console, sink.mails)
    console.print()
    report.print_truth(console, findings)
    console.print()
    report.print_summary(console, steps, sink.mails, findings, folder)
    if any(step.errors or step.undelivered for step in steps):
        sys.exit(1)
