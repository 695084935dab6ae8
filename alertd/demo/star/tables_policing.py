"""Facts of quadrant 1, Protecting local policing: M1 to M3 and D1 to D4."""

from alertd.demo.star.table import Table, table

_PERCENT_TIMES = """\
    incidents INTEGER attended incidents (denominator)
    within_standard INTEGER of these, within the standard: Grade 1 15 minutes urban, 20 rural; Grade 2 60; Grade 3 2,880
    minutes_total DOUBLE minutes to attend, added up: over `incidents` the mean
    median_minutes DOUBLE median minutes to attend
    p90_minutes DOUBLE 90th percentile of minutes to attend"""

_CALLS = """\
    line VARCHAR 999 or 101
    offered INTEGER calls that rang
    answered INTEGER of these, answered
    abandoned INTEGER of these, given up by the caller: offered = answered + abandoned
    answered_within_standard INTEGER of those answered, within 10 seconds (999) or 30 seconds (101)
    seconds_total DOUBLE seconds to answer, added up: over `answered` the mean
    mean_seconds DOUBLE mean seconds to answer"""

OUR_PEOPLE = (
    table(
        "fact_posts_month",
        "M1",
        "FTE to actual, temporary and unfunded posts",
        "posts and people at the month's end",
        "month division department rank",
        """\
    establishment DOUBLE funded posts, FTE (denominator)
    actual_fte DOUBLE people in post, FTE; may pass the establishment, so write it as `value` or an exposure rate
    temporary_fte DOUBLE of these, in temporary posts
    unfunded_fte DOUBLE of these, in posts that no budget funds
    percent_of_establishment DOUBLE 100 x actual_fte / establishment""",
    ),
    table(
        "fact_sickness_month",
        "M1",
        "Attendance management, H1 and PIU",
        "working time lost to sickness",
        "month division department",
        """\
    headcount INTEGER people (the disclosure floor is 10)
    hours_contracted INTEGER contracted hours (denominator)
    hours_lost INTEGER of these, lost to sickness
    days_lost INTEGER working days lost
    fte DOUBLE people, FTE: exposure for days per FTE
    long_term_cases INTEGER absences of 28 days or longer""",
    ),
    table(
        "fact_health_referral_month",
        "M1",
        "Attendance management, H1 and PIU",
        "referrals; the labels H1 and PIU are the framework's own",
        "month division referral",
        """\
    referral VARCHAR H1 or PIU
    referrals INTEGER referrals made in the month
    headcount INTEGER people: exposure""",
    ),
    table(
        "fact_agile_month",
        "M1",
        "Digital development and agile working measures",
        "mobile working",
        "month division",
        """\
    devices_issued INTEGER devices issued (denominator)
    devices_active INTEGER of these, used in the month
    forms INTEGER forms submitted (denominator)
    mobile_forms INTEGER of these, on a mobile device
    duty_hours INTEGER duty hours (denominator)
    agile_hours INTEGER of these, worked away from a base""",
    ),
    table(
        "fact_temporary_promotion_month",
        "M1",
        "Development and temporary promotions plans",
        "temporary promotions at the month's end",
        "month division rank",
        """\
    rank VARCHAR Sergeant, Inspector and above
    posts INTEGER posts of the rank (denominator)
    temporary_promotions INTEGER of these, held by a temporary promotion
    with_plan INTEGER of the temporary promotions, those with an agreed end or a promotion plan""",
    ),
    table(
        "fact_development_plan_month",
        "M1",
        "Development and temporary promotions plans",
        "personal development reviews",
        "month division department",
        """\
    due INTEGER reviews that fell due (denominator)
    completed INTEGER of these, completed on time""",
    ),
)

RESPONSE = (
    table(
        "fact_attendance",
        "M2",
        "Response performance Grade 1 (average time by team and place)",
        "one attended incident, for medians and 90th percentiles (`aggregate: rows`)",
        "incident_id",
        """\
    incident_id INTEGER number of the incident
    day DATE day of the call; the period of daily, weekly or monthly measures
    hour_of_day INTEGER hour of the call, 0 to 23
    district
    team: response team that attended
    grade
    area VARCHAR urban or rural
    minutes DOUBLE minutes from call to arrival
    within_standard INTEGER 1 where within the standard, else 0""",
        grain="event",
    ),
    table(
        "fact_response_week",
        "M2",
        "Response performance Grade 1, Grade 2, Grade 3",
        "attendance by place and grade (views for each grade below)",
        "week district grade",
        _PERCENT_TIMES,
    ),
    table(
        "fact_response_month",
        "M2",
        "Response performance Grade 1, Grade 2, Grade 3",
        "attendance by place and grade",
        "month district grade",
        _PERCENT_TIMES,
    ),
    table(
        "fact_response_team_month",
        "M2",
        "Response performance Grade 1, Grade 2, Grade 3",
        "attendance by response team and grade",
        "month team grade",
        _PERCENT_TIMES,
    ),
    table(
        "fact_calls_hour",
        "M2",
        "Call taking performance 999 and 101 (average time)",
        "calls by hour",
        "hour force line",
        _CALLS,
    ),
    table(
        "fact_calls_day",
        "M2",
        "Call taking performance 999 and 101 (average time)",
        "calls by day",
        "day force line",
        _CALLS,
    ),
    table(
        "fact_calls_month",
        "M2",
        "Call taking performance 999 and 101 (average time)",
        "calls by month",
        "month force line",
        _CALLS,
    ),
)

