"""However an answer is cut into chunks, and whatever form they come in, the rows are the same."""

from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.classify import classify
from alertd.core.places import Places
from alertd.warehouse.coding import rows_of
from alertd.warehouse.columns import ArrowColumn, ObjectColumn
from tests.edges.warehouse.conftest import LONDON, NOW, measure

OF = measure(by=["district", "offence"], numerator="n", denominator="d", loaded_at="loaded")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["2022-08", "2022-09-30", "2022-W40", "May", None, "2023-01"]),
        st.sampled_from(["A", "B", " ", None]),
        st.sampled_from(["x", "y", "z"]),
        st.sampled_from([0.0, 1.0, 2.5, -1.0, None]),
        st.sampled_from(["2", "3", "n/a", None]),
        st.sampled_from(["2022-10-01T06:00:00", None, "never"]),
    ),
    max_size=30,
)
KINDS = [pa.string(), pa.string(), pa.string(), pa.float64(), pa.string(), pa.string()]


@given(ROWS, st.lists(st.integers(0, 30), max_size=4))
def test_chunks_of_either_form_give_the_same_block(rows: list[tuple[Any, ...]], cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[a:b] for a, b in pairwise(edges)]
    forms = [
        [[ObjectColumn([row[i] for row in rows]) for i in range(6)]],
        [[ObjectColumn([row[i] for row in part]) for i in range(6)] for part in parts],
        [[ArrowColumn(pa.array([row[i] for row in part], kind)) for i, kind in enumerate(KINDS)] for part in parts],
    ]
    for as_of in (False, True):
        blocks = [classify(OF, rows_of(OF, form, LONDON), now=NOW, places=Places(), as_of=as_of) for form in forms]
        assert len({(block.keys, block.first, block.faults, block.data_version) for block in blocks}) == 1
