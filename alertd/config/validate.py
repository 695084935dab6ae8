"""Plain data to models; what pydantic refuses becomes problems at the place where it was written."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from alertd.config.document import MAX_DEPTH, Document, Path
from alertd.config.empty import empty_keys
from alertd.config.problems import Problem
from alertd.config.remains import mend_keys, remains_of
from alertd.config.shape import FILLED_IN, keys_of, model_at
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.model import Authored

Model = TypeVar("Model", bound=Authored)

_BRANCH_ERRORS = frozenset(
    {"string_type", "is_instance_of", "model_type", "model_attributes_type", "dict_type", "none_required"}
)
"""What the wrong branches of a union say; left out where another branch says more."""
_WORD_ERRORS = frozenset({"enum", "float_type"})
"""What a branch for one word or figure says of a mapping or list."""
_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated(Generic[Model]):
    """A model, or what remains of it, and every problem of what was written."""

    made: Model | None
    """None where too little remains to ask anything else of it."""
    problems: list[Problem]
    doubtful: frozenset[str] = frozenset()
    """Fields of `made` that do not hold what was meant, because that could not be read."""


def validate(
    model: type[Model],
    data: Any,
    document: Document,
    base: Path,
    *,
    what: str,
    filled: Mapping[str, Any] | None = None,
    may_lack: bool = False,
) -> Validated[Model]:
    """A model from what stands at `base` of a document, and the problems.

    `what` names it in messages (``rule `high` ``); `filled` holds the fields that nobody writes. Where something is wrong
    the model is made of the rest, so that the home's other checks can go on; unknown keys are taken out of `data`, or
    put right where there is little doubt of what was meant. `may_lack` allows None in required fields then.
    """
    if not isinstance(data, dict):
        found = "empty" if data is None else "a list" if isinstance(data, list) else "a text"
        note = one_of(keys_of(model), nothing="")
        message = f"{what} must be a mapping, and is {found}"
        outside = len(base) > 1 and isinstance(data, str) and base[-1] in keys_of(model)
        hint = "indent it below the id that it belongs to" if outside else ""
        return Validated(made=None, problems=[document.problem("A103", base, message, key=True, hint=hint, note=note)])
    problems = [_unknown_key(model, document, base, (key,), data, what) for key in data if key in FILLED_IN]
    for key in FILLED_IN & data.keys():
        del data[key]
    around: set[Path] = set()
    for _ in range(MAX_DEPTH):  # a key that was put right may hold other keys that are unknown
        try:
            made = model.model_validate({**data, **(filled or {})}, by_alias=True, by_name=False)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        else:
            empty = list(empty_keys(model, data, document, base, what, ()))
            problems += [problem for _, problem in empty]
            return Validated(made=made, problems=problems, doubtful=_fields(model, [path for path, _ in empty]))
        unknown = [_locate(data, one)[0] for one in errors if one["type"] == "extra_forbidden"]
        if not unknown:
            break
        problems += [_unknown_key(model, document, base, path, data, what) for path in dict.fromkeys(unknown)]
        around |= {path[:-1] for path in unknown}
        mend_keys(model, data, document, base, unknown)
    wrong = [_locate(data, one)[0] for one in errors]
    empty = list(empty_keys(model, data, document, base, what, wrong))
    told = {path for path, problem in empty if problem.code == "A145"}
    around |= {path[:-1] for path in told}
    left = [error for error, path in zip(errors, wrong, strict=True) if path not in told]
    problems += _problems(model, document, base, data, left, what, around)
    problems += [problem for _, problem in empty]
    remains = remains_of(model, data, wrong, filled)
    for path, message in remains.faults:
        problems.append(_as_a_whole(document, base, data, path, message, what))
    if remains.lost and not may_lack:
        return Validated(made=None, problems=problems)
    doubtful = remains.doubtful | _fields(model, [path for path, _ in empty])
    return Validated(made=remains.made, problems=problems, doubtful=doubtful)


def _fields(model: type[Authored], paths: Iterable[Path]) -> frozenset[str]:
    """The fields that hold what stands at some paths."""
    keys = {path[0] for path in paths}
    return frozenset(name for name, field in model.model_fields.items() if (field.alias or name) in keys)


def _problems(
    model: type[Authored],
    document: Document,
    base: Path,
    data: dict[str, Any],
    errors: Sequence[ErrorDetails],
    what: str,
    around: Collection[Path],
) -> Iterator[Problem]:
    """What pydantic refuses, in words; `around` are the mappings of unknown or empty keys, which may have been what lacks."""
    located = [(*_locate(data, error), error) for error in errors]
    told: set[tuple[Path, str]] = set()
    for path, in_union, error in located:
        others = [other for near, _, other in located if near[: len(path)] == path and other is not error]
        kind = error["type"]
        # A mapping or list was meant for a branch that takes one, whatever the branch for one word says.
        idle = _BRANCH_ERRORS | _WORD_ERRORS if isinstance(_at(data, path), (dict, list)) else _BRANCH_ERRORS
        if in_union and kind in idle and any(one["type"] not in idle for one in others):
            continue
        if (path, kind) in told or (in_union and kind == "is_instance_of" and others):
            continue
        told.add((path, kind))
        if in_union and kind in _BRANCH_ERRORS:
            if (path, "branch") in told:
                continue  # what else might stand there says no more of what is wrong
            told.add((path, "branch"))
        if kind == "missing" and isinstance(error["loc"][-1], str):
            missing = error["loc"][-1]
            message = f"{_of(path, what)} lacks `{missing}`"
            yield document.problem("A114", base + path, message, key=True, hint=f"add `{missing}:`")
        elif kind == "value_error" and isinstance(_at(data, path), dict):
            words, hint = _words(error, None)
            if not (path in around and path and words.startswith("give ")):
                yield _as_a_whole(document, base, data, path, words, what, hint)
        else:
            words, hint = _words(error, _at(data, path))
            key = not path or "[key]" in error["loc"] or error["loc"] == ("id",)
            meant = model_at(model, path) if kind in _MODEL_ERRORS else None
            note = one_of(keys_of(meant), nothing="") if meant is not None else ""
            message = f"{_of(path, what, ':')} {words}"
            yield document.problem("A103", base + path, message, key=key, hint=hint, note=note)


def _as_a_whole(
    document: Document, base: Path, data: Any, path: Path, message: str, what: str, hint: str = ""
) -> Problem:
    """A fault of a mapping as a whole: at the key or value that its words name first, where it is written, else at its own."""
    named = re.search(r"`([^`]*)`", message)
    key = (named[1],) if named is not None and named[1] in _at(data, path) else ()
    text = f"{_of(path, what, ':')} {message}"
    if not key and named is not None and message.startswith(f"`{named[1]}` is no"):
        found = _written(_at(data, path), named[1])
        if found is not None:
            return document.problem("A103", base + path + found, text, hint=hint)
    return document.problem("A103", base + path + key, text, key=bool(key) or not path, hint=hint)


def _written(data: Any, value: str) -> Path | None:
    """The first path at which a value is written."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, below in steps:
        found = () if below == value else _written(below, value)
        if found is not None:
            return (step, *found)
    return None


