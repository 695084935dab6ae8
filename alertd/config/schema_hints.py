"""What the models say in code, and a JSON Schema in keywords: words to choose from, examples, keys that go together."""

from collections.abc import Mapping, Sequence

from alertd.core.marking import ORDER
from alertd.core.measure_keys import FIGURES
from alertd.core.rules import DETECTORS
from alertd.core.rulesets import RULE_SETS

_SETS = ("mdc", *RULE_SETS)
_CONDITIONS = ("above", "at_or_above", "below", "at_or_below", "outside")

WORDS: Mapping[str, Sequence[str]] = {
    "Rule.spc": _SETS,
    "Spc.rules": _SETS,
    "Spc.signals": tuple(dict.fromkeys(name for rules in RULE_SETS.values() for name in rules.signals)),
}
"""Texts of which one is written, by model and key."""

EXAMPLES: Mapping[str, Sequence[str]] = {
    "Measure.framework": tuple(f"{letter}{number}" for letter in "MD" for number in range(1, 13)),
    "Measure.unit": ("percent", "minutes", "hours", "days", "incidents"),
    "Measure.marking": ORDER,
    "Measure.settles_after": ("5 days", "1 period"),
    "Measure.at_age": ("6 months",),
    "Pool.at_most": ("4 periods",),
    "SurveyWindow.length": ("12 months",),
    "SurveyWindow.judge_every": ("12 months",),
    "Freshness.late_after": ("5 working days", "1 period"),
    "Rating.overdue": ("30 days",),
    "Rule.within": ("2 periods",),
    "Drift.false_alarm_every": ("370 periods",),
    "Change.and_at_least": ("40 hours", "10"),
    "RuleTest.expect": ("quiet", "fires"),
    "Escalation.after": ("2 periods", "4 weeks"),
    "Route.to": ("owner",),
    "Place.level": ("district", "division", "force"),
    "Warehouse.url": ("duckdb:///warehouse.duckdb",),
    "Warehouse.timeout": ("60 seconds",),
    "StateDatabase.url": ("sqlite:///state.db",),
    "Settings.time_zone": ("Europe/London",),
    "Settings.reply_within": ("5 working days",),
    "Settings.retention": ("24 months",),
    "Settings.allow_recipients": ("*@example.org",),
    "EmailSettings.smtp": ("smtp.example.org:587",),
    "EmailSettings.from": ("Performance <alerts@example.org>",),
}
"""Texts that may be written, by model and key, where that of the type would mislead or there is none."""

DEFAULTS: Mapping[str, object] = {
    "Spc.min_baseline": 12,
    "Drift.min_baseline": 12,
    "Seasonal.min_baseline": 12,
    "Seasonal.half_window": 3,
    "Seasonal.exclude_recent": 26,
    "Seasonal.alpha": 0.01,
    "Rule.within": 1,
}
"""What holds where a key is left out, where the code chooses it; the key's own words say when it is another."""

EXACTLY_ONE: Mapping[str, Sequence[tuple[str, ...]]] = {
    "Measure": (("sql", "table", "recorded"), FIGURES),
    "Rule": (DETECTORS,),
    "Owner": (("email", "by"),),
    "ReferenceLine": (("value", "column"),),
    "Secret": (("env", "file"),),
}
"""Groups of keys of which exactly one is written."""

ONE_AT_LEAST: Mapping[str, Sequence[tuple[str, ...]]] = {
    "Threshold": (_CONDITIONS,),
    "Condition": (_CONDITIONS,),
    "Freshness": (("late_after", "missing", "shrunk_by"),),
    "Change": (("worse_by", "and_at_least"),),
    "Rating": (("dropped", "at_or_below", "share_above", "overdue", "failed"),),
}
"""Groups of keys of which at least one is written."""

DEPENDENT: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Measure": {
        "numerator": ("denominator",),
        "grade": ("scale",),
        "scale": ("grade",),
        "quantile": ("aggregate",),
        "weight": ("aggregate",),
        "pool": ("denominator",),
        "at_age": ("loaded_at",),
        "assessed_by": ("finding",),
        "assessed_on": ("finding",),
    },
    "Rule": {"change": ("accept_noise",)},
    "Owner": {"by": ("posts",), "posts": ("by",)},
    "EmailSettings": {"username": ("password",), "password": ("username",)},
}
"""Keys that are written only together with others."""
