"""Facts of quadrant 3, Supporting vulnerable people and victims: M7 to M9, D7 and D8."""

from alertd.demo.star.table import Table, table

_CASES = """\
    referrals INTEGER referrals received
    open_cases INTEGER cases open at the month's end
    due INTEGER risk assessments that fell due (denominator)
    on_time INTEGER of these, made on time"""

EARLY_ACTION = (
    table(
        "fact_vulnerable_caller_month",
        "M7",
        "Vulnerable caller management",
        "vulnerable people who called",
        "month district",
        """\
    callers INTEGER people who called and were marked as vulnerable (denominator)
    repeat_callers INTEGER of these, those who had called before within 90 days
    calls INTEGER their calls""",
    ),
    table(
        "fact_missing_month",
        "M7",
        "Repeat missing from home",
        "missing-from-home episodes",
        "month district",
        """\
    episodes INTEGER episodes (denominator)
    repeat_episodes INTEGER of these, of people missing before within 90 days
    people INTEGER people missing: one child can make a month""",
    ),
    table(
        "fact_step_down_month",
        "M7",
        "Step-down case management",
        "early action cases by place; `team` is the early action team of its division",
        "month district team",
        """\
    open_cases INTEGER cases open (denominator)
    stepped_down INTEGER of these, stepped down to a lower level
    step_downs_reviewed INTEGER earlier step-downs, 3 months on (denominator)
    returned INTEGER of these, back at the higher level""",
    ),
)

VICTIMS_CODE = (
    table(
        "fact_victim_contact_month",
        "M8",
        "Vicman",
        "victim contacts due, by place and entitlement",
        "month district entitlement",
        """\
    entitlement VARCHAR Standard (5 working days), Enhanced (1 working day)
    due INTEGER contacts that fell due (denominator)
    on_time INTEGER of these, made on time""",
    ),
    table(
        "fact_victim_contact_team_month",
        "M8",
        "Vicman",
        "the same by response and investigation team",
        "month team",
        """\
    due INTEGER contacts that fell due (denominator)
    on_time INTEGER of these, made on time""",
    ),
    table(
        "fact_victims_code_sample_month",
        "M8",
        "Qualitative",
        "dip sample of cases against the Victims' Code",
        "month district",
        """\
    sampled INTEGER cases sampled (denominator)
    compliant INTEGER of these, compliant""",
    ),
)

SATISFACTION = (
    table(
        "fact_victim_survey_quarter",
        "M9",
        "Satisfaction levels",
        "victim survey, quarters that do not overlap",
        "quarter division crime_type",
        """\
    crime_type VARCHAR Violence, Burglary, Vehicle crime, Hate crime
    responses INTEGER answers (denominator)
    satisfied INTEGER of these, satisfied
    percent DOUBLE weighted percentage satisfied
    standard_error DOUBLE its standard error, in percentage points""",
    ),
    table(
        "fact_victim_survey_rolling",
        "M9",
        "Satisfaction levels",
        "the 12 months to the end of each quarter: overlapping, for `window`",
        "quarter division",
        """\
    responses INTEGER answers (denominator)
    satisfied INTEGER of these, satisfied
    percent DOUBLE percentage satisfied
    standard_error DOUBLE its standard error, in percentage points""",
    ),
    table(
        "fact_victim_survey_answer",
        "M9",
        "Satisfaction levels",
        "one answer, for `weight` with `aggregate: rows`",
        "answer_id",
        """\
    answer_id INTEGER number of the answer
    day DATE day of the answer
    division
    crime_type VARCHAR Violence, Burglary, Vehicle crime, Hate crime
    satisfied INTEGER 1 or 0
    weight DOUBLE how many victims the answer stands for""",
        grain="event",
    ),
)

SAFEGUARDING = (
    table(
        "fact_safeguarding_month",
        "D7",
        "Fraud; IIOC; Cyber; DA; CSE; MFH",
        "safeguarding by division and strand (views for each strand below)",
        "month division strand",
        "    strand VARCHAR Fraud, IIOC, Cyber, DA, CSE, MFH\n" + _CASES,
    ),
    table(
        "fact_safeguarding_force_month",
        "D7",
        "CT; HBV; FGM",
        "strands that are never shown below the force",
        "month force strand",
        "    strand VARCHAR CT, HBV, FGM\n" + _CASES,
    ),
    table(
        "event_safeguarding",
        "D7",
        "HBV; FGM",
        "one substantiated case of a rare strand, for time between",
        "event_id",
        """\
    event_id INTEGER number of the event
    occurred_on DATE day of the referral
    force
    strand VARCHAR HBV or FGM
    complete_to""",
        grain="event",
    ),
)

QUALITY = (
    table(
        "fact_quality_sample_month",
        "D8",
        "Hate crime; Domestic abuse",
        "dip sample of cases by place (views for each theme below)",
        "month district theme",
        """\
    theme VARCHAR Hate crime, Domestic abuse
    sampled INTEGER cases sampled (denominator)
    met_standard INTEGER of these, meeting the standard""",
    ),
    table(
        "fact_quality_sample_team_month",
        "D8",
        "Hate crime; Domestic abuse",
        "the same by public protection team, both themes",
        "month team",
        """\
    sampled INTEGER cases sampled (denominator)
    met_standard INTEGER of these, meeting the standard""",
    ),
)

TABLES: tuple[Table, ...] = (*EARLY_ACTION, *VICTIMS_CODE, *SATISFACTION, *SAFEGUARDING, *QUALITY)
