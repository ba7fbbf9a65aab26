"""Whatever is thrown at the language, it answers with text or with an ExpressionError."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from tests.expression.rendered import surroundings

from tiercel.expression import ExpressionError, Template, compile
from tiercel.expression.filters import FILTERS
from tiercel.expression.functions import FUNCTIONS
from tiercel.expression.tests import TESTS

CONTEXT = {
    "s": "a,b",
    "i": 5,
    "f": 1.5,
    "n": None,
    "t": True,
    "l": [1, "a", None],
    "m": {"a": {"b": [1]}},
    "big": 10**30,
}
FRAGMENTS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    " ",
    "-",
    "if ",
    "for x in ",
    "endif",
    "else",
    "set a =",
    "1",
    "'",
    '"',
]
FRAGMENTS += [
    "#{",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "?",
    "??",
    "|",
    "upper",
    "~",
    "\n",
    "raw",
    "macro m(",
    "is",
    "é",
]
OPERATORS = ["+", "-", "*", "/", "%", "~", "==", "!=", "<", ">=", "and", "or", "??", "???", "isIn", "contains", ".."]
ATOMS = [*CONTEXT, "1", "-1", "2.5", "'x'", "''", "null", "true", "'yyyy-MM-dd'", "'DAYS'", "'UTC'", "'['", "'(a+)+$'"]


def expressions() -> st.SearchStrategy[str]:
    return st.recursive(st.sampled_from(ATOMS), combined, max_leaves=12)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(inner, st.sampled_from(sorted(FILTERS)), arguments).map(lambda p: f"({p[0]}) | {p[1]}({p[2]})"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), arguments).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        st.tuples(inner, st.sampled_from(sorted(TESTS))).map(lambda p: f"({p[0]}) is {p[1]}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]})[{p[1]}]"),
        st.tuples(inner, inner).map(lambda p: f"{{{p[0]}: [{p[1]}]}}"),
    )


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_fragments_in_any_order_are_text_or_an_error(text: str) -> None:
    for template in (text, "{{" + text + "}}"):
        with suppress(ExpressionError):
            assert isinstance(compile(template).render(CONTEXT, surroundings()), str)


@given(expressions())
def test_expressions_of_any_shape_are_text_or_an_error(expression: str) -> None:
    template = compile("{{ " + expression + " }}{% for x in l %}{{ x }}{% endfor %}")
    error = error_of(template)
    assert error is None or (error.message and error.line == 1 and 1 <= error.column <= len(template.text))


def error_of(template: Template) -> ExpressionError | None:
    try:
        assert isinstance(template.render(CONTEXT, surroundings()), str)
    except ExpressionError as error:
        return error
    return None


@given(st.text())
def test_text_without_a_brace_is_never_changed(text: str) -> None:
    plain = text.replace("{", "")
    assert compile(plain).render({}, surroundings()) == plain
