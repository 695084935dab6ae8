"""How the rules of a home read beside what was judged before, and which cases they no longer judge (decision 8)."""

from collections.abc import Mapping

from alertd.config.home import Home
from alertd.core.cases import Case, Reason
from alertd.core.data_faults import DATA_RULE
from alertd.core.known import matches
from alertd.core.levels import levels_of, measure_at
from alertd.core.rule_changes import RuleReading, reading_of
from alertd.round.moves import policy_of


def readings_of(home: Home) -> dict[str, RuleReading]:
    """How each rule in force reads."""
    return {
        rule.id: reading_of(
            rule, home.rules, home.measures, home.calendar, tells_improvement=policy_of(home, rule, {}).tell_improvement
        )
        for rule in home.rules.values()
        if rule.enabled
    }


def compared(now: Mapping[str, RuleReading], judged: Mapping[str, RuleReading]) -> dict[str, str]:
    """The version of each rule when it was last judged, for the lifecycle to compare with the present one.

    Where only words differ it is the present one; where a rule is judged by more than its own text, such as a rebase, and
    that differs, it is none.
    """
    versions = {}
    for rule, before in judged.items():
        after = now.get(rule, before)
        same = "" if before.version == after.version else before.version
        versions[rule] = after.version if before.judges_as(after) else same
    return versions


def why_no_longer(home: Home, case: Case) -> Reason | None:
    """Why a case can no longer be judged; None where it can. A series that is merely not in the data still can."""
    if case.rule.startswith(DATA_RULE):
        watched = any(rule.enabled and DATA_RULE + rule.measure == case.rule for rule in home.rules.values())
        return None if watched else Reason.RULE_WITHDRAWN
    rule = home.rules.get(case.rule)
    if rule is None or not rule.enabled:
        return Reason.RULE_WITHDRAWN
    measure = home.measure_of(rule)
    judged_by = {measure_at(measure, level, home.places).series_by for level in levels_of(rule, measure, home.places)}
    # A `where` chose among places before they were added up to a level above.
    where = {name: values for name, values in rule.where.items() if name in case.by or rule.at is None}
    return None if case.by in judged_by and matches(case.series, where) else Reason.NO_LONGER_JUDGED
