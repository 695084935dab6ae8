"""The work around judging: letters with charts, state, checking a home, starting up."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from alertd.rendering import Renderer
from alertd.store import open_store
from benchmarks.measuring import Row, Sizes, at_most, best, seconds
from tests.edges.rendering.reading import letter
from tests.edges.rendering.samples import finding
from tests.edges.store import make

NAME = "work"
_CHANGED, _CASES = 300, 30_000


def run(sizes: Sizes) -> Iterator[Row]:
    """Each of them in turn."""
    yield from _letters(sizes)
    with tempfile.TemporaryDirectory(prefix="alertd-bench-") as name:
        yield from _state(sizes, Path(name))
        yield from _check(sizes, Path(name) / "home")


def _letters(sizes: Sizes) -> Iterator[Row]:
    renderer, number = Renderer(), iter(range(10**9))
    letter(finding(), renderer=renderer)  # templates are read once

    def write_one() -> None:
        n = next(number)
        letter(finding(number=f"{n}", series={"district": f"Place {n}"}), renderer=renderer)

    taken = best(lambda: [write_one() for _ in range(sizes.letters)], 2) / sizes.letters
    # Sending waits for the server and shares the core with rendering; 10,000 letters in 120 s leave 12 ms for both.
    yield at_most(NAME, "a letter with its chart: words, HTML, PNG, MIME", taken * 1000, "ms", 10)


def _state(sizes: Sizes, folder: Path) -> Iterator[Row]:
    cases = _CASES if sizes.rules >= 1000 else 600
    store = open_store(f"sqlite:///{folder / 'state.db'}", root=folder)
    known = [make.case() for _ in range(cases)]
    store.commit_round(make.round_of(id="bench-0"), [(None, case) for case in known], [], [])
    rounds = iter(range(1, 10**6))
    held = {case.id: case for case in known[:_CHANGED]}

    def change_some() -> None:
        changes = [
            (case, replace(case, told_value=case.told_value + 1, version=case.version + 1)) for case in held.values()
        ]
        store.commit_round(make.round_of(id=f"bench-{next(rounds)}"), changes, [], [])
        held.update({after.id: after for _, after in changes})

    taken = best(change_some, sizes.repeats)
    store.close()
    yield at_most(NAME, f"state written where {_CHANGED} of {cases:,} cases changed (SQLite)", taken * 1000, "ms", 20)


def _check(sizes: Sizes, home: Path) -> Iterator[Row]:
    starting = best(lambda: _alertd("--version"), sizes.repeats)
    yield at_most(NAME, "start-up (`alertd --version`)", starting, "s", 0.3)
    subprocess.run([sys.executable, "-m", "alertd", "init", str(home)], check=True, capture_output=True)
    for old in (home / "rules").glob("*.yaml"):
        old.unlink()
    text = "\n".join(
        f"  m{i}:\n    name: Measure {i}\n    table: sample_calls\n    grain: month\n    period: month\n    by: [place]\n"
        f"    value: calls\n    improvement: increase\n    owner: harbour"
        for i in range(sizes.rules)
    )
    owner = next(iter(_owners(home)), "lead")
    rules = "\n".join(f"  r{i}:\n    measure: m{i}\n    spc: mdc" for i in range(sizes.rules))
    (home / "rules" / "many.yaml").write_text(f"measures:\n{text}\nrules:\n{rules}\n".replace("harbour", owner))
    _alertd("check", "--offline", "--home", str(home))
    checking = best(lambda: _alertd("check", "--offline", "--home", str(home)), max(1, sizes.repeats // 2))
    note = f"of which start-up {seconds(starting)}"
    yield at_most(NAME, f"`alertd check --offline`, {sizes.rules:,} measures and rules", checking, "s", 1, note)


def _owners(home: Path) -> list[str]:
    import yaml

    found: list[str] = []
    for path in (home / "config").glob("*.yaml"):
        found += list((yaml.safe_load(path.read_text()) or {}).get("owners") or {})
    return found


def _alertd(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "alertd", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"alertd {' '.join(arguments)} gave {done.returncode}: {(done.stdout + done.stderr)[-800:]}")
