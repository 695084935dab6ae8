"""The words of findings and actions. They stand for what assessors write; nobody wrote them of anybody."""

GRADES = ("Inadequate", "Requires improvement", "Good", "Outstanding")
FINDINGS = (
    (
        "{theme}: most of the cases we read had no plan, and supervisors had not seen it.",
        "{theme}: staff could not say what is asked of them. Three of five records were incomplete.",
        "{theme}: what was found a year ago was found again, and nobody could say who was to put it right.",
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
HEARD = (
    (
        "{theme}: people had told their story four times and had not been called back.",
        "{theme}: half of those who came would not report again. They had heard nothing for weeks.",
        "{theme}: several had learnt from a neighbour, not from us, that the case was closed.",
    ),
    (
        "{theme}: people felt listened to on the first day, and forgotten after it.",
        "{theme}: letters were hard to follow, and nobody answered the number on them.",
    ),
    (
        "{theme}: most knew whom to ring, and were rung back. Two had waited more than a week.",
        "{theme}: people felt believed. Dates of hearings came late.",
    ),
    ("{theme}: people were kept informed at every step, and said so unasked.",),
)
"""The same of focus groups, as victims said it."""
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
