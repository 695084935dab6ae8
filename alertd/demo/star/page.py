"""The page about the demonstration warehouse, `docs/demo-warehouse.md`, written from its tables and from what is planted."""

from collections.abc import Iterator

from alertd.demo.star.plan import planted_lines
from alertd.demo.star.schema import ALL, TABLES
from alertd.demo.star.table import Table

_HEAD = """\
# The demonstration warehouse

`alertd demo-warehouse build FILE [--force-size small|county|national] [--seed N] [--replace]` writes a DuckDB file
that is shaped like a police force's warehouse: six years (April 2017 to March 2023; hours, days, weeks and events to
10 April) of every measure and diagnostic of the framework, at its grain and by its dimensions. **Every figure, place
and person in it is simulated**; the table `about` says so, and so does the comment on each table. This page is
written from the code (`python scripts/write_demo_warehouse_page.py`).

- **Sizes**: `small` is a force of 4 districts in 2 divisions; `county` one of 14 districts in 3 divisions with 64
  teams; `national` 43 such forces with 120 neighbourhoods a district, over a million series. The first force has the
  places of `config/places.yaml`.
- **The same seed gives the same rows**, in the same order.
- **Frozen** at 07:00 on 11 April 2023 (`about.as_at`). `loaded_at` says when a row's period first came; a load comes
  in the second night after its period's end (of days and hours the next night; courts after 12 days, surveys after
  26), one in thirty is late. Quarters are calendar quarters.
- **Names, not numbers**: facts carry the names that rules are written `by` (`district`, `team`), and those of
  `dim_place`, `dim_team`. Facts at a district add up to its division and force: read `parent`, `division`, `force`
  from `dim_place`.
- **Places that are none**: `Not located` (and, of incidents, `Outside force area`) stand among the districts of
  `fact_crime_month`, `fact_crime_outcome_month`, `fact_crime_outcome_snapshot`, `fact_incident_day` and
  `fact_high_impact_week`; in `national` among those of the first force only.
- **In `national`** names of places and teams are unique over all forces; add `force` to `by` where the table has it.
- **Settling**: `fact_crime_outcome_month` and `fact_attrition_month` fill for 6 months, `fact_repeat_domestic_month`
  and the four tables of lines of enquiry (D5) for 3; `fact_crime_outcome_snapshot` holds each age, for `at_age`.
- **Corrections**: facts hold the corrected figure, and `revisions` both, with the day.
- **The score**: `alertd demo-warehouse score` holds what rules tell against what is planted here
  ([the framework's](demo-warehouse-score.md)).
- **Dirty rows** are in the tables as a feed would bring them: each is in `truth` with `expected` = `data`.
- **Key** below names the columns that tell rows apart, the period first; the rest of them are what a measure is `by`.
  A dirty duplicate breaks it on purpose, and the hour that autumn repeats has two rows in tables by hour.
"""


def _type(table: Table) -> str:
    return "view" if table.select else "table"


def _section(table: Table) -> Iterator[str]:
    served = f"**{table.serves}** {table.component}. " if table.serves else ""
    key = ", ".join(f"`{name}`" for name in table.keys) or "none"
    yield f"### `{table.name}`\n"
    yield f"{served}{table.about[0].upper()}{table.about[1:]}. Grain: {table.grain}. Key: {key}.\n"
    yield "| column | type | meaning |\n|---|---|---|"
    yield from (f"| `{one.name}` | {one.type} | {one.meaning} |" for one in table.columns)
    yield ""


def _quadrants() -> list[tuple[str, list[Table]]]:
    first = {"M1": 1, "M2": 1, "M3": 1, "D1": 1, "D2": 1, "D3": 1, "D4": 1}
    second = dict.fromkeys(("M4", "M5", "M6", "D5", "D6"), 2)
    third = dict.fromkeys(("M7", "M8", "M9", "D7", "D8"), 3)
    fourth = dict.fromkeys(("M10", "M11", "M12", "D9", "D10", "D11", "D12"), 4)
    of = {**first, **second, **third, **fourth}
    titles = {
        1: "1. Protecting local policing",
        2: "2. Tackling crime and reoffending",
        3: "3. Supporting vulnerable people and victims",
        4: "4. Developing safe, confident communities",
        0: "Dimensions, posts, loads, truth and qualitative tables",
    }
    facts = list(TABLES.values())
    return [(title, [one for one in facts if of.get(one.serves, 0) == number]) for number, title in titles.items()]


def _views() -> Iterator[str]:
    yield "## Views\n\nEach has the columns of its table but those that it is about.\n"
    yield "| view | row | component | it is | key |\n|---|---|---|---|---|"
    for one in ALL.values():
        if one.select:
            key = ", ".join(f"`{name}`" for name in one.keys)
            yield f"| `{one.name}` | {one.serves} | {one.component} | {one.about} | {key} |"
    yield ""


def _served() -> Iterator[str]:
    """Which tables serve each catalogue row."""
    rows = sorted({one.serves for one in ALL.values() if one.serves}, key=lambda row: (row[0] != "M", int(row[1:])))
    yield "## Which tables serve which row\n\n| row | tables and views |\n|---|---|"
    for row in rows:
        names = ", ".join(f"`{one.name}`" for one in ALL.values() if one.serves == row)
        yield f"| {row} | {names} |"
    yield ""


def page() -> str:
    """The whole page."""
    lines = [_HEAD, *_served()]
    for title, tables in _quadrants():
        lines += [f"## {title}\n"]
        for one in tables:
            lines += _section(one)
    return "\n".join([*lines, *_views(), *planted_lines()]).rstrip() + "\n"
