"""`alertd outbox`: the letters, what became of each attempt, and what people may do about them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alertd.cli.options import format_option, home_option
from alertd.cli.whoami import current_user
from alertd.core.letters import LetterState

if TYPE_CHECKING:
    from alertd.core.letters import Letter
    from alertd.store import Store
    from alertd.store.records import AttemptRecord, Listed

_COLUMNS = (
    "id",
    "state",
    "channel",
    "recipient",
    "subject",
    "keys",
    "attempts",
    "made_at",
    "next_attempt_at",
    "last_error",
)
_SHOWN = ("id", "state", "recipient", "subject", "attempts", "made_at", "last_error")


@click.group(name="outbox", short_help="The letters and their attempts.")
def command() -> None:
    """Look after letters: what was sent, what waits and why.

    Nothing is given up silently: a letter that could not be delivered is tried again, and only `resolve` ends it. All
    of these commands work beside a daemon that is delivering.
    """


@command.command("list", short_help="Letters, the newest first.")
@home_option
@click.option("--state", type=click.Choice([state.value for state in LetterState]), help="Only letters in this state.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")
@format_option("table", "json", "csv")
def list_letters(home: Path | None, state: str | None, limit: int | None, output: str) -> None:
    """List letters, the newest first."""
    from alertd.cli.opening import open_app  # noqa: PLC0415  `--help` must not wait for it
    from alertd.cli.printing import Narrow, print_rows  # noqa: PLC0415

    with open_app(home) as application:
        found = application.memory.listed(LetterState(state) if state else None, limit)
    rows = [_row(letter) for letter in found]
    if output == "table":
        rows = [{**row, "made_at": f"{letter.made_at:%Y-%m-%d %H:%M}"} for row, letter in zip(rows, found, strict=True)]
    if output == "csv":
        rows = [{**row, "keys": ",".join(row["keys"])} for row in rows]
    empty = f"No letters are {state}." if state else "No letters yet."
    narrow = Narrow(
        drop=("attempts", "made_at", "last_error"), shorten={"subject": 40, "last_error": 24, "recipient": 24}
    )
    print_rows(rows, _SHOWN if output == "table" else _COLUMNS, output, empty=empty, narrow=narrow)


@command.command("show", short_help="One letter: headers, text, attempts.")
@click.argument("letter")
@home_option
def show(letter: str, home: Path | None) -> None:
    """Show LETTER (an id, or how it begins): its headers, its text, and what became of each attempt."""
    from alertd.cli.opening import open_app  # noqa: PLC0415  `--help` must not wait for it

    with open_app(home) as application:
        found = _find(application.memory, letter)
        attempts = application.memory.attempts(found.id)
    click.echo(_described(found, attempts))


@command.command("retry", short_help="Make a letter due at once.")
@click.argument("letter")
@home_option
def retry(letter: str, home: Path | None) -> None:
    """Make LETTER due at once; also one that was refused, after its address was put right, and one that was resolved."""
    from alertd.cli.opening import open_app  # noqa: PLC0415  `--help` must not wait for it

    with open_app(home) as application:
        found = _find(application.memory, letter)
        application.memory.retry(found.id, who=current_user(), now=application.now())
    click.echo(f"Letter {found.id} to {found.recipient} is due; the daemon, or `alertd run --once`, sends it next.")


@command.command("resolve", short_help="End a letter that shall not be sent.")
@click.argument("letter")
@click.option("--reason", required=True, help="Why; kept in the audit with your name.")
@home_option
def resolve(letter: str, reason: str, home: Path | None) -> None:
    """End LETTER, so that it is not tried again; the audit says who did it and why."""
    from alertd.cli.opening import open_app  # noqa: PLC0415  `--help` must not wait for it
    from alertd.core.errors import UsageError  # noqa: PLC0415

    if not reason.strip():
        raise UsageError("--reason is empty; say in a few words why nobody needs this letter")
    with open_app(home) as application:
        found = _find(application.memory, letter)
        application.memory.resolve(found.id, reason.strip(), who=current_user(), now=application.now())
    click.echo(f"Letter {found.id} to {found.recipient} is resolved and will not be sent.")


@command.command("release", short_help="Let held letters go.")
@home_option
def release(home: Path | None) -> None:
    """Let the letters go that a round held back because there were more than `max_letters_per_round`."""
    from alertd.cli.opening import open_app  # noqa: PLC0415  `--help` must not wait for it

    with open_app(home) as application:
        released = application.memory.release_held(who=current_user(), now=application.now())
    if released:
        letters = "1 letter is" if released == 1 else f"{released} letters are"
        click.echo(f"{letters} released; the daemon, or `alertd run --once`, sends them next.")
    else:
        click.echo("No letters are held.")


def _row(letter: "Listed") -> dict[str, Any]:
    return {
        "id": letter.id,
        "state": letter.state.value,
        "channel": letter.channel,
        "recipient": letter.recipient,
        "subject": letter.subject,
        "keys": list(letter.keys),
        "attempts": letter.attempts,
        "made_at": letter.made_at.isoformat(),
        "next_attempt_at": None if letter.next_attempt_at is None else letter.next_attempt_at.isoformat(),
        "last_error": letter.last_error,
    }


def _find(store: "Store", text: str) -> "Letter":
    from alertd.core.errors import UsageError  # noqa: PLC0415  `--help` must not wait for it

    exact = store.letter(text)
    if exact is not None:
        return exact
    begins = [letter.id for letter in store.listed() if letter.id.startswith(text)]
    found = store.letter(begins[0]) if len(begins) == 1 else None
    if found is None:
        how_many = f"{len(begins)} letters begin" if begins else "no letter begins"
        raise UsageError(f"{how_many} with `{text}`; see `alertd outbox list`")
    return found


def _described(letter: "Letter", attempts: "list[AttemptRecord]") -> str:
    import email  # noqa: PLC0415  `--help` must not wait for it
    from email.policy import default  # noqa: PLC0415

    from alertd.core.printable import on_one_line  # noqa: PLC0415

    message = email.message_from_bytes(letter.message, policy=default)
    text = message.get_body(preferencelist=("plain",))
    lines = [f"Letter {letter.id}: {letter.state.value}, by {letter.channel}"]
    lines += [f"{name}: {on_one_line(str(value))}" for name, value in message.items()]
    lines += ["", text.get_content().replace("\r\n", "\n").rstrip() if text is not None else "(no text part)", ""]
    if not attempts:
        lines.append("No attempt yet.")
    for attempt in attempts:
        outcome = attempt.outcome.value if attempt.outcome is not None else "under way"
        lines.append(
            f"Attempt {attempt.number}, {attempt.started_at:%Y-%m-%d %H:%M:%S} UTC: {outcome}. {attempt.detail or ''}"
        )
    if letter.next_attempt_at is not None:
        lines.append(f"Next attempt from {letter.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC.")
    return "\n".join(lines)
