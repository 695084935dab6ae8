"""`alertd schema`: what editors need to complete and check a home's files."""

import json
from pathlib import Path
from typing import Any

import click

from alertd.cli.options import ignored_home_option
from alertd.core.errors import UsageError

_FILES = {
    "settings": "config/alertd.yaml",
    "rules": "A rule file of an alertd home",
    "config": "A config file of an alertd home",
    "channels": "A channel file of an alertd home",
}
"""The names by which a home's files call their schemas, and what each is the schema of."""


@click.command("schema", short_help="JSON Schema of the files, for editors.")
@ignored_home_option
@click.option(
    "--kind",
    type=click.Choice(["any", "files", "settings"]),
    default="any",
    show_default=True,
    help="Of any file, of rule, channel and config files, or of config/alertd.yaml.",
)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write settings.json, rules.json, config.json and channels.json into this folder.",
)
def command(kind: str, folder: Path | None) -> None:
    """Print a JSON Schema (draft 2020-12) of a home's files.

    \b
    alertd schema > alertd.schema.json
    alertd schema --write schemas        one file for each folder of a home

    An editor with the YAML language server takes it from a file's first line:

    \b
    # yaml-language-server: $schema=../schemas/rules.json
    """
    if folder is None:
        click.echo(json.dumps(_schemas()[kind], indent=2))
        return
    write_schemas(folder)
    click.echo(f"wrote {', '.join(f'{name}.json' for name in _FILES)} into {folder}")


def write_schemas(folder: Path) -> None:
    """Write the schemas that a home's files name in their first lines; raises `UsageError` where that cannot be."""
    schemas = _schemas()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, title in _FILES.items():
            chosen = schemas.get(name, schemas["files"])
            named = {**chosen, "$id": f"urn:alertd:schema:{name}", "title": title}
            (folder / f"{name}.json").write_text(json.dumps(named, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error


def _schemas() -> dict[str, Any]:
    from alertd.channels.registry import KINDS  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.config.schema import files_schema, settings_schema  # noqa: PLC0415

    kinds = {name: one.settings for name, one in KINDS.items()}
    return {
        "any": files_schema(kinds, settings=True),
        "files": files_schema(kinds, settings=False, name="files"),
        "settings": settings_schema(kinds),
    }
