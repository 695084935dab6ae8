"""What an editor proposes and explains at the cursor, found as a YAML language server finds it: by walking the schema."""

from typing import Any, get_args

import pytest

from alertd.channels.registry import KINDS
from alertd.core.marking import ORDER
from alertd.core.measure_keys import MeasureKeys
from alertd.core.parameters.spc import ChartKind
from alertd.core.periods import Grain
from alertd.core.rules import DETECTORS
from alertd.core.rulesets import RULE_SETS
from tests.edges.config.schemas import Json, branches, resolved, schema

SPC_SIGNALS = {"astronomical", "shift", "trend", "two_in_three", "four_in_five", "alternating", "stratified", "eight_outside",
               "run_length", "crossings"}  # fmt: skip
SEASONAL = {"method", "years", "half_window", "noperiods", "reweight", "weights_threshold", "exclude_recent", "trend", "trend_p",
            "threshold", "alpha", "limit54", "window", "factors"}  # fmt: skip


def _below(parts: list[Json], step: str) -> list[Json]:
    """The parts of the schema that describe what stands under a key; `[]` is an entry of a list."""
    found = []
    for part in parts:
        for one in branches(schema(), part):
            if step == "[]":
                found += one.get("prefixItems") or ([one["items"]] if "items" in one else [])
            elif step in one.get("properties", {}):
                found.append(one["properties"][step])
            elif isinstance(one.get("additionalProperties"), dict):
                found.append(one["additionalProperties"])
    return found


def _at(path: str) -> list[Json]:
    parts = [schema()]
    for step in path.split(".") if path else []:
        parts = _below(parts, step)
    assert parts, f"the schema knows nothing of {path}"
    return parts


def proposed(path: str) -> set[str]:
    """What an editor proposes below or at a path: keys, words to choose from, and examples."""
    found: set[Any] = set()
    for part in _at(path):
        for one in branches(schema(), part):
            found |= (
                set(one.get("properties", {}))
                | set(one.get("enum", ()))
                | {one["const"] for _ in [0] if "const" in one}
            )
            found |= {value for value in one.get("examples", ()) if isinstance(value, str)}
    return found


def shown(path: str) -> str:
    """What an editor shows of the key at a path."""
    (part,) = _at(path)
    return str(resolved(schema(), part).get("description", ""))


def test_a_file_begins_with_what_may_stand_in_it() -> None:
    assert {"measures", "rules", "tests", "annotations", "suppressions", "owners", "routes", "channels"} <= proposed("")


