"""A Jinja2 sandbox with bounds: a template may read frozen plain data, for a limited time, and write a limited length."""

import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

SHIPPED = Path(__file__).parent / "templates"
MOST_CHARACTERS = 1_000_000
MOST_SECONDS = 2.0
"""Of the processor's time: a busy machine makes no template a bad one."""
_LONGEST_ARGUMENT = 10_000
# These can write or reserve any length from a few characters of template.
_UNBOUNDED_FILTERS = ("center", "format", "indent", "wordwrap", "filesizeformat", "pprint", "xmlattr")

_deadline: ContextVar[float] = ContextVar("template_deadline", default=float("inf"))


class TemplateBoundError(Exception):
    """A template that ran too long or wrote too much."""


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox, with a clock that every loop, macro and call looks at, so that no template can hold up a letter."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def tick(self) -> str:
        """Stop the template once its time is over; called from every loop and macro."""
        if time.thread_time() > _deadline.get():
            raise TemplateBoundError("it ran for too long")
        return ""

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template, within its time and without outsized arguments."""
        self.tick()
        if any(
            isinstance(argument, int) and abs(argument) > _LONGEST_ARGUMENT for argument in (*args, *kwargs.values())
        ):
            raise SecurityError(f"an argument above {_LONGEST_ARGUMENT:,} is not allowed in a template")
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on figures only, and not on huge ones."""
        for side in (left, right):
            if not isinstance(side, (int, float)) or abs(side) > 1e9 or (operator == "**" and abs(side) > 100):
                raise SecurityError(f"`{operator}` works on figures of ordinary size only in a template")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)):
            look = nodes.Call(nodes.EnvironmentAttribute("tick"), [], [], None, None, lineno=node.lineno)
            node.body.insert(0, nodes.ExprStmt(look, lineno=node.lineno).set_environment(self))  # type: ignore[attr-defined]
        return tree


def environment(home: Path | None) -> BoundedEnvironment:
    """The environment for a home's `templates/` folder: its files come first, shipped ones also under `shipped/`."""
    shipped = FileSystemLoader(SHIPPED)
    own = [FileSystemLoader(home)] if home is not None else []
    made = BoundedEnvironment(
        loader=ChoiceLoader([*own, PrefixLoader({"shipped": shipped}), shipped]),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    for name in _UNBOUNDED_FILTERS:
        made.filters.pop(name, None)
    return made


def faults(made: BoundedEnvironment, name: str, text: str) -> Iterator[tuple[int, str, str]]:
    """What is wrong with a template's text before anything is rendered: line, the word that is meant, and why."""
    unknown = False
    try:
        tree = made.parse(text, name)
        for node in tree.find_all((nodes.Filter, nodes.Test)):
            known, kind = (made.filters, "filter") if isinstance(node, nodes.Filter) else (made.tests, "test")
            if node.name not in known:
                unknown = True
                yield node.lineno, node.name, f"there is no {kind} `{node.name}` in templates"
        for naming in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            yield from _missing(made, name, naming)
        if not unknown:  # compiling stops at the first of those, which have been told
            made.compile(tree, name, name)
    except TemplateSyntaxError as error:
        yield error.lineno, "", error.message or "this is no template"
    except (SyntaxError, RecursionError) as error:
        yield 1, "", f"this is nested too deeply: {error}"


def _missing(made: BoundedEnvironment, name: str, node: nodes.Stmt) -> Iterator[tuple[int, str, str]]:
    """The template that a node names by a plain text, where it is not there or is the one that names it."""
    named = getattr(node, "template", None)
    if not isinstance(named, nodes.Const) or not isinstance(named.value, str):
        return  # computed, or one of several
    wanted = named.value
    if isinstance(node, nodes.Extends) and wanted == name:
        yield node.lineno, wanted, f"this template extends itself; the shipped one is `shipped/{name}`"
    elif made.loader is not None and not (isinstance(node, nodes.Include) and node.ignore_missing):
        try:
            made.loader.get_source(made, wanted)
        except TemplateNotFound:
            yield node.lineno, wanted, f"there is no template `{wanted}` in templates/, and none is shipped"
        except (OSError, UnicodeDecodeError):
            return  # told of that file itself


def run(made: BoundedEnvironment, name: str, given: Mapping[str, Any], seconds: float = MOST_SECONDS) -> str:
    """Render one template within its bounds; any exception of Jinja2 or of the template's own making may be raised."""
    token = _deadline.set(time.thread_time() + seconds)
    try:
        chunks, length = [], 0
        for chunk in made.get_template(name).generate(given):
            length += len(chunk)
            if length > MOST_CHARACTERS:
                raise TemplateBoundError(f"it wrote more than {MOST_CHARACTERS:,} characters")
            made.tick()
            chunks.append(chunk)
        return "".join(chunks)
    finally:
        _deadline.reset(token)
