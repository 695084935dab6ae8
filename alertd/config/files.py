"""The files of a home: which there are, and their text, bounded and never from outside."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from alertd.config.problems import Problem

MAX_BYTES = 1024 * 1024
FOLDERS = ("config", "channels", "rules")
"""The folders whose YAML files make a home."""
WATCHED = (*FOLDERS, "templates")
"""The folders of a home whose changes matter to a running daemon."""
SETTINGS_FILE = "config/alertd.yaml"


class UnusableFileError(Exception):
    """A file cannot be used; the message says why, and `text` is what could be read of it."""

    def __init__(self, message: str, *, line: int = 0, text: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.text = text


def files_in(root: Path, *suffixes: str) -> Iterator[Path]:
    """Every file of the home's YAML folders with one of these suffixes, in order; hidden ones are left out."""
    for folder in FOLDERS:
        yield from (path for path in files_below(root / folder) if path.suffix.lower() in suffixes)


def files_below(folder: Path, refused: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Every file below a folder, in order, through linked folders too; what is hidden is left out.

    `refused` hears of each folder that cannot be listed.
    """
    return _walk(folder, refused, set())


def _walk(folder: Path, refused: Callable[[OSError], None] | None, seen: set[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in seen or not folder.is_dir():
        return  # a link that leads back to where it stands
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        if refused is not None:
            refused(error)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, refused, seen)
        else:
            yield entry


def unreadable_folders(root: Path) -> Iterator[Problem]:
    """A problem for each folder that may not be listed: its rules would be missing without a sound."""
    for folder in FOLDERS:
        found: list[OSError] = []
        for _ in files_below(root / folder, found.append):
            pass
        for error in found:
            if not isinstance(error, FileNotFoundError):
                yield whole_file_problem(
                    name_of(Path(error.filename), root), f"this folder cannot be read: {error.strerror}"
                )


def name_of(path: Path, root: Path) -> str:
    """A file's name in messages: its path from the home, with bytes that are no text replaced."""
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def whole_file_problem(file: str, message: str, *, line: int = 0, note: str = "") -> Problem:
    """A problem of a file as a whole."""
    return Problem(code="A110", file=file, line=line, column=min(line, 1), length=1, message=message, note=note)


def read_bytes(path: Path, root: Path) -> bytes:
    """A regular file's bytes; raises `UnusableFileError` for anything else, too large, or outside the home."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise UnusableFileError("this is a link to a file outside the home")
        if not stat.S_ISREG(real.stat().st_mode):
            raise UnusableFileError("this is no ordinary file")
        with real.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise UnusableFileError(f"this file cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > MAX_BYTES:
        text = content.decode("utf-8", errors="replace")
        raise UnusableFileError("this file is larger than 1 MiB; split it", text=text)
    return content


def decode(content: bytes) -> str:
    """UTF-8 text, with or without a byte order mark; raises `UnusableFileError`."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"this file is not UTF-8: byte 0x{content[error.start]:02X} in line {line}; save it as UTF-8"
        raise UnusableFileError(message, line=line, text=content.decode("utf-8", errors="replace")) from error
