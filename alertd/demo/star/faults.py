"""Makes the dirty rows in the finished tables, and the corrections that a warehouse remembers."""

from collections.abc import Iterator, Sequence

from alertd.demo.star.planted import FAULTS, Plant
from alertd.demo.star.schema import TABLES
from alertd.demo.star.spans import day_of

_WHOLE = {"within_standard": "incidents", "on_time": "due"}
_CAME = {
    "fact_visibility_week": "2022-08-03 09:10:00",
    "fact_safeguarding_month": "2022-02-21 08:30:00",
}
_UNREADABLE = {"fact_file_sample_month": "2021-13", "fact_complaint_quarter": "Q5 2021"}
_CORRECTED = {"fact_response_month": "2022-10-05 11:20:00", "fact_safeguarding_month": "2022-12-05 10:05:00"}
_ALWAYS = 12
"""Meetings planned and held every month, where nothing varies."""


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def where_of(one: Plant, *, period: bool = True) -> str:
    """The condition that finds a plant's rows."""
    table = TABLES[one.table]
    parts = [f"{name} = {quoted(value)}" for name, value in one.where.items()]
    if period:
        parts.append(_when(one, table.period, next(c.type for c in table.columns if c.name == table.period)))
    return " AND ".join(parts) or "true"


def _when(one: Plant, column: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"{column} BETWEEN {quoted(one.first)} AND {quoted(one.last)}"
    return f"{column} BETWEEN '{day_of(one.first)}' AND '{day_of(one.last, last=True)}'"


def fault_statements(plants: Sequence[Plant]) -> Iterator[str]:
    """One statement a dirty row or correction."""
    for one in plants:
        if one.kind in FAULTS:
            yield _statement(one)


def _statement(one: Plant) -> str:
    table, column, where = one.table, one.column, where_of(one)
    period = TABLES[table].period
    match one.kind:
        case "missing" | "vanished":
            return f"DELETE FROM {table} WHERE {where}"
        case "late":
            return f"UPDATE {table} SET loaded_at = '{_CAME[table]}' WHERE {where}"
        case "null":
            return f"UPDATE {table} SET {column} = NULL WHERE {where}"
        case "negative":
            return f"UPDATE {table} SET {column} = -abs({column}) - 1 WHERE {where}"
        case "above_denominator":
            return f"UPDATE {table} SET {column} = {_WHOLE[column]} + 3 WHERE {where}"
        case "zero_variance":
            return f"UPDATE {table} SET held = {_ALWAYS}, planned = {_ALWAYS} WHERE {where}"
        case "duplicate":
            return f"INSERT INTO {table} SELECT * FROM {table} WHERE {where}"
        case "future":
            known = where_of(one, period=False)
            new = f"DATE '{day_of(one.first)}' AS {period}"
            return (
                f"INSERT INTO {table} SELECT * REPLACE ({new}) FROM {table} WHERE {known} AND {period} = '2023-03-01'"
            )
        case "unreadable_period":
            return f"INSERT INTO {table} SELECT * REPLACE ({quoted(_UNREADABLE[table])} AS {period}) FROM {table} WHERE {where}"
        case "unknown_place":
            good = where.replace("Brunfrod", "Brunford")
            return f"INSERT INTO {table} SELECT * REPLACE ('Brunfrod' AS district) FROM {table} WHERE {good}"
    series = ", ';', ".join(f"'{name}=', {name}" for name in TABLES[table].by)
    return f"""INSERT INTO revisions
        SELECT (SELECT count(*) FROM revisions) + 1, '{table}', '{one.first}', concat({series}), '{column}',
            round({column} * {one.factor}), {column}, '{_CORRECTED[table]}', {quoted(one.note)}
        FROM {table} WHERE {where}"""


ROUTINE = """
    INSERT INTO revisions
    SELECT (SELECT count(*) FROM revisions) + row_number() OVER (ORDER BY month, district, crime_type), 'fact_crime_month',
        strftime(month, '%Y-%m'), concat('district=', district, ';crime_type=', crime_type), 'recorded',
        greatest(0, recorded - 1 - number % 3), recorded, loaded_at + INTERVAL 38 DAY, 'crimes recorded or cancelled later'
    FROM (
        SELECT *, row_number() OVER (ORDER BY month, district, crime_type) AS number
        FROM fact_crime_month WHERE district IN (SELECT place FROM dim_place WHERE level = 'district') AND month < '2023-02-01'
    ) WHERE number % 97 = 0"""
"""Corrections that nobody need hear of."""
