"""`alertd preview`: a rule's notice as files, exactly as it would be sent."""

from datetime import datetime
from pathlib import Path
from typing import Any

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
@click.option(
    "--transition",
    type=click.Choice(["opened", "worsened", "reminded", "escalated", "handed_over", "cleared", "corrected"]),
    help="The newest notice of this kind, by the rule's past replayed.  [default: what a first notice would say]",
)
def command(
    rule: str,
    home: Path | None,
    where: dict[str, tuple[str, ...]],
    as_of: datetime | None,
    folder: Path,
    transition: str | None,
) -> int:
    """Write the notice of RULE as .html, .txt, .eml and, of its chart, .png; nothing is sent.

    Where the rule fires now, that is the notice; else the newest one that it would have made. In a real letter it may
    stand with others that are due to the same person.
    """
    from alertd.cli import judgements, previewing  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.opening import now_of, open_app  # noqa: PLC0415
    from alertd.core.cases import TransitionKind  # noqa: PLC0415
    from alertd.core.periods import day_words  # noqa: PLC0415

    with open_app(home, with_store=False) as application:
        now = now_of(application, as_of)
        basis, wanted = judgements.one_rule(application, rule, where, now, as_of=as_of is not None)
        if transition is None:
            found = previewing.newest_notice(application.home, basis, wanted, now)
            others = ""
        else:
            kind = TransitionKind(transition)
            given = previewing.newest_of_kind(application, basis.rule, wanted, kind, now)
            found = given if isinstance(given, previewing.Previewed) else None
            others = "" if found is not None else _counted(given)
        if found is None:
            click.echo(_nothing(rule, len(wanted), transition, others))
            return 1
        paths = previewing.write_notice(application, found, folder)
    notice = found.notice
    what, to = notice.findings[0].measure_name, notice.recipient
    click.echo(f"{what}, {to.name} <{to.email}>, as of {day_words(notice.day)}:")
    for path in paths:
        click.echo(f"  {path}")
    if not any(path.suffix == ".png" for path in paths):
        click.echo("  no .png: there is no chart in this notice")
    for sentence in found.kept_back:
        click.echo(f"It would not be sent as things are. {sentence}")
    return 0


def _nothing(rule: str, series: int, transition: str | None, others: str) -> str:
    """Why there is no notice to show, and what to do."""
    if transition is not None:
        return f"Rule `{rule}` would never have sent a notice of the kind `{transition}`; {others}."
    return (
        f"Rule `{rule}` fires nowhere in the data ({series:,} series, every period), so there is no notice to show. "
        f"`alertd explain {rule}` says how near it is."
    )


def _counted(kinds: Any) -> str:
    """How many notices of each kind there were: `2 opened, 1 cleared`."""
    return ", ".join(f"{count} {kind.value}" for kind, count in kinds.most_common()) or "it fires nowhere in the data"
