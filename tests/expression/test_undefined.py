"""Undefined and null: who complains, who catches, and what the message says."""

import pytest
from tests.expression.rendered import refused, rendered

from tiercel.expression import UndefinedError

CONTEXT = {"n": None, "m": {"a": 1}, "l": ["x"], "s": "abc"}


@pytest.mark.parametrize("path", ["nope", "m.nope", "m['nope']", "l[1]", "l[-1]", "n.x", "s[0]", "s.nope", "nope.x.y"])
def test_what_is_not_there_is_an_error(path: str) -> None:
    assert isinstance(refused(f"{{{{ {path} }}}}", CONTEXT), UndefinedError)


@pytest.mark.parametrize("path", ["nope", "m.nope.deeper", "l[1].x", "n.x", "m[nope]", "(nope | upper)", "nope ~ 'x'"])
def test_a_fallback_catches_what_is_undefined(path: str) -> None:
    assert rendered(f"{{{{ {path} ?? 'd' }}}}", **CONTEXT) == "d"
    assert rendered(f"{{{{ {path} ??? 'd' }}}}", **CONTEXT) == "d"
    assert rendered(f"{{{{ ({path}) | default('d') }}}}", **CONTEXT) == "d"
    assert rendered(f"{{{{ ({path}) is defined }}}}", **CONTEXT) == "false"


@pytest.mark.parametrize("expression", ["nope + 1", "1 == nope", "nope / 2", "nope != 1"])
def test_arithmetic_and_equality_hide_an_undefined_operand_from_the_fallback(expression: str) -> None:
    assert refused(f"{{{{ {expression} ?? 'd' }}}}").kind == "undefined"
    assert refused(f"{{{{ ({expression}) is defined }}}}").kind == "undefined"
    assert refused(f"{{{{ ({expression}) | default('d') }}}}").kind == "undefined"


def test_null_is_replaced_by_two_question_marks_and_kept_by_three() -> None:
    assert rendered("{{ n ?? 'd' }}|{{ n ??? 'd' }}|", n=None) == "d||"


@pytest.mark.parametrize("value", ["", 0, False, [], {}])
def test_empty_values_are_kept_by_the_fallback(value: object) -> None:
    assert rendered("{{ (v ?? 'd') == v }}", v=value) == "true"


@pytest.mark.parametrize(
    ("value", "expected"), [("", "d"), (" ", "d"), ([], "d"), ({}, "d"), (0, "0"), (False, "false")]
)
def test_the_default_filter_replaces_empty_values_but_not_zero_and_false(value: object, expected: str) -> None:
    assert rendered("{{ v | default('d') }}", v=value) == expected


@pytest.mark.parametrize("test", ["null", "empty", "even", "map"])
def test_other_tests_do_not_catch_what_is_undefined(test: str) -> None:
    assert refused(f"{{{{ nope is {test} }}}}").kind == "undefined"


def test_null_is_no_condition_but_chooses_the_second_branch() -> None:
    assert refused("{% if n %}x{% endif %}", CONTEXT).kind == "null"
    assert refused("{{ n or true }}", CONTEXT).kind == "null"
    assert rendered("{{ n ? 'a' : 'b' }}", n=None) == "b"


def test_the_message_names_what_was_probably_meant() -> None:
    error = refused("{{ outputs.extract.urii }}", {"outputs": {"extract": {"uri": 1, "size": 2}}})
    assert isinstance(error, UndefinedError)
    assert error.message == "`outputs.extract.urii` is not defined; did you mean `uri`?"
    assert error.there == ("uri", "size")


def test_the_message_lists_what_is_there_when_nothing_is_near() -> None:
    assert refused("{{ m.zzz }}", {"m": {"apple": 1, "pear": 2}}).message == (
        "`m.zzz` is not defined; there is `apple`, `pear`"
    )


def test_the_message_offers_a_fallback_when_nothing_is_there() -> None:
    assert "??" in refused("{{ n.x }}", CONTEXT).message


def test_the_error_says_where_in_the_template_it_happened() -> None:
    error = refused("a\n{{ 1 }} {{ m.nope }}", CONTEXT)
    assert (error.line, error.column, error.template) == (2, 14, "a\n{{ 1 }} {{ m.nope }}")
    assert str(error).endswith("(line 2, column 14 of `a\n{{ 1 }} {{ m.nope }}`)")
