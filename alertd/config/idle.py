"""Keys that are right and have no effect where they stand: the author meant something, and it does not happen."""

from collections.abc import Iterator

from alertd.config.bank_holidays import known_bank_holidays
from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean, nearest
from alertd.core.measures import Measure
from alertd.core.routes import DEFAULT_ROUTE


def idle_problems(parts: Parts) -> Iterator[Problem]:
    """Every key that changes nothing (W218), and a row of the framework where there is no framework to have it."""
    for name, rule in parts.rules.items():
        entry = parts.entries["rules"][name]
        unsure = not parts.sure("rules", name, "change", "accept_noise")
        if rule.accept_noise is not None and rule.change is None and "change" not in entry.data and not unsure:
            note = "it is the reason for a rule that compares two figures; other detectors tell noise from change themselves"
            message = f"`accept_noise` of {entry.what} has no effect: it belongs to `change`"
            yield entry.problem("W218", message, "accept_noise", key=True, hint="remove it", note=note)
    for name, measure in parts.measures.items():
        if parts.sure("measures", name, "absent", "denominator", "value", "unit"):
            yield from _absent(parts, name, measure)
    yield from _framework(parts)
    yield from _routes(parts)
    yield from _bank_holidays(parts)


def _framework(parts: Parts) -> Iterator[Problem]:
    """The rows that measures name where no file says anything of a framework, nor may do so; told once."""
    named = [name for name, measure in parts.measures.items() if measure.framework is not None]
    if not named or parts.framework_written or "framework" in parts.possible:
        return
    entry = parts.entries["measures"][named[0]]
    more = f" (and of {len(named) - 1} more)" if len(named) > 1 else ""
    note = "write `framework:` with its `rows` into config/framework.yaml, or leave the key out"
    message = f"`framework` of {entry.what}{more} has no effect: the home has no framework"
    yield entry.problem("W218", message, "framework", note=note)


def _absent(parts: Parts, name: str, measure: Measure) -> Iterator[Problem]:
    """`absent: zero` where a figure of none is none: a share or rate of no rows is 0 of 0."""
    if measure.absent != "zero":
        return
    entry = parts.entries["measures"][name]
    if measure.denominator is not None:
        what = "share" if measure.is_share else "rate"
        note = f"without a row it would be 0 of 0, which is no {what}: not judged, and nobody is told that it lacks"
        message = f"`absent: zero` makes no zeros of {entry.what}, which is a {what}"
        yield entry.problem("W218", message, "absent", hint="remove it", note=note)
    elif measure.value is not None and measure.unit == "percent":
        note = "no row is then taken for 0 percent"
        message = f"`absent: zero` goes with counts and sums, and {entry.what} is a percentage"
        yield entry.problem("W218", message, "absent", hint="remove it", note=note)


def _routes(parts: Parts) -> Iterator[Problem]:
    """A route that no rule takes and that is nearly called `default`."""
    if parts.knows("routes", DEFAULT_ROUTE.id):
        return
    taken = {rule.route for rule in parts.rules.values()}
    for name, entry in parts.entries["routes"].items():
        if name not in taken and nearest(name, (DEFAULT_ROUTE.id,)) is not None:
            note = "rules without `route` take `default`, and nothing says how that one travels"
            hint = did_you_mean(name, (DEFAULT_ROUTE.id,))
            yield entry.problem("W218", f"no rule takes {entry.what}", hint=hint, note=note)


def _bank_holidays(parts: Parts) -> Iterator[Problem]:
    """Days that are said to be no bank holidays, and are none as it is: likely another was meant."""
    if parts.settings is None or parts.settings_document is None:
        return
    for number, day in enumerate(parts.settings.bank_holidays.but_not):
        if day not in known_bank_holidays():
            message = f"`{day}` under `but_not` is no bank holiday, so that it is worked as it is"
            steps = ("bank_holidays", "but_not", number)
            yield parts.settings_document.problem("W218", steps, message, hint="write the day that was moved")
