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
    """Every key below `base` that is left empty (A145) or `null` (W218); of a `null` in `told` the model has said more."""
    for path, value in _nothing_at(data):
        names = ".".join(str(step) for step in path if isinstance(step, str))
        if value is not None or document.left_empty(base + path):
            around = model_at(model, path[:-1])
            if around is None:  # a place may be called nothing
                continue
            found = "nothing stands after its colon" if value is None else "its text holds nothing"
            message = f"`{names}` of {what} is empty: {found}"
            yield path, document.problem("A145", base + path, message, key=True, hint=_instead(around, str(path[-1])))
        elif path not in told:
            message = f"`{names}` of {what} is `null`, which is the same as no such key"
            yield path, document.problem("W218", base + path, message, hint="remove the key")


def _nothing_at(data: Any) -> Iterator[tuple[Path, str | None]]:
    """The paths of mappings' keys that have no value, or a text of nothing."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, below in steps:
        if isinstance(data, dict) and (below is None or (isinstance(below, str) and not below.strip())):
            yield (step,), below
        yield from (((step, *path), value) for path, value in _nothing_at(below))


def _instead(around: type[Authored], key: str) -> str:
    """What to write after the colon: an example of the key's kind, where it has one; and whether the key may go."""
    field = next((one for name, one in around.model_fields.items() if (one.alias or name) == key), None)
    example = _example(TypeAdapter(field.rebuild_annotation()).json_schema()) if field is not None else None
    write = "write a value" if example is None else f"write for example `{key}: {example}`"
    return write if field is None or field.is_required() else f"{write}, or remove the key"


def _example(schema: Any) -> str | None:
    if isinstance(schema, dict):
        for key in ("examples", "enum"):
            if schema.get(key):
                return str(schema[key][0])
        schema = schema.get("anyOf") or schema.get("oneOf") or ()
    return next(filter(None, map(_example, schema)), None)
