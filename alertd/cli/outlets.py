"""Standard output and standard error that outlast their readers, so that a command ends with its own exit code."""

import io
import os
import sys
from typing import TextIO

from alertd.core.errors import UsageError

_ERRORS = 2
"""The descriptor of standard error."""


class _Outlet(io.FileIO):
    """A file descriptor whose reader, such as `head`, may go: what nobody reads goes nowhere."""

    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]  # whatever a buffer gives
        except OSError as error:
            self._let_go()
            if isinstance(error, BrokenPipeError) or self.fileno() == _ERRORS:  # nobody is left to be told
                return memoryview(data).nbytes  # type: ignore[arg-type]
            raise UsageError(f"standard output cannot be written: {error.strerror}") from error

    def _let_go(self) -> None:
        """Lead what is still to come nowhere, what Python writes as it ends among it."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def open_outlets() -> None:
    """Put outlets in the place of standard output and standard error; one that was closed leads nowhere.

    What a caller in the same process put there to read the output is left alone.
    """
    if sys.stdout is sys.__stdout__:
        sys.stdout = _outlet(sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _outlet(sys.stderr)


def _outlet(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    stream.flush()
    # A terminal that lacks a letter of a name shows another sign in its place.
    errors = "replace" if stream.errors == "strict" else stream.errors
    return io.TextIOWrapper(
        io.BufferedWriter(_Outlet(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors=errors,
        # As Python has it: what is said on standard error is there at once, also if the process is killed.
        line_buffering=getattr(stream, "line_buffering", False) or getattr(stream, "write_through", False),
    )
