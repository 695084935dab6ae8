"""Variants of a rule: the same rule with one key or more written otherwise, to be tried beside it."""

from typing import Any

from pydantic import BaseModel, ValidationError

from alertd.config.document import read_document
from alertd.config.source import Source
from alertd.core.errors import UsageError
from alertd.core.rules import DETECTORS, Rule

_FORM = "write for example `--variant spc.multiplier=2.5` or `--variant for='2 periods'`"


def variant_of(rule: Rule, change: str) -> Rule:
    """A rule with some of its keys written otherwise: `spc.multiplier=2.5`, several joined by ` and `.

    Raises `UsageError` for a key that is not there and for a value that cannot be.
    """
    made = rule
    for one in change.split(" and "):
        path, sign, value = one.strip().partition("=")
        if not sign or not path or not value:
            raise UsageError(f"`{one.strip()}` cannot be read; {_FORM}")
        try:
            made = _with(made, path.strip().split("."), _read(value.strip()))
        except ValidationError as error:
            said = "; ".join(
                f"{'.'.join(str(step) for step in fault['loc']) or 'rule'}: "
                f"{fault['msg'].removeprefix('Value error, ')}"
                for fault in error.errors(include_url=False)
            )
            raise UsageError(f"the variant `{change}` of rule `{rule.id}` cannot be: {said}") from error
    return made.model_copy(update={"id": f"{rule.id} [{change}]"})


def _read(text: str) -> Any:
    """A list or a mapping where it is written as one, else the text, which the key's type reads."""
    if text[0] not in "[{":
        return text
    document = read_document(Source.of("--variant", text), text)
    if document.problems:
        raise UsageError(f"`{text}` cannot be read: {document.problems[0].message}")
    return document.data


def _with(model: Any, path: list[str], value: Any) -> Any:
    """A model with one key, however deep, written otherwise; what was left out stays left out."""
    known = {(field.alias or name): name for name, field in type(model).model_fields.items()}
    if path[0] not in known or path[0] in ("id", "measure"):
        own = ", ".join(sorted(set(known) - {"id", "measure"}))
        raise UsageError(f"there is no key `{path[0]}` to vary; the keys are {own}")
    left = set(DETECTORS) - {path[0]} if path[0] in DETECTORS and isinstance(model, Rule) else set()
    written = {name: getattr(model, name) for name in model.model_fields_set - left}  # another detector takes its place
    inner = getattr(model, known[path[0]])
    if len(path) > 1:
        if not isinstance(inner, BaseModel):
            raise UsageError(f"`{path[0]}` has no keys of its own; {_FORM}")
        value = _with(inner, path[1:], value)
    return type(model).model_validate({**written, known[path[0]]: value})
