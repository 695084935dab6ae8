"""The tables of the feed's warehouse: counts by month, the log of what was loaded, and views that rules can judge."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from alertd.feeds.police_uk_layout import NOT_LOCATED, OUTCOMES, STOPS, STREET, Source
from alertd.feeds.police_uk_rows import Counts

OUTSIDE = "Outside force area"
LEAST_SHARE = 0.005
"""A place with a smaller share of a force's located crimes is not one of its districts, but beyond its border."""

_KEYS = {
    STREET: ("police_uk_crimes", ("place", "category", "outcome_group"), "crimes"),
    OUTCOMES: ("police_uk_outcomes", ("place", "outcome_group"), "outcomes"),
    STOPS: ("police_uk_stop_search", ("legislation", "outcome"), "searches"),
}
"""By kind of file: its table, what it is counted by beside month and force, and the column of counts."""
_CREATE = (
    """CREATE TABLE IF NOT EXISTS police_uk_crimes (month DATE NOT NULL, force VARCHAR NOT NULL, place VARCHAR NOT NULL,
    category VARCHAR NOT NULL, outcome_group VARCHAR, crimes BIGINT NOT NULL, loaded_at TIMESTAMP NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS police_uk_outcomes (month DATE NOT NULL, force VARCHAR NOT NULL, place VARCHAR NOT NULL,
    outcome_group VARCHAR NOT NULL, outcomes BIGINT NOT NULL, loaded_at TIMESTAMP NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS police_uk_stop_search (month DATE NOT NULL, force VARCHAR NOT NULL,
    legislation VARCHAR NOT NULL, outcome VARCHAR NOT NULL, searches BIGINT NOT NULL, linked BIGINT NOT NULL,
    loaded_at TIMESTAMP NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS police_uk_loads (month DATE NOT NULL, force VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    file VARCHAR NOT NULL, "rows" BIGINT NOT NULL, counted BIGINT NOT NULL, copies BIGINT NOT NULL, bad BIGINT NOT NULL,
    repeated_ids BIGINT NOT NULL, unknown_outcomes BIGINT NOT NULL, loaded_at TIMESTAMP NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS police_uk_bad_rows (month DATE NOT NULL, force VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    file VARCHAR NOT NULL, line BIGINT, fault VARCHAR NOT NULL, loaded_at TIMESTAMP NOT NULL)""",
    f"""CREATE OR REPLACE VIEW police_uk_places AS
    SELECT force, place, crimes, crimes >= {LEAST_SHARE} * sum(crimes) OVER (PARTITION BY force) AS of_force
    FROM (SELECT force, place, sum(crimes)::BIGINT AS crimes FROM police_uk_crimes
          WHERE place <> '{NOT_LOCATED}' GROUP BY force, place)""",
    f"""CREATE OR REPLACE VIEW police_uk_by_district AS
    SELECT month, force, CASE WHEN place = '{NOT_LOCATED}' OR of_force THEN place ELSE '{OUTSIDE}' END AS district,
        category, outcome_group, counts.crimes
    FROM police_uk_crimes AS counts LEFT JOIN police_uk_places USING (force, place)""",
    # A district of a month that was loaded has a row for every category, so that no crime is zero and no file is missing.
    """CREATE OR REPLACE VIEW police_uk_crimes_monthly AS
    WITH districts AS (SELECT DISTINCT force, district FROM police_uk_by_district),
    categories AS (SELECT category, min(month) AS first, max(month) AS last FROM police_uk_by_district GROUP BY category),
    found AS (SELECT month, force, district, category, sum(crimes) AS crimes
              FROM police_uk_by_district GROUP BY month, force, district, category)
    SELECT loads.month, district, category, sum(coalesce(crimes, 0))::BIGINT AS crimes
    FROM police_uk_loads AS loads JOIN districts USING (force)
    JOIN categories ON loads.month BETWEEN categories.first AND categories.last
    LEFT JOIN found USING (month, force, district, category)
    WHERE loads.kind = 'street' GROUP BY loads.month, district, category""",
    """CREATE OR REPLACE VIEW police_uk_crime_outcomes_monthly AS
    SELECT month, district, sum(crimes)::BIGINT AS crimes,
        coalesce(sum(crimes) FILTER (outcome_group = 'charged'), 0)::BIGINT AS charged,
        coalesce(sum(crimes) FILTER (outcome_group = 'out of court'), 0)::BIGINT AS out_of_court,
        coalesce(sum(crimes) FILTER (outcome_group = 'no suspect'), 0)::BIGINT AS no_suspect,
        coalesce(sum(crimes) FILTER (outcome_group = 'evidential difficulty'), 0)::BIGINT AS evidential_difficulty,
        coalesce(sum(crimes) FILTER (outcome_group = 'open'), 0)::BIGINT AS open,
        coalesce(sum(crimes) FILTER (outcome_group = 'not known'), 0)::BIGINT AS not_known
    FROM police_uk_by_district WHERE outcome_group IS NOT NULL GROUP BY month, district""",
    """CREATE OR REPLACE VIEW police_uk_street_monthly AS
    SELECT month, force, counted AS crimes FROM police_uk_loads WHERE kind = 'street'""",
    """CREATE OR REPLACE VIEW police_uk_stop_search_monthly AS
    SELECT loads.month, loads.force, coalesce(sum(searches), 0)::BIGINT AS searches, coalesce(sum(linked), 0)::BIGINT AS linked
    FROM police_uk_loads AS loads LEFT JOIN police_uk_stop_search AS stops USING (month, force)
    WHERE loads.kind = 'stop-and-search' GROUP BY loads.month, loads.force""",
)


