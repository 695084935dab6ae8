"""Facts of quadrant 2, Tackling crime and reoffending: M4 to M6, D5 and D6."""

from alertd.demo.star.table import Table, table

_OUTCOMES = """\
    recorded INTEGER crimes recorded in the month (denominator)
    charged INTEGER of these, charged or summonsed so far
    out_of_court INTEGER of these, dealt with out of court so far
    evidential_difficulties INTEGER of these, closed for evidential difficulties so far (attrition)
    no_suspect INTEGER of these, closed without a suspect so far
    still_open INTEGER of these, without an outcome so far
    median_days DOUBLE median days from record to outcome, of those with one"""

_LINE = """\
    with_line INTEGER crimes with such a line of enquiry, by month of record (denominator)
    positive_outcome INTEGER of these, with a charge or an out-of-court disposal so far"""

OUTCOMES = (
    table(
        "fact_crime_month",
        "M4",
        "Response",
        "recorded crime by place and type; also at `Not located`",
        "month district crime_type",
        """\
    recorded INTEGER crimes recorded
    residents""",
    ),
    table(
        "fact_crime_response_month",
        "M4",
        "Response",
        "first response to crimes",
        "month district",
        """\
    crimes INTEGER crimes recorded (denominator)
    responded_in_time INTEGER of these, with a first response in time""",
    ),
    table(
        "fact_investigation_month",
        "M4",
        "Investigation",
        "investigations by place",
        "month district",
        """\
    investigations INTEGER crimes allocated for investigation (denominator)
    reviewed_on_time INTEGER of these, with a supervisor's review on time
    median_days DOUBLE median days from allocation to closing, of those closed in the month""",
    ),
    table(
        "fact_investigation_team_month",
        "M4",
        "Investigation",
        "investigations by team",
        "month team",
        """\
    investigations INTEGER crimes allocated for investigation (denominator)
    reviewed_on_time INTEGER of these, with a supervisor's review on time
    median_days DOUBLE median days from allocation to closing, of those closed in the month""",
    ),
    table(
        "fact_crime_outcome_month",
        "M4",
        "Detection",
        "outcomes of the month's crimes, as known now: the newest 6 months still fill",
        "month district crime_type",
        _OUTCOMES,
    ),
    table(
        "fact_crime_outcome_snapshot",
        "M4",
        "Detection",
        "the same as known 0 to 12 months after the month: for `at_age`, one row for each age",
        "month district crime_type age_months",
        """\
    age_months INTEGER whole months since the end of the month of record
    recorded INTEGER crimes recorded in the month (denominator)
    charged INTEGER of these, charged or summonsed by then
    out_of_court INTEGER of these, dealt with out of court by then
    evidential_difficulties INTEGER of these, closed for evidential difficulties by then
    loaded_at: when this snapshot was taken""",
    ),
    table(
        "fact_court_month",
        "M4",
        "Conviction",
        "defendants whose case ended in court",
        "month district",
        """\
    defendants INTEGER defendants whose case ended in the month (denominator)
    convicted INTEGER of these, convicted""",
    ),
    table(
        "fact_attrition_month",
        "M4",
        "Attrition",
        "crimes that the victim no longer supports, by month of record; settles like outcomes",
        "month district",
        """\
    crimes_with_suspect INTEGER crimes with a named suspect (denominator)
    victim_withdrew INTEGER of these, closed because the victim withdrew so far""",
    ),
)

FILES = (
    table(
        "fact_file_sample_month",
        "M5",
        "Minimum standards; Quality of documents; Length of investigation; Compliance",
        "dip sample of case files; the month is text",
        "month district file_type",
        """\
    month VARCHAR the month as text, `2022-10`
    file_type VARCHAR Guilty plea expected, Not guilty plea expected
    sampled INTEGER files sampled (denominator)
    met_minimum INTEGER of these, meeting the minimum standard
    compliant INTEGER of these, compliant with the file standard's timetable
    documents INTEGER documents in the sampled files (denominator)
    documents_good INTEGER of these, of good quality
    median_days DOUBLE median days from first report to file""",
    ),
    table(
        "fact_file_sample_team_month",
        "M5",
        "Minimum standards; Compliance",
        "the same by investigation team",
        "month team",
        """\
    sampled INTEGER files sampled (denominator)
    met_minimum INTEGER of these, meeting the minimum standard
    compliant INTEGER of these, compliant with the file standard's timetable""",
    ),
)

