"""A measure's SQL reads tables of data and computes; everything else is refused before it reaches a database."""

import pytest

from alertd.warehouse.guard import check_sql, check_table

ALL = ("duckdb", "sqlite", "postgresql")

ATTACKS = [
    # what it would do, dialects, the SQL
    ("sleeps", ("postgresql",), "SELECT pg_sleep(100)"),
    ("sleeps under a schema", ("postgresql",), "SELECT pg_catalog.pg_sleep(100)"),
    ("sleeps under quotes", ("postgresql",), 'SELECT "pg_sleep"(100)'),
    ("sleeps in a condition", ("postgresql",), "SELECT 1 FROM t WHERE CASE WHEN pg_sleep(9) IS NULL THEN 1 END = 1"),
    ("sleeps under escapes", ("postgresql",), 'SELECT U&"\\0070g_sleep"(100)'),
    ("reads a file", ("postgresql",), "SELECT pg_read_file('/etc/passwd')"),
    ("lists a folder", ("postgresql",), "SELECT * FROM pg_ls_dir('/')"),
    ("lists a folder in a FROM", ("postgresql",), "SELECT * FROM ROWS FROM (pg_ls_dir('/')) AS x"),
    ("imports a file", ("postgresql",), "SELECT lo_import('/etc/passwd')"),
    ("reaches out", ("postgresql",), "SELECT * FROM dblink('host=evil', 'select 1') AS t(x int)"),
    ("runs text as SQL", ("postgresql",), "SELECT query_to_xml('select 1', true, true, '')"),
    ("lifts its time limit", ("postgresql",), "SELECT set_config('statement_timeout', '0', false)"),
    ("reads settings", ("postgresql",), "SELECT current_setting('data_directory')"),
    ("moves a sequence", ("postgresql",), "SELECT nextval('s')"),
    ("ends others", ("postgresql",), "SELECT pg_terminate_backend(1)"),
    ("reads passwords", ("postgresql",), "SELECT * FROM pg_shadow"),
    ("reads passwords of the catalogue", ("postgresql",), "SELECT * FROM pg_catalog.pg_authid"),
    ("reads the catalogue's tables", ALL, "SELECT * FROM information_schema.tables"),
    ("names the user", ("postgresql", "duckdb"), "SELECT current_user"),
    ("reads a file as a table", ("duckdb",), "SELECT * FROM '/etc/passwd'"),
    ("reads a file under quotes", ("duckdb",), 'SELECT * FROM "other.csv"'),
    ("reads a csv", ("duckdb",), "SELECT * FROM read_csv('x.csv')"),
    ("reads a csv by itself", ("duckdb",), "SELECT * FROM read_csv_auto('x.csv')"),
    ("reads parquet", ("duckdb",), "SELECT * FROM read_parquet('s3://bucket/x.parquet')"),
    ("reads text", ("duckdb",), "SELECT content FROM read_text('/etc/passwd')"),
    ("lists files", ("duckdb",), "SELECT * FROM glob('/*')"),
    ("reads the environment", ("duckdb",), "SELECT getenv('HOME')"),
    ("runs text as SQL in DuckDB", ("duckdb",), "SELECT * FROM query('select 1')"),
    ("reads settings of DuckDB", ("duckdb",), "SELECT * FROM duckdb_settings()"),
    ("reads secrets", ("duckdb",), "SELECT * FROM duckdb_secrets"),
    ("chains a function", ("duckdb",), "SELECT ('/etc/passwd').read_text()"),
    ("loads code", ("sqlite",), "SELECT load_extension('x.so')"),
    ("reads a file in SQLite", ("sqlite",), "SELECT readfile('/etc/passwd')"),
    ("reads the schema", ("sqlite",), "SELECT sql FROM sqlite_master"),
    ("asks a pragma", ("sqlite",), "SELECT * FROM pragma_table_info('t')"),
    ("is a pragma", ("sqlite", "duckdb"), "PRAGMA table_info('t')"),
    ("attaches", ("sqlite", "duckdb"), "ATTACH 'x.db' AS x"),
    ("copies out", ("duckdb", "postgresql"), "COPY t TO '/tmp/x'"),
    ("sets", ("duckdb", "postgresql"), "SET threads = 1"),
    ("installs", ("duckdb",), "INSTALL httpfs"),
    ("inserts", ALL, "INSERT INTO t VALUES (1)"),
    ("updates", ALL, "UPDATE t SET a = 1"),
    ("deletes", ALL, "DELETE FROM t"),
    ("drops", ALL, "DROP TABLE t"),
    ("creates", ALL, "CREATE TABLE x AS SELECT 1"),
    ("deletes in a WITH", ("postgresql",), "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone"),
    ("selects into", ("postgresql",), "SELECT * INTO x FROM t"),
    ("locks", ("postgresql",), "SELECT * FROM t FOR UPDATE"),
    ("is two statements", ALL, "SELECT 1; SELECT 2"),
    ("drops after a SELECT", ALL, "SELECT 1; DROP TABLE t"),
    ("is nothing", ALL, "-- only a comment"),
    ("calls a procedure", ("postgresql",), "CALL p()"),
    ("runs a block", ("postgresql",), "DO $$ BEGIN END $$"),
    ("explains by running", ("postgresql", "duckdb"), "EXPLAIN ANALYZE SELECT 1"),
    ("takes another parameter", ALL, "SELECT :other"),
    ("takes a numbered parameter", ALL, "SELECT ?"),
    ("takes a variable", ("sqlite",), "SELECT @x"),
    ("is cut off", ALL, "SELECT a FROM t WHERE ("),
    ("leaves a quote open", ALL, "SELECT 'a FROM t"),
    ("nests", ALL, "SELECT " + "(" * 5000 + "1" + ")" * 5000),
    ("nests subqueries", ALL, "SELECT * FROM " + "(SELECT * FROM " * 20_000 + "t" + ")" * 20_000),
    ("repeats NOT", ALL, "SELECT " + "NOT " * 20_000 + "a FROM t"),
    ("repeats CASE", ALL, "SELECT " + "CASE WHEN a THEN " * 5_000 + "1" + " END" * 5_000 + " FROM t"),
]

