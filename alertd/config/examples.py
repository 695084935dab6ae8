"""The `tests:` of rule files: what a rule makes of an example series."""

from alertd.core.calendar import PeriodText
from alertd.core.model import Authored, Id


class RuleTest(Authored):
    """One example: a rule, the figures of one or more series, and what the rule should make of them."""

    id: Id
    """The key under `tests:`."""
    rule: Id
    """The rule that is tried."""
    values: str | dict[str, str]
    """The figures, one a period: `91*3 84 88`, `93/126` (numerator/denominator), `_` (missing), grades by name.

    A name with a space is written `Requires_improvement` or in quotes. Several series are a mapping from name to figures:
    `{Preston: 91*3 84, Burnley: 88*4}`; with several columns in `by` a name is `Preston, Burglary`."""
    expect: str | dict[str, str]
    """`quiet` (it judges and never fires), `fires` (at some period), or a sign for each period.

    `.` quiet, `p` pending, `F` fired, `o` open, `C` cleared, `L` learning, `?` unknown, `m` muted, `u` unsettled; `L*12`
    repeats. With several series one text is expected of each; a mapping says it by name, of those that matter."""
    starts: PeriodText | None = None
    """The first period. Left out, the last one holds 31 December 2024, and annotations and suppressions do not count."""
