"""The `tests:` of rule files: what a rule makes of an example series."""

from pydantic import ConfigDict

from alertd.core.model import Authored, Id


class RuleTest(Authored):
    """One example: a rule, the values of a series, and the state that each should lead to."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    id: Id
    """The key under `tests:`."""
    rule: Id
    """The rule that is tried."""
    values: str
    """The figures, one a period: `91*3 84 88`, `93/126` (numerator/denominator), `_` (missing)."""
    expect: str
    """`quiet`, or a sign for each period.

    `.` quiet, `p` pending, `F` fired, `o` open, `C` cleared, `L` learning, `?` unknown.
    """
