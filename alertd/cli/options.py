"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def home_option(function: Decorated) -> Decorated:
    """`--home DIR`, as a `Path` or None."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="The home: a folder with rules/, channels/, templates/, config/.  [default: $ALERTD_HOME, else the nearest folder upward]",
    )(function)


def as_of_option(function: Decorated) -> Decorated:
    """`--as-of DATE`, as a `datetime` at midnight or None."""
    return click.option(
        "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Take the end of this day for now, and hide what came later."
    )(function)


def format_option(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--format`, one of `formats`, the first being the default."""
    return click.option("--format", "output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print it.")
