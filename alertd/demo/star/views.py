"""Views over the facts: one a component of the catalogue where a table holds several, and one a theme that is assessed."""

from alertd.demo.star import tables_communities, tables_crime, tables_policing, tables_shared, tables_vulnerable
from alertd.demo.star.table import Table, view

BASES: dict[str, Table] = {
    one.name: one
    for tables in (tables_policing, tables_crime, tables_vulnerable, tables_communities, tables_shared)
    for one in tables.TABLES
}

_SPLIT = (
    # base, column, its value, view, component
    ("fact_health_referral_month", "referral", "H1", "fact_h1_referral_month", "Attendance management, H1 and PIU"),
    ("fact_health_referral_month", "referral", "PIU", "fact_piu_referral_month", "Attendance management, H1 and PIU"),
    ("fact_response_week", "grade", "Grade 1", "fact_response_grade1_week", "Response performance Grade 1"),
    ("fact_response_week", "grade", "Grade 2", "fact_response_grade2_week", "Grade 2"),
    ("fact_response_week", "grade", "Grade 3", "fact_response_grade3_week", "Grade 3"),
    ("fact_response_month", "grade", "Grade 1", "fact_response_grade1_month", "Response performance Grade 1"),
    ("fact_response_month", "grade", "Grade 2", "fact_response_grade2_month", "Grade 2"),
    ("fact_response_month", "grade", "Grade 3", "fact_response_grade3_month", "Grade 3"),
    ("fact_calls_month", "line", "999", "fact_calls_999_month", "Call taking performance 999 (average time)"),
    ("fact_calls_month", "line", "101", "fact_calls_101_month", "Call taking performance 101 (average time)"),
    (
        "fact_citizens_quarter",
        "role",
        "Special constable",
        "fact_special_constable_quarter",
        "Special constables (SC's)",
    ),
    ("fact_citizens_quarter", "role", "Volunteer", "fact_volunteer_quarter", "Volunteers"),
    ("fact_citizens_quarter", "role", "Cadet", "fact_cadet_quarter", "Cadets"),
    ("fact_citizens_quarter", "role", "Neighbourhood Watch", "fact_neighbourhood_watch_quarter", "NHW"),
    ("fact_high_impact_week", "crime_type", "Serious assault", "fact_serious_assault_week", "Serious assault"),
    ("fact_high_impact_week", "crime_type", "HIAC", "fact_hiac_week", "HIAC"),
    ("fact_high_impact_week", "crime_type", "Hate crime", "fact_hate_crime_week", "Hate crime"),
    ("fact_high_impact_week", "crime_type", "Rape", "fact_rape_week", "Rape"),
    ("fact_high_impact_week", "crime_type", "Sexual assault", "fact_sexual_assault_week", "Sexual assault"),
    ("fact_safeguarding_month", "strand", "Fraud", "fact_safeguarding_fraud_month", "Fraud"),
    ("fact_safeguarding_month", "strand", "IIOC", "fact_safeguarding_iioc_month", "IIOC"),
    ("fact_safeguarding_month", "strand", "Cyber", "fact_safeguarding_cyber_month", "Cyber"),
    ("fact_safeguarding_month", "strand", "DA", "fact_safeguarding_da_month", "DA"),
    ("fact_safeguarding_month", "strand", "CSE", "fact_safeguarding_cse_month", "CSE"),
    ("fact_safeguarding_month", "strand", "MFH", "fact_safeguarding_mfh_month", "MFH"),
    ("fact_safeguarding_force_month", "strand", "CT", "fact_safeguarding_ct_month", "CT"),
    ("fact_safeguarding_force_month", "strand", "HBV", "fact_safeguarding_hbv_month", "HBV"),
    ("fact_safeguarding_force_month", "strand", "FGM", "fact_safeguarding_fgm_month", "FGM"),
    ("event_safeguarding", "strand", "HBV", "event_hbv", "HBV"),
    ("event_safeguarding", "strand", "FGM", "event_fgm", "FGM"),
    ("fact_quality_sample_month", "theme", "Hate crime", "fact_hate_crime_sample_month", "Hate crime"),
    ("fact_quality_sample_month", "theme", "Domestic abuse", "fact_domestic_abuse_sample_month", "Domestic abuse"),
    ("fact_confidence_quarter", "question", "Confidence", "fact_public_confidence_quarter", "Confidence"),
    ("fact_confidence_quarter", "question", "Perceptions", "fact_public_perceptions_quarter", "Perceptions"),
)

THEMES = (
    # catalogue row, theme (the catalogue's component), level, how many months apart, view
    ("M1", "Development and temporary promotions plans", "division", 6, "assessments_m1"),
    ("M5", "Quality of documents", "district", 3, "assessments_m5"),
    ("M6", "MAPPA and SOMU", "division", 6, "assessments_m6"),
    ("M7", "Step-down case management", "district", 6, "assessments_m7"),
    ("M8", "Qualitative", "district", 3, "assessments_m8"),
    ("M9", "Victim focus groups", "division", 6, "assessments_m9"),
    ("M11", "PACT/EPACT", "district", 6, "assessments_m11"),
    ("D4", "development by place", "division", 6, "assessments_d4"),
    ("D5", "Converting key lines of enquiry", "district", 3, "assessments_d5"),
    ("D6", "SOC management assessment", "division", 3, "assessments_d6"),
    ("D7", "Safeguarding", "division", 6, "assessments_d7"),
    ("D8", "Hate crime", "district", 3, "assessments_d8_hate_crime"),
    ("D8", "Domestic abuse", "district", 3, "assessments_d8_domestic_abuse"),
    ("D10", "Quality assessment of problem-solving plans", "district", 3, "assessments_d10"),
    ("D11", "Grounds QA", "district", 3, "assessments_d11"),
    ("D12", "Complaint management", "division", 6, "assessments_d12"),
)


def _split(base: str, key: str, value: str, name: str, component: str) -> Table:
    return view(BASES[base], name, component, f"`{base}` where `{key}` is {value}", key, f"{key} = '{value}'")


def _assessed(row: str, theme: str, level: str, months: int, name: str) -> Table:
    often = {3: "quarterly", 6: "half-yearly"}[months]
    place = "district team" if level == "division" else "team"
    return view(
        BASES["assessments"],
        name,
        theme,
        f"`assessments` of this theme: {often}, by {level}",
        f"framework theme {place}",
        f"framework = '{row}' AND theme = '{theme}'",
        serves=row,
    )


VIEWS: tuple[Table, ...] = (*(_split(*one) for one in _SPLIT), *(_assessed(*one) for one in THEMES))
