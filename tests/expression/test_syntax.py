"""How templates are read: text, strings, numbers, comments, dashes, and what binds tighter than what."""

import pytest
from tests.expression.rendered import refused, rendered, surroundings

from tiercel.expression import Compiler, Dialect


@pytest.mark.parametrize("text", ["", "plain", "a { b } }} c", "# {", "{ {", "tail {"])
def test_text_without_delimiters_stays_as_it_is(text: str) -> None:
    assert rendered(text) == text


def test_a_string_knows_one_escape_only() -> None:
    assert rendered(r"{{ 'it\'s \n C:\dir' }}") == r"it's \n C:\dir"


def test_expressions_stand_within_double_quotes_and_not_within_single_ones() -> None:
    assert rendered('{{ "a #{x | upper} b" }}', x="y") == "a Y b"
    assert rendered("{{ '#{x}' }}", x="y") == "#{x}"


def test_quotes_and_braces_nest_within_an_interpolation() -> None:
    assert rendered('{{ "#{ {\'k\': "v"}  }" }}') == "{k=v}"


def test_delimiters_within_strings_are_text() -> None:
    assert rendered("{{ '}}' }}{{ '{% if %}' }}") == "}}{% if %}"


def test_maps_may_end_where_the_expression_ends() -> None:
    assert rendered("{{ {'a':{'b':1}}}}") == '{"a":{"b":1}}'


def test_a_dash_trims_only_when_a_blank_follows() -> None:
    assert rendered("a \n {{- 1 -}} \n b") == "a1b"
    assert rendered("a {{-5}} b") == "a -5 b"


def test_comments_vanish_with_what_they_trim() -> None:
    assert rendered("a {#- {{ nope }}\n -#} b") == "ab"


def test_raw_text_is_kept_over_several_lines() -> None:
    assert rendered("{% raw %}\n{{ a }}\n{% endraw %}") == "\n{{ a }}\n"


def test_verbatim_loses_its_leading_blanks() -> None:
    assert rendered("{% verbatim %}\n {{ a }} {% endverbatim %}|") == "{{ a }} |"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 'a' ~ 'b' | upper }}", "AB"),
        ("{{ 'a' + 'b' | upper }}", "aB"),
        ("{{ -2 | abs }}", "2"),
        ("{{ 1 + 2 * 3 - 4 / 2 }}", "5"),
        ("{{ 100 / 10 / 2 }}", "5"),
        ("{{ not false == true }}", "true"),
        ("{{ true or false and false }}", "true"),
        ("{{ 1..2 + 1 }}", "[1,2,1]"),
        ("{{ 1 + 1 == 2 and 3 is odd }}", "true"),
        ("{{ true ? false ? 1 : 2 : 3 }}", "2"),
        ("{{ nope ?? 'a' | upper }}", "A"),
        ("{{ s ?? 'p' == 'abc' }}", "true"),
    ],
)
def test_operators_bind_as_the_language_says(template: str, expected: str) -> None:
    assert rendered(template, s="abc") == expected


def test_the_older_dialect_binds_the_fallback_before_filters() -> None:
    older = Compiler(Dialect(coalesce_precedence=120))
    assert older.compile("{{ s ?? 'd' | upper }}").render({"s": "abc"}, surroundings()) == "ABC"
    assert rendered("{{ s ?? 'd' | upper }}", s="abc") == "abc"


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "'a",
        "1.5e3",
        "[1,]",
        "a b",
        "| upper",
        "1 +",
        "a && b",
        "x!",
        "[1][0]",
        "{'a':1}.a",
        "x.contains(1)",
        "1 in [1]",
        "f(a=1, 2)",
        "a ?: b",
        "x.0",
        "(1",
        "1)",
        "{1: 2",
        "'a' {# no #}",
        "2 ** 3",
        "99999999999999999999",
    ],
)
def test_what_is_no_expression_is_a_syntax_error(expression: str) -> None:
    assert refused(f"{{{{ {expression} }}}}").kind == "syntax"


@pytest.mark.parametrize(
    "template",
    [
        "{% elif %}",
        "{% if true %}x",
        "{% if %}{% endif %}",
        "{% set true = 1 %}",
        "{% set a %}",
        "{% for a, b in m %}",
        "{% unknown %}",
        "{% %}",
        "{% endif %}",
        "{# open",
        "{% raw %}x",
        "{% if true %}{% endfor %}",
        "{% macro %}",
    ],
)
def test_what_is_no_tag_is_a_syntax_error(template: str) -> None:
    assert refused(template).kind == "syntax"


def test_a_syntax_error_says_where_it_is() -> None:
    error = refused("first\n  {{ a b }}")
    assert (error.line, error.column) == (2, 8)
    assert "`b`" in error.message


def test_an_unclosed_bracket_is_named() -> None:
    assert refused("{{ (1 }}").message == "`}` stands where ) is expected"
