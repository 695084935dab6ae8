"""Runs docs/tutorial.md from its first line to its last, in an empty folder, and writes what was printed into the page.

python scripts/write_tutorial.py           write the outputs and the pictures anew
python scripts/write_tutorial.py --check   exit 1 where a line of the page is stale

Blocks of the page that do something:

    ```console           `$ command` lines, each followed by what it prints, standard error with it; `console exit=1` where a
                         command of the block ends so. `...` on a line of its own stands for any lines that are left out.
    File: `PATH`         the next block is the whole of that file.
    Add to `PATH`        the next block goes to its end.
    In `PATH`            the ```diff blocks after it change it; what they take away must be there exactly once.

All commands share one folder and one environment. Compared are whole lines without spaces at their ends. Digests vary from
home to home, so each stands for any other: revisions of git, ids of cases, notices, rules and data. Nothing else is let off:
dates are held by ALERTD_AS_OF, which the page sets. tests/journeys/test_tutorial.py compares too.
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
PICTURES = PAGE.with_name("tutorial")
LEFT_OUT = "..."
_DIGESTS = (
    (re.compile(r"\bN-[0-9A-F]{8}\b"), "N-NOTICE"),
    (re.compile(r"\bversion [0-9a-f]{6,}"), "version DIGEST"),
    (re.compile(r"\(([0-9a-f]{7,12})\)"), "(DIGEST)"),
    (re.compile(r"(?<![.\d])[0-9a-f]{12}\b"), "DIGESTDIGEST"),  # as long, so that tables stay as wide
)


class StaleError(Exception):
    """The page says what is not so; the message names the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One `$ command` with the lines that the page shows for it."""

    text: str
    line: int
    exits: tuple[int, ...]
    """What it may end with."""
    shown: tuple[str, ...]
    first: int
    """The index of the first shown line in the page's lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file that the reader writes (`File`), adds to (`Add to`) or changes (`In`)."""

    how: str
    path: str
    body: tuple[str, ...]
    line: int


def steps(lines: Sequence[str]) -> Iterator[Command | Edit]:
    """What the page tells the reader to do, in order."""
    how = path = ""
    index = 0
    while index < len(lines):
        named = re.fullmatch(r"(File:|Add to|In) `([^`]+)`", lines[index])
        if named:
            how, path = named[1], named[2]
        fence = re.fullmatch(r"```(\w+)(?: exit=(\d+))?", lines[index])
        index += 1
        if not fence:
            if lines[index - 1] and not named:
                how = how if how == "In" else ""
            continue
        end = lines.index("```", index)
        if fence[1] == "console":
            yield from _commands(lines, index, end, int(fence[2] or 0))
        elif (fence[1] == "diff") == (how == "In") and how:
            yield Edit(how=how, path=path, body=tuple(lines[index:end]), line=index + 1)
        else:
            raise StaleError(f"docs/tutorial.md:{index}: this block has no `File:`, `Add to` or `In` line before it")
        index = end + 1


def _commands(lines: Sequence[str], start: int, end: int, code: int) -> Iterator[Command]:
    at = [number for number in range(start, end) if lines[number].startswith("$ ")]
    for number, after in zip(at, [*at[1:], end], strict=True):
        last = number == at[-1]
        yield Command(
            text=lines[number][2:],
            line=number + 1,
            exits=(code,) if last else (0,),
            shown=tuple(lines[number + 1 : after]),
            first=number + 1,
        )


class Reader:
    """Somebody who does what the page says, in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self._after = folder / "after"
        programs = folder / "bin"
        programs.mkdir()
        own = programs / "alertd"
        own.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m alertd "$@"\n', encoding="utf-8")
        own.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ALERTD_", "GIT_", "LC_"))}
        self.environ = kept | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _ANALYST.items()},
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "NO_COLOR": "1",
        }

    def run(self, command: Command) -> tuple[str, ...]:
        """What a command prints; raises `StaleError` where it ends otherwise than the page says."""
        code, printed = self.execute(command.text, self.folder, self.environ)
        if code not in command.exits:
            raise StaleError(
                f"docs/tutorial.md:{command.line}: `{command.text}` ended with {code}, not {command.exits[0]}:\n{printed}"
            )
        return tuple(line.rstrip() for line in printed.rstrip("\n").split("\n")) if printed.strip() else ()

    def execute(self, text: str, folder: Path, environ: dict[str, str]) -> tuple[int, str]:
        """Run a command in bash; gives its exit code and all that it printed, and keeps its folder and environment."""
        script = f'{text}\ncode=$?\n{{ pwd; env -0; }} > "{self._after}"\nexit $code\n'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        where, _, after = self._after.read_text(encoding="utf-8").partition("\n")
        self.folder = Path(where)
        self.environ = dict(one.partition("=")[::2] for one in after.split("\0") if one)
        return done.returncode, done.stdout

    def edit(self, edit: Edit) -> None:
        """Write, add to or change a file as the page says."""
        path = self.folder / edit.path
        text = "\n".join(edit.body) + "\n"
        if edit.how == "In":
            old = path.read_text(encoding="utf-8")
            before = [line[1:] for line in edit.body if not line.startswith("+")]
            after = [line[1:] for line in edit.body if not line.startswith("-")]
            size, lines = len(before), old.splitlines()
            found = [at for at in range(len(lines) - size + 1) if lines[at : at + size] == before]
            if len(found) != 1:
                raise StaleError(
                    f"docs/tutorial.md:{edit.line}: these lines are not in {edit.path} exactly once:\n"
                    + "\n".join(before)
                )
            text = "\n".join([*lines[: found[0]], *after, *lines[found[0] + size :]]) + "\n"
        elif edit.how == "Add to":
            text = path.read_text(encoding="utf-8") + text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


_ANALYST = {"NAME": "A New Analyst", "EMAIL": "analyst@example.org", "DATE": "2026-07-08T09:00:00+01:00"}


def plain(line: str) -> str:
    """A line as it is compared: without digests, and without spaces at its end."""
    for pattern, word in _DIGESTS:
        line = pattern.sub(word, line)
    return line.rstrip()


def agrees(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether the page shows what was printed, lines that it leaves out apart."""
    return _places(_parts([plain(line) for line in shown]), [plain(line) for line in printed]) is not None


