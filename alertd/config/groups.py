"""Whether groups of people are large enough to be shown, wherever a home promises so (R31, R32)."""

from collections.abc import Iterator, Mapping

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.settings import Settings
from alertd.core.levels import levels_above, place_column
from alertd.core.measure_parts import EVERY_ROW, LEAST_GROUP
from alertd.core.measures import Measure


def protected_measures(measures: Mapping[str, Measure], settings: Settings) -> dict[str, Measure]:
    """The measures with the home's own floor where it is higher, and by person where home and measure allow it."""
    found = {}
    for name, measure in measures.items():
        update: dict[str, object] = {}
        if measure.floor is not None:
            update["group_floor"] = max(measure.floor, settings.group_floor)
        if settings.person_level.allowed and measure.dpia is not None and measure.sensitive is None:
            update["by_person"] = True
        found[name] = measure.model_copy(update=update) if update else measure
    return found


def group_problems(parts: Parts) -> Iterator[Problem]:
    """Sums over a part of the places of a measure with small groups, and rows whose floor a measure does not keep."""
    yield from _chosen_sums(parts)
    yield from _same_figures(parts)
    yield from _rows(parts)


def _chosen_sums(parts: Parts) -> Iterator[Problem]:
    """A sum over all places but some gives these away, where another rule has the sum over all."""
    places = parts.places
    for name, rule in parts.rules.items():
        measure = parts.measures.get(rule.measure)
        if measure is None or measure.floor is None or rule.at is None or not rule.where:
            continue
        column = place_column(measure, places)
        if column is None:
            continue
        every = (column, *levels_above(measure, places))
        highest = max((every.index(level) for level in rule.at if level in every), default=0)
        for key in rule.where:
            if key in every[:highest] or (key in measure.by and key != column and highest):
                entry = parts.entries["rules"][name]
                message = f"`where` of {entry.what} adds up a part of the {key}s alone, of groups that may be too small to show"
                note = (
                    f"beside the whole it gives away what it leaves out; choose by {every[highest]}, or judge at {key}"
                )
                yield entry.problem("A135", message, "where", key, key=True, note=note)


def _same_figures(parts: Parts) -> Iterator[Problem]:
    """Measures that show, without a size of groups, columns that another one shows of large groups alone."""
    shown = {
        (measure.table or measure.sql, column): other
        for other, measure in parts.measures.items()
        if measure.sensitive is not None
        for column in measure.figures
        if column not in (measure.group_size, EVERY_ROW)
    }
    for name, measure in parts.measures.items():
        source = measure.table or measure.sql
        sister = next((shown[source, one] for one in measure.figures if (source, one) in shown), None)
        if source is not None and sister is not None and measure.group_size is None and measure.by:
            entry = parts.entries["measures"][name]
            kind = parts.measures[sister].sensitive
            message = f"{entry.what} has figures of {kind}, which measure `{sister}` shows of large groups alone"
            yield entry.problem("W227", message, note=f"write `sensitive: {kind}` with its `group_size` here too")


def _rows(parts: Parts) -> Iterator[Problem]:
    """Measures that are shown of smaller groups than their row of the framework promises."""
    settings, framework = parts.settings, parts.framework
    if framework is None or settings is None:
        return
    for name, measure in parts.measures.items():
        row = framework.rows.get(measure.framework or "")
        floor = None if row is None else row.disclosure_floor
        if not floor or measure.by in ((), ("plan",)) or measure.grade is not None:
            continue  # what is graded is a service, and neither that nor a supporting plan is a person
        kept = _kept(measure, settings)
        if kept >= floor or (not kept and floor <= LEAST_GROUP):
            continue
        entry = parts.entries["measures"][name]
        shown = f"of {kept}" if kept else "of however few: nothing says how many stand behind it"
        message = f"row {measure.framework} is shown of {floor} people and more, and {entry.what} {shown}"
        yield entry.problem("W226", message, "framework", note=_remedy(measure, floor))


def _kept(measure: Measure, settings: Settings) -> int:
    """The fewest people that a measure's figures are shown of; 0 where nothing bounds it."""
    floor = max(measure.floor, settings.group_floor) if measure.floor is not None else 0
    small = measure.small_numbers or settings.small_numbers
    counted = measure.count is not None or measure.numerator is not None or measure.event is not None
    return max(floor, small.fewer_than if counted and small is not None else 0)


def _remedy(measure: Measure, floor: int) -> str:
    if measure.group_size is not None:
        return f"write `group_floor: {floor}`"
    if measure.count is not None or measure.numerator is not None or measure.event is not None:
        return f"write `small_numbers: {{fewer_than: {floor}}}`, or a `group_size` with `group_floor: {floor}`"
    return f"name the column that says how many: `group_size`, with `group_floor: {floor}`"
