"""The load log, written from the rows that came, and the summaries that other tables are added up to."""

from collections.abc import Iterator, Sequence

from alertd.demo.star.faults import quoted
from alertd.demo.star.planted import Plant
from alertd.demo.star.schema import TABLES
from alertd.demo.star.table import Table

_PERIOD = {"hour": "%Y-%m-%d", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}

SUMMARIES = (
    """INSERT INTO fact_plan_action_month
    SELECT m.month, plan, any_value(quadrant_no), count(*) FILTER (NOT done AND set_on <= ending),
        count(*) FILTER (NOT done AND due_on <= ending), count(*) FILTER (done_on >= m.month AND done_on <= ending),
        arg_min(
            'Not done: ' || action || ', due ' || strftime(due_on, '%-d %B %Y') || ', ' || action_owner || '.',
            (due_on, action_id)
        ) FILTER (NOT done AND due_on <= ending),
        any_value(ending)::TIMESTAMP + INTERVAL '2 days 3 hours'
    FROM (
        SELECT DISTINCT month, last_day(month) AS ending FROM dim_date WHERE month BETWEEN '2017-04-01' AND '2023-03-01'
    ) AS m,
        LATERAL (SELECT *, done_on IS NOT NULL AND done_on <= ending AS done FROM plan_actions)
    GROUP BY m.month, plan ORDER BY m.month, plan""",
    """INSERT INTO fact_self_assessment_quarter
    SELECT quarter, district, count(*), count(*) FILTER (returned_on <= due_on),
        max(due_on)::TIMESTAMP + INTERVAL '1 day 4 hours'
    FROM self_assessments GROUP BY quarter, district ORDER BY quarter, district""",
    """INSERT INTO fact_reality_check_quarter
    SELECT d.quarter, framework, division, count(*), count(*) FILTER (result = 'failed'),
        last_day(any_value(d.month + INTERVAL (2 - (month(d.month) - 1) % 3) MONTH))::TIMESTAMP + INTERVAL '2 days 4 hours'
    FROM reality_checks JOIN dim_date AS d ON d.day = checked_on
    GROUP BY d.quarter, framework, division ORDER BY d.quarter, framework, division""",
)


def load_statements(plants: Sequence[Plant]) -> Iterator[str]:
    """One row a table and load; and one for each load that did not come."""
    for table in TABLES.values():
        if any(one.name == "loaded_at" for one in table.columns) and table.keys:
            yield _log(table)
    yield from (_marked(one) for one in plants if one.kind == "late")
    yield from (_failed(one) for one in plants if one.kind == "missing")


def _log(table: Table) -> str:
    period = f'max("{table.period}")'
    if table.grain in ("event", "row"):
        period, batch = "''", "loaded_at::DATE"
    else:
        written = next(one.type for one in table.columns if one.name == table.period) == "VARCHAR"
        period = period if written else f"strftime({period}, '{_PERIOD[table.grain]}')"
        batch = "loaded_at"
    return f"""INSERT INTO load_log
        SELECT (SELECT count(*) FROM load_log) + row_number() OVER (ORDER BY {batch}), '{table.name}', {period},
            max(loaded_at) - INTERVAL 4 MINUTE, max(loaded_at), count(*), 'ok', ''
        FROM {table.name} GROUP BY {batch} ORDER BY {batch}"""


def _marked(one: Plant) -> str:
    return f"""UPDATE load_log SET status = 'late', note = {quoted(one.note)}
        WHERE table_name = '{one.table}' AND period BETWEEN '{one.first}' AND '{one.last}' AND finished_at::TIME > '08:00'"""


def _failed(one: Plant) -> str:
    status = "failed" if not one.where else "partial"
    return f"""INSERT INTO load_log
        SELECT count(*) + 1, '{one.table}', '{one.first}', NULL, NULL, 0, '{status}', {quoted(one.note)} FROM load_log"""
