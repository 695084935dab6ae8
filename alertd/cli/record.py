"""`alertd record`: qualitative entries, from options or from a CSV file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from alertd.cli.options import format_option, home_option, where_of, where_option

if TYPE_CHECKING:
    from alertd.core.recording import Recorded

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_COLUMNS = (
    *("number", "kind", "measure", "series", "date", "set", "ended", "grade", "by", "finding", "reference"),
    *("recorded_by", "recorded_at", "source", "standing"),
)


class _Kinds(click.Group):
    """Kinds may be written as the files write them: `reality_check`."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name.replace("_", "-"))


_SERIES = where_of("The series that it is of: each column that the measure is by, with its value.")


def _csv_options(function: Decorated) -> Decorated:
    """`--csv FILE`, `--dry-run` and `--home`."""
    function = home_option(function)
    dry = click.option("--dry-run", is_flag=True, help="Say what would be recorded, and record nothing.")
    return click.option(
        "--csv",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="A CSV file in UTF-8 whose first line names the columns.",
    )(dry(function))


def _entry_options(*names: str) -> Callable[[Decorated], Decorated]:
    """The options of a kind of entry, in this order."""

    def add(function: Decorated) -> Decorated:
        for name in reversed((*names, "reference")):
            declarations, help_text = _OPTIONS[name]
            function = click.option(name, *declarations, metavar=_METAVARS.get(name, "TEXT"), help=help_text)(function)
        return click.argument("measure", required=False, default="")(_SERIES(_csv_options(function)))

    return add


_METAVARS = {**dict.fromkeys(("date", "due", "set", "returned", "done"), "DATE"), "grade": "GRADE"}
_OPTIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "date": (("--date",), "The day that it is of, such as 2022-10-03."),
    "due": (("--due",), "The day on which it falls due; may be yet to come."),
    "set": (("--set",), "The day on which the action was agreed."),
    "returned": (("--returned",), "The day on which it came back; left out, not yet."),
    "done": (("--done",), "The day on which it was done; left out, not yet."),
    "grade": (("--grade", "--result"), "A grade of the measure's scale, such as Good, or passed."),
    "by": (("--by",), "Who assessed, checked or returned it, or acts."),
    "finding": (("--finding", "--action"), "What was found, or is to be done, in words; letters quote it."),
    "reference": (("--reference",), "What tells entries of one series and day apart."),
}


@click.group(
    name="record",
    cls=_Kinds,
    invoke_without_command=True,
    short_help="Qualitative entries, from options or a CSV file.",
)
@_csv_options
@click.pass_context
def command(ctx: click.Context, file: Path | None, dry_run: bool, home: Path | None) -> int | None:
    """Record what no warehouse has: assessments, reality checks, self-assessments, actions of plans, focus groups.

    \b
    alertd record reality-check custody_check --where district=Preston --date 2022-04-03 \\
        --result failed --by "Insp A Example" --finding "Two of ten records had no risk assessment"
    alertd record --csv checks.csv

    Measures with `recorded:` read the entries. They are kept in the state database with who recorded them and when, also
    in the audit; none is ever changed. An entry for the same measure, series, day and reference corrects the one before.

    A CSV file has a column `measure`, one for each column that the measures are by, and `date`, `grade`, `by`, `finding`
    and so on, named as the options or as the measures read them. Either all of it is recorded or, where a line is wrong,
    nothing; recorded again, it adds nothing. These commands work beside a running daemon.

    Exit codes: 0 recorded; 1 lines of the file are wrong; 2 wrong use, or a file that cannot be read.
    """
    if ctx.invoked_subcommand is not None:
        if file is not None:
            raise click.UsageError("write --csv after the kind: alertd record KIND --csv FILE")
        ctx.obj = home
        return None
    if file is None:
        raise click.UsageError(
            f"name a kind of entry ({', '.join(sorted(_KINDS))}), or a file: alertd record --csv FILE"
        )
    return _run(ctx, "", "", {}, {"file": file, "dry_run": dry_run, "home": home})


def _run(
    ctx: click.Context, kind: str, measure: str, where: Mapping[str, tuple[str, ...]], given: dict[str, Any]
) -> int:
    """Record what the options or the file say; gives the exit code."""
    from alertd.cli.recording_run import record  # noqa: PLC0415 - `--help` must not wait for it

    file, dry_run, home = given.pop("file"), given.pop("dry_run"), given.pop("home") or ctx.obj
    fields = {name: text.strip() for name, text in given.items() if text is not None and text.strip()}
    several = [name for name, values in where.items() if len(values) > 1]
    if several:
        raise click.UsageError(f"--where {several[0]} is given twice, and an entry is of one series")
    series = {name: values[0] for name, values in where.items()}
    if file is None and not measure:
        raise click.UsageError(f"name the measure: alertd record {kind} MEASURE, or a file by --csv")
    if file is not None and fields:
        raise click.UsageError(f"--{next(iter(fields))} does not go with --csv; write it into the file")
    return record(home, file, kind=kind, measure=measure, series=series, fields=fields, dry_run=dry_run)


@command.command("assessment", short_help="A graded assessment.")
@_entry_options("date", "grade", "by", "finding")
@click.pass_context
def assessment(ctx: click.Context, /, measure: str, where: dict[str, tuple[str, ...]], **given: Any) -> int:
    """Record a graded assessment of MEASURE: of when, how good, by whom, and what was found."""
    return _run(ctx, "assessment", measure, where, given)


