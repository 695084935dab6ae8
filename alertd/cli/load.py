"""`alertd load`: public feeds, into a warehouse of counts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from alertd.cli.options import ignored_home_option

if TYPE_CHECKING:
    from alertd.feeds.police_uk import Loaded
    from alertd.feeds.police_uk_layout import Found, Source

_SHOWN = 20


@click.group(short_help="Public feeds, into a warehouse that rules can judge.")
def command() -> None:
    """Read a public feed into a DuckDB warehouse of counts."""


@command.command("police-uk", short_help="Street-level crime, outcomes, and stop and search of data.police.uk.")
@ignored_home_option
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--into",
    "warehouse",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The DuckDB file; made where it is not there.  [default: warehouse.duckdb of the new home, else police-uk.duckdb]",
)
@click.option(
    "--init",
    "home",
    type=click.Path(path_type=Path),
    metavar="NEWHOME",
    help="Also write a home with measures and rules for these figures; it must not exist yet.",
)
def police_uk(folder: Path, warehouse: Path | None, home: Path | None) -> None:
    """Load DIR, with files as data.police.uk/data gives them, unpacked: 2022-10/2022-10-lancashire-street.csv,
    -outcomes.csv and -stop-and-search.csv, of any forces and months.

    Only counts are kept, by month and district: no crime id, no coordinates, nobody who was searched. A month that was
    loaded before is replaced. Rows that cannot be counted are named with file and line, counted, and kept by file and
    line in the table police_uk_bad_rows.

    Exit codes: 0 all was counted, 1 rows or files were bad, 2 nothing to load, 3 the warehouse cannot be written.
    """
    from datetime import datetime  # noqa: PLC0415 - `--help` must not wait for what follows

    from alertd.cli.schema import write_schemas  # noqa: PLC0415
    from alertd.feeds import police_uk_home  # noqa: PLC0415
    from alertd.feeds.police_uk import load  # noqa: PLC0415
    from alertd.feeds.police_uk_layout import find  # noqa: PLC0415

    found = find(folder)
    if home is not None:
        police_uk_home.begin(home, {source.kind for source in found.sources})
    target = warehouse or (home / "warehouse.duckdb" if home is not None else Path("police-uk.duckdb"))
    began = monotonic()
    loaded = load(found.sources, target, now=datetime.now(), watch=_watch)  # noqa: DTZ005 - a warehouse has a local clock
    if home is not None:
        police_uk_home.finish(home, target)
        write_schemas(home / "schemas")
    _say(loaded, found, target, monotonic() - began)
    if home is not None:
        click.echo(f"\nWrote a home with measures and rules to {home}. Next:")
        click.echo(f"  alertd check --home {home}        every error in its files at once")
        click.echo(f"  alertd evaluate --home {home}     the exceptions now; stores and sends nothing")
    if any(one.counts.bad or one.counts.fault is not None for one in loaded):
        raise SystemExit(1)


def _watch(sources: "Sequence[Source]") -> "Iterator[Source]":
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import track  # noqa: PLC0415 - as above

    bar = Console(stderr=True)
    yield from track(sources, "Loading", console=bar, transient=True, disable=not bar.is_terminal)


def _say(loaded: "Sequence[Loaded]", found: "Found", target: Path, seconds: float) -> None:
    """What was counted, by force and kind of file; then everything that was not."""
    groups: dict[tuple[str, str], list[Loaded]] = {}
    for one in loaded:
        groups.setdefault((one.source.force, one.source.kind), []).append(one)
    for (force, kind), files in sorted(groups.items()):
        months = sorted(one.source.month for one in files)
        span = f"{months[0]:%Y-%m}" if len(months) == 1 else f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}"
        click.echo(f"{force} {kind}, {_many(len(files), 'month')}, {span}: {_counts(files)}")
    click.echo(f"{target}: {_many(len(loaded), 'file')} in {seconds:.0f} s")
    _say_bad(loaded)
    for path in found.empty:
        click.echo(f"{path}: a month's folder without a file of this layout")
    if found.others:
        named = ", ".join(path.name for path in found.others[:3])
        click.echo(f"{_many(len(found.others), 'file')} not of this layout, not read: {named}")


def _counts(files: "Sequence[Loaded]") -> str:
    counts = [one.counts for one in files]
    further = [
        (sum(one.bad for one in counts), "bad"),
        (sum(one.copies for one in counts), "left out as copies of another to the letter"),
        (sum(one.repeated for one in counts), "with the crime id of another, which count"),
        (sum(one.unknown for one in counts), "with an outcome in unknown words, counted as `other`"),
    ]
    unreadable = sum(one.fault is not None for one in counts)
    parts = [f"{sum(one.counted.total() for one in counts):,} of {sum(one.rows for one in counts):,} rows counted"]
    parts += [f"{number:,} {words}" for number, words in further if number]
    return "; ".join([*parts, f"{_many(unreadable, 'file')} unreadable"] if unreadable else parts)


def _say_bad(loaded: "Sequence[Loaded]") -> None:
    for one in loaded:
        if one.counts.fault is not None:
            click.echo(f"{one.source.path}: {one.counts.fault}; what was loaded of it before stays", err=True)
    listed = [(one.source.path, *fault) for one in loaded for fault in one.counts.faults]
    for path, line, fault in listed[:_SHOWN]:
        click.echo(f"{path}:{line}: {fault}", err=True)
    more = sum(one.counts.bad for one in loaded) - min(len(listed), _SHOWN)
    if more:
        click.echo(f"and {more:,} more bad rows, by file and line in the table police_uk_bad_rows", err=True)


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
