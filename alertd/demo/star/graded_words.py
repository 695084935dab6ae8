"""The words of findings and actions. They stand for what assessors write; nobody wrote them of anybody."""

GRADES = ("Inadequate", "Requires improvement", "Good", "Outstanding")
FINDINGS = (
    (
        "{theme}: most of the cases we read had no plan, and supervisors had not seen it.",
        "{theme}: staff could not say what is asked of them. Three of five records were incomplete.",
        "{theme}: people had told their story four times and had not been called back.",
    ),
    (
        "{theme}: the work is done, but late, and the reasons are not written down.",
        "{theme}: practice differs between teams. Reviews do not lead to anything.",
    ),
    (
        "{theme}: sound on the whole. Two records of ten lacked a review date.",
        "{theme}: staff know what is asked of them, and supervisors check it.",
        "{theme}: clear and timely. The next step is to share it between teams.",
    ),
    (
        "{theme}: a model for others. What was learnt is passed on.",
        "{theme}: every record complete, and people say that they were listened to.",
    ),
)
"""For each grade, worst first."""
PASSED = (
    "Passed: what the figures say of {theme} is what we saw.",
    "Passed: ten records read for {theme}, ten as reported.",
    "Passed: staff described {theme} as the policy does.",
)
ACTIONS = (
    "Brief every supervisor on the {theme}",
    "Agree the data that the {theme} is judged by",
    "Train a lead in each team for the {theme}",
    "Report to the board on the {theme}",
    "Renew the partner agreement under the {theme}",
)
