"""In which order one letter tells its findings: the one place that decides it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from alertd.core.cases import Direction, TransitionKind
from alertd.core.findings import Finding

_SECTIONS = ((Direction.CONCERN, Direction.CHANGED), (Direction.DATA,), (Direction.IMPROVEMENT,))
_DIRECTIONS = (Direction.CONCERN, Direction.CHANGED, Direction.DATA, Direction.IMPROVEMENT)
_KINDS = (
    TransitionKind.ESCALATED,
    TransitionKind.WORSENED,
    TransitionKind.OPENED,
    TransitionKind.HANDED_OVER,
    TransitionKind.REMINDED,
    TransitionKind.CORRECTED,
    TransitionKind.CLEARED,
    TransitionKind.WITHDRAWN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """What comes before its equals in a letter."""

    rows: frozenset[str] = frozenset()
    """Rows of the framework that are most pertinent to the recipient's role (R48)."""
    measures: frozenset[str] = frozenset()
    """Measures that are, by themselves."""

    def pertinent(self, finding: Finding) -> bool:
        """Whether a finding is of the recipient's role bundle."""
        return finding.framework in self.rows or finding.measure in self.measures


def in_order(findings: Collection[Finding], first: First) -> tuple[Finding, ...]:
    """The findings of one letter: what stands before what has ended, and in each section the role's bundle first.

    Within the bundle, and within the rest, the most serious come first (R22): by direction, priority and what happened;
    then what is the theme of a learning review (R46), which may also raise its priority; then how far out it is; then by name.
    """

    def place(finding: Finding) -> tuple[object, ...]:
        return (
            finding.transition.ends,
            next(number for number, section in enumerate(_SECTIONS) if finding.direction in section),
            not first.pertinent(finding),
            *_seriousness(finding),
            finding.theme is None,
            -finding.severity,
            finding.measure_name,
            tuple(finding.series.values()),
            finding.rule,
        )

    return tuple(sorted(findings, key=place))


def _seriousness(finding: Finding) -> Sequence[int]:
    raised = None if finding.theme is None else finding.theme.priority
    priority = finding.priority if raised is None else min(finding.priority, raised)
    return (_DIRECTIONS.index(finding.direction), priority, _KINDS.index(finding.transition))
