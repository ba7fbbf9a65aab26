"""A template can be wrong or greedy, and still ends soon with an ExpressionError."""

import pytest
from tests.expression.rendered import refused, rendered

GROWING_TEXT = "{% set s = 'ab' %}{% for i in 1..100 %}{% set s = s ~ s %}{% endfor %}"
GROWING_LIST = "{% set l = [1] %}{% for i in 1..100 %}{% set l = l + l %}{% endfor %}"
SHARED_LIST = "{% set l = [1] %}{% for i in 1..60 %}{% set l = [l, l] %}{% endfor %}"


@pytest.mark.parametrize(
    ("template", "limits"),
    [
        ("{% for a in 1..50 %}{% for b in 1..50 %}x{% endfor %}{% endfor %}", {"steps": 1000}),
        ("{% for a in 1..50 %}{{ 'abc' }}{% endfor %}", {"output": 100}),
        ("{{ range(0, 2000000000) }}", {}),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", {}),
        ("{% block b %}{{ block('b') }}{% endblock %}", {}),
        (GROWING_TEXT, {}),
        (GROWING_LIST, {"list_elements": 10_000}),
        (SHARED_LIST + "{{ l }}", {}),
        (SHARED_LIST + "{{ l == [l[0], l[1]] }}{{ l | yaml }}", {}),
        ("{{ 'a' | indent(1000000000) }}", {}),
        ("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' | regexMatch('^(a|aa)+$') }}", {"regex_seconds": 0.05}),
        ("{{ " + "(" * 500 + "1" + ")" * 500 + " }}", {}),
        ("{{ 1" + " + 1" * 5000 + " }}", {}),
        ("{% if true %}" * 500, {}),
        ("{{ x }}" + " " * 2**20, {}),
    ],
)
def test_greed_ends_at_a_limit(template: str, limits: dict[str, int]) -> None:
    assert refused(template, **limits).kind == "limit"


def test_a_long_chain_of_joined_texts_is_fine() -> None:
    assert rendered("{{ 'a'" + " ~ 'a'" * 5000 + " }}") == "a" * 5001


def test_large_numbers_end_at_a_limit() -> None:
    template = "{% set x = '99999999999999999999' | number %}{% for i in 1..60 %}{% set x = x * x %}{% endfor %}"
    assert refused(template).kind == "limit"


def test_a_large_value_of_the_context_passes_through() -> None:
    assert (
        rendered("{{ (text | upper) == text }}{{ items | length }}", text="X" * 10**6, items=[0] * 10**6)
        == "true1000000"
    )
