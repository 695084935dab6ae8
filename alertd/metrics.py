"""What Prometheus is told: counts, times and ages by rule, measure, channel or state, and never by place or person."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from alertd import __version__
from alertd.core.letters import LetterState
from alertd.core.owners import OWNER_OUTCOME
from alertd.core.periods import parse_period
from alertd.core.verdicts import State

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""The media type of `Metrics.exposition`."""

_QUERY_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_SEND_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600)
_NEVER = float("nan")  # an age that compares with nothing, so that an alert on it stays quiet


class Judged(Protocol):
    """What a round says of one rule."""

    @property
    def rule(self) -> str: ...
    @property
    def measure(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def series(self) -> int: ...
    @property
    def exceptions(self) -> int: ...
    @property
    def newest_period(self) -> str | None: ...


class Finished(Protocol):
    """A round that has been committed."""

    @property
    def now(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime: ...
    @property
    def outcomes(self) -> Sequence[Judged]: ...


class Metrics:
    """Every metric of one process, in a registry of its own."""

    def __init__(self) -> None:
        # A `_created` twin for every counter would be series that no page documents.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"alertd_{name}", meaning, labels, registry=registry)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"alertd_{name}", meaning, labels, registry=registry)

        def histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"alertd_{name}", meaning, labels, buckets=buckets, registry=registry)

        Info("alertd_build", "The version that runs.", registry=registry).info({"version": __version__})
        self._rules = gauge("rules", "Rules in force.")
        self._series = counter("series_evaluated", "Series judged.", "rule")
        self._duration = histogram("evaluation_duration_seconds", "Time to judge one rule.", _QUERY_SECONDS, "rule")
        self._success = gauge("rule_last_success_timestamp_seconds", "When a rule was last judged.", "rule")
        self._exceptions = gauge("exceptions", "Series by their state at the newest settled period.", "rule", "state")
        self._notices = counter("notices", "Notices made.", "transition")
        self._deliveries = counter("deliveries", "Attempts to deliver a letter.", "channel", "outcome")
        self._delivery = histogram("delivery_duration_seconds", "Time of one attempt.", _SEND_SECONDS, "channel")
        self._oldest = gauge("outbox_oldest_seconds", "Age of the oldest unfinished letter, 0 for none.")
        self._letters = gauge("outbox_letters", "Letters in the outbox.", "state")
        self._reload_ok = gauge("config_last_reload_successful", "Whether the home was readable when last read.")
        self._reload_at = gauge("config_last_reload_success_timestamp_seconds", "When the home was last read well.")
        self._warehouse = gauge("warehouse_up", "Whether the warehouse answered when last asked.")
        self._leader = gauge("leader", "Whether this process judges and delivers.")
        self._newest = gauge(
            "measure_newest_period_timestamp_seconds", "End of the newest period in a measure's data.", "measure"
        )
        self._vacancies = gauge("vacancies", "Posts that nobody holds and that a notice was for.")
        self._canary = gauge("canary_last_seen_timestamp_seconds", "When the canary was last delivered, NaN for never.")
        self._canary.set(_NEVER)
        self._reload_at.set(_NEVER)
        self.refresh_outbox({}, None)

    def record_evaluation(self, rule: str, seconds: float) -> None:
        """Take down how long one rule took to judge."""
        self._duration.labels(rule).observe(seconds)

    def record_states(self, rule: str, counts: Mapping[State, int]) -> None:
        """Take down how many of a rule's series are in each state: many `unknown` means that silence proves nothing."""
        for state, count in counts.items():
            self._exceptions.labels(rule, state.value).set(count)

    def record_round(self, finished: Finished) -> None:
        """Take down a round; a rule that could not be judged keeps its last figures, and their age tells."""
        for outcome in finished.outcomes:
            if outcome.status == "ok" and not outcome.rule.startswith(OWNER_OUTCOME):
                self._series.labels(outcome.rule).inc(outcome.series)
        self.recall_round(finished)

    def recall_round(self, finished: Finished) -> None:
        """Take down how rules stood after an earlier round, counting nothing: what a restarted process starts from."""
        for outcome in finished.outcomes:
            if outcome.status != "ok" or outcome.rule.startswith(OWNER_OUTCOME):
                continue
            self._success.labels(outcome.rule).set(finished.finished_at.timestamp())
            self._exceptions.labels(outcome.rule, "exception").set(outcome.exceptions)
            if outcome.newest_period:
                end = parse_period(outcome.newest_period).end.replace(tzinfo=finished.now.tzinfo)
                self._newest.labels(outcome.measure).set(end.timestamp())

    def record_notices(self, transition: str, count: int = 1) -> None:
        """Count notices that were made."""
        self._notices.labels(transition).inc(count)

    def record_delivery(self, channel: str, outcome: str, seconds: float) -> None:
        """Count one attempt to deliver a letter."""
        self._deliveries.labels(channel, outcome).inc()
        self._delivery.labels(channel).observe(seconds)

    def refresh_outbox(self, letters: Mapping[str, int], oldest_seconds: float | None) -> None:
        """Take down how many letters are in each state, and the age of the oldest unfinished one."""
        for state in LetterState:
            self._letters.labels(state.value).set(letters.get(state.value, 0))
        self._oldest.set(oldest_seconds or 0)

    def record_reload(self, ok: bool, at: datetime) -> None:
        """Take down that the home was read, or that it could not be and the last good one stays in force."""
        self._reload_ok.set(ok)
        if ok:
            self._reload_at.set(at.timestamp())

    def in_force(self, rules: Collection[str], measures: Collection[str]) -> None:
        """Take down which rules and measures are in force; those that are not lose their series."""
        self._rules.set(len(rules))
        for metric in (self._series, self._duration, self._success, self._exceptions):
            _keep(metric, "rule", rules)
        _keep(self._newest, "measure", measures)

    def warehouse_up(self, up: bool) -> None:
        """Take down whether the warehouse answered."""
        self._warehouse.set(up)

    def leads(self, leader: bool) -> None:
        """Take down whether this process judges and delivers."""
        self._leader.set(leader)

    def vacant(self, posts: int) -> None:
        """Take down how many posts nobody holds, as far as notices met them."""
        self._vacancies.set(posts)

    def canary_seen(self, at: datetime) -> None:
        """Take down that a canary's letter was delivered."""
        self._canary.set(at.timestamp())

    def exposition(self) -> bytes:
        """Every metric in Prometheus' text format."""
        return generate_latest(self._registry)


def _keep(metric: Gauge | Counter | Histogram, label: str, names: Collection[str]) -> None:
    seen = {sample.labels[label] for family in metric.collect() for sample in family.samples}
    for name in seen.difference(names):
        metric.remove_by_labels({label: name})
