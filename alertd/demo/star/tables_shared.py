"""Dimensions, people in post, load log, what was planted, and the qualitative tables, which serve every quadrant."""

from alertd.demo.star.table import Table, table

DIMENSIONS = (
    table(
        "about",
        "",
        "",
        "what this file is: one row",
        "",
        """\
    note VARCHAR says that everything is simulated
    force_size VARCHAR small, county or national
    seed INTEGER the seed
    as_at TIMESTAMP the moment at which the warehouse is frozen, local time
    first_day DATE first day of the figures
    last_day DATE last day of months, quarters and years; shorter periods and events reach to the day before `as_at`""",
        grain="row",
        loaded=False,
    ),
    table(
        "dim_date",
        "",
        "",
        "one day",
        "day",
        """\
    week DATE Monday of its week
    month DATE first day of its month
    quarter VARCHAR calendar quarter, `2022-Q4`
    half_year VARCHAR `2022-H2`
    year VARCHAR calendar year
    performance_year VARCHAR year from April, `2022/23`
    weekday INTEGER 1 Monday to 7 Sunday
    weekday_name VARCHAR Monday to Sunday
    bank_holiday VARCHAR name of England's bank holiday, else empty
    working_day BOOLEAN neither weekend nor bank holiday""",
        grain="row",
        loaded=False,
    ),
    table(
        "dim_place",
        "",
        "",
        "one place as it is now, or as it was when it closed (North Division, 31 March 2018)",
        "place",
        """\
    place VARCHAR name
    level VARCHAR neighbourhood, district, division or force
    parent VARCHAR the place one level up
    division VARCHAR its division, where it has one
    force VARCHAR its force
    "from" DATE first day; empty: always
    "to" DATE last day; empty: still there
    expected BOOLEAN whether every feed should have it
    area VARCHAR urban or rural, of districts and neighbourhoods
    residents INTEGER residents
    households INTEGER households
    nni_weight DOUBLE need, 1 on average""",
        grain="row",
        loaded=False,
    ),
    table(
        "place_history",
        "",
        "",
        "what a place belonged to, from when to when",
        "place from",
        """\
    place VARCHAR name
    level VARCHAR its level
    parent VARCHAR what it belonged to
    "from" DATE first day
    "to" DATE last day; empty: still so""",
        grain="row",
        loaded=False,
    ),
    table(
        "dim_team",
        "",
        "",
        "one team",
        "team",
        """\
    function VARCHAR response, neighbourhood, investigation, contact, custody, \
public protection, early action, offender management, criminal justice
    district VARCHAR its district; empty for a team of a division or the force
    division VARCHAR its division; empty for a team of the force
    force VARCHAR its force
    "from" DATE first day
    "to" DATE last day; empty: still there
    posts INTEGER funded posts""",
        grain="row",
        loaded=False,
    ),
)

POSTS = (
    table(
        "dim_post",
        "",
        "",
        "one kind of post that owns measures",
        "post",
        """\
    post VARCHAR id: district_commander, divisional_commander, response_inspector, ..
    title VARCHAR in words
    by VARCHAR the column that decides who it is: district, division, team, or force""",
        grain="row",
        loaded=False,
    ),
    table(
        "postings",
        "",
        "",
        "who holds a post from when to when, both days inclusive; one post's rows have the columns that `owners: sql:` reads",
        "post force division district team from",
        """\
    post VARCHAR the post
    force VARCHAR the force
    division VARCHAR the division, for posts by division
    district VARCHAR the district, for posts by district
    team VARCHAR the team, for posts by team
    name VARCHAR rank and name, made up
    email VARCHAR address, at example.org
    "from" DATE first day in post
    "to" DATE last day in post; empty: still there
    deputy VARCHAR address of the deputy; empty: none""",
        grain="row",
        loaded=False,
    ),
    table(
        "absences",
        "",
        "",
        "when a holder is away, both days inclusive; the deputy is told",
        "email from",
        """\
    post VARCHAR the post
    force VARCHAR the force
    division VARCHAR the division, for posts by division
    district VARCHAR the district, for posts by district
    team VARCHAR the team, for posts by team
    email VARCHAR the holder
    "from" DATE first day away
    "to" DATE last day away
    reason VARCHAR annual leave, course, sickness""",
        grain="row",
        loaded=False,
    ),
)

LOADS = (
    table(
        "load_log",
        "",
        "",
        "one load of one table",
        "load_id",
        """\
    load_id INTEGER number of the load
    table_name VARCHAR table that was loaded
    period VARCHAR the period that it brought, in the contract's form
    started_at TIMESTAMP when it began
    finished_at TIMESTAMP when it ended
    row_count INTEGER rows brought
    status VARCHAR ok, late, partial or failed
    note VARCHAR in words, where it was not ok""",
        grain="row",
        loaded=False,
    ),
    table(
        "revisions",
        "",
        "",
        "one figure that was corrected after its first load; facts hold the corrected one",
        "revision_id",
        """\
    revision_id INTEGER number
    table_name VARCHAR table
    period VARCHAR the row's period, in the contract's form
    series VARCHAR the row's series, `district=Brunford;grade=Grade 1`
    column_name VARCHAR column
    value_before DOUBLE as first loaded
    value_after DOUBLE as it stands
    revised_at TIMESTAMP when it was corrected
    reason VARCHAR in words""",
        grain="row",
        loaded=False,
    ),
    table(
        "truth",
        "",
        "",
        "one thing that was planted, or that must be met with silence",
        "truth_id",
        """\
    truth_id INTEGER number
    framework VARCHAR catalogue row, `M2`
    component VARCHAR the catalogue's component
    table_name VARCHAR table that holds it
    column_name VARCHAR column that it shows in; of a share the numerator
    force VARCHAR force; empty: every one
    division VARCHAR division; empty: not by division, or every one
    district VARCHAR district; empty: not by district, or every one
    team VARCHAR team; empty: not by team, or every one
    category_column VARCHAR the further column that names the series, such as `grade`; empty: none, or every one
    category VARCHAR its value
    series VARCHAR every column that names the series, `division=East Division;department=Response;rank=Constable`; empty: all
    "from" VARCHAR first period, in the contract's form at the table's grain (a day for events)
    "to" VARCHAR last period
    grain VARCHAR the table's grain
    kind VARCHAR step_up, step_down, spike, dip, drift_up, drift_down, surge, cluster, \
shock, recording_change, settling, season, chance, \
grade_drop, grade_poor, failed_check, overdue, late, missing, null, negative, above_denominator, duplicate, \
future, unreadable_period, unknown_place, revision, zero_variance, not_located, vanished, one_event
    factor DOUBLE how many times the usual level (of a share: of its odds); empty where that says nothing
    expected VARCHAR notice (a leader hears), data (the steward hears), nothing
    direction VARCHAR worse, better, changed; empty where nobody hears
    note VARCHAR in words""",
        grain="row",
        loaded=False,
    ),
)