LEGITIMATE = [
    (ALL, "SELECT district, month_start, incidents FROM fact_response"),
    (ALL, "select a, sum(b) as b from main.t group by a having count(*) > 1;"),
    (ALL, "SELECT a, count(*) FILTER (WHERE b > 1) AS n FROM t GROUP BY a -- per place"),
    (ALL, "WITH x AS (SELECT a, b FROM t WHERE d >= :since AND d < :until) SELECT a, avg(b) AS b FROM x GROUP BY a"),
    (ALL, "SELECT a, CASE WHEN b > 1 AND NOT c THEN 1 ELSE 0 END AS b FROM t UNION ALL SELECT a, 2 FROM u"),
    (
        ALL,
        "SELECT a, row_number() OVER (PARTITION BY a ORDER BY d DESC) AS n, lag(b, 1) OVER (ORDER BY d) AS was FROM t",
    ),
    (
        ALL,
        "SELECT cast(b AS integer) / nullif(c, 0) AS share, coalesce(a, 'Not located') AS a, round(abs(b), 2) AS r FROM t",
    ),
    (
        ALL,
        "SELECT t.a, u.name FROM t JOIN u ON t.id = u.id LEFT JOIN v ON v.id = u.id WHERE u.name LIKE '%:x%' "
        "OR EXISTS (SELECT 1 FROM w)",
    ),
    (
        ALL,
        "SELECT upper(trim(a)) || '-' || substr(a, 1, 2) AS a, length(a) AS n, replace(a, 'x', 'y') AS r "
        "FROM t WHERE a IN ('p', 'q')",
    ),
    (ALL, "SELECT DISTINCT a FROM t ORDER BY a LIMIT 10"),
    (ALL, "SELECT min(b), max(b), count(DISTINCT b) FROM t"),
    (
        ("postgresql", "duckdb"),
        "SELECT date_trunc('month', occurred_on)::date AS month_start, count(*) AS n FROM t GROUP BY 1",
    ),
    (
        ("postgresql", "duckdb"),
        "SELECT a, d + INTERVAL '1 month' AS next, extract(year FROM d) AS y, date_part('dow', d) AS dow FROM t",
    ),
    (
        ("postgresql", "duckdb"),
        "SELECT a, avg(b) FILTER (WHERE c) AS m, stddev_samp(b) AS s, percentile_cont(0.9) WITHIN GROUP "
        "(ORDER BY b) AS p FROM t GROUP BY a",
    ),
    (
        ("postgresql", "duckdb"),
        "SELECT a, greatest(b, 0), least(b, 1), split_part(a, '-', 1), string_agg(a, ',') FROM t GROUP BY ALL",
    ),
    (
        ("postgresql", "duckdb"),
        "SELECT d.day, count(t.id) AS n FROM generate_series(date '2022-01-01', date '2022-12-31', interval "
        "'1 day') AS d(day) LEFT JOIN t ON t.day = d.day GROUP BY d.day",
    ),
    (
        ("postgresql",),
        'SELECT to_char(d, \'IYYY-"W"IW\') AS week, count(*) AS n FROM "Case Work"."Incidents 2022" GROUP BY 1',
    ),
    (
        ("postgresql",),
        "SELECT make_date(y, m, 1) AS d, age(d, e) AS age, regexp_replace(a, 'x', 'y') AS r, ts AT TIME ZONE "
        "'Europe/London' AS here FROM t",
    ),
    (
        ("postgresql",),
        "SELECT DISTINCT ON (a) a, b FROM t, LATERAL (SELECT max(c) AS b FROM u WHERE u.a = t.a) AS x ORDER BY a, b",
    ),
    (
        ("duckdb",),
        "FROM t SELECT a, date_diff('day', d, e) AS n, strftime(d, '%Y-%m') AS m, make_date(2022, 1, 1) AS f",
    ),
    (
        ("duckdb",),
        "SELECT a, quantile_cont(b, 0.9) AS p, median(b) AS m, count_if(b > 1) AS c, arg_max(a, b) AS top, "
        "time_bucket(INTERVAL '7 days', d) AS w FROM t GROUP BY a QUALIFY row_number() OVER () < 9",
    ),
    (
        ("duckdb",),
        "SELECT dayname(d), weekofyear(d), isodow(d), last_day(d), epoch(ts), strptime(a, '%d/%m/%Y')::date, "
        "try_cast(a AS integer) FROM t",
    ),
    (
        ("sqlite",),
        "SELECT strftime('%Y-%m', d) AS month, sum(iif(b > 1, 1, 0)) AS n, ifnull(c, 0) AS c FROM t GROUP BY month",
    ),
    (
        ("sqlite",),
        "SELECT date(d, 'start of month', '+1 month') AS m, julianday(e) - julianday(d) AS days, "
        "printf('%02d', b) AS p, instr(a, 'x') AS i FROM t",
    ),
    (("sqlite",), "SELECT total(b) AS b, group_concat(a) AS a, datetime(d, 'unixepoch') AS t FROM t GROUP BY a"),
]


