"""What a round needs of the world, as this package sees it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from alertd.core.cases import Case
from alertd.core.findings import Notice
from alertd.core.letters import Letter
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.owners import Vacancy
from alertd.core.places import Places
from alertd.core.rule_changes import RuleDifference, RuleReading
from alertd.core.series import SeriesBlock
from alertd.store.records import Queued, Round, RuleOutcome, SlotRun


class Figures(Protocol):
    """Where measures are read from."""

    def read(self, measure: Measure, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
        """Read and classify a measure; raises `WarehouseError`."""
        ...

    def withdrawn(self, measure: Measure, cases: Sequence[Case], *, now: datetime) -> set[str]:
        """Which cases of a measure, by their ids, rest on what people recorded and withdrew since; raises `StateError`."""
        ...


class Memory(Protocol):
    """Where rounds, cases and letters are kept."""

    def open_cases(self, rules: Collection[str] | None = None) -> dict[tuple[str, Key], Case]: ...

    def told_of(self, case_id: str) -> list[Queued]: ...

    def vacancies(self) -> tuple[Vacancy, ...]: ...

    def judged_rules(self) -> dict[str, RuleReading]: ...

    def latest_outcomes(self, rules: Collection[str] | None = None) -> Mapping[str, RuleOutcome]: ...

    def first_message_ids(self, case_ids: Collection[str]) -> dict[tuple[str, str], str]: ...

    def findings_of(self, letter_id: str) -> list[Queued]: ...

    def overtaken(self, before: datetime, *, due_by: datetime | None) -> list[Letter]: ...

    def rewrite(self, letter: Letter) -> None: ...

    def waiting(self, due_by: datetime) -> list[Queued]: ...

    def commit_letters(self, letters: Sequence[Letter], numbers_by_letter: Mapping[str, Sequence[str]]) -> None: ...

    def commit_round(
        self,
        round: Round,
        changes: Sequence[tuple[Case | None, Case]],
        queued: Sequence[Queued],
        letters: Sequence[Letter],
        slots: Sequence[SlotRun] = (),
        *,
        in_force: Mapping[str, RuleReading] | None = None,
        people: Mapping[str, str] | None = None,
        vacancies: Collection[Vacancy] | None = None,
    ) -> tuple[RuleDifference, ...]: ...


class Pen(Protocol):
    """What turns a notice into a letter."""

    @property
    def fallbacks(self) -> Sequence[object]:
        """Templates that failed so far, each with a line for ops as its text."""
        ...

    def letter(
        self,
        notice: Notice,
        *,
        sender: str,
        first_message_ids: Mapping[str, str],
        now: datetime,
        message_id: str | None = None,
    ) -> Letter: ...

    def ops_letter(
        self,
        *,
        instance: str,
        address: str,
        channel: str,
        sender: str,
        subject: str,
        lines: Sequence[str],
        now: datetime,
    ) -> Letter: ...
