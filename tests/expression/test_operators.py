"""What operators make of two values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.expression.rendered import refused, rendered, typed

LONGS = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("7.0 / 2", 3.5),
        ("i * 1.5", 7.5),
        ("3.0 * 2", 6.0),
        ("9223372036854775807 + 1", -(2**63)),
        ("[1, 2] + 3", [1, 2, 3]),
        ("[1, 2, 1] - 1", [2]),
        ("null + 'x'", "nullx"),
    ],
)
def test_arithmetic(expression: str, expected: object) -> None:
    assert typed(f"{{{{ {expression} }}}}", i=5) == expected


@given(LONGS, LONGS)
def test_integers_wrap_at_64_bits(left: int, right: int) -> None:
    product = typed("{{ a * b }}", a=left, b=right)
    assert -(2**63) <= product < 2**63
    assert (product - left * right) % 2**64 == 0


@given(LONGS, LONGS.filter(bool))
def test_a_quotient_and_a_remainder_make_the_dividend_again(left: int, right: int) -> None:
    assert typed("{{ (a / b) * b + a % b }}", a=left, b=right) == left


def test_numbers_beyond_64_bits_do_not_wrap() -> None:
    assert typed("{{ a + 1 }}", a=2**70) == 2**70 + 1


def test_division_by_zero_is_an_error_for_integers_and_infinite_for_doubles() -> None:
    assert refused("{{ 1 / 0 }}").kind == "arith"
    assert rendered("{{ 1.0 / 0 }} {{ -1 / 0.0 }} {{ 0.0 / 0 }}") == "Infinity -Infinity NaN"


def test_decimals_keep_their_digits() -> None:
    assert rendered("{{ d + 1 }} {{ d }}", d=Decimal("123.450")) == "124.45 123.450"


def test_a_list_of_the_context_is_never_changed() -> None:
    items = [3, 1, 2]
    assert (
        rendered("{{ (l + 4) ~ (l | sort) ~ (l | reverse) ~ (l - 3) }}", l=items)
        == "[3, 1, 2, 4][1, 2, 3][2, 1, 3][1, 2]"
    )
    assert items == [3, 1, 2]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 == 1.0", True),
        ("'1' == 1", False),
        ("true == 1", False),
        ("[1] == [1.0]", True),
        ("[true] == [1]", False),
        ("{'a': 1} equals {'a': 1}", True),
        ("null == null", True),
        ("null < 1", False),
        ("'10' < '9'", True),
        ("'😀' < '￮'", True),
        ("1.5 >= 1", True),
    ],
)
def test_comparison(expression: str, expected: bool) -> None:
    assert typed(f"{{{{ {expression} }}}}") is expected


@pytest.mark.parametrize("expression", ["1 < '2'", "true > false", "[1] < [2]", "'a' - 1", "{} + 1", "-'a'", "not []"])
def test_what_has_no_meaning_is_a_type_error(expression: str) -> None:
    assert refused(f"{{{{ {expression} }}}}").kind == "type"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("['a', 'b'] contains ['a', 'b']", True),
        ("{'a': 1} contains 'a'", True),
        ("'hello' contains 'ell'", True),
        ("[1] contains true", False),
        ("null contains 1", False),
        ("1 isIn ['1']", True),
        ("'v' isIn {'k': 'v'}", True),
        ("'a' isIn 'abc'", False),
        ("null isIn ['null']", False),
    ],
)
def test_membership(expression: str, expected: bool) -> None:
    assert typed(f"{{{{ {expression} }}}}") is expected


def test_conditions_are_evaluated_only_as_far_as_needed() -> None:
    assert rendered("{{ true or nope }} {{ false and nope }}") == "true false"


def test_ranges_include_both_ends() -> None:
    assert rendered("{{ 1..3 }}{{ 'a'..'c' }}{{ range(5, 1, -2) }}{{ 5..1 }}") == '[1,2,3]["a","b","c"][5,3,1][]'
