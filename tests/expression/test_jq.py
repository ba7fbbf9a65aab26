"""The filter `jq`: what programs give, what is refused, and that none of them runs away."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.expression.rendered import rendered, surroundings

from tiercel.expression import ExpressionError, compile
from tiercel.expression.jq import run_jq
from tiercel.expression.rendering import Rendering

CASES = yaml.safe_load((Path(__file__).parent / "jq.yaml").read_text())


def results(program: str, value: Any, **limits: Any) -> list[Any]:
    return list(run_jq(program, value, Rendering(compile("x"), {}, surroundings(**limits))))


def refused(program: str, value: Any = None, **limits: Any) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        results(program, value, **limits)
    return caught.value


@pytest.mark.parametrize(("value", "program", "expected"), CASES["results"])
def test_a_program_gives_what_jq_gives(value: str, program: str, expected: str) -> None:
    found = results(program, json.loads(value))
    assert json.dumps(found, sort_keys=True) == json.dumps(json.loads(expected), sort_keys=True)


@pytest.mark.parametrize(("value", "program"), CASES["errors"])
def test_a_program_that_cannot_work_is_an_error_of_jq(value: str, program: str) -> None:
    assert refused(program, json.loads(value)).kind == "jq"


@pytest.mark.parametrize(
    "program", ["env", "$ENV.PATH", "env.HOME", "input", "[inputs]", "input_filename", "halt", "debug"]
)
def test_a_program_sees_nothing_but_its_input(program: str) -> None:
    assert "cannot be read" in refused(program).message


def test_the_error_says_what_went_wrong_and_where() -> None:
    with pytest.raises(ExpressionError, match="Cannot index array with") as caught:
        rendered("{{ x }} {{ [1] | jq('.a') }}", x=1)
    assert caught.value.column == 18


@pytest.mark.parametrize(
    "program",
    [
        "[range(infinite)]",
        "[repeat(1)]",
        "def f: f; f",
        "last(range(1e9))",
        'reduce range(60) as $i ("aaaa"; . + .)',
        "reduce range(60) as $i ([1]; . + .)",
        "reduce range(50) as $i (0; [., .]) | tojson",
        "until(false; 1)",
        "[" * 200 + "]" * 200,
        '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" | test("(a|aa)+$")',
    ],
)
def test_a_program_that_never_ends_is_stopped(program: str) -> None:
    assert refused(program, steps=100_000, regex_seconds=0.05).kind == "limit"


def test_now_is_the_instant_of_the_event() -> None:
    assert results("now | todate", None) == ["2025-01-06T10:15:30Z"]


def test_a_text_is_read_as_json_and_null_stays_null() -> None:
    assert rendered("{{ '[1, 2]' | jq('add') | first }}") == "3"
    assert rendered("{{ null | jq('.') ?? 'none' }}") == "none"


def test_a_text_that_is_no_json_is_an_error_of_jq() -> None:
    with pytest.raises(ExpressionError) as caught:
        rendered("{{ 'abc' | jq('.') }}")
    assert caught.value.kind == "jq"


def test_the_order_of_keys_and_large_integers_are_kept() -> None:
    assert rendered("{{ '{\"b\": 9007199254740993, \"a\": 1}' | jq('.') | first }}") == '{"b":9007199254740993,"a":1}'


@pytest.mark.parametrize(
    ("value", "program"),
    [
        (None, "transpose"),
        ([1], "transpose"),
        (None, "bsearch(1)"),
        ([1], ".[infinite] = 1"),
        ([1], ".[nan] = 1"),
        ("a", 'strptime("%Y%Y")'),
        ("a", "implode"),
        ([-1], "implode"),
        ({}, "to_entries | from_entries | .[0]"),
    ],
)
def test_what_a_function_cannot_work_on_is_an_error_of_jq(value: Any, program: str) -> None:
    assert refused(program, value).kind == "jq"


def test_infinite_and_missing_numbers_are_no_indexes() -> None:
    assert results("[.[infinite], .[-infinite], .[nan]], .[1:infinite], del(.[infinite])", [1, 2]) == [
        [None, None, None],
        [2],
        [1, 2],
    ]
    assert results('"ab" * infinite | length > 1000', None) == [True]
