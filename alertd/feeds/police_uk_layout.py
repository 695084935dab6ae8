"""The layout of data.police.uk's files: their names, their columns, and what each word for an outcome means.

Source: https://data.police.uk/about (columns of the CSV files) and https://data.police.uk/docs/method/outcomes-for-crime/.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from alertd.core.errors import UsageError

STREET, OUTCOMES, STOPS = "street", "outcomes", "stop-and-search"
NEEDED = {
    STREET: ("Month", "LSOA name", "Crime type", "Last outcome category"),
    OUTCOMES: ("Month", "LSOA name", "Outcome type"),
    STOPS: ("Date", "Legislation", "Outcome"),
}
"""By kind of file, the columns that it must have, in any order; others are not read, but for `OPTIONAL`."""
OPTIONAL = {STREET: ("Crime ID",), OUTCOMES: ("Crime ID",), STOPS: ("Outcome linked to object of search",)}
NO_OUTCOMES = "Anti-social behaviour"
"""The category that is no crime, and so has no outcome."""
NOT_LOCATED, NOT_GIVEN, NOT_KNOWN, OTHER = "Not located", "Not given", "not known", "other"

_AFTER_A_CHARGE = (
    "Suspect charged", "Suspect charged as part of another case", "Awaiting court outcome", "Court result unavailable",
    "Court case unable to proceed", "Defendant found not guilty", "Defendant sent to Crown Court",
    "Offender sent to prison", "Offender fined", "Offender given absolute discharge",
    "Offender given conditional discharge", "Offender given community sentence",
    "Offender given suspended prison sentence", "Offender deprived of property", "Offender ordered to pay compensation",
    "Offender otherwise dealt with", "Offender sentenced as part of another case",
)  # fmt: skip
_OUT_OF_COURT = (
    "Offender given a caution", "Offender given a drugs possession warning", "Offender given penalty notice",
    "Local resolution",
)  # fmt: skip
_NOT_IN_PUBLIC_INTEREST = (
    "Formal action is not in the public interest", "Further investigation is not in the public interest",
    "Further action is not in the public interest",
)  # fmt: skip
OUTCOME_GROUPS = {
    **dict.fromkeys(_AFTER_A_CHARGE, "charged"),
    **dict.fromkeys(_OUT_OF_COURT, "out of court"),
    **dict.fromkeys(_NOT_IN_PUBLIC_INTEREST, "not in public interest"),
    "Investigation complete; no suspect identified": "no suspect",
    "Unable to prosecute suspect": "evidential difficulty",
    "Action to be taken by another organisation": "other agency",
    "Under investigation": "open",
    "Status update unavailable": NOT_KNOWN,
    "": NOT_KNOWN,
}
"""An outcome as the files word it to its group; words that are not here are counted as `other`."""

_NAME = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])-(.+)-(street|outcomes|stop-and-search)\.csv", re.IGNORECASE)
_MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])")
_LSOA = re.compile(r"\s+\d{3}[A-Z]{1,2}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of the feed."""

    path: Path
    month: date
    """The first of the month that it is of."""
    force: str
    """As people write it, by the file's name: `Avon and Somerset police`."""
    kind: str

    @property
    def key(self) -> tuple[date, str, str]:
        """What a file replaces when it is loaded anew."""
        return self.month, self.force, self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a folder holds."""

    sources: tuple[Source, ...]
    """By month, force and kind."""
    others: tuple[Path, ...]
    """Files whose names are not of this layout; they are not read."""
    empty: tuple[Path, ...]
    """Folders of a month without a file of this layout."""


def find(folder: Path) -> Found:
    """Look for the feed's files in a folder, at any depth.

    Raises `UsageError` where there are none, or two for the same month, force and kind.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name the one that holds folders such as 2022-10")
    found: dict[tuple[date, str, str], Source] = {}
    others: list[Path] = []
    months = {entry for entry in _below(folder, folders=True) if _MONTH.fullmatch(entry.name)}
    for path in _below(folder, folders=False):
        match = _NAME.fullmatch(path.name)
        if match is None:
            others.append(path)
            continue
        year, month, force, kind = match.groups()
        source = Source(path=path, month=date(int(year), int(month), 1), force=force_name(force), kind=kind.lower())
        before = found.setdefault(source.key, source)
        if before is not source:
            raise UsageError(f"{before.path} and {path} are of the same month, force and kind; take one of them away")
        months -= set(path.parents)
    if not found:
        raise UsageError(
            f"{folder} holds no file of this layout; files are named as 2022-10/2022-10-lancashire-street.csv, "
            "-outcomes.csv and -stop-and-search.csv, as data.police.uk/data gives them, unpacked"
        )
    return Found(sources=tuple(found[key] for key in sorted(found)), others=tuple(others), empty=tuple(sorted(months)))


def _below(folder: Path, *, folders: bool) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}; nothing was loaded") from error

    for here, below, names in os.walk(folder, onerror=unreadable):
        below.sort()
        yield from (Path(here) / name for name in sorted(below if folders else names))


def district(lsoa_name: str) -> str:
    """The district of a neighbourhood's name: `Burnley 004B` lies in Burnley."""
    return _LSOA.sub("", lsoa_name.strip()) or NOT_LOCATED


def force_name(slug: str) -> str:
    """A force as people write it, from the name of its files; `police`, since Wiltshire is also a district."""
    words = slug.casefold().split("-")
    return " ".join([*(word if word in ("and", "of", "the") else word.capitalize() for word in words), "police"])
