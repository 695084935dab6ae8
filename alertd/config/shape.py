"""What the models allow at a path: for suggestions, and for keys named by the environment."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from alertd.core.model import Authored

FILLED_IN = frozenset({"id", "statement", "by_person"})
"""Fields that the loader fills in; nobody writes them."""


def keys_of(model: type[Authored]) -> dict[str, Any]:
    """The keys that may be written for a model, with their annotations."""
    return {
        field.alias or name: field.annotation for name, field in model.model_fields.items() if name not in FILLED_IN
    }


def model_at(model: type[Authored], path: tuple[str | int, ...]) -> type[Authored] | None:
    """The model that describes the mapping at a path, where there is one."""
    found: Any = model
    for step in path:
        found = _below(found, step)
        if found is None:
            return None
    return next(models_of(found), None)


def annotation_at(model: type[Authored], path: tuple[str | int, ...]) -> Any:
    """The annotation of the value at a path, or None."""
    found: Any = model
    for step in path:
        found = _below(found, step)
    return found


def is_a(annotation: Any, model: type[Authored]) -> bool:
    """Whether a value of this annotation may be that model."""
    return any(issubclass(one, model) for one in models_of(annotation))


def _below(annotation: Any, step: str | int) -> Any:
    for model in models_of(annotation):
        if isinstance(step, str) and step in keys_of(model):
            return keys_of(model)[step]
    for one in _alternatives(annotation):
        arguments = get_args(one)
        if get_origin(one) is dict and isinstance(step, str):
            return arguments[1]
        if get_origin(one) in (tuple, list) and isinstance(step, int) and arguments:
            return arguments[0]
    return None


def models_of(annotation: Any) -> Iterator[type[Authored]]:
    """The models that a value of this annotation may be."""
    for one in _alternatives(annotation):
        if isinstance(one, type) and issubclass(one, Authored):
            yield one


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from _alternatives(one)
    else:
        yield annotation
