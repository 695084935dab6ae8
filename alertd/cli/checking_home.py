"""Checking a home: its files, what they ask of the warehouse, and how often its rules would have fired."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

import alertd
from alertd.channels.registry import KINDS
from alertd.cli.checking import Questions
from alertd.cli.checking_files import sql_problems, template_problems
from alertd.config.load import Reading, find_home, read_home
from alertd.config.problems import Problem, counted, in_order, render_problems
from alertd.config.trials import trial_problems
from alertd.core.errors import UNREACHABLE, UsageError, WarehouseError
from alertd.core.measures import Measure


def check_home(
    home: Path | None, paths: Sequence[Path], *, offline: bool, replay: bool, diff: bool, output: str
) -> int:
    """Say every error in a home's files; gives the exit code. Raises `UsageError` where there is no home."""
    root = find_home(home, os.environ, near=paths[0] if paths else None)
    wanted = [in_home(path, root) for path in paths]
    kinds = {name: kind.settings for name, kind in KINDS.items()}
    reading = read_home(root, kinds=kinds, environ=os.environ)
    problems, unreachable = _all_problems(reading, offline=offline, replay=replay)
    shown = [problem for problem in problems if is_wanted(problem.file, wanted)]
    errors = sum(problem.severity == "error" for problem in shown)
    _print(shown, reading, output=output, elsewhere=len(problems) - len(shown))
    if not reading.settings_readable:
        return UsageError.exit_code
    if unreachable is not None:
        click.echo(f"alertd: the warehouse was not asked: {unreachable} (--offline leaves it out)", err=True)
    if diff and any(problem.severity == "error" for problem in problems):
        click.echo("alertd: with errors in its files a home cannot be put in force, so it changes nothing", err=True)
    elif diff:
        from alertd.cli.differing import print_differences  # noqa: PLC0415  judging is slow to import

        print_differences(root, os.environ, offline=offline or unreachable is not None, output=output)
    if errors:
        return 1
    return 0 if unreachable is None else UNREACHABLE


def _all_problems(
    reading: Reading, *, offline: bool, replay: bool
) -> tuple[tuple[Problem, ...], WarehouseError | None]:
    """Every problem of a home, and why the warehouse could not be asked."""
    in_sql = list(sql_problems(reading))
    problems = [*reading.problems, *in_sql, *template_problems(reading.root), *trial_problems(reading.parts)]
    settings = reading.parts.settings
    if offline or not reading.parts.measures:
        return in_order(problems), None
    if settings is None or settings.warehouse is None:  # None only where its `url` is missing or wrong
        away = "config/alertd.yaml does not say in a readable way where it is"
        return in_order(problems), WarehouseError(away, reachable=False)
    from alertd.round.sources import Sources  # noqa: PLC0415  numpy is slow to import
    from alertd.store import recorded_at  # noqa: PLC0415
    from alertd.warehouse import open_warehouse  # noqa: PLC0415  database drivers are slow to import

    source = settings.warehouse
    refused = {problem.file for problem in in_sql}
    skipped = {name for name, statement in reading.statements.items() if statement.source.file in refused}
    skipped |= {name for name, measure in reading.parts.measures.items() if _has_no_source(reading, measure)}
    unreachable = None
    try:
        warehouse = open_warehouse(
            source.url,
            root=reading.root,
            timeout=source.timeout.as_timedelta(),
            max_rows=source.max_rows,
            zone=settings.zone,
        )
        try:
            url = settings.state.url
            sources = Sources(warehouse=warehouse, entries=lambda measure: recorded_at(url, reading.root, measure))
            with warehouse.held():
                for problem in Questions(reading.parts, sources, frozenset(skipped), reading.statements).problems():
                    problems.append(problem)
                if replay and not any(problem.severity == "error" for problem in problems):
                    from alertd.cli.checking_replay import firing_problems  # noqa: PLC0415  judging is slow to import

                    problems += firing_problems(reading, sources)
        finally:
            warehouse.close()
    except WarehouseError as error:
        unreachable = error
    return in_order(problems), unreachable


def _has_no_source(reading: Reading, measure: Measure) -> bool:
    """Whether it is not known where a measure's rows come from, which has been said already."""
    one = sum(source is not None for source in (measure.sql, measure.table, measure.recorded)) == 1
    there = measure.sql is None or measure.id in reading.statements
    return not (one and there and reading.parts.sure("measures", measure.id, "sql", "table", "recorded"))


def in_home(path: Path, root: Path) -> str:
    """A path as problems name it; raises `UsageError` where it is not in the home."""
    for candidate in (Path.cwd() / path, root / path):
        if candidate.exists():
            real, home = candidate.resolve(), root.resolve()
            if real.is_relative_to(home):
                return real.relative_to(home).as_posix()
            raise UsageError(f"{path} is not in the home {root}")
    raise UsageError(f"there is no file or folder {path}")


def is_wanted(file: str, wanted: Sequence[str]) -> bool:
    """Whether a file, as problems name it, is one of those that a command was asked about, or lies below one."""
    if not wanted or "." in wanted or file.startswith("environment:"):
        return True
    return any(file == one or file.startswith(f"{one}/") for one in wanted)


def _lines(problems: Sequence[Problem], root: Path, output: str) -> Iterable[str]:
    """The problems as a machine reads them."""
    from alertd.cli.reporting import github_lines, json_lines, sarif  # noqa: PLC0415

    if output == "github":
        return github_lines(problems, root, Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()))
    return [sarif(problems, root, version=alertd.__version__)] if output == "sarif" else json_lines(problems)


def _print(problems: Sequence[Problem], reading: Reading, *, output: str, elsewhere: int) -> None:
    if output != "text":
        for line in _lines(problems, reading.root, output):
            click.echo(line)
        return
    if problems:
        click.echo(render_problems(problems) + "\n")
    errors = sum(problem.severity == "error" for problem in problems)
    warned = len(problems) - errors
    entries = reading.parts.entries
    parts = [
        counted(errors, "error") if errors else "no errors",
        *([counted(warned, "warning")] if warned else []),
        *([f"{elsewhere} more in other files"] if elsewhere else []),
    ]
    owns = f"{counted(len(entries['measures']), 'measure')}, {counted(len(entries['rules']), 'rule')}"
    more = "; `alertd check --explain CODE` says more about a code" if problems else ""
    click.echo(f"{', '.join(parts)} in {owns}{more}")