FRONTLINE = (
    table(
        "fact_frontline_quarter",
        "M3",
        "Number of officers; % of time, quarterly",
        "officers and duty time in frontline roles",
        "quarter division role",
        """\
    role VARCHAR Constable, Sergeant, Inspector and above
    officers INTEGER officers (denominator)
    frontline_officers INTEGER of these, in frontline roles
    duty_hours INTEGER duty hours (denominator)
    frontline_hours INTEGER of these, spent in frontline work""",
    ),
)

DEMAND = (
    table(
        "fact_contact_day",
        "D1",
        "Including digital channel shift",
        "contacts from the public by channel",
        "day force channel",
        """\
    channel VARCHAR 999, 101, Web form, Front counter, Social media
    contacts INTEGER contacts by this channel (numerator)
    all_contacts INTEGER contacts by every channel that day (denominator)""",
    ),
    table(
        "fact_digital_contact_month",
        "D1",
        "Including digital channel shift",
        "share of contacts by web form or social media",
        "month force",
        """\
    contacts INTEGER contacts by every channel (denominator)
    digital_contacts INTEGER of these, by web form or social media""",
    ),
    table(
        "fact_incident_day",
        "D1",
        "Demand monitoring",
        "incidents recorded; also at `Not located`, `Outside force area`",
        "day district incident_type",
        """\
    incident_type VARCHAR Anti-social behaviour, Crime, Public safety, Transport, Domestic, Concern for safety
    incidents INTEGER incidents
    residents""",
    ),
    table(
        "fact_incident_hour",
        "D1",
        "Demand monitoring",
        "incidents recorded by hour",
        "hour force",
        "    incidents INTEGER incidents",
    ),
    table(
        "fact_mobile_data_week",
        "D1",
        "Mobile data",
        "incidents updated from a mobile device",
        "week district",
        """\
    jobs INTEGER incidents that officers updated (denominator)
    updated_on_mobile INTEGER of these, from a mobile device
    megabytes DOUBLE mobile data used""",
    ),
    table(
        "fact_capacity_month",
        "D1",
        "Demand monitoring",
        "demand against capacity, in hours (R49)",
        "month district",
        """\
    demand_hours INTEGER officer hours that incidents and enquiries asked for
    capacity_hours INTEGER officer hours on duty for them""",
    ),
)

SHIFTS = (
    table(
        "fact_shift_week",
        "D2",
        "Shift system compliance",
        "shifts by team",
        "week district team",
        """\
    shifts INTEGER shifts rostered (denominator)
    compliant INTEGER of these, within the shift system's rules
    below_minimum INTEGER of these, below minimum strength""",
    ),
    table(
        "fact_supply_demand_week",
        "D2",
        "Supply to demand match",
        "officer hours against incident hours, by place",
        "week district",
        """\
    officer_hours DOUBLE officer hours on duty
    incident_hours DOUBLE hours that incidents took
    supply_ratio DOUBLE officer_hours / incident_hours; 1 is a match""",
    ),
    table(
        "fact_supply_demand_band_week",
        "D2",
        "Supply to demand match",
        "the same by hours of the day",
        "week district hour_band",
        """\
    hour_band VARCHAR 00-06, 06-12, 12-18, 18-24
    officer_hours DOUBLE officer hours on duty
    incident_hours DOUBLE hours that incidents took
    supply_ratio DOUBLE officer_hours / incident_hours""",
    ),
)

PCSO = (
    table(
        "fact_pcso_month",
        "D3",
        "For 2017 crime allocations",
        "community support officers' time and crimes allocated to them",
        "month district",
        """\
    pcsos INTEGER community support officers
    hours_duty INTEGER duty hours (denominator)
    hours_on_task INTEGER of these, on the allocated task
    crimes_allocated INTEGER crimes allocated to community support officers
    crimes INTEGER crimes recorded: exposure for the rate""",
    ),
)

CITIZENS = (
    table(
        "fact_citizens_quarter",
        "D4",
        "Special constables; Volunteers; Cadets; NHW; Numbers, hours worked",
        "citizens in policing by place (views for each role below)",
        "quarter district role",
        """\
    role VARCHAR Special constable, Volunteer, Cadet, Neighbourhood Watch
    headcount INTEGER people at the quarter's end
    hours INTEGER hours worked
    joined INTEGER people who joined
    left_service INTEGER people who left""",
    ),
    table(
        "fact_citizens_development_quarter",
        "D4",
        "development by place",
        "training of citizens in policing",
        "quarter district",
        """\
    due INTEGER people due for training (denominator)
    trained INTEGER of these, trained""",
    ),
    table(
        "fact_citizens_diversity_quarter",
        "D4",
        "workforce diversity",
        "citizens in policing by protected group",
        "quarter force protected_group",
        """\
    protected_group VARCHAR Women, Minority ethnic, Disabled (declared), Under 30
    headcount INTEGER people of the group (numerator)
    all_headcount INTEGER all citizens in policing (denominator)""",
    ),
)

TABLES: tuple[Table, ...] = (*OUR_PEOPLE, *RESPONSE, *FRONTLINE, *DEMAND, *SHIFTS, *PCSO, *CITIZENS)