_PLACES = """\
    force
    division: name of the division
    district: name of the district; empty where the entry is about a division
    team: name of the team; empty where it is about a place
"""

QUALITATIVE = (
    table(
        "assessments",
        "",
        "",
        "one graded assessment (views by catalogue row below)",
        "assessment_id",
        f"""\
    assessment_id INTEGER number
    framework VARCHAR catalogue row
    theme VARCHAR what was assessed
{_PLACES}    assessed_on DATE day of the assessment
    quarter VARCHAR its calendar quarter: no more than one a theme, place and quarter
    grade VARCHAR Inadequate, Requires improvement, Good, Outstanding
    assessed_by VARCHAR who assessed, made up
    finding VARCHAR the finding's words""",
        grain="event",
    ),
    table(
        "reality_checks",
        "",
        "",
        "one reality check",
        "check_id",
        f"""\
    check_id INTEGER number
    framework VARCHAR catalogue row
    theme VARCHAR what was checked
{_PLACES}    checked_on DATE day of the check
    month DATE first day of its month: no more than one a row, theme, place and month
    result VARCHAR failed, passed
    checked_by VARCHAR who checked, made up
    finding VARCHAR the finding's words""",
        grain="event",
    ),
    table(
        "self_assessments",
        "",
        "",
        "one self-assessment that fell due",
        "self_assessment_id",
        """\
    self_assessment_id INTEGER number
    framework VARCHAR catalogue row
    theme VARCHAR what it is about
    force
    division
    district
    quarter VARCHAR the calendar quarter that it is for
    due_on DATE day on which it fell due
    returned_on DATE day on which it came back; empty: not yet
    grade VARCHAR the grade they gave themselves; empty: not returned
    returned_by VARCHAR who returned it, made up; empty: not returned
    finding VARCHAR in their words; empty: not returned
    loaded_at: when the return, or the reminder, reached the warehouse""",
        grain="event",
    ),
    table(
        "supporting_plans",
        "",
        "",
        "one of the framework's 43 supporting plans",
        "plan",
        """\
    plan VARCHAR name
    quadrant_no INTEGER quadrant, 1 to 4
    placement VARCHAR how sure that is
    plan_owner VARCHAR who owns it, made up""",
        grain="row",
        loaded=False,
    ),
    table(
        "plan_actions",
        "",
        "",
        "one action of a supporting plan",
        "action_id",
        """\
    action_id INTEGER number
    plan VARCHAR the plan
    quadrant_no INTEGER its quadrant
    force
    division: who acts; empty: the force
    action VARCHAR the action in words
    action_owner VARCHAR who acts, made up
    set_on DATE day on which it was agreed
    due_on DATE day on which it falls due
    done_on DATE day on which it was done; empty: not yet""",
        grain="event",
    ),
    table(
        "focus_groups",
        "M9",
        "Victim focus groups",
        "one focus group of victims",
        "focus_group_id",
        """\
    focus_group_id INTEGER number
    force
    division
    held_on DATE day
    quarter VARCHAR its calendar quarter: one a division and quarter
    theme VARCHAR what it was about
    participants INTEGER people who took part
    grade VARCHAR Inadequate, Requires improvement, Good, Outstanding
    held_by VARCHAR who held it, made up
    finding VARCHAR the finding's words""",
        grain="event",
    ),
    table(
        "fact_plan_action_month",
        "",
        "",
        "actions of a plan at the month's end",
        "month plan",
        """\
    plan VARCHAR the plan
    quadrant_no INTEGER its quadrant
    open_actions INTEGER actions agreed and not done (may be 0)
    overdue INTEGER of these, past the day on which they fell due
    done INTEGER actions done in the month
    overdue_action VARCHAR the oldest action that is overdue, in words; empty: none""",
    ),
    table(
        "fact_self_assessment_quarter",
        "",
        "",
        "self-assessments by place",
        "quarter district",
        """\
    due INTEGER self-assessments that fell due for the quarter (denominator)
    returned_on_time INTEGER of these, returned by the day on which they fell due""",
    ),
    table(
        "fact_reality_check_quarter",
        "",
        "",
        "reality checks by catalogue row and division",
        "quarter framework division",
        """\
    framework VARCHAR catalogue row
    checks INTEGER checks made (denominator)
    failed INTEGER of these, failed""",
    ),
)

TABLES: tuple[Table, ...] = (*DIMENSIONS, *POSTS, *LOADS, *QUALITATIVE)