def _locate(data: Any, error: ErrorDetails) -> tuple[Path, bool]:
    """The path of what was written; pydantic's own steps (branches of a union) are left out, and said to be there."""
    path: Path = ()
    in_union = False
    for step in error["loc"]:
        if isinstance(data, dict) and str(step) in data:
            path, data = (*path, str(step)), data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            path, data = (*path, step), data[step]
        else:
            in_union = True
    return path, in_union


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _of(path: Path, what: str, after: str = "") -> str:
    names = ".".join(str(step) for step in path if isinstance(step, str))
    return f"`{names}` of {what}{after}" if names else f"{what}{after}"


def _unknown_key(
    model: type[Authored], document: Document, base: Path, path: Path, data: dict[str, Any], what: str
) -> Problem:
    key = str(path[-1])
    around = model_at(model, path[:-1])
    known = keys_of(around) if around is not None else {}
    hint = did_you_mean(key, (one for one in known if one not in data or len(path) > 1))
    hint = _in_words(key, known) or hint
    note = "" if hint else one_of(known, nothing="nothing belongs here")
    message = f"unknown key `{_short(key)}` in {_of(path[:-1], what)}"
    return document.problem("A101", base + path, message, key=True, hint=hint, note=note)


def _in_words(key: str, known: Collection[str]) -> str:
    """What to write instead of what is no key by its form: `< 80` is `below: 80`, `below:80` lacks a space."""
    first, sign, rest = key.partition(":" if ":" in key else ".")
    if sign and rest and first in known:
        return f"write `{first}: {rest}`" if sign == ":" else f"write `{first}: {{{rest}: ..}}`"
    found = re.fullmatch(r"(<=|>=|<|>)\s*(\S*)", key.strip())
    if found is None or _SYMBOLS[found[1]] not in known:
        return ""
    return f"write `{_SYMBOLS[found[1]]}: {found[2] or '..'}`"


