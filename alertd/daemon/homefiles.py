"""Changes of a home's files: which are taken up, and which are held until somebody confirms them.

More than half of all truncations of a rule file are still valid YAML, so a file that lost its end, or went away, could
silence a rule without a sound. Therefore a change that takes something away is held until SIGHUP (or a restart)
confirms it: a rule that is gone without having said `enabled: false`, an annotation or suppression that is gone, every
owner, place or route at once, or a file that is exactly the beginning of what it was.
"""

import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from alertd.config.files import WATCHED, files_below
from alertd.config.home import Home
from alertd.core.errors import UsageError

_LARGEST = 16 * 1024 * 1024

Files = Mapping[str, bytes]


def _a_second() -> None:
    time.sleep(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What came of looking at the files."""

    home: Home | None = None
    """A new home to put in force; None where nothing changes."""
    trouble: str = ""
    """Why the files are not in force as they stand."""
    new: bool = False
    """Whether this state of the files is seen for the first time."""
    files: Files = field(default_factory=dict, repr=False)
    """What the new home was read from."""
    changed: tuple[str, ...] = ()
    """The files that differ from the last good ones, by path from the home."""


class HomeFiles:
    """Remembers the last good files of a home and what was made of every later state of them.

    A home that `look` offers counts as good only once `accept` says that it is in force; until then it is offered again.
    """

    def __init__(self, home: Home, load: Callable[[], Home], *, settle: Callable[[], None] = _a_second) -> None:
        self._home = home
        self._load = load
        self._settle = settle
        self._good: Files = read_files(home.root)
        self._seen: Files = self._good
        self._trouble = ""
        self._refused: set[str] = set()

    def look(self, *, confirmed: bool = False) -> Look:
        """Look at the files once more; `confirmed` takes up what would otherwise be held. Blocks: run it in a thread."""
        files = read_files(self._home.root)
        if files == self._seen and not confirmed:
            return Look(trouble=self._trouble)
        home: Home | None = None
        try:
            home = self._load()
            trouble = "" if confirmed else _held(self._home, home, self._good, files)
        except UsageError as error:
            trouble = f"the home cannot be read: {error}"
        if confirmed:
            self._settle()  # nobody means to confirm a file that is half written
        if read_files(self._home.root) != files:
            return self.look(confirmed=True) if confirmed else Look(trouble=self._trouble)
        if trouble or home is None:
            return self._refused_as(files, trouble)
        return Look(home=home, new=True, files=files, changed=_changed(self._good, files))

    def accept(self, look: Look) -> None:
        """Take down that the home of a look is in force now."""
        if look.home is not None:
            self._home, self._good, self._seen, self._trouble = look.home, look.files, look.files, ""
            self._refused.clear()

    def refuse(self, look: Look, trouble: str) -> Look:
        """Take down that the home of a look cannot be put in force; gives what came of it instead."""
        return self._refused_as(look.files, trouble)

    def _refused_as(self, files: Files, trouble: str) -> Look:
        self._seen, self._trouble = files, trouble
        digest = _digest(files)
        new = digest not in self._refused
        self._refused.add(digest)
        return Look(trouble=trouble, new=new, changed=_changed(self._good, files))


def read_files(root: Path) -> Files:
    """Every file of a home's watched folders, by path from the root; hidden files and backups are left out."""
    found = {}
    for folder in WATCHED:
        for path in files_below(root / folder):
            if path.name.endswith("~"):
                continue
            try:
                if not stat.S_ISREG(path.stat().st_mode):
                    continue  # a pipe would be waited for
                with path.open("rb") as file:
                    found[str(path.relative_to(root))] = file.read(_LARGEST)
            except OSError:
                continue  # gone since it was listed, or unreadable, which loading will say in words
    return found


def _held(old: Home, new: Home, before: Files, after: Files) -> str:
    reasons = [f"{path} is only the beginning of what it was" for path in _cut_short(before, after)]
    reasons += [f"{name} is gone without being withdrawn" for name in _gone(old, new)]
    if not reasons:
        return ""
    more = f" (and {len(reasons) - 10} more)" if len(reasons) > 10 else ""
    return (
        f"{'; '.join(reasons[:10])}{more}. The last good files stay in force; if this is meant, "
        "send SIGHUP to alertd (`systemctl reload alertd`) or restart it"
    )


def _cut_short(before: Files, after: Files) -> list[str]:
    return [
        path for path, text in after.items() if len(text) < len(before.get(path, b"")) and before[path].startswith(text)
    ]


def _changed(before: Files, after: Files) -> tuple[str, ...]:
    """Files that are new, gone or different."""
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))


def _gone(old: Home, new: Home) -> list[str]:
    emptied = {
        "owner": (old.owners, new.owners),
        "place": (old.places.places, new.places.places),
        "route": (old.routes, new.routes),
    }
    return [
        *(f"every {what}" for what, (before, after) in emptied.items() if before and not after),
        *(f"rule `{id_}`" for id_, rule in old.rules.items() if rule.enabled and id_ not in new.rules),
        *(f"annotation `{id_}`" for id_ in old.calendar.annotations if id_ not in new.calendar.annotations),
        *(f"suppression `{id_}`" for id_ in old.calendar.suppressions if id_ not in new.calendar.suppressions),
    ]


def _digest(files: Files) -> str:
    total = sha256()
    for path, text in files.items():
        total.update(f"{path}\0{len(text)}\0".encode())
        total.update(text)
    return total.hexdigest()
