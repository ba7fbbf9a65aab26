"""What each operator of an assertion takes for true."""

from typing import Any

import pytest

from tiercel.definition.suites import OPERATORS as FIELDS
from tiercel.services.assertions import OPERATORS, judged


@pytest.mark.parametrize(
    ("actual", "operator", "wanted", "holds"),
    [
        ("200", "equalTo", 200, True),
        ([1, 2], "equalTo", [1, 2], True),
        (None, "equalTo", "x", False),
        ("a", "notEqualTo", "a", False),
        ("a", "notEqualTo", "b", True),
        ("3", "greaterThan", 2.0, True),
        (2, "greaterThan", 2.0, False),
        (2, "greaterThanOrEqualTo", "2", True),
        (1, "lessThan", 2, True),
        (2, "lessThanOrEqualTo", 1, False),
        ("many", "lessThan", 1, False),
        ("hello", "startsWith", "he", True),
        ("hello", "endsWith", "he", False),
        ("hello", "contains", "ell", True),
        (["x", 5], "contains", "5", True),
        (None, "contains", "", False),
        (5, "in", ["5", "6"], True),
        ("x", "in", '["x"]', True),
        ("x", "notIn", ["y"], True),
        (None, "isNull", True, True),
        ("", "isNull", True, False),
        (None, "isNotNull", True, False),
        ("", "isNull", False, True),
    ],
)
def test_an_operator_holds_or_says_why_not(actual: Any, operator: str, wanted: Any, holds: bool) -> None:
    [result] = judged(actual, {operator: wanted})
    assert (result.is_success, result.error_message is None) == (holds, holds)


def test_there_is_one_for_each_word_of_the_format() -> None:
    assert len(OPERATORS) == len(FIELDS)


def test_all_of_several_operators_are_judged() -> None:
    assert [result.is_success for result in judged(5, {"greaterThan": 4, "lessThan": 5})] == [True, False]
