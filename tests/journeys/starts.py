"""Starts of `python -m alertd` from a process that has imported it once: real processes, without seconds of imports each."""

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.journeys.preloaded"])


class Forked:
    """A process of `python -m alertd` with nothing to read; what it prints is added to two files. As `subprocess.Popen`.

    What only a fresh interpreter heeds, such as variables that Python or a library reads as it starts, has no effect here.
    """

    def __init__(
        self,
        args: Sequence[str],
        *,
        cwd: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        out: Path = Path(os.devnull),
        err: Path = Path(os.devnull),
    ) -> None:
        self.args = [sys.executable, "-m", "alertd", *args]
        started = (list(args), str(cwd or Path.cwd()), dict(environ), str(out), str(err))
        self._process = _PROCESSES.Process(target=_run, args=started)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float = 300) -> int:
        self._process.join(timeout)
        if (code := self.returncode) is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()


def forked(
    args: Sequence[str], *, cwd: Path, environ: Mapping[str, str], timeout: float = 300, merged: bool = False
) -> "subprocess.CompletedProcess[str]":
    """What `subprocess.run` would give for it; `merged`: all that it prints in one text, as on a terminal."""
    with tempfile.TemporaryDirectory(prefix="alertd-start-") as folder:
        out, err = Path(folder, "out"), Path(folder, "out" if merged else "err")
        process = Forked(args, cwd=cwd, environ=environ, out=out, err=err)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return subprocess.CompletedProcess(process.args, code, out.read_text(), "" if merged else err.read_text())


def afresh(args: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """The same by an interpreter that starts for it."""
    command = [sys.executable, "-m", "alertd", *args]
    return subprocess.run(
        command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
    )


def _run(args: list[str], cwd: str, environ: dict[str, str], out: str, err: str) -> None:
    kept = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path, flags in ((0, os.devnull, os.O_RDONLY), (1, out, kept), (2, err, kept)):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv[:] = ["alertd", *args]
    try:
        runpy.run_module("alertd", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()
