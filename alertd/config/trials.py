"""Whether the `tests:` of a home can be tried: timelines that can be read, and people that a home has."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from alertd.config.examples import NOBODY, RuleTest
from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean
from alertd.core.composites.components import leaves
from alertd.core.owners import OPS

if TYPE_CHECKING:
    from alertd.core.measures import Measure
    from alertd.core.rules import Rule
    from alertd.core.timelines import Part
    from alertd.core.trials import Trial

_ABOUT_NOTICE: "tuple[Part, ...]" = ("told", "subject", "says", "never_says")


def trial_problems(parts: Parts) -> Iterator[Problem]:
    """Every test that cannot be tried as it is written; what is said already of a test, rule or measure is left out."""
    if not parts.tests:
        return
    from alertd.core.timelines import TimelineError  # noqa: PLC0415  judging is slow to import, and few files have tests

    owners = {*parts.entries["owners"], *parts.possible}
    for name, test in parts.tests.items():
        rule = parts.rules.get(test.rule)
        if rule is None or parts.doubtful.get(("tests", name)) or not _is_sound(rule, parts):
            continue
        try:
            trial_of(test, rule, parts.rules, parts.measures, owners)
        except TimelineError as error:
            entry = parts.entries["tests"][name]
            sign = re.match(r"`([^`]*)` is no sign", str(error))
            hint = did_you_mean(sign[1], ("quiet", "fires")) if sign is not None else ""
            yield entry.problem("A122", f"{entry.what}: {error}", error.key, hint=hint)


def _is_sound(rule: "Rule", parts: Parts) -> bool:
    """Whether nothing is wrong with a rule, with those that it joins, and with their measures."""
    try:
        judging = list(leaves(rule, parts.rules))
    except (KeyError, RecursionError):  # said already: a rule that is not there, or a circle
        return False
    if any(name not in parts.measures for one in (rule, *judging) for name in (one.measure, *one.beside)):
        return False
    inner = _joined(rule, parts.rules)
    return not any(
        parts.doubtful.get(one)
        for name in inner
        for one in (
            ("rules", name),
            *(("measures", measure) for measure in (parts.rules[name].measure, *parts.rules[name].beside)),
        )
    )


def _joined(rule: "Rule", rules: "Mapping[str, Rule]") -> set[str]:
    """The rule itself and all that it joins."""
    return {rule.id, *(name for component in rule.components for name in _joined(rules[component], rules))}


def trial_of(
    test: RuleTest,
    rule: "Rule",
    rules: "Mapping[str, Rule]",
    measures: "Mapping[str, Measure]",
    owners: Collection[str],
) -> "Trial":
    """A test made ready to be tried; raises `TimelineError` where it cannot be."""
    from alertd.core.trials import prepare  # noqa: PLC0415

    trial = prepare(rule, rules, measures, test.values, test.expect, test.starts, test.as_of, test.finding)
    _check_notice(test, trial, owners)
    return trial


def _check_notice(test: RuleTest, trial: "Trial", owners: Collection[str]) -> None:
    """Raise `TimelineError` where what is expected of a notice names a series or a person that there is not."""
    from alertd.core.timelines import TimelineError  # noqa: PLC0415

    for key in _ABOUT_NOTICE:
        wanted = getattr(test, key)
        if not isinstance(wanted, dict):
            continue
        for name in wanted:
            if name not in trial.series:
                known = ", ".join(one for one in trial.series if one) or "one series without a name"
                raise TimelineError(f"`{key}` names `{name}`, and something is expected of {known}", key)
    told = test.told if isinstance(test.told, dict) else {"": test.told or ()}
    for people in told.values():
        if NOBODY in people and len(people) > 1:
            raise TimelineError(f"`told` is `{NOBODY}`, or those who are told, and not both", "told")
        for one in people:
            if "@" not in one and one not in (NOBODY, OPS) and one not in owners:
                hint = did_you_mean(one, (*owners, OPS, NOBODY))
                told_hint = f"; {hint}" if hint else ""
                raise TimelineError(
                    f"`told` names `{one}`, which is no address and no id under `owners`{told_hint}", "told"
                )
    worded: Part | None = next((key for key in _ABOUT_NOTICE[1:] if getattr(test, key) is not None), None)
    if worded is not None and test.told == (NOBODY,):
        raise TimelineError(f"`told` is `{NOBODY}`, so that there is no notice with any words", "told")
    asked: Part | None = "told" if test.told not in (None, (NOBODY,)) and not isinstance(test.told, dict) else worded
    if asked is not None and not any(signs == "fires" or "F" in signs for signs in trial.expected.values()):
        raise TimelineError(f"`{asked}` asks for a notice, and nothing is expected to fire", asked)
