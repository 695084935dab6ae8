"""A CSV file of entries: its header, its lines, and what is wrong with the file as such."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from alertd.cli.recording import ALIASES, Written
from alertd.config.home import Home
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.errors import UsageError
from alertd.core.recording import FIELDS, WRITTEN

if TYPE_CHECKING:
    from _csv import Reader

_LARGEST = 500_000_000
_LONGEST_CELL = 1_000_000


def read_csv(
    path: Path, home: Home, *, kind: str, measure: str, series: Mapping[str, str], faults: list[str]
) -> Iterator[Written]:
    """The lines of a file as they were written; what is wrong with one is added to `faults`.

    `kind`, `measure` and `series` hold for lines that say nothing else. Raises `UsageError` where the file cannot be read.
    """
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    columns = _columns(path, reader, home, measure)
    for where, cells in _lines(path, reader, len(columns), faults):
        yield _written(where, zip(columns, cells, strict=True), {"kind": kind, "measure": measure}, series, faults)


def _lines(path: Path, reader: "Reader", width: int, faults: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The lines that hold an entry, with their places, as far as they have a cell for each column."""
    while True:
        where = f"{path}:{reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            faults.append(f"{where}: {error}; is a quotation mark left open or left over?")
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == width:
            yield where, cells
        else:
            faults.append(
                f"{where}: {len(cells)} cells, and the header has {width}; is there a comma without quotation marks?"
            )


def _written(
    where: str,
    cells: Iterable[tuple[tuple[str, str], str]],
    own: dict[str, str],
    series: Mapping[str, str],
    faults: list[str],
) -> Written:
    """An entry from the cells of a line, each with what its column holds; `own` is the kind and measure otherwise asked for."""
    fields: dict[str, str] = {}
    placed = dict(series)
    for (what, name), cell in cells:
        text = cell.strip()
        if not text:
            continue
        if what == "own":
            if own[name] and own[name].replace("-", "_") != text.replace("-", "_"):
                faults.append(f"{where}: `{name}` is `{text}`, and the command line says `{own[name]}`")
            own[name] = text
        elif what == "series":
            placed[name] = text
        elif fields.setdefault(name, text) != text:
            faults.append(f"{where}: two columns say `{name}`: `{fields[name][:40]}` and `{text[:40]}`")
    return Written(where=where, kind=own["kind"], measure=own["measure"], fields=fields, series=placed)


def _columns(path: Path, reader: "Reader", home: Home, measure: str) -> list[tuple[str, str]]:
    """What each column holds by the file's header: the kind or measure (`own`), a part of the series, or a field."""
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), None)
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: {error}") from error
    if header is None:
        raise UsageError(f"{path}: the file is empty; its first line names the columns")
    line = reader.line_num
    by = {column for one in home.measures.values() if one.recorded is not None for column in one.by}
    found: list[tuple[str, str]] = []
    faults = []
    names = [" ".join(cell.split()) for cell in header]
    for name in names:
        low = name.casefold()
        if name in by:
            found.append(("series", name))
        elif low in ("kind", "measure"):
            found.append(("own", low))
        elif low in FIELDS or low in ALIASES:
            found.append(("field", ALIASES.get(low, low)))
        else:
            known = {*by, *WRITTEN, *ALIASES}
            hint = did_you_mean(name, known) or one_of({*by, *WRITTEN}, nothing="")
            faults.append(f"{path}:{line}: unknown column `{name[:60]}`; {hint}")
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [f"{path}:{line}: the column `{name}` is there twice" for name in twice]
    if not measure and ("own", "measure") not in found and not faults:
        faults.append(
            f"{path}:{line}: there is no column `measure`; add it, or write `alertd record KIND MEASURE --csv FILE`"
        )
    if faults:
        if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
            faults = [f"{path}:{line}: the columns are not separated by commas; save the file as CSV with commas"]
        raise UsageError("\n".join(faults))
    return found


def _text(path: Path) -> str:
    """The file's text; raises `UsageError` where it cannot be read, or is not in UTF-8."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path}: the file is larger than {_LARGEST:,} bytes; record it in parts")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{path}: the file is in UTF-16; save it as `CSV UTF-8`")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        before = content[max(0, content.rfind(b"\n", 0, error.start)) + 1 : error.start].decode("utf-8", "replace")
        meant = content[error.start : error.start + 1].decode("cp1252", "replace")
        raise UsageError(
            f"{path}:{line}: byte {content[error.start]:#04x} after `{before[-20:]}` is not UTF-8 (in Windows-1252 it would be "
            f"`{meant}`); save the file as `CSV UTF-8`"
        ) from error
