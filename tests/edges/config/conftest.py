"""Homes in a folder of the test's own."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from alertd.config.load import Reading
from tests.edges.config.homes import MakeHome, Read, reading_of, write_home


@pytest.fixture
def make_home(tmp_path: Path) -> MakeHome:
    """Writes a home."""
    return lambda files=None: write_home(tmp_path / "home", files)


@pytest.fixture
def read(make_home: MakeHome) -> Read:
    """Writes a home and reads it."""

    def run(files: Mapping[str, str | bytes] | None = None, environ: Mapping[str, str] | None = None) -> Reading:
        return reading_of(make_home(files), environ)

    return run
