"""Letters for findings that had to wait for their route's send slot."""

from datetime import datetime

from alertd.config.home import Home
from alertd.round.lettering import numbers_by_letter, write_letters
from alertd.round.opsnotes import about_letters
from alertd.round.ports import Memory, Pen


def compose_due(home: Home, memory: Memory, pen: Pen, now: datetime) -> int:
    """Make and store the letters of every waiting finding that is due; gives how many may leave."""
    due = memory.waiting(now)
    if not due:
        return 0
    written = write_letters(home, memory, pen, due, now)
    notes = about_letters(home, pen, written, now)
    memory.commit_letters([*written.letters, *notes], numbers_by_letter(written.queued))
    return len(written.letters) - written.held
