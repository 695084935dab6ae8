"""Letters for findings that had to wait for their route's send slot, and letters that had to wait themselves."""

from dataclasses import replace
from datetime import datetime, time

from alertd.config.home import Home
from alertd.round.lettering import numbers_by_letter, write_letters, written_anew
from alertd.round.opsnotes import about_letters
from alertd.round.ports import Memory, Pen


def compose_due(home: Home, memory: Memory, pen: Pen, now: datetime, *, ignore_backoff: bool = False) -> int:
    """Make and store the letters of every waiting finding that is due; gives how many may leave.

    Letters that are about to leave (with `ignore_backoff` every one that is still to be sent) and were written on an earlier
    day are written anew first, where none of it can have arrived: what they ask for by some day is asked for in time.
    """
    broken_before = len(pen.fallbacks)
    _write_anew(home, memory, pen, now, ignore_backoff=ignore_backoff)
    due = memory.waiting(now)
    if not due and len(pen.fallbacks) == broken_before:
        return 0
    written = write_letters(home, memory, pen, due, now)
    notes = about_letters(home, pen, replace(written, broken=tuple(pen.fallbacks[broken_before:])), now)
    memory.commit_letters([*written.letters, *notes], numbers_by_letter(written.queued))
    return len(written.letters) - written.held


def _write_anew(home: Home, memory: Memory, pen: Pen, now: datetime, *, ignore_backoff: bool) -> None:
    midnight = datetime.combine(now.date(), time.min, tzinfo=now.tzinfo)
    for letter in memory.overtaken(midnight, due_by=None if ignore_backoff else now):
        anew = written_anew(home, memory, pen, letter, now)
        if anew is not None:
            memory.rewrite(anew)
