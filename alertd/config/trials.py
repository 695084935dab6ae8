"""Whether the `tests:` of a home can be tried: timelines that can be read, and rules that a timeline can test."""

from collections.abc import Iterator

from alertd.config.parts import Parts
from alertd.config.problems import Problem


def trial_problems(parts: Parts) -> Iterator[Problem]:
    """Every test that cannot be tried as it is written; what is said already of a test, rule or measure is left out."""
    if not parts.tests:
        return
    from alertd.core.timelines import TimelineError  # noqa: PLC0415  judging is slow to import, and few files have tests
    from alertd.core.trials import prepare  # noqa: PLC0415

    for name, test in parts.tests.items():
        rule = parts.rules.get(test.rule)
        measure = parts.measures.get(rule.measure) if rule is not None else None
        if rule is None or measure is None:
            continue
        if any(parts.doubtful.get(one) for one in (("tests", name), ("rules", rule.id), ("measures", measure.id))):
            continue
        try:
            prepare(rule, measure, test.values, test.expect, test.starts)
        except TimelineError as error:
            entry = parts.entries["tests"][name]
            yield entry.problem("A122", f"{entry.what}: {error}", error.key)
