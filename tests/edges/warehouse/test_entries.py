"""The words beside figures, read from three databases with the rows that they stand in."""

from datetime import date, datetime
from typing import Any

import pytest

from alertd.core.places import Places
from alertd.core.series import SeriesBlock
from alertd.warehouse.coding import MOST_CHARACTERS
from tests.edges.warehouse.conftest import LONDON, NOW, Build, measure

SCALE = ["failed", "passed"]
WORDS = {"finding": "words", "assessed_by": "who"}
ROWS = [
    {"day": "2022-08-04", "district": "A", "result": "passed", "words": "ten of ten", "who": "Insp A Sloe", "n": 3},
    {"day": "2022-09-14", "district": "A", "result": "failed", "words": "no plan", "who": None, "n": 0},
    {"day": "2022-09-20", "district": "B", "result": "unheard of", "words": "a fault", "who": "Insp B", "n": 2},
    {"day": "2022-10-01", "district": "B", "result": "passed", "words": "  ", "who": "Insp B", "n": 2},
    {"day": "2022-11-01", "district": "B", "result": "failed", "words": "x" * 9000, "who": "Insp B", "n": 2},
]


def read(build: Build, engine: str, rows: list[dict[str, Any]] | None = None, **keys: Any) -> SeriesBlock:
    own = "TEXT" if engine == "sqlite" else "DATE"
    create = f"CREATE TABLE t (day {own}, district TEXT, result TEXT, words TEXT, who TEXT, n INTEGER)"
    given = [
        row if engine == "sqlite" else {**row, "day": date.fromisoformat(row["day"])}
        for row in (ROWS if rows is None else rows)
    ]
    options: dict[str, Any] = {"as_of": keys.pop("as_of", False), "now": keys.pop("now", NOW)}
    warehouse = build(create, given)
    return warehouse.read(measure(**{"period": "day", **WORDS, **keys}), places=Places(), **options)


def found(block: SeriesBlock) -> list[tuple[str, str, str, str, date | None]]:
    assert block.entries is not None
    entries = block.entries
    return [
        (block.keys[column][0] if block.by else "", str(block.period(row)), words, by, day)
        for row, column, words, by, day in zip(
            entries.row, entries.column, entries.words, entries.by, entries.days(), strict=True
        )
    ]


GRADED = {"grade": "result", "scale": SCALE}


def test_words_stand_at_the_period_and_series_of_their_row(build: Build, engine: str) -> None:
    assert found(read(build, engine, **GRADED)) == [
        ("A", "2022-08", "ten of ten", "Insp A Sloe", date(2022, 8, 4)),
        ("A", "2022-09", "no plan", "", date(2022, 9, 14)),
        # the grade that no scale has is a fault, blank words say nothing, and 1 November may only stand for its month
        ("B", "2022-11", "x" * MOST_CHARACTERS, "Insp B", None),
    ]


def test_a_column_may_say_the_day_itself(build: Build, engine: str) -> None:
    *_, last = found(read(build, engine, **GRADED, assessed_on="day"))
    assert last[-1] == date(2022, 11, 1)


def test_of_several_rows_a_period_all_words_are_kept(build: Build, engine: str) -> None:
    rows = [{**row, "district": "A"} for row in ROWS]
    words = [one[2] for one in found(read(build, engine, rows, **GRADED, aggregate="rows", grain="quarter", by=[]))]
    assert sorted(words) == ["no plan", "ten of ten"]


def test_rows_that_count_for_nothing_have_no_say(build: Build, engine: str) -> None:
    words = [one[2][:9] for one in found(read(build, engine, count="n", aggregate="rows"))]
    assert words == ["ten of ten"[:9], "a fault", "x" * 9]


def test_neither_have_two_rows_of_one_series_and_period(build: Build, engine: str) -> None:
    assert [one[2] for one in found(read(build, engine, [*ROWS, {**ROWS[1], "words": "b"}], **GRADED))][:2] == [
        "ten of ten",
        "x" * MOST_CHARACTERS,
    ]


def test_what_was_written_later_is_not_known_earlier(build: Build, engine: str) -> None:
    then = datetime(2022, 10, 5, tzinfo=LONDON)
    assert [one[2] for one in found(read(build, engine, **GRADED, as_of=True, now=then))] == ["ten of ten", "no plan"]


@pytest.mark.parametrize("keys", [{"value": "n"}, {"numerator": "n", "denominator": "n"}, GRADED])
def test_other_words_make_no_other_data(build: Build, engine: str, keys: dict[str, Any]) -> None:
    rows = [row for row in ROWS if row["n"]]
    with_words = read(build, engine, rows, **keys)
    assert with_words.entries is not None
    without = build("CREATE TABLE other (x INTEGER)").read(
        measure(period="day", **keys), now=NOW, places=Places(), as_of=False
    )
    assert without.entries is None
    assert with_words.data_version == without.data_version
