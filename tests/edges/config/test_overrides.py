"""Any key may be overridden by the environment, and a variable that overrides nothing is an error."""

import pytest

from alertd.config.problems import render_problems
from tests.edges.config.homes import MakeHome, Read, found, reading_of


def test_settings_channels_and_ids_with_dashes_are_overridden(read: Read) -> None:
    reading = read(
        {"rules/x.yaml": "rules:\n  a-long.id: {measure: m, spc: mdc}\n"},
        {
            "ALERTD_WAREHOUSE__URL": "duckdb:////elsewhere.duckdb",
            "ALERTD_STATE__URL": "sqlite:////var/state.db",
            "ALERTD_CHANNELS__EMAIL__SMTP": "127.0.0.1:2525",
            "ALERTD_RULES__A_LONG_ID__SPC__MULTIPLIER": "2",
            "ALERTD_ALLOW_RECIPIENTS": '["*@example.org", b@example.com]',
            "ALERTD_ROUTES__DEFAULT__CHANNEL": "email",
        }
        | {"UNRELATED": "x"},
    )
    assert found(reading) == ["A115 environment: ALERTD_ROUTES__DEFAULT__CHANNEL"]  # nobody wrote that route
    settings = reading.parts.settings
    assert settings is not None
    assert settings.warehouse.url == "duckdb:////elsewhere.duckdb"
    assert settings.state.url == "sqlite:////var/state.db"
    assert settings.allow_recipients == ("*@example.org", "b@example.com")
    assert reading.parts.channels["email"].model_dump()["smtp"] == "127.0.0.1:2525"
    spc = reading.parts.rules["a-long.id"].spc
    assert spc is not None
    assert spc.multiplier == 2


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ALERTD_WAREHOSE__URL", "WAREHOUSE"),
        ("ALERTD_WAREHOUSE__ULR", "URL"),
        ("ALERTD_CHANNELS__EMIAL__SMTP", "EMAIL"),
        ("ALERTD_CHANNELS__EMAIL__SMPT", "SMTP"),
        ("ALERTD_", ""),
        ("ALERTD_RULES", ""),
        ("ALERTD_RULES__HIGH", ""),
        ("ALERTD_WAREHOUSE__URL__X", ""),
        ("ALERTD_FRAMEWORK__ROWS", ""),
    ],
)
def test_a_variable_that_overrides_nothing_is_an_error(read: Read, name: str, hint: str) -> None:
    (problem,) = read(environ={name: "x"}).problems
    assert (problem.code, problem.file) == ("A115", f"environment: {name}")
    assert hint in problem.hint


def test_an_empty_variable_is_an_error(read: Read) -> None:
    assert found(read(environ={"ALERTD_STATE__URL": ""})) == ["A115 environment: ALERTD_STATE__URL"]


def test_the_home_and_names_of_secrets_are_known(read: Read) -> None:
    text = """\
channels:
  other:
    kind: email
    smtp: "smtp.example.org:587"
    from: a@example.org
    username: u
    password: {env: ALERTD_SMTP_PASSWORD}
"""
    environ = {"ALERTD_HOME": "/x", "ALERTD_SMTP_PASSWORD": "hunter2"}
    assert found(read({"channels/other.yaml": text}, environ)) == []


def test_a_secret_given_by_a_variable_stays_a_reference(read: Read) -> None:
    environ = {"ALERTD_CHANNELS__EMAIL__PASSWORD": "hunter2", "ALERTD_CHANNELS__EMAIL__USERNAME": "u"}
    reading = read(environ=environ)
    assert found(reading) == []
    password = reading.parts.channels["email"].model_dump()["password"]
    assert password == {"env": "ALERTD_CHANNELS__EMAIL__PASSWORD", "file": None}


def test_a_wrong_value_names_the_variable_and_not_the_file(read: Read) -> None:
    reading = read(environ={"ALERTD_TIME_ZONE": "Mars/Olympus", "ALERTD_STATE__URL": "mysql://u:hunter2@h/d"})
    assert found(reading) == ["A103 environment: ALERTD_STATE__URL", "A103 environment: ALERTD_TIME_ZONE"]
    assert "hunter2" not in render_problems(reading.problems)


def test_a_file_that_cannot_be_read_makes_no_variable_unknown(read: Read) -> None:
    environ = {"ALERTD_CHANNELS__OTHER__SMTP": "h:1"}
    reading = read({"channels/other.yaml": "channels:\n  other: {kind: email\n"}, environ)
    assert [one.code for one in reading.problems] == ["A108"]


def test_the_digest_changes_with_files_and_overrides_and_holds_no_secret(make_home: MakeHome) -> None:
    root = make_home()
    digest = reading_of(root).digest
    assert reading_of(root).digest == digest
    assert reading_of(root, {"ALERTD_STATE__URL": "sqlite:///b.db"}).digest != digest
    one = reading_of(root, {"ALERTD_CHANNELS__EMAIL__PASSWORD": "a", "ALERTD_CHANNELS__EMAIL__USERNAME": "u"}).digest
    other = reading_of(root, {"ALERTD_CHANNELS__EMAIL__PASSWORD": "b", "ALERTD_CHANNELS__EMAIL__USERNAME": "u"}).digest
    assert one == other
    make_home({"rules/more.yaml": "# a comment\n"})
    assert reading_of(root).digest != digest