@pytest.mark.parametrize(
    ("dialect", "sql"), [pytest.param(d, sql, id=f"{d}-{what}") for what, dialects, sql in ATTACKS for d in dialects]
)
def test_sql_that_does_more_than_read_is_refused(dialect: str, sql: str) -> None:
    problems = check_sql(sql, dialect)
    assert problems
    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in problems)


@pytest.mark.parametrize(("dialect", "sql"), [(d, sql) for dialects, sql in LEGITIMATE for d in dialects])
def test_what_analysts_write_is_accepted(dialect: str, sql: str) -> None:
    assert check_sql(sql, dialect) == ()


def test_a_problem_names_the_line_and_column_where_it_stands() -> None:
    (problem,) = check_sql("SELECT a,\n       pg_sleep(1)\nFROM t", "postgresql")
    assert (problem.line, problem.column) == (2, 8)
    assert "pg_sleep" in problem.message


def test_every_problem_is_told_at_once() -> None:
    problems = check_sql("SELECT pg_sleep(1), getenv('x')\nFROM pg_shadow\nWHERE d > :other", "postgresql")
    assert [(p.line, p.column) for p in problems] == [(1, 8), (1, 21), (2, 6), (3, 11)]


@pytest.mark.parametrize("name", ["t", "main.t", "cat.main.t", "Case Work.Incidents 2022", "crime-data", "été"])
def test_a_table_has_a_name_and_perhaps_a_schema(name: str) -> None:
    assert check_table(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a.b.c.d",
        ".t",
        "/etc/passwd",
        "'x'",
        "x*",
        "pg_shadow",
        "pg_catalog.x",
        "sqlite_master",
        "information_schema.tables",
    ],
)
def test_a_file_or_a_table_of_the_database_itself_is_no_table(name: str) -> None:
    assert check_table(name)
