"""Keys after whose colon nothing stands: an author who did not finish, and not a choice."""

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import TypeAdapter

from alertd.config.document import Document, Path
from alertd.config.problems import Problem
from alertd.config.shape import model_at
from alertd.core.model import Authored


def empty_keys(
    model: type[Authored], data: Any, document: Document, base: Path, what: str, told: Collection[Path]
) -> Iterator[tuple[Path, Problem]]:
    """Every key below `base` that is left empty (A145) or `null` (W218) and that the model took, but for those in `told`."""
    for path in _nothing_at(data):
        if path in told:
            continue
        names = ".".join(str(step) for step in path if isinstance(step, str))
        if document.left_empty(base + path):
            hint = f"{_instead(model, path)}, or remove the key"
            message = f"`{names}` of {what} is empty: nothing stands after its colon"
            yield path, document.problem("A145", base + path, message, key=True, hint=hint)
        else:
            message = f"`{names}` of {what} is `null`, which is the same as no such key"
            yield path, document.problem("W218", base + path, message, hint="remove the key")


def _nothing_at(data: Any) -> Iterator[Path]:
    """The paths of mappings' keys that have no value."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, below in steps:
        if below is None and isinstance(data, dict):
            yield (step,)
        yield from ((step, *path) for path in _nothing_at(below))


def _instead(model: type[Authored], path: Path) -> str:
    """What to write after the colon: an example of the key's kind, where it has one."""
    around = model_at(model, path[:-1])
    fields = around.model_fields.items() if around is not None else ()
    of_key = [field.rebuild_annotation() for name, field in fields if (field.alias or name) == path[-1]]
    example = _example(TypeAdapter(of_key[0]).json_schema()) if of_key else None
    return "write a value" if example is None else f"write for example `{path[-1]}: {example}`"


def _example(schema: Any) -> str | None:
    if isinstance(schema, dict):
        for key in ("examples", "enum"):
            if schema.get(key):
                return str(schema[key][0])
        schema = schema.get("anyOf") or schema.get("oneOf") or ()
    return next(filter(None, map(_example, schema)), None)
