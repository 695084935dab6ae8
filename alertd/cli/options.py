"""Options that several commands share."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def home_option(function: Decorated) -> Decorated:
    """`--home DIR`, as a `Path` or None."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="The home: a folder with rules/, channels/, templates/, config/.  "
        "[default: $ALERTD_HOME, else the nearest folder upward]",
    )(function)


def ignored_home_option(function: Decorated) -> Decorated:
    """`--home DIR` for a command that needs no home, so that every command takes it."""
    return click.option("--home", type=click.Path(), hidden=True, expose_value=False)(function)


def as_of_option(function: Decorated) -> Decorated:
    """`--as-of DATE`, else `$ALERTD_AS_OF`, as a `datetime` at midnight or None."""

    def check(ctx: click.Context, param: click.Parameter, day: datetime | None) -> datetime | None:
        if day is not None and not 1900 <= day.year <= 2999:
            raise click.BadParameter("the year must lie between 1900 and 2999", ctx, param)
        if day is None and not ctx.resilient_parsing:
            from alertd.cli.clock import pinned_day  # noqa: PLC0415 - `--help` must not wait for it

            pinned = pinned_day()
            return None if pinned is None else datetime.combine(pinned, datetime.min.time())
        return day

    return click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        callback=check,
        help="Take the end of this day for now, and hide what came later.  [default: $ALERTD_AS_OF, else the clock]",
    )(function)


def format_option(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--format`, one of `formats`, the first being the default."""
    return click.option(
        "--format", "output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print it."
    )


def where_of(help_text: str) -> Callable[[Decorated], Decorated]:
    """`--where k=v`, again and again, as a mapping from column to the values wanted."""

    def gather(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        wanted: dict[str, tuple[str, ...]] = {}
        for text in given:
            name, sign, value = text.partition("=")
            if not sign or not name:
                raise click.BadParameter(
                    f"`{text}` cannot be read; write for example --where district=Burnley", ctx, param
                )
            wanted[name] = (*wanted.get(name, ()), value)
        return wanted

    return click.option("--where", multiple=True, metavar="K=V", callback=gather, help=help_text)


where_option = where_of("Only series with this value (may be given again).")
