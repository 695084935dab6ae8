"""A small home that is right, to plant mistakes into."""

from collections.abc import Callable, Mapping
from pathlib import Path

from alertd.channels.registry import KINDS
from alertd.config.load import Reading, read_home
from alertd.core.channels import ChannelSettings

FILES = {
    "config/alertd.yaml": """\
instance: test
warehouse: {url: "duckdb:///warehouse.duckdb"}
ops: {email: ops@example.org}
""",
    "config/owners.yaml": """\
owners:
  data_steward: {email: steward@example.org}
  lead: {email: lead@example.org}
""",
    "channels/email.yaml": """\
channels:
  email: {kind: email, smtp: "127.0.0.1:25", security: none, from: "Alerts <alerts@example.org>"}
""",
    "rules/rules.yaml": """\
measures:
  m: {name: A measure, table: t, grain: month, period: period, by: [place], value: v, owner: lead}
rules:
  high: {measure: m, threshold: {above: 50}, to: ops}
""",
}

MakeHome = Callable[..., Path]
Read = Callable[..., Reading]


def kinds() -> dict[str, type[ChannelSettings]]:
    """Every kind of channel, as commands hand them in."""
    return {name: kind.settings for name, kind in KINDS.items()}


def write_home(root: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Write the files of a home: those above, and the given ones over them."""
    for name, text in {**FILES, **(files or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def reading_of(root: Path, environ: Mapping[str, str] | None = None) -> Reading:
    """Read the home that stands there."""
    return read_home(root, kinds=kinds(), environ=environ or {})


def found(reading: Reading) -> list[str]:
    """Problems as `code file:line:column`."""
    return [f"{one.code} {one.place}" for one in reading.problems]
