"""How values become text and JSON, and which types come through a typed rendering."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.expression.rendered import rendered, surroundings, typed

from tiercel.expression import is_true, render, render_typed, to_json, to_text

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (1.0, "1.0"),
        (10000000.0, "1.0E7"),
        (9999999.0, "9999999.0"),
        (0.0001, "1.0E-4"),
        (123456789.5, "1.234567895E8"),
        (float("inf"), "Infinity"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.50"), "1.50"),
        (["a", None, 1.5], '["a",null,1.5]'),
        ({"a": None, "b": {}}, '{"b":{}}'),
        ({1: "x"}, '{"1":"x"}'),
        (date(2024, 1, 2), "2024-01-02"),
        (time(10, 30), "10:30"),
        (timedelta(minutes=5, seconds=6), "PT5M6S"),
        (datetime(2024, 1, 2, 3, 4, tzinfo=UTC), "2024-01-02T03:04:00Z"),
        (datetime(2024, 1, 2, 3, 4), "2024-01-02T03:04"),
        (datetime(2013, 9, 8, 16, 19, tzinfo=timezone(timedelta(hours=2))), "2013-09-08T16:19+02:00"),
    ],
)
def test_a_value_is_printed_in_its_java_form(value: object, expected: str) -> None:
    assert to_text(value) == expected


def test_text_within_text_is_not_json() -> None:
    assert rendered("{{ l ~ m ~ n }}", l=[1, "a", None], m={"k": "v"}, n=None) == "[1, a, null]{k=v}"


def test_json_escapes_no_more_than_it_must() -> None:
    assert to_json({"é": '</&>"\n\\'}) == '{"é":"</&>\\"\\n\\\\"}'


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN"])
def test_numbers_that_json_does_not_have_are_texts(value: str) -> None:
    assert typed("{{ v | toJson }}", v=float(value)) == f'"{value}"'
    assert typed("{{ fromJson(v | toJson) }}", v=float(value)) == value


@given(JSON)
def test_json_is_read_back_as_it_was(value: Any) -> None:
    assert typed("{{ fromJson(v | toJson) }}", v=value) == without_null_entries(json.loads(json.dumps(value)))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_read_back_from_its_text(value: float) -> None:
    assert float(to_text(value)) == value


def test_a_lone_expression_keeps_its_type() -> None:
    items = [1, {"a": None}]
    assert typed("{{ items }}", items=items) is items
    assert [typed(text) for text in ("{{ 1 }}", "{{ 1.5 }}", "{{ true }}", "{{ null }}", "{{ '' }}", "x", "")] == (
        [1, 1.5, True, None, "", "x", ""]
    )


def test_several_pieces_make_text() -> None:
    assert typed("{{ 10 }}{{ 42 }}") == "1042"
    assert typed(" {{ 1 }}") == " 1"
    assert typed("{{ 'a' }}{{ null }}{{ 1.0 }}") == "a1.0"


def test_null_beside_a_lone_value_leaves_its_type() -> None:
    assert typed("{{ null }}{{ 1 }}") == 1
    assert typed("{% if true %}{{ 5 }}{% endif %}") == 5


def test_lists_within_text_are_json_when_the_whole_is() -> None:
    assert typed('{"a": {{ [1, 2, 3 ] }} }') == {"a": [1, 2, 3]}
    assert typed("all: {{ [1] }}") == "all: [1]"


def test_containers_are_rendered_throughout() -> None:
    value = {"{{ k }}": ["{{ a }}", 5, True, None, {"x": "{{ l }}"}], "same": "{{ a }}"}
    context = {"k": "key", "a": 1, "l": [1, 2]}
    assert render(value, context, surroundings()) == {"key": ["1", 5, True, None, {"x": "[1,2]"}], "same": "1"}
    assert render_typed(value, context, surroundings()) == {"key": [1, 5, True, None, {"x": [1, 2]}], "same": 1}


def test_an_entry_that_is_a_lone_null_becomes_null() -> None:
    assert render({"a": "{{ n }}", "b": ["{{ n }}"], "c": "x{{ n }}"}, {"n": None}, surroundings()) == (
        {"a": None, "b": [""], "c": "x"}
    )
    assert render("{{ n }}", {"n": None}, surroundings()) == ""


def test_the_first_of_equal_keys_wins() -> None:
    assert render({"{{ a }}": 1, "k": 2}, {"a": "k"}, surroundings()) == {"k": 1}


@pytest.mark.parametrize("text", ["", "false", "0", "-0", " false ", "\n"])
def test_five_texts_are_false(text: str) -> None:
    assert is_true(text) is False


@pytest.mark.parametrize("text", ["true", "[]", "False", "0.0", "no"])
def test_every_other_text_is_true(text: str) -> None:
    assert is_true(text) is True


def without_null_entries(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_null_entries(item) for key, item in value.items() if item is not None}
    return [without_null_entries(item) for item in value] if isinstance(value, list) else value