def create(connection: Any) -> None:
    """Make the tables that are not there yet, and the views."""
    for statement in _CREATE:
        connection.execute(statement)


def write(connection: Any, source: Source, counts: Counts, loaded_at: datetime) -> None:
    """Put a file's counts in place of what its month, force and kind held; a file that cannot be read replaces nothing.

    `loaded_at` is naive, on the warehouse's clock.
    """
    key: dict[str, str | date] = {"month": source.month, "force": source.force, "kind": source.kind}
    named = {**key, "file": source.path.name}
    connection.execute("BEGIN")
    try:
        whole = "AND line IS NULL" if counts.fault is not None else ""
        _delete(connection, "police_uk_bad_rows", key, whole)
        if counts.fault is not None:
            _insert(connection, "police_uk_bad_rows", [{**named, "line": None, "fault": counts.fault}], loaded_at)
        else:
            faults = [{**named, "line": line, "fault": fault} for line, fault in counts.faults]
            _insert(connection, "police_uk_bad_rows", faults, loaded_at)
            _replace(connection, source, counts, loaded_at)
            _delete(connection, "police_uk_loads", key)
            _insert(connection, "police_uk_loads", [{**named, **_figures(counts)}], loaded_at)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _figures(counts: Counts) -> dict[str, int]:
    return {
        "rows": counts.rows,
        "counted": counts.counted.total(),
        "copies": counts.copies,
        "bad": counts.bad,
        "repeated_ids": counts.repeated,
        "unknown_outcomes": counts.unknown,
    }


def _replace(connection: Any, source: Source, counts: Counts, loaded_at: datetime) -> None:
    table, names, figure = _KEYS[source.kind]
    _delete(connection, table, {"month": source.month, "force": source.force})
    rows: list[dict[str, Any]] = []
    for key, number in counts.counted.items():
        row = {"month": source.month, "force": source.force, **dict(zip(names, key, strict=True)), figure: number}
        rows.append(row | {"linked": counts.linked[key]} if source.kind == STOPS else row)
    _insert(connection, table, rows, loaded_at)


def _delete(connection: Any, table: str, key: Mapping[str, str | date], further: str = "") -> None:
    condition = " AND ".join(f"{name} = ?" for name in key)
    connection.execute(f"DELETE FROM {table} WHERE {condition} {further}", list(key.values()))


def _insert(connection: Any, table: str, rows: list[dict[str, Any]], loaded_at: datetime) -> None:
    if not rows:
        return
    connection.register("incoming", pa.Table.from_pylist(rows))
    names = ", ".join(f'"{name}"' for name in rows[0])
    connection.execute(f"INSERT INTO {table} ({names}, loaded_at) SELECT {names}, ? FROM incoming", [loaded_at])
    connection.unregister("incoming")