REOFFENDING = (
    table(
        "fact_soc_month",
        "M6",
        "SOC",
        "serious and organised crime",
        "month division",
        """\
    active_groups INTEGER organised crime groups under management: exposure
    disruptions INTEGER disruptions recorded
    nominals INTEGER managed nominals (denominator)
    nominals_reoffended INTEGER of these, arrested for a new crime""",
    ),
    table(
        "fact_repeat_domestic_month",
        "M6",
        "Repeat domestic violence",
        "domestic violence suspects; settles over 3 months",
        "month division",
        """\
    suspects INTEGER suspects of domestic violence (denominator)
    repeat_suspects INTEGER of these, suspects of another within 12 months""",
    ),
    table(
        "fact_dvpn_month",
        "M6",
        "Use of DVPN / Clare's Law",
        "protection notices and disclosures",
        "month division",
        """\
    domestic_arrests INTEGER arrests for domestic abuse: exposure
    dvpn_issued INTEGER Domestic Violence Protection Notices issued
    disclosure_applications INTEGER applications under Clare's Law (denominator)
    disclosures INTEGER of these, with a disclosure made""",
    ),
    table(
        "fact_offender_visit_month",
        "M6",
        "MAPPA and SOMU",
        "visits to registered sex offenders by the sex offender management units",
        "month division team",
        """\
    offenders_managed INTEGER offenders managed in the community
    visits_due INTEGER visits that fell due (denominator)
    visits_on_time INTEGER of these, made on time""",
    ),
    table(
        "event_mappa_reoffence",
        "M6",
        "MAPPA and SOMU",
        "a serious further offence by a MAPPA offender",
        "event_id",
        """\
    event_id INTEGER number of the event
    occurred_on DATE day of the offence
    force
    division
    mappa_level INTEGER 1 to 3
    complete_to""",
        grain="event",
    ),
)

INVESTIGATIONS = (
    table(
        "fact_key_lines_month",
        "D5",
        "Converting key lines of enquiry",
        "crimes with a key line of enquiry; settles over 3 months",
        "month district crime_type",
        _LINE,
    ),
    table(
        "fact_digital_identification_month",
        "D5",
        "Digital identification",
        "crimes with digital evidence; settles over 3 months",
        "month district crime_type",
        _LINE,
    ),
    table(
        "fact_identifiable_property_month",
        "D5",
        "Identifiable property",
        "crimes with identifiable property; settles over 3 months",
        "month district crime_type",
        _LINE,
    ),
    table(
        "fact_named_offender_month",
        "D5",
        "Named offenders",
        "crimes with a named offender; settles over 3 months",
        "month district crime_type",
        _LINE,
    ),
    table(
        "fact_investigation_sample_month",
        "D5",
        "Converting key lines of enquiry",
        "quality sample by investigation team",
        "month team",
        """\
    sampled INTEGER investigations sampled (denominator)
    met_standard INTEGER of these, meeting the standard""",
    ),
)

HIGH_IMPACT = (
    table(
        "fact_high_impact_week",
        "D6",
        "Serious assault; HIAC; Hate crime; Rape; Sexual assault",
        "high impact crime (views for each type below); also at `Not located`",
        "week district crime_type",
        """\
    crime_type VARCHAR Serious assault, HIAC, Hate crime, Rape, Sexual assault
    crimes INTEGER crimes recorded
    residents""",
    ),
    table(
        "event_homicide",
        "D6",
        "Homicide",
        "one victim of homicide",
        "event_id",
        """\
    event_id INTEGER number of the event
    occurred_on DATE day of the death
    force
    division
    district
    reclassified_on DATE day on which the record was classified as homicide; empty where at once
    complete_to""",
        grain="event",
    ),
    table(
        "event_ksi",
        "D6",
        "KSI",
        "one collision with a person killed or seriously injured",
        "event_id",
        """\
    event_id INTEGER number of the event
    occurred_on DATE day of the collision
    force
    division
    district
    severity VARCHAR Fatal or Serious
    people INTEGER people killed or seriously injured
    complete_to""",
        grain="event",
    ),
    table(
        "event_fatal_collision",
        "D6",
        "KSI",
        "the fatal ones of `event_ksi`, alone: rare enough for time between",
        "event_id",
        """\
    event_id INTEGER number of the event
    occurred_on DATE day of the collision
    force
    division
    district
    people INTEGER people killed or seriously injured
    complete_to""",
        grain="event",
    ),
    table(
        "fact_ksi_week",
        "D6",
        "KSI",
        "people killed or seriously injured, counted from `event_ksi`",
        "week district",
        "    people INTEGER people killed or seriously injured",
    ),
    table(
        "fact_crime_neighbourhood_month",
        "D6",
        "HIAC",
        "recorded crime by neighbourhood: the many small series",
        "month neighbourhood category",
        """\
    category VARCHAR one of 14 categories of crime and anti-social behaviour
    crimes INTEGER crimes or incidents""",
        loaded=False,
    ),
)

TABLES: tuple[Table, ...] = (*OUTCOMES, *FILES, *REOFFENDING, *INVESTIGATIONS, *HIGH_IMPACT)
