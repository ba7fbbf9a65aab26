"""Places: every value of a definition can be pointed at, down to a word inside an expression."""

import pytest

from tiercel.definition import Document, read
from tiercel.definition.document import Span

TEXT = """\
id: one
tasks:
  - id: first
    script: |
      echo start
        echo "{{ inputs.nmae }}"
    folded: >-
      one two
      {{ inputs.nmae }} three
    quoted: "a {{ inputs.nmae }} b"
    list: [a, {b: c}]
"""


@pytest.fixture
def document() -> Document:
    found = read(TEXT).document
    assert found is not None
    return found


def test_a_scalar_stands_where_it_is_written(document: Document) -> None:
    assert document.span(("id",)) == Span(1, 5, 1, 8)
    assert document.span(("tasks", 0, "list", 1, "b")) == Span(11, 19, 11, 20)


def test_a_list_is_pointed_at_by_its_name(document: Document) -> None:
    assert document.span(("tasks",)) == Span(2, 1, 2, 6)


def test_an_entry_of_a_list_is_pointed_at_by_its_first_name(document: Document) -> None:
    assert document.span(("tasks", 0)) == Span(3, 5, 3, 7)


def test_what_is_not_there_is_looked_for_where_it_should_be(document: Document) -> None:
    assert document.span(("tasks", 0, "gone", "deeper")) == document.span(("tasks", 0))


def test_the_name_of_a_value_has_a_place_of_its_own(document: Document) -> None:
    assert document.key_span(("tasks", 0, "quoted")) == Span(10, 5, 10, 11)


def test_a_value_has_the_lines_that_it_is_written_on(document: Document) -> None:
    assert document.lines(("tasks", 0, "list")) == (11, ("    list: [a, {b: c}]",))
    first, lines = document.lines(("tasks", 0))
    assert (first, lines[0], lines[-1]) == (3, "  - id: first", "    list: [a, {b: c}]")


@pytest.mark.parametrize(("name", "line", "column"), [("script", 6, 25), ("folded", 9, 17), ("quoted", 10, 26)])
def test_a_word_inside_a_text_is_found_whatever_the_style_of_the_text(
    document: Document, name: str, line: int, column: int
) -> None:
    path = ("tasks", 0, name)
    offset = str(document.at(path)).index("nmae")
    assert document.span_within(path, offset) == Span(line, column, line, column + 4)


def test_the_second_of_two_equal_words_is_the_second_one() -> None:
    document = read("a: |\n  word\n  word word\n").document
    assert document is not None
    assert document.span_within(("a",), 10) == Span(3, 8, 3, 12)


def test_a_value_that_was_merged_is_pointed_at_where_it_is_written() -> None:
    document = read("base: &base\n  x: 1\ntop:\n  <<: *base\n").document
    assert document is not None
    assert document.span(("top", "x")).line == 2


def test_data_without_text_has_no_places() -> None:
    assert Document({"a": 1}).span(("a",)) == Span()


def test_the_original_names_a_place_by_the_innermost_id() -> None:
    document = Document({"tasks": [{"id": "outer", "tasks": [{"id": "inner", "format": 1}, {"format": 1}]}]})
    assert document.legacy_path(("tasks", 0, "tasks", 0, "format")) == "inner.format"
    assert document.legacy_path(("tasks", 0, "tasks", 1, "format")) == "outer.tasks[1].format"
    assert document.legacy_path(("namespace",)) == "namespace"
