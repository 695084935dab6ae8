"""Letters as `.eml` files in a folder, for trials, for archives, and for mail systems that pick files up."""

import asyncio
import os
import re
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Literal

from alertd.core.channels import ChannelSettings
from alertd.core.letters import Attempt, Letter, Outcome


class FileSettings(ChannelSettings):
    """A channel of `kind: file`."""

    kind: Literal["file"] = "file"
    """Files in a folder."""
    folder: str
    """Where the `.eml` files go; relative to the home, made where it is not there."""


class FileChannel:
    """Writes each letter to a file of its own; a second attempt writes the same file again."""

    at_once = 1

    def __init__(self, settings: FileSettings, root: Path, environ: Mapping[str, str]) -> None:  # noqa: ARG002  as every kind
        self.per_second = settings.per_second
        self._folder = root / settings.folder

    async def __aenter__(self) -> "FileChannel":
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def send(self, letter: Letter) -> Attempt:
        """Write the letter; it is there whole, and on the disk, or not at all."""
        path = self._folder / file_name(letter)
        try:
            await asyncio.to_thread(_write, path, letter.message)
        except OSError as error:
            return Attempt(outcome=Outcome.RETRY, detail=f"{path} cannot be written: {error.strerror or error}")
        return Attempt(outcome=Outcome.DELIVERED, detail=f"written to {path}")


def file_name(letter: Letter) -> str:
    """`<made_at>-<recipient>-<id>.eml`, of characters that every file system takes."""
    made = letter.made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    recipient, identity = (re.sub(r"[^A-Za-z0-9@._+-]", "_", text)[:80] for text in (letter.recipient, letter.id))
    return f"{made}-{recipient}-{identity}.eml"


def _write(path: Path, message: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
