"""Writes docs/reference from the code, so that every key, command, metric and error code is documented as it is.

python scripts/write_reference.py           write the pages
python scripts/write_reference.py --check   exit 1 where a page is out of date
"""

import re
import sys
import types
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel

from alertd.channels.registry import KINDS
from alertd.cli import COMMANDS, cli
from alertd.config.catalogue import codes, explain_code
from alertd.config.examples import RuleTest
from alertd.config.settings import Settings
from alertd.core.calendar import Annotation, Suppression
from alertd.core.framework import Framework
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.core.places import Places
from alertd.core.routes import Route
from alertd.core.rules import Rule
from alertd.metrics import Metrics

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code; change it there. -->\n"


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {
        "commands.md": "\n".join(_commands()),
        "settings.md": _models("Settings: `config/alertd.yaml`", {"": Settings}),
        "rule-files.md": _models(
            "Rule files: `rules/**/*.yaml`", {"measures.ID": Measure, "rules.ID": Rule, "tests.ID": RuleTest}
        ),
        "config-files.md": _models(
            "The other files of `config/`",
            {
                "owners.ID": Owner,
                "routes.ID": Route,
                "annotations.ID": Annotation,
                "suppressions.ID": Suppression,
                "places, unallocated": Places,
                "framework": Framework,
            },
        ),
        "channels.md": _models(
            "Channels: `channels/*.yaml`",
            {f"channels.ID (kind: {name})": kind.settings for name, kind in KINDS.items()},
        ),
        "metrics.md": "\n".join(_metrics()),
        "errors.md": "\n".join(_errors()),
    }


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield NOTE
    root = click.Context(cli, info_name="alertd")
    for name in sorted(COMMANDS):
        command = cli.get_command(root, name)
        assert command is not None
        yield from _command(command, click.Context(command, info_name=name, parent=root))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    context.max_content_width = 110
    context.terminal_width = 110
    yield f"## `{context.command_path}`\n"
    yield f"```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _command(below, click.Context(below, info_name=name, parent=context))


def _models(title: str, models: dict[str, type[BaseModel]]) -> str:
    lines = [f"# {title}\n", NOTE]
    for path, model in models.items():
        if path:
            lines.append(f"## `{path}`\n")
        if model.__doc__:
            lines.append(f"{model.__doc__.strip().splitlines()[0]}\n")
        lines += ["| key | form | default | meaning |", "|---|---|---|---|", *_rows(model, "")]
        lines.append("")
    return "\n".join(lines)


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if info.exclude or name == "id":
            continue
        key = f"{prefix}{info.alias or name}"
        default = "required" if info.is_required() else _shown(info.get_default(call_default_factory=True))
        inside = [below for below, _ in _models_in(info.annotation)]
        meaning = info.description or (inside[0].__doc__ if inside else "") or ""
        cells = (f"`{key}`", _form(info.annotation), default, " ".join(meaning.split()))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        for below, infix in _models_in(info.annotation):
            yield from _rows(below, f"{key}{infix}.")


def _models_in(annotation: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """The models inside a type, and what stands between the key and theirs: nothing, `[]` of a list, `.NAME` of a mapping."""
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, ""
    elif origin is Annotated:
        yield from _models_in(get_args(annotation)[0])
    elif origin in (tuple, list):
        yield from ((model, f"[]{infix}") for part in get_args(annotation) for model, infix in _models_in(part))
    elif origin is dict:
        yield from ((model, f".NAME{infix}") for model, infix in _models_in(get_args(annotation)[1]))
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _models_in(part)


_WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _form(annotation: Any) -> str:
    origin = get_origin(annotation)
    if annotation in _WORDS:
        return _WORDS[annotation]
    if origin is Annotated:
        return _form(get_args(annotation)[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_form(part) for part in get_args(annotation) if part is not type(None)))
    if origin in (tuple, list):
        return "list of " + " and ".join(dict.fromkeys(_form(part) for part in get_args(annotation) if part is not ...))
    if origin is dict:
        return f"mapping of {_form(get_args(annotation)[0])} to {_form(get_args(annotation)[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return re.sub(r"(?<!^)(?=[A-Z])", " ", annotation.__name__).lower()


def _shown(value: Any) -> str:
    if value is None or value == () or value == {}:
        return ""
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, tuple):
        return "`[" + ", ".join(str(part) for part in value) + "]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _metrics() -> Iterator[str]:
    yield "# Metrics\n"
    yield NOTE
    yield "Served at `/metrics` in Prometheus' text form. No label ever holds a place, a person or a value.\n"
    yield "| metric | kind | meaning |\n|---|---|---|"
    kinds: dict[str, str] = {}
    meanings: dict[str, str] = {}
    for line in Metrics().exposition().decode().splitlines():
        if found := re.match(r"# (HELP|TYPE) (\S+) (.*)", line):
            (meanings if found[1] == "HELP" else kinds)[found[2]] = found[3]
    for name, meaning in meanings.items():
        yield f"| `{name}` | {kinds[name]} | {meaning} |"
    yield ""


def _errors() -> Iterator[str]:
    yield "# Error codes\n"
    yield NOTE
    yield "`alertd check --explain CODE` prints one of these. `A` are errors, `W` warnings; a code keeps its meaning."
    for code in codes():
        yield ""
        yield re.sub(r"^#", "##", explain_code(code), flags=re.MULTILINE)


def main() -> int:
    """Write the pages, or say which are out of date."""
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if "--check" not in sys.argv:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text.rstrip() + "\n", encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text.rstrip() + "\n":
            stale.append(name)
    for name in stale:
        print(f"docs/reference/{name} is out of date; run `make docs`", file=sys.stderr)  # noqa: T201 - a script's message
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
