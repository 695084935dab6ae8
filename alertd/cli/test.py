"""`alertd test`: the `tests:` of rule files, tried on the rules as they are."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alertd.cli.options import format_option, home_option

if TYPE_CHECKING:
    from alertd.cli.hearing import Heard
    from alertd.config.examples import RuleTest
    from alertd.config.home import Home
    from alertd.config.load import Reading
    from alertd.core.trials import Outcome, Trial
    from alertd.rendering import Renderer

_COLUMNS = ("test", "rule", "file", "line", "series", "passed", "values", "expect", "got", "period", "state", "error")


@click.command("test", short_help="Try the `tests:` of rule files.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@home_option
@click.option("--coverage", is_flag=True, help="Also say of each enabled rule whether it is tested.")
@click.option("--exit-code", is_flag=True, help="With --coverage: exit 1 where a rule is not tested.")
@format_option("table", "json", "csv")
def command(paths: tuple[Path, ...], home: Path | None, coverage: bool, exit_code: bool, output: str) -> int:
    """Try the tests of rule files: each gives a rule the figures of a series, and says what it should make of them.

    PATH limits them to those files or folders. Neither warehouse nor state database is asked. A rule is tested where one
    test that passes has a series in which it fires, and one a series in which it judges and never fires; --coverage
    reports that, and changes the exit code only with --exit-code.

    Exit codes: 0 every test passed; 1 one failed or cannot be tried, or with --exit-code a rule is not tested; 2 no home,
    or one with errors.
    """
    from alertd.channels.registry import KINDS  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.checking_home import in_home  # noqa: PLC0415
    from alertd.config.load import find_home, home_of, read_home  # noqa: PLC0415

    root = find_home(home, os.environ, near=paths[0] if paths else None)
    wanted = [in_home(path, root) for path in paths]
    reading = read_home(root, kinds={name: kind.settings for name, kind in KINDS.items()}, environ=os.environ)
    loaded = home_of(reading)
    results = list(_results(reading, loaded, wanted))
    covered = list(_coverage(reading, loaded, results, wanted)) if coverage or exit_code else []
    if output != "table":
        _print_records([record for result in results for record in _records(result)], covered, output)
    else:
        _print(results, covered if coverage or exit_code else None)
    untested = exit_code and not all(one["tested"] for one in covered)
    return 0 if all(result.passed for result in results) and not untested else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What came of one series of a test."""

    outcome: "Outcome"
    notice: "Heard | None"
    """Where something is expected of a notice, and the timeline is as expected."""
    complaints: tuple[str, ...]
    """What is wrong with the notice."""

    @property
    def passed(self) -> bool:
        return self.outcome.passed and not self.complaints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What came of one test."""

    test: str
    rule: str
    place: str
    """`file:line`."""
    tried: tuple[_Tried, ...]
    """One for each series that something is expected of."""
    lines: tuple[str, ...]
    """What there is to say of it; empty where it passed."""
    error: str = ""
    """Why it cannot be tried."""

    @property
    def passed(self) -> bool:
        return not self.error and all(one.passed for one in self.tried)


def _results(reading: "Reading", home: "Home", wanted: Sequence[str]) -> Iterator[_Result]:
    from alertd.cli.checking_home import is_wanted  # noqa: PLC0415
    from alertd.cli.testing import drawn, said_there  # noqa: PLC0415
    from alertd.config.trials import trial_of  # noqa: PLC0415
    from alertd.core.timelines import TimelineError  # noqa: PLC0415
    from alertd.core.trials import tried  # noqa: PLC0415

    for name, test in home.tests.items():
        document = reading.parts.entries["tests"][name].document
        if not is_wanted(document.source.file, wanted):
            continue
        place = f"{document.source.file}:{document.mark(('tests', name), key=True).line}"
        rule = home.rules[test.rule]
        try:
            trial = trial_of(test, rule, home.rules, home.measures, home.owners)
            heard = tuple(_heard(home, test, trial, outcome) for outcome in tried(trial, home.calendar))
        except TimelineError as error:
            line = document.mark(("tests", name, error.key), key=True).line
            place = f"{document.source.file}:{line}"
            yield _Result(test=name, rule=rule.id, place=place, tried=(), lines=(f"{error}",), error=str(error))
            continue
        lines: list[str] = []
        for one in heard:
            if not one.passed:
                lines += [f"series {one.outcome.name}:"] if one.outcome.name else []
            if not one.outcome.passed:
                lines += (*drawn(one.outcome), *said_there(one.outcome, rule, trial.basis.measure))
            lines += one.complaints
        yield _Result(test=name, rule=rule.id, place=place, tried=heard, lines=tuple(lines))


def _heard(home: "Home", test: "RuleTest", trial: "Trial", outcome: "Outcome") -> _Tried:
    """An outcome with what comes of its notice, where the test expects something of one."""
    if not test.about_notice or not outcome.passed:
        return _Tried(outcome=outcome, notice=None, complaints=())
    from alertd.cli.hearing import complaints, heard  # noqa: PLC0415 - charts and templates are slow to import

    found = heard(home, test, trial, outcome, _renderer(home.root))
    return _Tried(outcome=outcome, notice=found, complaints=tuple(complaints(test, outcome, found)))


@cache
def _renderer(root: Path) -> "Renderer":
    """One renderer, which compiles its templates once."""
    from alertd.rendering import Renderer  # noqa: PLC0415

    return Renderer(root / "templates")


def _coverage(
    reading: "Reading", home: "Home", results: Iterable[_Result], wanted: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Each enabled rule with the tests in which it fires and those in which it does not."""
    from alertd.cli.checking_home import is_wanted  # noqa: PLC0415

    passed = [result for result in results if result.passed]
    for name, rule in home.rules.items():
        document = reading.parts.entries["rules"][name].document
        if not rule.enabled or not is_wanted(document.source.file, wanted):
            continue
        own = [result for result in passed if result.rule == name]
        fires = [result.test for result in own if any(one.outcome.fired for one in result.tried)]
        quiet = [result.test for result in own if any(one.outcome.stayed_quiet for one in result.tried)]
        yield {"rule": name, "tested": bool(fires and quiet), "fires": fires, "quiet": quiet}


