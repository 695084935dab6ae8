"""Every table and view of the demonstration warehouse, and the statements that create them."""

from alertd.demo.star.table import Table
from alertd.demo.star.views import BASES, VIEWS

TABLES: dict[str, Table] = BASES
"""Tables by name, in the order in which they are created."""

ALL: dict[str, Table] = {**BASES, **{one.name: one for one in VIEWS}}
"""Tables and views by name."""


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _about(table: Table) -> str:
    served = f" [{table.serves} {table.component}]" if table.serves else ""
    return f"Simulated: {table.about}{served}"


def create_statements(table: Table) -> list[str]:
    """The DDL of a table, or of a view, with its comments."""
    if table.select:
        return [
            f"CREATE VIEW {table.name} AS {table.select}",
            f"COMMENT ON VIEW {table.name} IS {_text(_about(table))}",
        ]
    columns = ", ".join(f'"{one.name}" {one.type}' for one in table.columns)
    comments = [f'COMMENT ON COLUMN {table.name}."{one.name}" IS {_text(one.meaning)}' for one in table.columns]
    return [
        f"CREATE TABLE {table.name} ({columns})",
        f"COMMENT ON TABLE {table.name} IS {_text(_about(table))}",
        *comments,
    ]
