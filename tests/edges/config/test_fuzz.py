"""Whatever stands in the files: a reading with places, never an exception."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.config.problems import render_problems
from tests.edges.config.homes import FILES, reading_of, write_home

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted(path for folder in ("config", "rules", "channels") for path in (ROOT / folder).rglob("*.yaml"))

_here = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _survives(root: Path, name: str, content: bytes) -> None:
    reading = reading_of(write_home(root, {name: content}))
    render_problems(reading.problems)
    for problem in reading.problems:
        assert (problem.line >= 1) == (problem.column >= 1)
        assert problem.message


@given(content=st.binary(max_size=300), name=st.sampled_from(["rules/x.yaml", "config/alertd.yaml"]))
@_here
def test_any_bytes_are_survived(tmp_path: Path, content: bytes, name: str) -> None:
    _survives(tmp_path, name, content)


@given(data=st.data())
@_here
def test_shipped_files_cut_anywhere_are_survived(tmp_path: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SHIPPED))
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    _survives(tmp_path, path.relative_to(ROOT).as_posix(), content[:cut])


_words = st.sampled_from(
    ["m", "high", "lead", "measure", "threshold", "above", "where", "to", "spc", "baseline", "id", "from", "env", "kind",
     "email", "5", "ten", "", "2 periods", "2022-01", "rebase", "\u00e9", "{}", "~", "9" * 400, "1e999", "-0",
     "posts", "by", "place"]
)  # fmt: skip
_scalar = _words.map(lambda word: f'"{word}"' if word not in ("~", "{}") else word)
_value = st.recursive(
    _scalar,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(_scalar.filter(lambda one: one != "{}"), inner, max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=8,
)
_sections = ["measures", "rules", "tests", "annotations", "suppressions", "routes", "owners", "channels", "places"]


@given(
    section=st.sampled_from([*_sections, "unallocated", "framework", "warehouse"]),
    key=_scalar,
    field=_words,
    value=_value,
)
@settings(_here, max_examples=200)
def test_any_shape_under_any_key_is_survived(tmp_path: Path, section: str, key: str, field: str, value: str) -> None:
    text = (
        f'{section}:\n  {key}:\n    "{field}": {value}\n    name: {value}\n    measure: {value}\n    where: {value}\n'
    )
    _survives(tmp_path, "rules/x.yaml", text.encode())


@given(
    name=st.text("ABCMEWHOURLS_", max_size=30),
    value=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
)
@_here
def test_any_variable_is_survived(tmp_path: Path, name: str, value: str) -> None:
    reading = reading_of(write_home(tmp_path), {f"ALERTD_{name}": value, "ALERTD_RULES__HIGH__WHERE__PLACE": value})
    render_problems(reading.problems)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_without_a_word_is_survived(tmp_path: Path, name: str) -> None:
    _survives(tmp_path, name, b"")
