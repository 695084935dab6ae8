"""The components of the framework's rows: what measures say of them, and those that no measure tells of."""

from collections.abc import Iterator, Mapping

from alertd.config.document import Document
from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.framework import Framework
from alertd.core.measures import Measure


def component_problems(parts: Parts, framework: Framework, document: Document) -> Iterator[Problem]:
    """Components that a measure's row has not (A102); components without a watched measure (W224).

    A home whose measures name no component at all is asked nothing: its rows list them for people to read.
    """
    naming = {name: one for name, one in parts.measures.items() if one.component}
    unknown = [one for name, measure in naming.items() for one in _unknown(parts, framework, name, measure)]
    yield from unknown
    if naming and not unknown and parts.whole("measures", "rules"):
        yield from _without_measure(naming, parts.watched, framework, document)


def _unknown(parts: Parts, framework: Framework, name: str, measure: Measure) -> Iterator[Problem]:
    """Components that are not of the measure's row."""
    entry = parts.entries["measures"][name]
    row = framework.rows.get(measure.framework or "")
    known = row.components if row is not None else ()
    folded = {one.casefold() for one in known}
    for number, component in enumerate(measure.component):
        if component.casefold() in folded:
            continue
        where = f"row `{measure.framework}` has no component" if row is not None else "no row of the framework has"
        steps = ("component", number) if isinstance(entry.data["component"], list) else ("component",)
        hint = did_you_mean(component, known)
        note = (
            ""
            if hint
            else one_of(known, nothing="a component is one of the `components` of the measure's `framework` row")
        )
        yield entry.problem("A102", f"`component` of {entry.what}: {where} `{component}`", *steps, hint=hint, note=note)


def _without_measure(
    naming: Mapping[str, Measure], watched: frozenset[str], framework: Framework, document: Document
) -> Iterator[Problem]:
    """Components that no measure tells of, or none that a rule in force judges."""
    for row_id, row in framework.rows.items():
        told: dict[str, list[str]] = {}
        for name, measure in naming.items():
            for component in measure.component if measure.framework == row_id else ():
                told.setdefault(component.casefold(), []).append(name)
        for number, component in enumerate(row.components):
            measures = told.get(component.casefold(), [])
            if not watched.isdisjoint(measures):
                continue
            message = f"nothing watches component `{component}` of row `{row_id}`: "
            message += f"no rule in force judges `{measures[0]}`" if measures else "no measure names it"
            note = "its silence proves nothing; write a rule" if measures else "write `component:` in its measure"
            yield document.problem("W224", ("framework", "rows", row_id, "components", number), message, note=note)
