"""What `/metrics` says: the names and labels of the contract, and nothing that tells of a place or a person (R31)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alertd.core.verdicts import State
from alertd.metrics import Metrics

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 1, 7, 0, 5, tzinfo=LONDON)

CONTRACT = {
    "alertd_build_info": {"version"},
    "alertd_rules": set(),
    "alertd_series_evaluated_total": {"rule"},
    "alertd_evaluation_duration_seconds_count": {"rule"},
    "alertd_rule_last_success_timestamp_seconds": {"rule"},
    "alertd_exceptions": {"rule", "state"},
    "alertd_notices_total": {"transition"},
    "alertd_deliveries_total": {"channel", "outcome"},
    "alertd_delivery_duration_seconds_count": {"channel"},
    "alertd_outbox_oldest_seconds": set(),
    "alertd_outbox_letters": {"state"},
    "alertd_config_last_reload_successful": set(),
    "alertd_config_last_reload_success_timestamp_seconds": set(),
    "alertd_warehouse_up": set(),
    "alertd_leader": set(),
    "alertd_measure_newest_period_timestamp_seconds": {"measure"},
    "alertd_vacancies": set(),
    "alertd_canary_last_seen_timestamp_seconds": set(),
}


@dataclass(frozen=True)
class Outcome:
    rule: str = "response-low"
    measure: str = "response"
    status: str = "ok"
    series: int = 14
    exceptions: int = 2
    newest_period: str | None = "2026-05"


@dataclass(frozen=True)
class Round:
    outcomes: tuple[Outcome, ...]
    now: datetime = NOW
    finished_at: datetime = NOW


@pytest.fixture
def metrics():
    return Metrics()


def samples(metrics):
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {(sample.name, *sorted(sample.labels.values())): sample for family in families for sample in family.samples}


def value(metrics, *name):
    found = samples(metrics).get((name[0], *sorted(name[1:])))
    return None if found is None else found.value


def fill(metrics):
    metrics.record_round(Round((Outcome(),)))
    metrics.record_evaluation("response-low", 0.2)
    metrics.record_notices("opened", 2)
    metrics.record_delivery("email", "delivered", 0.1)
    metrics.record_reload(True, NOW)
    metrics.warehouse_up(True)
    metrics.leads(True)
    metrics.canary_seen(NOW)


def test_every_metric_of_the_contract_is_there_with_exactly_its_labels(metrics):
    fill(metrics)
    found = samples(metrics).values()
    seen = {sample.name: set(sample.labels) for sample in found if not sample.name.endswith(("_sum", "_bucket"))}
    assert seen == CONTRACT


def test_two_instances_share_no_registry(metrics):
    fill(metrics)
    assert value(Metrics(), "alertd_series_evaluated_total", "response-low") is None


def test_a_round_tells_series_exceptions_and_the_end_of_the_newest_period_in_the_home_s_zone(metrics):
    metrics.record_round(Round((Outcome(),)))
    metrics.record_round(Round((Outcome(exceptions=0),)))
    assert value(metrics, "alertd_series_evaluated_total", "response-low") == 28
    assert value(metrics, "alertd_exceptions", "response-low", "exception") == 0
    assert value(metrics, "alertd_rule_last_success_timestamp_seconds", "response-low") == NOW.timestamp()
    midnight = datetime(2026, 6, 1, tzinfo=LONDON).timestamp()
    assert value(metrics, "alertd_measure_newest_period_timestamp_seconds", "response") == midnight


def test_a_rule_that_could_not_be_judged_keeps_its_last_figures_so_that_their_age_tells(metrics):
    metrics.record_round(Round((Outcome(),)))
    later = datetime(2026, 6, 2, 7, tzinfo=LONDON)
    failed = Outcome(status="error", series=0, exceptions=0, newest_period=None)
    metrics.record_round(Round((failed,), finished_at=later))
    assert value(metrics, "alertd_exceptions", "response-low", "exception") == 2
    assert value(metrics, "alertd_rule_last_success_timestamp_seconds", "response-low") == NOW.timestamp()
    assert value(metrics, "alertd_series_evaluated_total", "response-low") == 14


def test_a_recalled_round_sets_ages_and_counts_nothing(metrics):
    metrics.recall_round(Round((Outcome(),)))
    assert value(metrics, "alertd_rule_last_success_timestamp_seconds", "response-low") == NOW.timestamp()
    assert value(metrics, "alertd_series_evaluated_total", "response-low") is None


def test_a_withdrawn_rule_loses_its_series(metrics):
    fill(metrics)
    metrics.record_round(Round((Outcome(rule="burglary-spc", measure="burglary"),)))
    metrics.in_force({"burglary-spc"}, {"burglary"})
    text = metrics.exposition().decode()
    assert "response" not in text
    assert value(metrics, "alertd_rules") == 1
    assert value(metrics, "alertd_series_evaluated_total", "burglary-spc") == 14
    assert value(metrics, "alertd_measure_newest_period_timestamp_seconds", "burglary") is not None


def test_a_refused_reload_keeps_the_time_of_the_last_good_one(metrics):
    metrics.record_reload(True, NOW)
    metrics.record_reload(False, datetime(2026, 6, 2, tzinfo=LONDON))
    assert value(metrics, "alertd_config_last_reload_successful") == 0
    assert value(metrics, "alertd_config_last_reload_success_timestamp_seconds") == NOW.timestamp()


def test_an_outbox_state_without_letters_reads_zero_and_an_unseen_canary_is_no_number(metrics):
    metrics.refresh_outbox({"pending": 3}, 61.5)
    assert value(metrics, "alertd_outbox_letters", "pending") == 3
    metrics.refresh_outbox({"sent": 3}, None)
    assert value(metrics, "alertd_outbox_letters", "pending") == 0
    assert value(metrics, "alertd_outbox_oldest_seconds") == 0
    assert "alertd_canary_last_seen_timestamp_seconds NaN" in metrics.exposition().decode()


def test_every_state_is_counted_so_that_unknown_shows(metrics):
    metrics.record_states("response-low", {State.EXCEPTION: 2, State.UNKNOWN: 3, State.QUIET: 9})
    found = samples(metrics)
    assert {
        state: found["alertd_exceptions", *sorted(("response-low", state))].value
        for state in ("exception", "unknown", "quiet")
    } == {
        "exception": 2,
        "unknown": 3,
        "quiet": 9,
    }
