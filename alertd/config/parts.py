"""The models of a home, as far as they could be made, beside the entries that they were made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alertd.config.document import Document
from alertd.config.examples import RuleTest
from alertd.config.sections import Entries
from alertd.config.settings import Settings
from alertd.core.calendar import Annotation, Suppression
from alertd.core.channels import ChannelSettings
from alertd.core.framework import Framework
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.core.places import Place, Places
from alertd.core.routes import Route
from alertd.core.rules import Rule

SETTINGS = ("settings", "")
"""The settings among what may be doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Every model, as far as it could be made; what could not is missing here, and is still an entry.

    A model whose entry is wrong holds what is right in it, and is never in force: `sure` says what can be relied on.
    """

    entries: Entries
    models: Mapping[str, Mapping[str, Any]]
    """Section to id to model."""
    doubtful: Mapping[tuple[str, str], frozenset[str]]
    """Section and id to the fields that could not be read; also of `SETTINGS`."""
    settings: Settings | None
    settings_document: Document | None
    unallocated: tuple[str, ...] = ()
    framework: Framework | None = None
    """None where no file has `framework:`, or where it is not sound."""
    framework_written: bool = False
    """Whether a file has `framework:`, sound or not."""
    possible: frozenset[str] = field(default_factory=frozenset)
    """Words that may be ids, in files that could not be read to their end."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """The measures by id."""
        return self.models["measures"]

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by id."""
        return self.models["rules"]

    @property
    def tests(self) -> Mapping[str, RuleTest]:
        """The tests by name."""
        return self.models["tests"]

    @property
    def owners(self) -> Mapping[str, Owner]:
        """The owners by id."""
        return self.models["owners"]

    @property
    def routes(self) -> Mapping[str, Route]:
        """The routes by id."""
        return self.models["routes"]

    @property
    def channels(self) -> Mapping[str, ChannelSettings]:
        """The channels by id."""
        return self.models["channels"]

    @property
    def annotations(self) -> Mapping[str, Annotation]:
        """The annotations by id."""
        return self.models["annotations"]

    @property
    def suppressions(self) -> Mapping[str, Suppression]:
        """The suppressions by id."""
        return self.models["suppressions"]

    @property
    def places(self) -> Places:
        """The hierarchy of places, of those that are sound."""
        known: Mapping[str, Place] = self.models["places"]
        return Places(places=dict(known), unallocated=self.unallocated)

    def sure(self, section: str, name: str, *fields: str) -> bool:
        """Whether these fields of a model hold what was meant."""
        return self.doubtful.get((section, name), frozenset()).isdisjoint(fields)

    @property
    def all_places(self) -> bool:
        """Whether every place could be read, so that a level that is not there is nowhere."""
        return len(self.models["places"]) == len(self.entries["places"]) and "places" not in self.possible

    def whole(self, *sections: str) -> bool:
        """Whether every entry of some sections could be read."""
        return not self.possible and all(len(self.models[one]) == len(self.entries[one]) for one in sections)

    @property
    def watched(self) -> frozenset[str]:
        """The measures that a rule in force judges."""
        return frozenset(rule.measure for rule in self.rules.values() if rule.enabled)

    @property
    def levels(self) -> frozenset[str]:
        """Every level of the hierarchy."""
        known: Mapping[str, Place] = self.models["places"]
        return frozenset(place.level for place in known.values())

    def knows(self, section: str, name: str) -> bool:
        """Whether something of that id is declared, sound or not, or may be."""
        return name in self.entries[section] or name in self.possible
