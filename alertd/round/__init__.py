"""One evaluation round: read each measure, judge its rules, move the cases, queue the notices, commit it all at once."""

from alertd.round.later import compose_due
from alertd.round.run import RoundReport, run_round

__all__ = ["RoundReport", "compose_due", "run_round"]