_SYMBOLS = {"<": "below", "<=": "at_or_below", ">": "above", ">=": "at_or_above"}


def _words(error: ErrorDetails, value: Any) -> tuple[str, str]:
    """What is wrong in words, and a hint."""
    kind, context = error["type"], error.get("ctx", {})
    found = f"`{_short(value)}`" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
    if kind == "value_error":
        words = str(context["error"])
        named = re.match(r"`([^`]*)` is no .*; (?:write one of|it has) (.*)", words)
        return words, did_you_mean(named[1], named[2].split(", ")) if named is not None else ""
    if value is None:
        return "nothing is written here", "write a value, or remove the key"
    if kind in ("literal_error", "enum"):
        options = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{found} is not one of {_listed(options)}", did_you_mean(str(value), options)
    if kind == "too_short" and context.get("min_length", 1) > 1:
        return f"at least {context['min_length']} entries belong in this list", ""
    for beginning, words in _KINDS:
        if kind.startswith(beginning):
            return words.format(found=found), _instead(kind, value)
    limits = [
        f"{word} {context[name]:g}" for name, word in _LIMITS.items() if isinstance(context.get(name), (int, float))
    ]
    if limits:
        return f"{found} must be {' and '.join(limits)}", ""
    return f"{found}: {error['msg'][:1].lower()}{error['msg'][1:]}", ""


def _instead(kind: str, value: Any) -> str:
    """What to write, where what was meant is plain from the value."""
    text = value.strip() if isinstance(value, str) else ""
    number = re.fullmatch(r"(?:[<>]=?\s*)?([+-]?\d[\d,]*(?:\.\d+)?)\s*(?:%|[A-Za-z].*)?", text)
    if kind.startswith(("float", "int")) and number is not None:
        return f"write `{number[1].replace(',', '')}`"
    if kind.startswith("bool"):
        return did_you_mean(text, ("true", "false"))
    if kind == "string_type" and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return f"write `{_short(value[0])}`"
    if kind in ("tuple_type", "list_type"):
        short = text and len(text) <= 60 and "`" not in text
        return f"write `[{text}]`" if short else "put it into `[` and `]`" if isinstance(value, dict) else ""
    return ""


_MODEL_ERRORS = ("model_type", "model_attributes_type")
_KINDS = (
    ("float", "{found} is no number"),
    ("finite_number", "{found} is no finite number"),
    ("int", "{found} is no whole number"),
    ("bool", "{found} is neither `true` nor `false`"),
    ("date", "{found} is no date; write for example 2022-10-03"),
    ("string_type", "a text belongs here, and this is {found}"),
    ("tuple_type", "a list belongs here, and this is {found}"),
    ("list_type", "a list belongs here, and this is {found}"),
    ("model_type", "a mapping belongs here, and this is {found}"),
    ("model_attributes_type", "a mapping belongs here, and this is {found}"),
    ("dict_type", "a mapping belongs here, and this is {found}"),
    ("missing", "more entries belong in this list"),
    ("too_long", "fewer entries belong in this list"),
    ("too_short", "this must not be empty"),
    ("string_too_short", "this must not be empty"),
)


def _listed(words: Iterable[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return ", ".join(quoted[:-1]) + f" and {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
