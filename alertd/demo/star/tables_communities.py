"""Facts of quadrant 4, Developing safe, confident communities: M10 to M12 and D9 to D12."""

from alertd.demo.star.table import Table, table

CONFIDENCE = (
    table(
        "fact_confidence_quarter",
        "M10",
        "Confidence; Perceptions",
        "national survey, quarterly release of a 12-month figure (views for each question below)",
        "quarter force question",
        """\
    question VARCHAR Confidence, Perceptions
    responses INTEGER answers
    percent DOUBLE percentage good or excellent, or agreeing
    standard_error DOUBLE its standard error, in percentage points
    lower DOUBLE lower end of the 95% interval
    upper DOUBLE upper end of the 95% interval""",
    ),
    table(
        "fact_confidence_peer_quarter",
        "M10",
        "Confidence",
        "the same question in the most similar forces, for a funnel",
        "quarter peer_force",
        """\
    peer_force VARCHAR this force and eleven that are most similar
    responses INTEGER answers (denominator)
    confident INTEGER of these, confident""",
    ),
)

ENGAGEMENT = (
    table(
        "fact_itk_month",
        "M11",
        "ITK/social media, proportionate to NNI rating",
        "In The Know subscribers and social media",
        "month district",
        """\
    households INTEGER households: exposure
    nni_weight DOUBLE the place's need, 1 on average (a weight: NNI is not expanded)
    weighted_households DOUBLE households x nni_weight: exposure relative to need
    subscribers INTEGER subscribers at the month's end
    messages INTEGER messages sent
    social_media_followers INTEGER followers at the month's end
    social_media_posts INTEGER posts""",
    ),
    table(
        "fact_pact_month",
        "M11",
        "PACT/EPACT",
        "meetings of Police and Communities Together, in a room and electronic",
        "month district",
        """\
    planned INTEGER meetings planned (denominator)
    held INTEGER of these, held
    attendees INTEGER people who came
    electronic_sessions INTEGER EPACT sessions held""",
    ),
    table(
        "fact_neighbourhood_contact_month",
        "M11",
        "Neighbourhood contact",
        "contacts by the neighbourhood team",
        "month district team",
        """\
    contacts INTEGER recorded contacts with the public
    residents""",
    ),
)

VISIBILITY = (
    table(
        "fact_visibility_week",
        "M12",
        "ARLS",
        "duty time outside stations by place",
        "week district",
        """\
    officers INTEGER officers counted (the disclosure floor is 10)
    duty_hours INTEGER duty hours (denominator)
    hours_outside INTEGER of these, outside stations and in the place
    percent_outside DOUBLE 100 x hours_outside / duty_hours""",
    ),
    table(
        "fact_visibility_team_week",
        "M12",
        "ARLS",
        "the same by response and neighbourhood team",
        "week team",
        """\
    officers INTEGER officers counted (the disclosure floor is 10)
    duty_hours INTEGER duty hours (denominator)
    hours_outside INTEGER of these, outside stations and in the place
    percent_outside DOUBLE 100 x hours_outside / duty_hours""",
    ),
)

SURVEYS = (
    table(
        "fact_feel_safe_year",
        "D9",
        "Feel safe surveys (HMIC)",
        "annual survey by place",
        "year district",
        """\
    responses INTEGER answers (denominator)
    feel_safe INTEGER of these, feeling safe
    percent DOUBLE weighted percentage
    standard_error DOUBLE its standard error, in percentage points""",
    ),
    table(
        "fact_smsr_quarter",
        "D9",
        "SMSR survey of local confidence",
        "quarterly survey by place",
        "quarter district",
        """\
    responses INTEGER answers (denominator)
    confident INTEGER of these, confident in the local police
    percent DOUBLE weighted percentage
    standard_error DOUBLE its standard error, in percentage points""",
    ),
)

PROBLEM_SOLVING = (
    table(
        "fact_problem_plan_quarter",
        "D10",
        "Quality assessment of problem-solving plans",
        "problem-solving plans by place",
        "quarter district",
        """\
    plans_open INTEGER plans open at the quarter's end (denominator)
    past_review INTEGER of these, past their review date
    sampled INTEGER plans sampled (denominator)
    met_standard INTEGER of these, meeting the standard""",
    ),
)

STOP_SEARCH = (
    table(
        "fact_stop_search_month",
        "D11",
        "Volume; Find and outcome rate",
        "searches by place and object",
        "month district object",
        """\
    object VARCHAR Drugs, Weapons, Stolen property, Other
    searches INTEGER searches (denominator)
    found INTEGER of these, in which the object was found
    outcome_linked INTEGER of these, with an outcome linked to the object
    residents""",
    ),
    table(
        "fact_stop_search_rate_month",
        "D11",
        "Disproportionality",
        "searches of two groups and residents of each, for `ratio`",
        "month division",
        """\
    minority_searches INTEGER searches of people of minority ethnic groups
    minority_residents INTEGER residents of these groups
    majority_searches INTEGER searches of people of the majority group
    majority_residents INTEGER residents of that group""",
    ),
    table(
        "fact_grounds_sample_month",
        "D11",
        "Grounds QA",
        "dip sample of search records",
        "month district",
        """\
    sampled INTEGER records sampled (denominator)
    reasonable INTEGER of these, with reasonable grounds""",
    ),
)

LEGITIMACY = (
    table(
        "fact_complaint_quarter",
        "D12",
        "Complaint management",
        "complaints by division",
        "quarter division",
        """\
    staff INTEGER officers and staff: exposure
    complaints INTEGER complaints received
    closed INTEGER complaints closed
    days_to_resolve DOUBLE mean days to close, of those closed""",
    ),
    table(
        "fact_workforce_diversity_quarter",
        "D12",
        "Diversity",
        "workforce by group",
        "quarter division protected_group",
        """\
    protected_group VARCHAR Women, Minority ethnic, Disabled (declared), Under 30
    headcount INTEGER people of the group (numerator)
    staff INTEGER officers and staff (denominator)""",
    ),
)

TABLES: tuple[Table, ...] = (
    *CONFIDENCE,
    *ENGAGEMENT,
    *VISIBILITY,
    *SURVEYS,
    *PROBLEM_SOLVING,
    *STOP_SEARCH,
    *LEGITIMACY,
)
