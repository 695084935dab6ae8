"""Putting a changed home in force: wholly, or not at all and not in silence."""

import asyncio
import re
from pathlib import Path

import pytest

from alertd.app import Application, close_application, open_application
from alertd.core.errors import StateError
from alertd.daemon.inforce import InForce
from alertd.daemon.leading import Leadership
from alertd.daemon.pulse import Pulse
from alertd.daemon.reloading import Reloading
from alertd.daemon.upkeep import Upkeep
from tests.edges.rendering.samples import notice, threshold
from tests.journeys.support import fill, write_home

RULES = """\
    measures:
      m: {name: Complaints, table: t, grain: month, period: period, value: v, improvement: decrease, owner: lead}
    rules:
      high: {measure: m, threshold: {above: 50}}
    """


class Instance:
    """An application and what reloads it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.in_force = InForce(open_application(root, environ={}))
        leadership, pulse = Leadership(self.app.memory, self.app.metrics, may_wait=False), Pulse()
        self.upkeep = Upkeep(self.in_force, leadership, pulse)
        self.reloading = Reloading(self.in_force, self.upkeep)

    @property
    def app(self) -> Application:
        return self.in_force.app

    def change(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        path.write_text(path.read_text().replace(old, new))

    def look(self) -> None:
        asyncio.run(self.reloading.look())

    def reloaded(self) -> bool:
        found = re.search(rb"alertd_config_last_reload_successful ([0-9.]+)", self.app.metrics.exposition())
        assert found is not None
        return float(found[1]) == 1

    def told_ops(self) -> list[str]:
        return [
            letter.message.decode() for letter in self.app.memory.letters() if letter.recipient == "ops@example.org"
        ]


@pytest.fixture
def instance(tmp_path):
    fill(write_home(tmp_path, RULES), "t", "period date, v double", [("2026-01-01", 10.0)])
    running = Instance(tmp_path)
    yield running
    close_application(running.app)


def test_a_home_whose_warehouse_cannot_be_opened_leaves_the_last_good_one_in_force_and_says_so(instance):
    before = instance.app
    instance.change("config/alertd.yaml", "duckdb:///warehouse.duckdb", "nosuch://x/y")
    for _ in range(3):
        instance.look()
        assert instance.app is before
        assert instance.upkeep.config_trouble
        assert not instance.reloaded()
    instance.app.warehouse.ping()
    (told,) = instance.told_ops()
    assert "nosuch" in told

    instance.change("config/alertd.yaml", "nosuch://x/y", "duckdb:///warehouse.duckdb")
    instance.look()
    assert instance.upkeep.config_trouble == ""
    assert instance.reloaded()


def test_another_warehouse_is_opened_and_asked_from_then_on(instance):
    instance.change("config/alertd.yaml", "duckdb:///warehouse.duckdb", "sqlite:///other.db")
    (instance.root / "other.db").touch()
    instance.look()
    assert instance.app.home.settings.warehouse.url == "sqlite:///other.db"
    instance.app.warehouse.ping()
    assert instance.reloaded()


def test_a_template_that_was_mended_is_used_again_after_the_reload(instance):
    """A template that took too much is given up for good; one that was put right must not stay so."""
    template = instance.root / "templates/notice.txt.j2"
    template.parent.mkdir()
    template.write_text("a" * 1_000_001)
    instance.look()
    assert instance.app.renderer.parts(notice(threshold())).fell_back
    template.write_text("Put right.")
    assert instance.app.renderer.parts(notice(threshold())).fell_back, "before the reload it is still given up"
    instance.look()
    parts = instance.app.renderer.parts(notice(threshold()))
    assert not parts.fell_back
    assert "Put right." in parts.text


def test_a_state_database_that_fails_at_the_reload_leaves_all_as_it_was_and_the_next_look_tries_again(instance):
    before, digest = instance.app, instance.app.home.digest
    database = instance.root / "state.db"
    with before.memory.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE slots RENAME TO elsewhere")
    instance.change("config/alertd.yaml", "weekdays 07:00", "hourly")
    with pytest.raises(StateError):
        instance.look()
    assert instance.app is before
    with before.memory.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO slots")
    instance.look()
    assert instance.app.home.digest != digest
    assert database.exists()
    assert instance.app.memory.last_slot("measures hourly") is not None
