"""Addresses outside `allow_recipients` are told when files are read, before a letter is refused (R30)."""

import pytest

from alertd.core.letters import allowed
from tests.edges.config.homes import FILES, Read, found

SETTINGS = FILES["config/alertd.yaml"]


def _settings(patterns: str, ops: str = "ops@example.org") -> str:
    return SETTINGS.replace("ops@example.org", ops) + f"allow_recipients: {patterns}\n"


@pytest.mark.parametrize(
    ("patterns", "ops", "expected"),
    [
        ('["*@example.org"]', "ops@elsewhere.net", ["W211 config/alertd.yaml:3:14"]),
        ('["*@example.org"]', "OPS@Example.ORG", []),
        ('["*@EXAMPLE.org"]', "ops@example.org", []),
        ('["*@example.org", ops@elsewhere.net]', "ops@elsewhere.net", []),
        ('["*@example.org"]', "not-an-address", ["A103 config/alertd.yaml:3:14"]),
        ("{a: b}", "ops@elsewhere.net", ["A103 config/alertd.yaml:4:19"]),
    ],
)
def test_ops_that_could_never_be_told_are_warned_of(read: Read, patterns: str, ops: str, expected: list[str]) -> None:
    assert found(read({"config/alertd.yaml": _settings(patterns, ops)})) == expected


def test_no_pattern_at_all_keeps_every_letter_from_everybody(read: Read) -> None:
    reading = read({"config/alertd.yaml": _settings("[]")})
    assert [one.code for one in reading.problems] == ["W211", "W210", "W210"]


def test_settings_without_ops_say_only_that(read: Read) -> None:
    text = SETTINGS.replace("ops: {email: ops@example.org}\n", "") + 'allow_recipients: ["*@example.org"]\n'
    assert [one.code for one in read({"config/alertd.yaml": text}).problems] == ["A114"]


def test_every_owner_holder_and_deputy_outside_is_a_warning_at_the_address(read: Read) -> None:
    owners = """\
owners:
  data_steward: {email: steward@example.org}
  lead: {email: lead@elsewhere.net}
  leaders:
    by: place
    posts:
      North:
        - {name: A, email: a@example.org, from: 2020-01-01, deputy: b@elsewhere.net}
        - {name: B, email: b@elsewhere.net, from: 2021-01-01}
"""
    reading = read({"config/alertd.yaml": _settings('["*@example.org"]'), "config/owners.yaml": owners})
    assert found(reading) == [
        "W210 config/owners.yaml:3:17",
        "W216 config/owners.yaml:8:49",
        "W210 config/owners.yaml:8:69",
        "W210 config/owners.yaml:9:28",
    ]
    assert reading.errors == ()
    assert "lead@elsewhere.net" in reading.problems[0].message


def test_an_address_from_the_environment_is_told_at_its_variable(read: Read) -> None:
    files = {"config/alertd.yaml": _settings('["*@example.org"]')}
    reading = read(files, {"ALERTD_OPS__EMAIL": "ops@elsewhere.net"})
    assert [(one.code, one.file) for one in reading.problems] == [("W211", "environment: ALERTD_OPS__EMAIL")]


def test_patterns_match_whole_addresses_in_whatever_case() -> None:
    assert allowed("A@Example.org", ("*@example.ORG",))
    assert not allowed("a@example.org.evil.com", ("*@example.org",))
    assert not allowed("a@example.org", ())
