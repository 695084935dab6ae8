"""Putting a changed home in force: wholly, or not at all and not in silence."""

import asyncio
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alertd.app import Application, close_application, open_application
from alertd.core.errors import StateError
from alertd.daemon import reloading as reloading_module
from alertd.daemon.inforce import InForce
from alertd.daemon.leading import Leadership
from alertd.daemon.pulse import Pulse
from alertd.daemon.reloading import Reloading
from alertd.daemon.upkeep import Upkeep
from tests.edges.rendering.samples import notice, threshold
from tests.journeys.support import alertd, fill, write_home

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


FILE = "rules/rules.yaml"
OTHER = "rules/other.yaml"


def deleted(root: Path) -> None:
    (root / FILE).unlink()


def cut_at_half(root: Path) -> None:
    text = (root / FILE).read_text()
    (root / FILE).write_text(text[: len(text) // 2])


def emptied(root: Path) -> None:
    (root / FILE).write_text("")


def cut_after_a_whole_rule(root: Path) -> None:
    """What is left is sound, and one rule short."""
    text = (root / FILE).read_text()
    (root / FILE).write_text(text[: text.index("  low:")])


def a_folder_instead(root: Path) -> None:
    deleted(root)
    (root / FILE).mkdir()


def not_to_be_read(root: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may read every file")
    (root / FILE).chmod(0)


def a_link_to_itself(root: Path) -> None:
    deleted(root)
    (root / FILE).symlink_to(FILE.rpartition("/")[2])


def a_dangling_link(root: Path) -> None:
    deleted(root)
    (root / FILE).symlink_to("nowhere.yaml")


def no_text(root: Path) -> None:
    (root / FILE).write_bytes(b"\xff\xfe\x00")


def the_whole_folder_gone(root: Path) -> None:
    shutil.rmtree(root / "rules")


def the_owners_gone(root: Path) -> None:
    (root / "config/owners.yaml").unlink()


def the_routes_gone(root: Path) -> None:
    (root / "config/routes.yaml").unlink()


def half_a_checkout(root: Path) -> None:
    """The rules went to another file, and only the first half of that has happened."""
    (root / OTHER).write_text("rules: {}\n")
    deleted(root)


@pytest.mark.parametrize(
    "trouble",
    [
        deleted,
        cut_at_half,
        emptied,
        cut_after_a_whole_rule,
        a_folder_instead,
        not_to_be_read,
        a_link_to_itself,
        a_dangling_link,
        no_text,
        the_whole_folder_gone,
        the_owners_gone,
        the_routes_gone,
        half_a_checkout,
    ],
    ids=lambda one: one.__name__,
)
def test_a_file_that_vanished_or_is_half_written_keeps_the_last_good_set_and_ops_hear_once(
    instance: Instance, trouble: Callable[[Path], None]
) -> None:
    with (instance.root / FILE).open("a") as file:
        file.write("  low: {measure: m, threshold: {below: 1}}\n")
    instance.look()
    before = instance.app
    assert set(before.home.rules) == {"high", "low"}
    kept = instance.root.with_name(f"{instance.root.name}-kept")
    shutil.copytree(instance.root, kept, ignore=shutil.ignore_patterns("*.db*", "*.duckdb"))

    trouble(instance.root)
    for _ in range(2):
        instance.look()
        assert instance.app is before
        assert not instance.reloaded()
        assert instance.upkeep.config_trouble
    (told,) = instance.told_ops()
    assert "not in force" in told

    for folder in ("rules", "config"):
        shutil.rmtree(instance.root / folder, ignore_errors=True)
        shutil.copytree(kept / folder, instance.root / folder)
    instance.look()
    assert instance.reloaded()
    assert instance.upkeep.config_trouble == ""
    assert set(instance.app.home.rules) == {"high", "low"}
    assert len(instance.told_ops()) == 1


def test_an_editor_that_renames_over_the_file_is_as_good_as_one_that_writes_it(instance):
    new = instance.root / "rules/.rules.yaml.new"
    new.write_text((instance.root / FILE).read_text().replace("50", "60"))
    new.replace(instance.root / FILE)
    instance.look()
    assert instance.app.home.rules["high"].threshold.above == 60
    assert instance.reloaded()


def test_files_that_change_while_they_are_looked_at_are_looked_at_again(instance, monkeypatch):
    """A checkout of many files: the home that was read is none that anybody wrote."""
    new = instance.root / OTHER
    new.write_text("rules:\n  low: {measure: m, threshold: {below: 1}}\n")
    read = reloading_module.read_home

    def meanwhile(*args):
        found = read(*args)
        new.write_text("rules:\n  lower: {measure: m, threshold: {below: 0.5}}\n")
        return found

    monkeypatch.setattr(reloading_module, "read_home", meanwhile)
    before = instance.app
    instance.look()
    assert instance.app is before
    assert instance.told_ops() == []
    monkeypatch.undo()
    instance.look()
    assert set(instance.app.home.rules) == {"high", "lower"}
    assert instance.reloaded()


def test_the_log_says_which_rules_and_files_a_reload_changed(instance):
    (instance.root / OTHER).write_text("rules:\n  low: {measure: m, threshold: {below: 1}}\n")
    instance.change(FILE, "50", "60")
    with capture_logs() as logs:
        instance.look()
    (line,) = [line for line in logs if line["event"] == "home reloaded"]
    assert (line["added"], line["changed"], line["withdrawn"]) == (["low"], ["high"], [])
    assert line["files"] == [OTHER, FILE]
    assert line["digest"] != line["digest_before"]

    instance.change(OTHER, "}}", "}, enabled: false}")
    instance.change(FILE, "}}", "}, advice: Look at the rota}")
    with capture_logs() as logs:
        instance.look()
    (line,) = [line for line in logs if line["event"] == "home reloaded"]
    assert (line["reworded"], line["withdrawn"], line["changed"]) == (["high"], ["low"], [])

    deleted(instance.root)
    with capture_logs() as logs:
        instance.look()
    (line,) = [line for line in logs if line["event"].startswith("home not reloaded")]
    assert line["files"] == [FILE]


def test_a_daemon_does_not_start_on_a_home_whose_rules_are_gone(instance):
    """A folder that is not mounted yet is no decision to withdraw every rule."""
    instance.app.judge(instance.app.now())
    deleted(instance.root)
    assert "has no rules" in alertd("run", home=instance.root, code=2).stderr
