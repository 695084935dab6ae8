"""YAML is read as text with places, within bounds, and without the parts of YAML that surprise."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.config.document import Document, read_document
from alertd.config.source import Source


def _read(text: str) -> Document:
    return read_document(Source.of("a.yaml", text), text)


def _codes(document: Document) -> list[tuple[str, int, int]]:
    return [(one.code, one.line, one.column) for one in document.problems]


@pytest.mark.parametrize(
    "text", ["NO", "0101", "12:30", "1E2", "1_000", "0o17", "0x1F", "2022-01-01", "yes", "Null", "NaN", ".5", "+1"]
)
def test_a_plain_scalar_keeps_its_source_text(text: str) -> None:
    assert _read(f"a: {text}").data == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("~", None), ("null", None), ("''", ""), ('"~"', "~"), ("'null'", "null")]
)
def test_only_plain_null_tilde_and_nothing_are_nothing(text: str, value: str | None) -> None:
    assert _read(f"a: {text}").data == {"a": value}


def test_keys_and_values_have_places() -> None:
    document = _read("rules:\n  high:\n    threshold: {above: ten}\n    where:\n      - North\n")
    key = document.mark(("rules", "high", "threshold"), key=True)
    value = document.mark(("rules", "high", "threshold", "above"))
    entry = document.mark(("rules", "high", "where", 0))
    assert (key.line, key.column, key.length) == (3, 5, 9)
    assert (value.line, value.column, value.length) == (3, 24, 3)
    assert (entry.line, entry.column, entry.length) == (5, 9, 5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", ("A104", 3, 1)),
        ("a: {x: 1, x: 2}\n", ("A104", 1, 11)),
        ("a: &x 1\n", ("A109", 1, 4)),
        ("a: *x\n", ("A109", 1, 4)),
        ("a: !!str 1\n", ("A109", 1, 4)),
        ("<<: {a: 1}\n", ("A109", 1, 1)),
        ("%TAG ! tag:example.org,2000:\n---\na: 1\n", ("A109", 1, 1)),
        ("a: 1\n---\nb: 2\n", ("A108", 2, 1)),
        ("? [a, b]\n: 1\n", ("A108", 1, 3)),
        ("a:\n\tb: 1\n", ("A108", 2, 1)),
        ("a: b: c\n", ("A108", 1, 5)),
        ("a: 'x\n", ("A108", 1, 6)),
        ("a: x\x00y\n", ("A108", 1, 5)),
        ("a: [1\n", ("A108", 1, 4)),
    ],
)
def test_what_is_not_part_of_the_language_is_an_error_at_its_place(text: str, problem: tuple[str, int, int]) -> None:
    assert _codes(_read(text)) == [problem]


def test_both_places_of_a_key_written_twice_are_named() -> None:
    (problem,) = _read("x:\n  a: 1\n  a: 2\n").problems
    assert (problem.line, problem.note) == (3, "first written at a.yaml:2:3")


def test_reading_goes_on_after_an_anchor_and_a_double_key() -> None:
    document = _read("a: &x {b: 1}\na: 2\nc: 3\n")
    assert document.data == {"a": {"b": "1"}, "c": "3"}
    assert not document.broken


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "- " * 100_000,
        "{a: " * 100_000,
        "[{a: " * 100_000,
        "\n".join(" " * depth + "a:" for depth in range(1_000)),
    ],
    ids=["lists", "block lists", "mappings", "both", "indentation"],
)
def test_deep_nesting_is_refused_at_once_and_without_a_crash(text: str) -> None:
    start = time.process_time()
    (problem,) = _read(text).problems
    assert "nested deeper than 64" in problem.message
    assert time.process_time() - start < 2


def test_keys_within_keys_are_refused_without_a_crash() -> None:
    assert {problem.code for problem in _read("? " * 100_000).problems} == {"A108"}


def test_sixty_four_levels_are_allowed() -> None:
    assert _read("[" * 64 + "]" * 64).problems == []


def test_other_line_ends_of_unicode_count_as_yaml_counts_them() -> None:
    document = _read("a: 1\r\nb: 2\rc: 3\x85d: &x 4\n")
    assert _codes(document) == [("A109", 4, 4)]
    assert document.problems[0].source_line == "d: &x 4"


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    document = _read(text)
    for problem in document.problems:
        assert problem.line >= 1
        assert problem.column >= 1


@given(
    st.recursive(
        st.text(st.characters(codec="ascii", min_codepoint=97, max_codepoint=122), min_size=1),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", min_size=1), inner),
        max_leaves=20,
    )
)
def test_what_is_written_in_short_form_is_what_is_read(value: object) -> None:
    def written(one: object) -> str:
        if isinstance(one, dict):
            return "{" + ", ".join(f"{key}: {written(inner)}" for key, inner in one.items()) + "}"
        if isinstance(one, list):
            return "[" + ", ".join(map(written, one)) + "]"
        return f'"{one}"'

    document = _read(written(value))
    assert document.problems == []
    assert document.data == value
