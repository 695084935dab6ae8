"""Cases, findings, letters and rounds for tests: everything filled in, each call says only what it is about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any

from alertd.core.cases import Case, CaseState, Direction, Reason, TransitionKind
from alertd.core.findings import Finding
from alertd.core.letters import Letter
from alertd.core.owners import Recipient, Via
from alertd.core.periods import Grain, parse_period
from alertd.store.records import Queued, Round, RuleOutcome

NOW = datetime(2023, 1, 5, 7, 0, tzinfo=UTC)
_numbers = count(1)


def case(**changes: Any) -> Case:
    number = next(_numbers)
    made = Case(
        id=f"case-{number}",
        rule="response-low",
        measure="response",
        by=("district",),
        key=(f"Place {number}",),
        direction=Direction.CONCERN,
        state=CaseState.OPEN,
        opened_period=parse_period("2022-12"),
        opened_at=NOW,
        told_period=parse_period("2022-12"),
        told_at=NOW,
        told_signals=("limit",),
        told_value=73.8,
        told_excess=11.2,
    )
    return replace(made, **changes)


def finding(of: Case, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "number": f"N{next(_numbers)}",
        "case": of.id,
        "transition": TransitionKind.OPENED,
        "reason": Reason.FIRST_SEEN,
        "direction": of.direction,
        "rule": of.rule,
        "rule_version": "v1",
        "detector": "threshold",
        "method": "below 85",
        "measure": of.measure,
        "measure_name": "Response",
        "series": of.series,
        "grain": Grain.MONTH,
        "period": str(of.told_period),
        "value": of.told_value,
        "data_version": "d1",
    }
    return Finding(**(values | changes))


def recipient(email: str = "lead@example.org", **changes: Any) -> Recipient:
    values: dict[str, Any] = {"owner": "lead", "name": "Supt A Example", "email": email, "via": Via.HOLDER}
    return Recipient(**(values | changes))


def queued(of: Case, letter: Letter | None = None, **changes: Any) -> Queued:
    to = recipient(letter.recipient if letter else "lead@example.org")
    made = Queued(
        finding=finding(of), recipient=to, channel="email", due_at=NOW, letter_id=letter.id if letter else None
    )
    return replace(made, **changes)


def letter(**changes: Any) -> Letter:
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"letter-{number}",
        "message_id": f"<letter-{number}@alerts.example.org>",
        "channel": "email",
        "recipient": "lead@example.org",
        "recipient_name": "Supt A Example",
        "owner": "lead",
        "deputy": None,
        "subject": "OFFICIAL - Burnley: fewer Grade 1 calls reached in time",
        "keys": (f"response-low/district=Burnley/2022-12/opened-{number}",),
        "made_at": NOW,
    } | changes
    values.setdefault("message", message(values))
    return Letter(**values)


def message(values: dict[str, Any]) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("Performance", addr_spec="alerts@example.org")
    mail["To"] = Address(values["recipient_name"], addr_spec=values["recipient"])
    mail["Subject"] = values["subject"]
    mail["Message-ID"] = values["message_id"]
    mail["X-Alertd-Key"] = ",".join(values["keys"])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("OFFICIAL\n\nIn December, Burnley reached 93 of 126 – naïvely.\n.\nA line after a lone dot.\n")
    mail.add_alternative("<html><body class='x'><p>OFFICIAL</p><p>In December</p></body></html>", subtype="html")
    return mail.as_bytes()


def outcome(**changes: Any) -> RuleOutcome:
    values: dict[str, Any] = {
        "rule": "response-low",
        "measure": "response",
        "status": "ok",
        "message": "",
        "series": 3,
        "exceptions": 1,
        "newest_period": "2022-12",
        "data_version": "d1",
        "rule_version": "v1",
    }
    return RuleOutcome(**(values | changes))


def round_of(*outcomes: RuleOutcome, **changes: Any) -> Round:
    values: dict[str, Any] = {
        "id": f"round-{next(_numbers)}",
        "started_at": NOW,
        "finished_at": NOW,
        "now": NOW,
        "as_of": False,
        "digest": "abc",
        "outcomes": tuple(outcomes),
    }
    return Round(**(values | changes))


def keep(store: Any, letters: Sequence[Letter]) -> None:
    """Put letters into the outbox as a round would, each with a case and a finding of its own."""
    cases = [case() for _ in letters]
    tell = [queued(one, letter) for one, letter in zip(cases, letters, strict=True)]
    store.commit_round(round_of(), [(None, one) for one in cases], tell, letters)
