"""What a home's templates name that no letter has: it would fail with every letter, and the plain text would go instead."""

from collections.abc import Iterator, Mapping
from functools import cache

from jinja2 import TemplateSyntaxError, meta, nodes

from alertd.rendering.sandbox import SHIPPED, BoundedEnvironment
from alertd.rendering.view import Part, Section, View

USED = ("subject.txt.j2", "notice.txt.j2", "notice.html.j2")
"""The templates that letters are made of."""
_MODELS: dict[str, type] = {"view": View, "part": Part, "section": Section}


def unknown_words(made: BoundedEnvironment, text: str) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    """Variables and fields that no template is given: line, word, and what there is by its last word; a wrong text has none."""
    try:
        tree = made.parse(text)
        undeclared = meta.find_undeclared_variables(tree)
    except (TemplateSyntaxError, RecursionError):
        return  # said already
    known = _shipped_names()
    undeclared -= {"super", "self", "loop", "caller", "varargs", "kwargs"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in undeclared and name.name not in known:
            yield name.lineno, name.name, {"view": "view", **{one: f"view.{one}" for one in _fields(View)}}
    for field in tree.find_all(nodes.Getattr):
        owner = field.node.name if isinstance(field.node, nodes.Name) else ""
        if owner in _MODELS and field.attr not in _fields(_MODELS[owner]):
            yield field.lineno, field.attr, {one: one for one in _fields(_MODELS[owner])}


def named_templates(made: BoundedEnvironment, text: str) -> Iterator[str]:
    """The templates that a template extends, includes or imports by a plain name."""
    try:
        tree = made.parse(text)
    except (TemplateSyntaxError, RecursionError):
        return
    yield from (name for name in meta.find_referenced_templates(tree) if name is not None)


def _fields(model: type) -> tuple[str, ...]:
    return tuple(name for name in dir(model) if not name.startswith("_"))


@cache
def _shipped_names() -> frozenset[str]:
    """Every name in the shipped templates: a home's blocks may use what theirs do."""
    made = BoundedEnvironment()
    names = {"view"}
    for path in sorted(SHIPPED.glob("*.j2")):
        tree = made.parse(path.read_text(encoding="utf-8"))
        names |= {name.name for name in tree.find_all(nodes.Name)}
        names |= {macro.name for macro in tree.find_all(nodes.Macro)}
    return frozenset(names)
