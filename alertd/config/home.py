"""A home, read: every model of its files, checked against each other, under one digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alertd.config.examples import RuleTest
from alertd.config.settings import Settings
from alertd.core.calendar import Calendar
from alertd.core.channels import ChannelSettings
from alertd.core.composites.components import measure_of, measures_needed
from alertd.core.framework import Framework
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.core.places import Places
from alertd.core.routes import DEFAULT_ROUTE, Route
from alertd.core.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One consistent snapshot of a home's files; a round is pinned to one."""

    root: Path
    settings: Settings
    measures: Mapping[str, Measure]
    rules: Mapping[str, Rule]
    owners: Mapping[str, Owner]
    routes: Mapping[str, Route]
    channels: Mapping[str, ChannelSettings]
    places: Places
    calendar: Calendar
    framework: Framework
    digest: str
    """SHA-256 over every file and override that went into it."""
    tests: Mapping[str, RuleTest] = field(default_factory=dict)

    def route_of(self, rule: Rule) -> Route:
        """The route of a rule; `default` exists even where nobody wrote it."""
        return self.routes.get(rule.route, DEFAULT_ROUTE)

    def measure_of(self, rule: Rule) -> Measure:
        """The measure that a rule judges; of a rule that joins others, as that rule sees it."""
        return measure_of(rule, self.rules, self.measures)

    def needs(self, rule: Rule) -> tuple[str, ...]:
        """The measures whose figures a rule is judged from."""
        return measures_needed(rule, self.rules)

    @property
    def default_route(self) -> Route:
        """The route of what belongs to no rule: data faults, words to ops."""
        return self.routes.get(DEFAULT_ROUTE.id, DEFAULT_ROUTE)
