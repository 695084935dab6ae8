"""`alertd demo-warehouse`: a simulated police force's warehouse, for demonstrations and tests."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TypeVar

import click

from alertd.cli.options import format_option, home_option, ignored_home_option
from alertd.demo.star import SEED, SIZES

Item = TypeVar("Item")


@click.group(short_help="A simulated force's warehouse, with what was planted in it.")
def command() -> None:
    """The demonstration warehouse: six simulated years of every measure of the framework, in one DuckDB file.

    Nothing in it is real. Its tables, and what is planted in them, are described in docs/demo-warehouse.md.
    """


@command.command(short_help="Write the warehouse to a file.")
@ignored_home_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--force-size",
    "size",
    type=click.Choice(SIZES),
    default="county",
    show_default=True,
    help="small: 4 districts; county: 14 districts and 64 teams; national: 43 forces, over a million series.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=SEED,
    show_default=True,
    help="The same seed gives the same rows.",
)
@click.option("--replace", is_flag=True, help="Write FILE anew where it is there already.")
def build(file: Path, size: str, seed: int, replace: bool) -> None:
    """Write the warehouse to FILE.

    A county takes some ten seconds and 40 MB; a nation some six minutes, 600 MB and 1.2 GB of memory. What was
    planted, and what should follow from it, stands in the table `truth`.
    """
    from rich.console import Console  # noqa: PLC0415 - `--help` must not wait for it
    from rich.progress import track  # noqa: PLC0415 - as above

    from alertd.demo.star.build import build as build_warehouse  # noqa: PLC0415 - as above

    bar = Console(stderr=True)

    def watch(steps: list[Item]) -> Iterator[Item]:
        yield from track(steps, "Building the warehouse", console=bar, transient=True, disable=not bar.is_terminal)

    began = monotonic()
    counted = build_warehouse(file, size, seed, replace=replace, watch=watch)
    click.echo(
        f"{file}: SIMULATED, {size}, seed {seed}: {counted.rows:,} rows in {counted.tables} tables, {counted.series:,} series, "
        f"{counted.planted} things planted; {file.stat().st_size / 1e6:,.0f} MB in {monotonic() - began:.0f} s"
    )


@command.command(short_help="What is planted in it, against what the rules told.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@home_option
@click.option(
    "--row", "rows", multiple=True, metavar="ROW", help="Only this row of the framework, M2 (may be given again)."
)
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule, and what it judges (as above).")
@click.option("--all", "everything", is_flag=True, help="List every happening too, and every false exception.")
@click.option("--chance/--no-chance", default=True, help="Simulate how many exceptions chance explains (some minutes).")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of what is simulated.")
@format_option("table", "json", "csv", "markdown")
def score(
    file: Path | None,
    home: Path | None,
    rows: tuple[str, ...],
    rules: tuple[str, ...],
    everything: bool,
    chance: bool,
    seed: int,
    output: str,
) -> int:
    """Replay the rules over FILE (the home's warehouse), and score them against its table `truth`.

    Every live rule is replayed as `alertd backtest` does, and each happening is matched with what would have been told:
    found, missed, or told though it is none; how many periods later; and which exceptions nothing planted explains.
    What counts as found is strict, and stands in docs/demo-warehouse-score.md.

    \b
    alertd demo-warehouse score                       one line a row of the framework
    alertd demo-warehouse score --row M2 --all        and every happening of M2
    alertd demo-warehouse score --rule call-999-slow  what one rule finds

    As csv there is one row a row of the framework, with --all one a happening; as JSON one object a line, its kind in
    `record`: row, happening, false.
    """
    from alertd.cli import scoring  # noqa: PLC0415 - `--help` must not wait for it

    asked = scoring.Asked(rows=rows, rules=rules, everything=everything, chance=chance, seed=seed)
    return scoring.run(file, home, asked, output)