@command.command("reality-check", short_help="A reality check that was passed or failed.")
@_entry_options("date", "grade", "by", "finding")
@click.pass_context
def reality_check(ctx: click.Context, /, measure: str, where: dict[str, tuple[str, ...]], **given: Any) -> int:
    """Record a reality check of MEASURE: of when, passed or failed, by whom, and what was found."""
    return _run(ctx, "reality_check", measure, where, given)


@command.command("self-assessment", short_help="A self-assessment that falls due, or came back.")
@_entry_options("due", "returned", "grade", "by", "finding")
@click.pass_context
def self_assessment(ctx: click.Context, /, measure: str, where: dict[str, tuple[str, ...]], **given: Any) -> int:
    """Record that a self-assessment of MEASURE falls due; and when it came back, once more with its grade.

    Recorded again with the same --due it is the same self-assessment.
    """
    return _run(ctx, "self_assessment", measure, where, given)


@command.command("action", short_help="An action of a supporting plan, due or done.")
@_entry_options("due", "set", "done", "by", "finding")
@click.pass_context
def action(ctx: click.Context, /, measure: str, where: dict[str, tuple[str, ...]], **given: Any) -> int:
    """Record an action of a supporting plan: what is to be done, by when, and, once more, that it was done.

    Recorded again with the same --due and --reference it is the same action.
    """
    return _run(ctx, "action", measure, where, given)


@command.command("focus-group", short_help="What a focus group said.")
@_entry_options("date", "grade", "by", "finding")
@click.pass_context
def focus_group(ctx: click.Context, /, measure: str, where: dict[str, tuple[str, ...]], **given: Any) -> int:
    """Record what was heard in a focus group of MEASURE, and how it is graded."""
    return _run(ctx, "focus_group", measure, where, given)


_KINDS = frozenset(command.commands)


@command.command("list", short_help="What is recorded, the newest first.")
@home_option
@click.option("--measure", metavar="MEASURE", help="Only entries of this measure.")
@click.option("--kind", metavar="KIND", help="Only entries of this kind.")
@where_option
@click.option("--all", "everything", is_flag=True, help="Corrected and withdrawn ones too.")
@format_option("table", "json", "csv")
@click.pass_context
def list_entries(
    ctx: click.Context,
    home: Path | None,
    measure: str | None,
    kind: str | None,
    where: dict[str, tuple[str, ...]],
    everything: bool,
    output: str,
) -> None:
    """List entries, the one that was recorded last first; `standing` says what became of those that no longer stand."""
    from alertd.cli.printing import Narrow, print_rows  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.recording_run import opened_state, standings  # noqa: PLC0415
    from alertd.core.known import matches  # noqa: PLC0415
    from alertd.core.series import series_text  # noqa: PLC0415

    wanted = kind.replace("-", "_").replace(" ", "_") if kind is not None else None
    if wanted is not None and wanted.replace("_", "-") not in _KINDS:
        raise click.UsageError(f"--kind {kind} is no kind of entry; known: {', '.join(sorted(_KINDS))}")
    with opened_state(home or ctx.obj) as (found_home, store):
        found = standings(store.recorded(None if measure is None else [measure]))
    if measure is not None and not found and measure not in found_home.measures:
        raise click.UsageError(f"--measure {measure}: there is no such measure, and no entries of one")
    rows = [
        _row(one, state)
        for one, state in reversed(found)
        if (everything or state == "stands")
        and wanted in (None, one.entry.kind.value)
        and matches(one.entry.series, where)
    ]
    if output == "csv":
        rows = [{**row, "series": series_text(row["series"])} for row in rows]
    shown = _COLUMNS if output != "table" else tuple(name for name in _COLUMNS if everything or name != "standing")
    narrow = Narrow(
        drop=("source", "recorded_at", "reference", "set", "ended", "recorded_by", "by", "kind"),
        shorten={"finding": 20},
    )
    print_rows(rows, shown, output, empty="No entries are recorded.", narrow=narrow)


@command.command("withdraw", short_help="Take an entry away that was recorded by mistake.")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept in the audit.")
@home_option
@click.pass_context
def withdraw(ctx: click.Context, number: int, reason: str, home: Path | None) -> None:
    """Withdraw entry NUMBER: rules no longer see it, and `record list --all` and the audit still show it."""
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` must not wait for it

    from alertd.cli.recording_run import described, opened_state  # noqa: PLC0415
    from alertd.cli.whoami import current_user  # noqa: PLC0415

    if not reason.strip():
        raise click.UsageError("--reason is empty; say why the entry is withdrawn")
    with opened_state(home or ctx.obj) as (_, store):
        one = store.withdraw(number, reason.strip(), who=current_user(), at=datetime.now(UTC))
    click.echo(f"withdrawn {number}: {described(one.entry)}")


def _row(one: "Recorded", state: str) -> dict[str, Any]:
    entry = one.entry
    return {
        "number": one.number,
        "kind": entry.kind.value,
        "measure": entry.measure,
        "series": dict(entry.series),
        "date": entry.day.isoformat(),
        "set": None if entry.began is None else entry.began.isoformat(),
        "ended": None if entry.ended is None else entry.ended.isoformat(),
        "grade": entry.grade,
        "by": entry.by,
        "finding": entry.finding,
        "reference": entry.reference,
        "recorded_by": one.recorded_by,
        "recorded_at": one.recorded_at.isoformat(),
        "source": one.source,
        "standing": state,
    }
