"""`alertd demo-warehouse`: a simulated police force's warehouse, for demonstrations and tests."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TypeVar

import click

from alertd.cli.options import ignored_home_option
from alertd.demo.star import SEED, SIZES

Item = TypeVar("Item")


@click.group(short_help="A simulated force's warehouse, with what was planted in it.")
def command() -> None:
    """Build the demonstration warehouse: six simulated years of every measure of the framework, in one DuckDB file.

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
