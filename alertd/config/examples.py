"""The `tests:` of rule files: what a rule makes of an example series, and who is told what."""

from datetime import date
from typing import Literal

from alertd.core.calendar import PeriodText
from alertd.core.model import Authored, Id, OneOrMore

NOBODY = "nobody"
"""Written under `told`: no notice is made."""


class RuleTest(Authored):
    """One example: a rule, the figures of one or more series, and what the rule should make of them."""

    id: Id
    """The key under `tests:`."""
    rule: Id
    """The rule that is tried."""
    values: str | dict[str, str | dict[str, str]]
    """The figures, one a period: `91*3 84 88`, `93/126` (numerator/denominator), `_` (missing, or not come), grades by name.

    A name with a space stands as in the scale, as `Requires_improvement`, or in quotes; several grades of one period
    (`aggregate: rows`) are `Good:12+Inadequate:3`. A survey's figure has its standard error (or, where the measure has
    the columns of an interval, half its width) beside it: `54±2.5`, also `54+-2.5`. Single events (`event:`) are a
    number a period (`0*3 1 0 2`, spread evenly over it), or days: `2024-01-05 2024-02-17`. Several series are a mapping
    from name to figures: `{Preston: 91*3 84, Burnley: 88*4}`; with several columns in `by` a name is `Preston,
    Burglary`. A rule that joins others on several measures has a mapping from measure to these.
    """
    expect: str | dict[str, str]
    """`quiet` (it judges and never fires), `fires` (at some period), or a sign for each period.

    `.` quiet, `p` pending, `F` fired, `o` open, `C` cleared, `L` learning, `?` unknown, `m` muted, `u` unsettled; `L*12`
    repeats. It fires for better or for worse: `told` says whether anybody hears of it. With several series one text is
    expected of each; a mapping says it by name, of those that matter."""
    starts: PeriodText | None = None
    """The first period. Left out, the last one holds 31 December 2024, and annotations and suppressions do not count."""
    as_of: date | None = None
    """The day at whose end the rule judges, with `starts`: what has not come by then is late. Left out, when the last
    period has settled (or, for late and overdue data, is due)."""
    finding: str | None = None
    """Words that stand beside every figure, for a measure that names a column of them: its `finding`. A notice quotes them."""
    notice: Literal["opened", "worsened", "reminded", "escalated", "handed_over", "cleared"] = "opened"
    """Which notice the following keys are about: the first one of this kind."""
    told: OneOrMore | dict[str, OneOrMore] | None = None
    """Who is told: addresses, or ids under `owners:`, all of them; `nobody` where no notice is made.

    The post-holder on the day of sending counts, as in a real round. Several series may have a mapping by name."""
    subject: OneOrMore | dict[str, OneOrMore] | None = None
    """Words that stand in the subject of the notice; capitals and line breaks do not matter."""
    says: OneOrMore | dict[str, OneOrMore] | None = None
    """Words that stand in the text of the notice, each of them; capitals and line breaks do not matter."""
    never_says: OneOrMore | dict[str, OneOrMore] | None = None
    """Words that stand neither in its subject nor in its text."""

    @property
    def about_notice(self) -> bool:
        """Whether something is expected of a notice."""
        return any(wanted is not None for wanted in (self.told, self.subject, self.says, self.never_says))
