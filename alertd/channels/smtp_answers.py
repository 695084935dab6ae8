"""What an SMTP server's answer means for a letter (RFC 5321, section 4.2)."""

from alertd.core.letters import Attempt, Outcome
from alertd.core.printable import on_one_line

# Answers to RCPT or DATA that are about us or our set-up, not about the recipient or the letter.
_OURS = frozenset({500, 502, 503, 504, 530, 534, 535, 538})


def judge_answer(code: int, text: str, *, step: str) -> Attempt:
    """What a final answer to RCPT or to the end of DATA means: 2xx taken, 4xx later, 5xx refused.

    A code outside those ranges (a garbled line) after DATA may hide an acceptance, so it is unknown.
    """
    said = f"{step}: {code} {one_line(text)}"
    if 200 <= code < 300:
        return Attempt(outcome=Outcome.DELIVERED, detail=said)
    if 400 <= code < 500 or code in _OURS:
        return Attempt(outcome=Outcome.RETRY, detail=said)
    if 500 <= code < 600:
        return Attempt(outcome=Outcome.REFUSED, detail=said)
    return Attempt(outcome=Outcome.UNKNOWN if step == "DATA" else Outcome.RETRY, detail=said)


def one_line(text: str) -> str:
    """Foreign text as one printable line of bounded length."""
    return on_one_line(text)[:500]
