"""Writes docs/reference from the code, so that every key, command, metric and error code is documented as it is.

python scripts/write_reference.py           write the pages
python scripts/write_reference.py --check   exit 1 where a page is out of date
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from alertd.channels.registry import KINDS
from alertd.cli import COMMANDS, cli
from alertd.config.catalogue import codes, explain_code
from alertd.config.schema import Json, files_schema, settings_schema
from alertd.config.settings import Settings
from alertd.core.model import ID_PATTERN
from alertd.core.parameters.baseline import ROLLING
from alertd.metrics import Metrics

SCHEMA = files_schema({name: kind.settings for name, kind in KINDS.items()}, settings=True)
DETECTOR_OF = {
    "Threshold": "threshold",
    "Spc": "spc",
    "Seasonal": "seasonal",
    "Drift": "drift",
    "Funnel": "funnel",
    "Change": "change",
    "Rating": "rating",
    "Freshness": "freshness",
    "Forecast": "forecast",
}
RULE_FILES = {
    "measures.ID": "Measure",
    "rules.ID": "Rule",
    **{f"rules.ID.{key}": model for model, key in DETECTOR_OF.items()},
    "tests.ID": "RuleTest",
}
CONFIG_FILES = {
    "owners.ID": "Owner",
    "routes.ID": "Route",
    "annotations.ID": "Annotation",
    "suppressions.ID": "Suppression",
    "places.NAME, unallocated": "Place",
    "framework": "Framework",
    "framework.rows.ROW": "Row",
    "framework.priorities.ID": "PriorityList",
    "framework.plans.ID": "Plan",
    "framework.reviews.NAME": "Review",
    "framework.roles.ID": "Role",
    "framework.commitments.ID": "Commitment",
    "framework.governance.ID": "Tier",
}
EXAMPLES_OF = {
    "Measure": ("a share", "a count, a rate, a value", "rows, surveys, grades, rare events"),
    "RuleTest": ("tests",),
}

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code; change it there. -->\n"


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {
        "commands.md": "\n".join(_commands()),
        "settings.md": _models("Settings: `config/alertd.yaml`", {"": "Settings"}),
        "rule-files.md": _models("Rule files: `rules/**/*.yaml`", RULE_FILES, examples="rule_examples.yaml"),
        "config-files.md": _models("The other files of `config/`", CONFIG_FILES, examples="config_examples.yaml"),
        "channels.md": _models(
            "Channels: `channels/*.yaml`",
            {f"channels.ID (kind: {name})": kind.settings.__name__ for name, kind in KINDS.items()},
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


def _models(title: str, entries: dict[str, str], *, examples: str = "") -> str:
    """A page of tables, one for each path and the model there, with the examples of a file beside this one."""
    lines = [f"# {title}\n", NOTE]
    shown = _examples(examples) if examples else {}
    for path, model in entries.items():
        definition = SCHEMA["$defs"][model] if model != "Settings" else _settings()
        mark = "###" if model in DETECTOR_OF else "##"
        lines += [f"{mark} `{path}`\n"] if path else []
        lines.append(f"{definition['description']}\n")
        lines += [
            *_together(definition),
            "| key | form | default | meaning |",
            "|---|---|---|---|",
            *_rows(definition, ""),
        ]
        lines.append("")
        for name in EXAMPLES_OF.get(model, (DETECTOR_OF.get(model, path),)):
            if name in shown:
                lines.append(f"```yaml\n{shown.pop(name)}\n```\n")
        if model == "Rule":
            lines += [*_composites(shown), *_baselines()]
    assert not shown, f"examples that belong nowhere: {sorted(shown)}"
    return "\n".join(lines)


def _settings() -> Json:
    schema = settings_schema({name: kind.settings for name, kind in KINDS.items()})
    own = {key: one for key, one in schema["properties"].items() if key in Settings.model_fields}
    return {**schema, "properties": own}


def _examples(file: str) -> dict[str, str]:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    parts = re.split(r"^# == (.+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (part.rstrip() for part in parts[1::2]), strict=True))


def _composites(shown: dict[str, str]) -> Iterator[str]:
    yield f"### `all_of`, `any_of`\n\nRules that join others, by their ids.\n\n```yaml\n{shown.pop('all_of, any_of')}\n```\n"


def _baselines() -> Iterator[str]:
    yield "### Baselines\n"
    yield "`baseline` of `spc`, `drift` and `seasonal: {method: adjusted_xmr}`:\n"
    yield "| written | means |\n|---|---|"
    yield "| `last 24 periods` | the periods that end `gap` before the judged one; moves on with it |"
    yield "| `first 24 periods` | frozen: from the start, or from the last rebase |"
    yield "| `{from: 2020-01, to: 2021-12}` | these periods, both included |"
    yield "| `all` | every point, the judged one too: for pictures and comparison; a warning on a live rule (W206) |"
    yield "| left out | rolling, by the grain: |"
    yield ""
    yield "| grain | periods | gap |\n|---|---|---|"
    yield from (f"| {grain.words} | {length} | {gap} |" for grain, (length, gap) in ROLLING.items())
    yield ""


def _together(definition: Json) -> Iterator[str]:
    """Which keys go together, in words."""
    said = []
    for group in definition.get("allOf", ()):
        how, alternatives = next(iter(group.items()))
        keys = [f"`{one['required'][0]}`" for one in alternatives]
        said.append(f"{'Exactly' if how == 'oneOf' else 'At least'} one of {', '.join(keys[:-1])} and {keys[-1]}.")
    for key, others in definition.get("dependentRequired", {}).items():
        said.append(f"`{key}` needs {' and '.join(f'`{one}`' for one in others)}.")
    if said:
        yield " ".join(said) + "\n"


def _rows(definition: Json, prefix: str) -> Iterator[str]:
    for name, written in definition["properties"].items():
        one = _resolved(written)
        key = f"{prefix}{name}"
        default = "required" if name in definition.get("required", ()) else _shown(one.get("default"))
        cells = (f"`{key}`", _form(written), default, " ".join(one.get("description", "").split()))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        if name in DETECTOR_OF.values() and definition["title"] == "Rule":
            continue  # a table of its own
        for below, infix in _below(one):
            yield from _rows(below, f"{key}{infix}.")


def _below(one: Json) -> Iterator[tuple[Json, str]]:
    """The mappings inside a value, and what stands before their keys: nothing, `[]` of a list, `.NAME` of a mapping."""
    one = _resolved(one)
    for branch in one.get("anyOf", ()):
        yield from _below(branch)
    if "properties" in one:
        yield one, ""
    if isinstance(one.get("additionalProperties"), dict):
        yield from ((below, f".NAME{infix}") for below, infix in _below(one["additionalProperties"]))
    if "items" in one:
        yield from ((below, f"[]{infix}") for below, infix in _below(one["items"]))


def _resolved(part: Json) -> Json:
    if "$ref" not in part:
        return part
    return {**SCHEMA["$defs"][part["$ref"].rpartition("/")[2]], **{key: part[key] for key in part if key != "$ref"}}


def _form(part: Json) -> str:
    """What may be written, in words."""
    one = _resolved(part)
    if "anyOf" in one:
        return " or ".join(dict.fromkeys(_form(branch) for branch in one["anyOf"]))
    if "enum" in one or "const" in one:
        return " or ".join(f"`{value}`" for value in one.get("enum") or [one["const"]])
    kinds = one.get("type", [])
    if kinds == "object":
        more = one.get("additionalProperties")
        return f"mapping of name to {_form(more)}" if isinstance(more, dict) else "mapping"
    if kinds == "array" or "array" in kinds:
        inside = _form(one["items"]) if "items" in one else " and ".join(_form(item) for item in one["prefixItems"])
        low, high = one.get("minItems", 0), one.get("maxItems")
        return f"list of {'two: ' if low == high == 2 else f'{low} or more: ' if low > 1 else ''}{inside}"
    if "boolean" in kinds and "pattern" in one:
        return "`true` or `false`"
    if one.get("format") == "date":
        return "date, `2022-10-03`"
    if one.get("pattern") == f"^{ID_PATTERN.strip('^$')}$":
        return "id"
    if "@" in one.get("pattern", ""):
        return "e-mail address"
    if "pattern" not in one:
        such = " or ".join(f"`{value}`" for value in one.get("examples", ())[:3])
        return f"text, such as {such}" if such else "text"
    if kinds[:1] == ["number"] and not any(isinstance(value, str) for value in one.get("examples", ())):
        return f"number{_range(one)}"
    if kinds[:1] == ["integer"] and "examples" not in one:
        return f"whole number{_range(one)}"
    such = " or ".join(f"`{value}`" for value in one.get("examples", ())[:3]) or "text"
    return f"{such}{_range(one)}"


def _range(one: Json) -> str:
    if one["type"][0] not in ("integer", "number"):
        return ""  # of a text, where a bare number is the shorter form
    words = {"exclusiveMinimum": "above", "minimum": "from", "exclusiveMaximum": "below", "maximum": "to"}
    parts = [f"{word} {one[key]:,g}" for key, word in words.items() if key in one]
    return f", {' '.join(parts)}" if parts else ""


def _shown(value: Any) -> str:
    return "" if value is None or value == [] else f"`{json.dumps(value).strip(chr(34))}`"


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
