"""In which order a letter tells its findings (R22, R46, R48)."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from alertd.core.cases import Direction, TransitionKind
from alertd.core.findings import Theme
from alertd.core.ordering import First, in_order
from tests.edges.rendering.samples import finding

ROLE = First(rows=frozenset({"M7"}), measures=frozenset({"calls"}))

THEME = Theme(words="Supply and demand", held=date(2023, 6, 21))


def names(findings, first=ROLE):
    return [one.number for one in in_order(findings, first)]


def test_what_bears_most_on_the_role_comes_first_and_the_most_serious_of_it_before_the_rest_of_it():
    rest = finding(number="rest", framework="M2", priority=1, severity=9.0)
    mild = finding(number="mild", framework="M7", severity=0.5)
    grave = finding(number="grave", framework="M7", severity=4.0)
    alone = finding(number="alone", framework=None, measure="calls", priority=2)
    assert names([rest, mild, grave, alone]) == ["alone", "grave", "mild", "rest"]
    assert names([rest, mild, grave, alone], First())[0] == "rest"


def test_a_theme_comes_before_how_far_out_a_figure_is_and_after_priority():
    themed = finding(number="themed", framework="D2", severity=0.1, theme=THEME)
    far = finding(number="far", framework="M2", severity=9.0)
    urgent = finding(number="urgent", framework="M2", priority=1)
    assert names([far, themed, urgent]) == ["urgent", "themed", "far"]
    raised = themed.model_copy(update={"theme": THEME.model_copy(update={"priority": 1})})
    lowered = themed.model_copy(update={"theme": THEME.model_copy(update={"priority": 9})})
    assert names([far, raised, urgent]) == ["themed", "urgent", "far"]
    assert names([far, lowered, urgent]) == ["urgent", "themed", "far"]


def test_what_has_ended_or_is_better_never_comes_before_what_stands():
    ended = finding(number="ended", framework="M7", transition=TransitionKind.CLEARED)
    better = finding(number="better", framework="M7", direction=Direction.IMPROVEMENT)
    stands = finding(number="stands", framework="M2", priority=9)
    assert names([ended, better, stands]) == ["stands", "better", "ended"]


@given(st.permutations(range(6)))
def test_the_order_is_the_same_however_findings_come(order):
    rows = ("M2", "M7", "D2", "M2", "M7", "D2")
    findings = [
        finding(
            number=str(n), framework=rows[n], severity=float(n // 2), rule=f"r{n}", theme=THEME if n % 3 == 2 else None
        )
        for n in range(6)
    ]
    assert names([findings[n] for n in order]) == names(findings)
