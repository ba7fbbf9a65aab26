"""Tags: conditions, loops and their scopes, macros, blocks, filters around text."""

import pytest
from tests.expression.rendered import refused, rendered


def test_the_first_branch_that_holds_is_written() -> None:
    template = "{% if i > 9 %}a{% elseif i > 3 %}b{% else %}c{% endif %}"
    assert [rendered(template, i=i) for i in (10, 5, 1)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "expected"), [("false", "yes"), ("", "no"), (0, "no"), (0.5, "yes"), (float("nan"), "no")]
)
def test_texts_and_numbers_are_conditions(value: object, expected: str) -> None:
    assert rendered("{% if v %}yes{% else %}no{% endif %}", v=value) == expected


def test_the_loop_counts_from_zero_up_and_down() -> None:
    template = "{% for x in l %}{{ loop.index }}{{ loop.revindex }}{{ loop.length }}{{ loop.first }}{{ loop.last }} {% endfor %}"
    assert rendered(template, l=["a", "b"]) == "012truefalse 102falsetrue "


def test_an_inner_loop_has_its_own_state() -> None:
    template = "{% for x in 1..2 %}{% for y in 1..3 %}{{ loop.index }}{% endfor %}-{{ loop.index }} {% endfor %}"
    assert rendered(template) == "012-0 012-1 "


def test_a_map_is_gone_through_by_entries() -> None:
    assert rendered("{% for e in m %}{{ e.key }}={{ e.value }};{% endfor %}", m={"a": 1, "b": 2}) == "a=1;b=2;"


def test_an_empty_list_has_an_else_and_null_has_nothing() -> None:
    template = "{% for x in l %}x{% else %}none{% endfor %}|"
    assert [rendered(template, l=items) for items in ([], {}, None)] == ["none|", "none|", "|"]


@pytest.mark.parametrize("value", ["abc", 5, True])
def test_a_loop_needs_a_list_or_a_map(value: object) -> None:
    assert refused("{% for x in v %}{% endfor %}", {"v": value}).kind == "type"


def test_a_variable_is_updated_where_it_is() -> None:
    assert rendered("{% set sum = 0 %}{% for x in 1..3 %}{% set sum = sum + x %}{% endfor %}{{ sum }}") == "6"


def test_a_variable_made_in_a_loop_ends_with_it() -> None:
    assert rendered("{% for x in 1..3 %}{% set y = x %}{% endfor %}{{ y ?? 'gone' }}{{ x ?? 'gone' }}") == "gonegone"


def test_a_loop_may_set_over_a_name_of_the_context() -> None:
    assert rendered("{% for x in 1..2 %}{% set s = s ~ x %}{% endfor %}{{ s }}", s="a") == "a12"


def test_a_macro_sees_its_arguments_and_nothing_else() -> None:
    template = "{{ m(1, c=3) }}{% macro m(a, b='x', c) %}[{{ a }}{{ b }}{{ c }}{{ s ?? '-' }}]{% endmacro %}"
    assert rendered(template, s="hidden") == "[1x3-]"


def test_macros_call_one_another() -> None:
    assert rendered("{% macro a() %}A{% endmacro %}{% macro b() %}{{ a() }}B{% endmacro %}{{ b() | lower }}") == "ab"


def test_a_macro_refuses_arguments_it_does_not_have() -> None:
    assert refused("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}").kind == "argument"
    assert refused("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}").kind == "argument"
    assert refused("{% macro m(a) %}{% endmacro %}{% macro m(b) %}{% endmacro %}").kind == "syntax"


def test_a_block_is_written_in_place_and_again_by_name() -> None:
    assert rendered("{% block b %}<{{ s }}>{% endblock %}{{ block('b') }}", s="x") == "<x><x>"


def test_filters_are_applied_to_a_body_in_order() -> None:
    assert rendered("{% filter upper | replace({'L': '1'}) %}hel{{ s }}{% endfilter %}", s="lo") == "HE11O"


def test_unknown_names_are_told_apart_and_suggested() -> None:
    assert refused("{{ 'x' | uper }}").message == "there is no filter `uper`; did you mean `upper`?"
    assert refused("{{ secrt() }}").kind == "unknown_function"
    assert refused("{{ 1 is evn }}").kind == "unknown_test"


def test_an_unknown_function_that_is_never_called_does_no_harm() -> None:
    assert rendered("{% if false %}{{ nofunc() | nofilter }}{% endif %}x") == "x"


def test_arguments_are_checked_by_name_and_number() -> None:
    assert refused("{{ now(nope=1) }}").kind == "argument"
    assert refused("{{ now(1, 2, 3, 4, 5) }}").kind == "argument"
    assert rendered("{{ 'x' | upper(1) }}") == "X"
