"""The schema that Alembic builds is the one that the code uses, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from pytest_alembic import tests as built_in
from sqlalchemy import Engine

from alertd.store.engine import make_engine, state_url
from alertd.store.schema import HEAD, MIGRATIONS, REVISIONS


@pytest.fixture
def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@pytest.fixture(params=["sqlite", "postgresql"])
def alembic_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = "sqlite:///state.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = make_engine(state_url(url, tmp_path))
    yield engine
    engine.dispose()


def test_there_is_one_head(alembic_runner: Any) -> None:
    built_in.test_single_head_revision(alembic_runner)


def test_an_empty_database_comes_up_to_it(alembic_runner: Any) -> None:
    built_in.test_upgrade(alembic_runner)


def test_the_tables_are_those_of_the_code(alembic_runner: Any) -> None:
    built_in.test_model_definitions_match_ddl(alembic_runner)


def test_down_and_up_again(alembic_runner: Any) -> None:
    built_in.test_up_down_consistency(alembic_runner)


def test_the_code_knows_every_revision_in_order(alembic_config: Config) -> None:
    script = ScriptDirectory.from_config(alembic_config)
    revisions = [found.revision for found in script.walk_revisions()]
    assert tuple(reversed(revisions)) == REVISIONS
    assert script.get_current_head() == HEAD
