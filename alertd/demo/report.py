"""What the demonstration prints: who was told what and when, what stayed quiet, and what was planted and found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from alertd.demo.sink import Mail
from alertd.demo.truth import PLANTED, REAL_RULES, Expected, Planted
from alertd.demo.walk import Step

HEADING = "A simulated force: every figure is made up, except hate crime reports (New York City, real)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One `X-Alertd-Key` of a letter, taken apart."""

    rule: str
    series: dict[str, str]
    period: str
    transition: str
    mail: Mail


def told_in(mail: Mail) -> list[Told]:
    """What a letter is about; nothing for a letter to ops."""
    told = []
    for key in mail.keys:
        rule, series, period, transition = key.split("/")
        pairs = dict(pair.split("=", 1) for pair in series.split(";") if pair)
        told.append(Told(rule=rule, series=pairs, period=period, transition=transition, mail=mail))
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something planted, and the notice that first told of it (None: nobody was told)."""

    planted: Planted
    notice: Told | None

    @property
    def right(self) -> bool:
        """Whether the right person was told, or, where nothing should be told, nobody was."""
        if self.planted.expected is Expected.QUIET:
            return self.notice is None
        return self.notice is not None and self.notice.mail.to == self.planted.to


def compare(mails: Sequence[Mail]) -> list[Finding]:
    """Hold the letters against the table of truth: for each thing planted, the first notice about it."""
    notices = [told for mail in mails for told in told_in(mail)]
    return [Finding(planted=planted, notice=next(_about(planted, notices), None)) for planted in PLANTED]


def _about(planted: Planted, notices: Sequence[Told]) -> Iterator[Told]:
    return (told for told in notices if planted.covers(told.rule, told.series, told.period))


def unplanned(mails: Sequence[Mail], *, simulated: bool) -> int:
    """First notices that answer nothing planted: in simulated figures, what chance alone throws up."""
    opened = [told for mail in mails for told in told_in(mail) if told.transition == "opened"]
    of_kind = [told for told in opened if (told.rule not in REAL_RULES) is simulated]
    answered = {id(told) for planted in PLANTED for told in _about(planted, of_kind)}
    return len(of_kind) - len(answered)


def print_letters(console: Console, mails: Sequence[Mail]) -> None:
    """The table of who was told what, and when."""
    table = Table(title="Who was told what, and when", title_justify="left", header_style="bold")
    table.add_column("Day", no_wrap=True)
    table.add_column("To", no_wrap=True)
    table.add_column("Letter", overflow="fold")
    table.add_column("Notices", justify="right")
    for mail in mails:
        table.add_row(str(mail.day), mail.name, mail.subject, str(len(mail.keys) or "-"))
    console.print(table)


def print_truth(console: Console, findings: Sequence[Finding]) -> None:
    """The table of truth: planted, expected, what happened."""
    table = Table(title="What was planted, and what became of it", title_justify="left", header_style="bold")
    table.add_column("Planted", overflow="fold")
    table.add_column("Outcome", overflow="fold")
    table.add_column("As it should be")
    for finding in findings:
        notice = finding.notice
        outcome = (
            "nobody told" if notice is None else f"{notice.mail.name} told on {notice.mail.day} of {notice.period}"
        )
        table.add_row(finding.planted.what, outcome, "yes" if finding.right else "NO")
    console.print(table)


def print_summary(
    console: Console, steps: Sequence[Step], mails: Sequence[Mail], findings: Sequence[Finding], folder: Path
) -> None:
    """The numbers: what was judged, what stayed quiet, and where to look."""
    judged = sum(step.judged for step in steps)
    notable = sum(step.notable for step in steps)
    notices = sum(len(mail.keys) for mail in mails)
    people = len({mail.to for mail in mails})
    right = sum(finding.right for finding in findings)
    chance, real = (unplanned(mails, simulated=simulated) for simulated in (True, False))
    console.print(
        f"Stayed quiet: {judged - notable:,} of {judged:,} judgements in {len(steps)} monthly rounds.\n"
        f"Told: {notices} notices in {len(mails)} letters to {people} people, about {len(mails) / len(steps):.0f} a month.\n"
        f"Planted: {right} of {len(findings)} came out as they should.\n"
        f"Not planted: {chance} first notices that chance alone threw up in the simulated figures, "
        f"and {real} changes in the real ones.\n",
        highlight=False,
    )
    errors = [error for step in steps for error in step.errors]
    if errors:
        console.print(f"[bold]Not judged:[/bold] {len(errors)}; the first: {errors[0]}", highlight=False)
    console.print(
        f"Letters: {folder}/mails (*.html in a browser, *.eml in a mail program)", highlight=False, soft_wrap=True
    )
    console.print(
        f"The home: {folder} (try `cd {folder} && alertd explain response-trend --where district=Brunford --as-of 2021-09-15`)",
        highlight=False,
        soft_wrap=True,
    )
