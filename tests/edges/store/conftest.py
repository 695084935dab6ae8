"""Both databases that hold the state, real ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertd.store import Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///state.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(state_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(state_url, root=tmp_path)
    yield opened
    opened.close()