def _parts(shown: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in shown:
        if line == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _places(parts: Sequence[Sequence[str]], printed: Sequence[str]) -> list[int] | None:
    """Where each part begins in what was printed: the first at its start, the last at its end, the others as soon as can be."""
    at, found = 0, []
    for number, part in enumerate(parts):
        size = len(part)
        last = number == len(parts) - 1
        starts = range(at, len(printed) - size + 1)
        if number == 0:
            starts = range(min(1, len(starts)))
        if last:
            starts = range(max(at, len(printed) - size), len(printed) - size + 1) if number else starts
        start = next((one for one in starts if list(printed[one : one + size]) == list(part)), None)
        if start is None or (last and start + size != len(printed)):
            return None
        found.append(start)
        at = start + size
    return found


def difference(command: Command, printed: Sequence[str]) -> str:
    """What is stale of a command's lines, the page's against what was printed, by the page's line."""
    shown = [plain(line) for line in command.shown]
    now = [plain(line) for line in printed]
    if LEFT_OUT in shown:
        now = [plain(line) for line in rewritten(command.shown, printed)]
    first = next(
        (n for n, pair in enumerate(zip(shown, now, strict=False)) if pair[0] != pair[1]), min(len(shown), len(now))
    )
    compared = difflib.unified_diff(shown, now, "the page", "printed now", lineterm="", n=2)
    return f"docs/tutorial.md:{command.first + first + 1}: stale, of `{command.text}`:\n" + "\n".join(compared)


def rewritten(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """The lines that the page should show: all, or as many around each `...` as it shows now, where they fit best."""
    if LEFT_OUT not in shown:
        return list(printed)
    parts, lines, at = _parts(shown), [], 0
    for number, part in enumerate(parts):
        size = len(part)
        room = range(at, max(at, len(printed) - size) + 1)
        start = max(room, key=lambda one: (_alike(part, printed[one : one + size]), -one)) if part else at
        if number == 0:
            start = 0
        elif number == len(parts) - 1:
            start = max(at, len(printed) - size)
        lines += [*([LEFT_OUT] if number else []), *printed[start : start + size]]
        at = start + size
    return lines


def _alike(part: Sequence[str], other: Sequence[str]) -> float:
    return sum(difflib.SequenceMatcher(None, a, b).ratio() for a, b in zip(part, other, strict=False))


def follow(text: str, reader: Reader) -> list[tuple[Command, tuple[str, ...]]]:
    """Do all that the page says, and give what each command printed."""
    done = []
    for step in steps(text.splitlines()):
        if isinstance(step, Edit):
            reader.edit(step)
        else:
            done.append((step, reader.run(step)))
    return done


def main(check: bool) -> int:
    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        try:
            reader = Reader(Path(folder))
            done = follow(text, reader)
        except StaleError as stale:
            click.echo(stale)
            return 1
        stale_ones = [(command, printed) for command, printed in done if not agrees(command.shown, printed)]
        for command, printed in stale_ones:
            click.echo(difference(command, printed) + "\n")
        if check:
            return 1 if stale_ones else 0
        lines = text.splitlines()
        for command, printed in reversed(stale_ones):
            end = command.first + len(command.shown)
            lines[command.first : end] = rewritten(command.shown, printed)
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        _write_pictures(reader.folder)
    return 0


def _write_pictures(home: Path) -> None:
    """The pictures of the page, from the files that its commands left; the notice as a browser shows it, where there is one."""
    PICTURES.mkdir(exist_ok=True)
    shutil.copyfile(home / "riverside.svg", PICTURES / "riverside.svg")
    browser = shutil.which("chromium")
    (notice,) = (home / "preview").glob("*.html")
    if browser is None:
        click.echo("no chromium on this machine: the picture of the notice stays as it is")
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only pictures need a browser

    with sync_playwright() as playwright:
        shown = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        page = shown.new_page(viewport={"width": 640, "height": 400})
        page.goto(notice.as_uri())
        page.screenshot(path=PICTURES / "notice.png", full_page=True)
        shown.close()


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
