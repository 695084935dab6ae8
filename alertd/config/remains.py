"""What remains of an entry that is wrong: enough to ask everything else of it, so that one fault hides no other.

Nothing that is made here is ever in force: the fault that made it necessary has been told, and keeps the home from use.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from alertd.config.document import Document, Path
from alertd.config.shape import keys_of, model_at, models_of
from alertd.config.suggest import likely
from alertd.core.model import Authored

Model = TypeVar("Model", bound=Authored)
Fault = tuple[Path, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains(Generic[Model]):
    """A model of what is right, with defaults for what is not."""

    made: Model
    """Not validated as a whole."""
    lost: frozenset[str]
    """Required fields that are missing or wrong; they are None in `made`."""
    doubtful: frozenset[str]
    """Every field that is missing or wrong, as a whole or in part."""
    faults: tuple[Fault, ...]
    """What is wrong with the fields as a whole, whatever the wrong ones were meant to be."""
    whole: Model
    """The same, with something unknown in the place of what is wrong."""


def mend_keys(
    model: type[Authored], data: dict[str, Any], document: Document, base: Path, paths: Sequence[Path]
) -> None:
    """Take unknown keys out of the data, or put their values under the key that was most likely meant."""
    for path in paths:
        around: Any = data
        for step in path[:-1]:
            around = around[step]
        key = path[-1]
        if not isinstance(around, dict) or not isinstance(key, str) or key not in around:
            continue
        value = around.pop(key)
        described = model_at(model, path[:-1])
        known = keys_of(described) if described is not None else {}
        meant = likely(key, (one for one in known if one not in around))
        if meant is not None:
            around[meant] = value
            document.written[(*base, *path[:-1], meant)] = key


def remains_of(
    model: type[Model], data: Mapping[str, Any], wrong: Sequence[Path], filled: Mapping[str, Any] | None = None
) -> Remains[Model]:
    """What can be made of data that has errors at the paths `wrong`, and none of whose keys is unknown."""
    data = _completed(model, data)
    right: dict[str, Any] = dict(filled or {})
    whole: dict[str, Any] = dict(right)
    doubtful, lost, faults = set(), set(), list[Fault]()
    for name, field in model.model_fields.items():
        key = field.alias or name
        if name in right:
            continue
        below = [path[1:] for path in wrong if path and path[0] == key]
        value = _read(model, name, data[key]) if key in data and not below else _UNKNOWN
        if value is not _UNKNOWN:
            right[name] = whole[name] = value
        elif key in data or field.is_required():
            doubtful.add(name)
            whole[name] = _UNKNOWN
            nested = list(models_of(field.annotation))
            if isinstance(data.get(key), dict) and len(nested) == 1:
                part = remains_of(nested[0], data[key], below)
                faults += [((key, *path), message) for path, message in part.faults]
                whole[name] = part.whole
                if not part.lost:
                    right[name] = part.made
            if field.is_required() and name not in right:
                lost.add(name)
                right[name] = None
    together: Any = model.model_construct(**whole)
    if doubtful:  # else the model has been asked already, with everything that was written
        faults += [((), message) for message in _as_a_whole(together)]
    made: Any = model.model_construct(**right)
    return Remains(made=made, lost=frozenset(lost), doubtful=frozenset(doubtful), faults=tuple(faults), whole=together)


def _completed(model: type[Authored], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data with what the model fills in by itself."""
    for check in model.__pydantic_decorators__.model_validators.values():
        if check.info.mode == "before":
            data = getattr(model, check.cls_var_name)(data)
    return data


def _as_a_whole(made: Authored) -> Iterator[str]:
    """What the model's own checks say of its fields together; they run only where every field is right."""
    for check in type(made).__pydantic_decorators__.model_validators.values():
        if check.info.mode != "after":
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a dump of something unknown warns that it is unknown
                check.func(made)
        except ValueError as error:
            yield str(error)
        except (TypeError, AttributeError):  # it needs to know what is unknown, so that there is nothing to say yet
            continue


def _read(model: type[Authored], name: str, value: Any) -> Any:
    """One field's value by itself, as the model reads it."""
    checks = [one for one in model.__pydantic_decorators__.field_validators.values() if name in one.info.fields]
    try:
        for check in checks:
            value = check.func(value) if check.info.mode == "before" else value
        value = _adapter(model, name).validate_python(value, by_alias=True, by_name=False)
        for check in checks:
            value = check.func(value) if check.info.mode == "after" else value
    except (ValueError, TypeError):  # it can be read only together with what is wrong
        return _UNKNOWN
    return value


@cache
def _adapter(model: type[Authored], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(model.model_fields[name].rebuild_annotation())


class _Unknown:
    """A value that is there and is not known: it is neither less nor more than anything, and equal to nothing."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return False

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


_UNKNOWN = _Unknown()