def _coverage_words(one: dict[str, Any]) -> str:
    lacking = [words for words, key in (("fires", "fires"), ("stays quiet", "quiet")) if not one[key]]
    return "untested: no test in which it " + ", and none in which it ".join(lacking) if lacking else "tested"


def _records(result: _Result) -> Iterator[dict[str, Any]]:
    """One object for each series of a test, or for the test where it cannot be tried."""
    from alertd.cli.printing import plain  # noqa: PLC0415
    from alertd.core.evaluate import verdict_at  # noqa: PLC0415
    from alertd.core.timelines import FIRES, QUIET, written  # noqa: PLC0415

    file, _, line = result.place.rpartition(":")
    about = {"test": result.test, "rule": result.rule, "file": file, "line": int(line)}
    if result.error:
        yield {**about, "passed": False, "error": result.error}
    for one in result.tried:
        outcome = one.outcome
        whole = outcome.expected in (QUIET, FIRES)
        record = {
            **about,
            "series": outcome.name,
            "passed": one.passed,
            "values": _values(outcome),
            "expect": outcome.expected if whole else written(outcome.expected),
            "got": written(outcome.got),
        }
        if outcome.fault:
            record["error"] = outcome.fault
        if outcome.differs is not None:
            verdict = verdict_at(outcome.verdicts, outcome.differs, 0, None)
            record |= {"period": str(verdict.period), "state": verdict.state.value, "signals": list(verdict.signals)}
            record |= {name: getattr(verdict, name) for name in ("value", "centre", "lower", "upper")}
        if one.notice is not None:
            record["notice"] = _notice(one.notice)
            if one.complaints:
                record["error"] = "\n".join(one.complaints)
        yield plain(record)


def _print_records(tests: Sequence[dict[str, Any]], covered: Sequence[dict[str, Any]], output: str) -> None:
    """As JSON the tests and then the rules, an object a line; as csv the rules where they were asked for, else the tests."""
    from alertd.cli.printing import print_rows  # noqa: PLC0415

    if output == "json":
        print_rows([*tests, *covered], (), output, empty="")
    elif covered:
        joined = [{**one, **{name: " ".join(one[name]) for name in ("fires", "quiet")}} for one in covered]
        print_rows(joined, ("rule", "tested", "fires", "quiet"), output, empty="")
    else:
        flat = [
            {**one, "values": json.dumps(values)} if isinstance(values := one.get("values"), dict) else one
            for one in tests
        ]
        print_rows(flat, _COLUMNS, output, empty="")


def _values(outcome: "Outcome") -> str | dict[str, str]:
    """What was written, as a timeline; by measure where there are several."""
    from alertd.core.timelines import written  # noqa: PLC0415

    timelines = {measure: written(cells) for measure, cells in outcome.figures.items()}
    return timelines if len(timelines) > 1 else "".join(timelines.values())


def _notice(found: "Heard") -> dict[str, Any]:
    people = [{"email": one.email, "owner": one.owner, "via": one.via.value} for one in found.recipients]
    about: dict[str, Any] = {"kind": found.kind, "told": people}
    if found.on is not None:
        about |= {"period": found.period, "on": found.on.isoformat()}
    if found.text:
        about |= {"subject": found.subject, "text": found.text}
    return about


def _print(results: Sequence[_Result], covered: Sequence[dict[str, Any]] | None) -> None:
    for result in results:
        if not result.passed:
            click.echo(f"{'ERROR' if result.error else 'FAIL'} {result.test}  {result.place}  rule `{result.rule}`")
            click.echo("".join(f"  {line}\n" for line in result.lines))
    passed = sum(result.passed for result in results)
    errors = sum(bool(result.error) for result in results)
    failed = len(results) - passed - errors
    if covered is not None:
        for one in covered:
            click.echo(f"{one['rule']}: {_coverage_words(one)}")
        tested = sum(one["tested"] for one in covered)
        click.echo(f"{tested} of {len(covered)} rules tested\n")
    parts = [f"{passed} passed", f"{failed} failed", *([f"{errors} cannot be tried"] if errors else [])]
    click.echo(", ".join(parts) if results else "there are no tests; write some under `tests:` beside the rules")