def test_a_rule_is_offered_every_detector_and_what_goes_beside_one() -> None:
    offered = proposed("rules.r")
    assert set(DETECTORS) <= offered
    assert {"measure", "for", "clear", "where", "advice", "status", "priority", "route", "to", "improvement", "enabled",
            "accept_noise", "within"} <= offered  # fmt: skip


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("rules.r.threshold", {"above", "at_or_above", "below", "at_or_below", "outside"}),
        ("rules.r.clear", {"above", "at_or_above", "below", "at_or_below", "outside"}),
        ("rules.r.spc", {"chart", "rules", "signals", "baseline", "gap", "screen", "min_baseline", "min_denominator", "multiplier"}),
        ("rules.r.spc", {"mdc", *RULE_SETS}),
        ("rules.r.spc.rules", {"mdc", *RULE_SETS}),
        ("rules.r.spc.chart", set(get_args(ChartKind))),
        ("rules.r.spc.signals.[]", SPC_SIGNALS),
        ("rules.r.spc.baseline", {"last 24 periods", "first 24 periods", "all", "from", "to"}),
        ("rules.r.seasonal", SEASONAL),
        ("rules.r.seasonal.method", {"farrington_flexible", "ears_c1", "ears_c2", "adjusted_xmr"}),
        ("rules.r.seasonal.threshold", {"delta", "nb_plugin", "muan"}),
        ("rules.r.seasonal.factors.[]", {"month", "weekday", "bank_holiday"}),
        ("rules.r.drift", {"method", "shift", "false_alarm_every", "k", "h", "lambda", "width", "baseline"}),
        ("rules.r.drift.method", {"cusum", "ewma"}),
        ("rules.r.funnel", {"limits", "overdispersion", "winsorise", "last", "min_peers"}),
        ("rules.r.funnel.overdispersion", {"adjusted", "none"}),
        ("rules.r.change", {"versus", "worse_by", "and_at_least"}),
        ("rules.r.change.versus", {"previous period", "same period last year"}),
        ("rules.r.freshness", {"late_after", "missing", "shrunk_by"}),
        ("rules.r.freshness.missing", {"any", "all", "none"}),
        ("rules.r.rating", {"dropped", "at_or_below", "share_above", "overdue", "failed"}),
        ("rules.r.rating.share_above", {"grade", "share"}),
        ("rules.r.for", {"2 periods", "2 of 3 periods"}),
        ("rules.r.status", {"shadow", "live"}),
        ("measures.m.grain", set(Grain)),
        ("measures.m.improvement", {"increase", "decrease", "neither", "towards"}),
        ("measures.m.absent", {"missing", "zero"}),
        ("measures.m.aggregate", {"rows"}),
        ("measures.m.marking", set(ORDER)),
        ("measures.m.unit", {"percent"}),
        ("measures.m.framework", {"M1", "M12", "D1", "D12"}),
        ("measures.m.denominator", {"column", "kind", "per"}),
        ("measures.m.event", {"date", "complete_to"}),
        ("measures.m.quantile", {"of", "at"}),
        ("measures.m.ratio", {"of", "to"}),
        ("measures.m.weight.effective_n", {"kish"}),
        ("measures.m.pool", {"until_denominator", "at_most"}),
        ("measures.m.window", {"length", "judge_every"}),
        ("measures.m.reference", {"value", "column", "label"}),
        ("measures.m.settles_after", {"5 days"}),
        ("measures.m.schedule", {"weekdays 07:00", "0 7 * * mon-fri"}),
        ("channels.c.kind", set(KINDS)),
        ("channels.c.security", {"starttls", "tls", "none"}),
        ("channels.c.password", {"env", "file"}),
        ("routes.r", {"to", "channel", "send", "remind", "escalate", "say_when_cleared", "improvement"}),
        ("routes.r.escalate", {"after", "to"}),
        ("routes.r.remind", {"every 4 weeks"}),
        ("owners.o", {"email", "by", "posts", "fallback"}),
        ("owners.o.posts.Preston.[]", {"name", "email", "from", "to", "deputy"}),
        ("annotations.a", {"effect", "from", "reason", "agreed_by", "where", "measures"}),
        ("annotations.a.effect", {"rebase", "known_event"}),
        ("suppressions.s.effect", {"exclude", "mute"}),
        ("tests.t", {"rule", "values", "expect"}),
        ("tests.t.expect", {"quiet", "fires"}),
        ("framework.rows.M1.kind", {"measure", "diagnostic"}),
        ("warehouse", {"url", "timeout", "max_rows"}),
        ("small_numbers", {"fewer_than"}),
    ],
)  # fmt: skip
def test_an_editor_offers_what_may_be_written(path: str, offered: set[str]) -> None:
    assert offered <= proposed(path)


def test_a_choice_of_words_is_offered_whole_and_nothing_else_with_it() -> None:
    assert proposed("measures.m.grain") == set(Grain)
    assert proposed("rules.r.improvement") == {"report", "ignore"}
    assert proposed("routes.r.improvement") == {"now", "digest", "ignore"}
    assert proposed("measures.m.improvement") == {"increase", "decrease", "neither", "towards"}


def test_every_key_of_a_measure_is_offered_but_those_that_nobody_writes() -> None:
    written = {field.alias or name for name, field in MeasureKeys.model_fields.items()} - {
        *("id", "statement", "by_person")
    }
    assert proposed("measures.m") == written


@pytest.mark.parametrize(
    "path",
    [
        "rules.r.spc",
        "rules.r.for",
        "measures.m.grain",
        "measures.m.settles_after",
        "routes.r.remind",
        "channels.c.smtp",
    ],
)
def test_a_key_explains_itself_under_the_cursor(path: str) -> None:
    assert len(shown(path)) > 20


def test_no_key_is_without_words() -> None:
    silent = []

    def look(part: Any, path: str) -> None:
        if isinstance(part, list):
            for number, one in enumerate(part):
                look(one, f"{path}[{number}]")
        elif isinstance(part, dict):
            for key, one in part.get("properties", {}).items():
                if not resolved(schema(), one).get("description"):
                    silent.append(f"{path}.{key}")
            for key, one in part.items():
                look(one, f"{path}.{key}")

    look(schema(), "")
    assert silent == []


def test_a_default_that_a_model_has_is_shown() -> None:
    spc = schema()["$defs"]["Spc"]["properties"]
    assert (spc["multiplier"]["default"], spc["screen"]["default"]) == (3, False)
    assert spc["multiplier"]["markdownDescription"].endswith("Default: `3`")
    assert "default" not in spc["chart"]
