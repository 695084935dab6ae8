"""A home as it was at a git revision."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alertd.core.errors import UsageError


@contextmanager
def home_at(root: Path, revision: str) -> Iterator[tuple[Path, str]]:
    """The folder of a home as it was at a revision, for as long as it is needed, and what git calls that revision.

    Raises `UsageError` where the home is in no repository, or was not there then.
    """
    top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
    if revision.startswith("-"):
        raise UsageError(f"`{revision}` is no revision; write for example --against main")
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", wrong=_unknown(revision)).strip()
    inside = root.resolve().relative_to(top.resolve())
    archive = _run(root, "archive", "--format=tar", commit, cwd=top)
    with tempfile.TemporaryDirectory(prefix="alertd-against-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        home = Path(folder) / inside
        if not (home / "config" / "alertd.yaml").is_file():
            raise UsageError(f"there was no home in {inside.as_posix()} at {revision}")
        short = commit[:7]
        yield home, revision if commit.startswith(revision) else f"{revision} ({short})"


def _unknown(revision: str) -> str:
    return f"git knows no revision `{revision}`; write for example --against main, or --against HEAD~1"


def _git(root: Path, *words: str, wrong: str | None = None) -> str:
    return _run(root, *words, cwd=root, wrong=wrong).decode("utf-8", "replace")


def _run(root: Path, *words: str, cwd: Path, wrong: str | None = None) -> bytes:
    try:
        done = subprocess.run(["git", *words], cwd=cwd, capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"git cannot be run, and --against needs it: {error}") from error
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise UsageError(wrong or f"the home {root} is in no git repository that can be read: {said}")
    return done.stdout
