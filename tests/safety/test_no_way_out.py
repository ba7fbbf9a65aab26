"""Whatever lies in a context, a template reaches values of the language and nothing else of Python."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.expression.rendered import refused, surroundings

from tiercel.expression import FILTERS, FUNCTIONS, TESTS, ExpressionError, compile

HIDDEN = "nobody-may-see-this"


def touched(*_: Any, **__: Any) -> Any:
    raise AssertionError("a template has made Python do something to an object")


class Trap:
    """An object that tells when anything is done to it."""

    secret = HIDDEN
    __str__ = __repr__ = __format__ = __call__ = __iter__ = __getitem__ = __len__ = touched
    __eq__ = __hash__ = __bool__ = __lt__ = __add__ = __radd__ = __contains__ = __int__ = __float__ = touched  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        # What `isinstance` and `copy` look for on any object is not there; nothing else is asked for.
        if name.startswith("__"):
            raise AttributeError(name)
        return touched()

    @property
    def hidden(self) -> Any:
        return touched()

    def method(self) -> Any:
        return touched()


def generator() -> Iterator[str]:
    yield HIDDEN


FOREIGN: dict[str, Any] = {
    "trap": Trap(),
    "kind": Trap,
    "builtin": dict,
    "number_kind": int,
    "function": touched,
    "action": lambda: HIDDEN,
    "method": Trap().method,
    "module": sys,
    "steps": generator(),
    "error": ValueError(HIDDEN),
    "nothing": NotImplemented,
    "thing": object(),
    "complex": 1j,
    "memory": bytearray(b"abc"),
}
CONTEXT = {**FOREIGN, "inside": {"list": list(FOREIGN.values()), "map": dict(FOREIGN)}, "text": "a{0}b%s", "items": [1]}
NAMES = [*FOREIGN, "text", "items", "inside", "inside.map.trap", "inside.list[0]", "inside.list[1]"]
ATTRIBUTES = [
    "__class__",
    "__init__",
    "__globals__",
    "__dict__",
    "__mro__",
    "__subclasses__",
    "__builtins__",
    "__getattribute__",
    "__code__",
    "__self__",
    "mro",
    "format",
    "format_map",
    "func_globals",
    "gi_frame",
    "f_back",
    "tb_frame",
    "args",
    "modules",
    "secret",
    "hidden",
    "method",
    "class",
    "getClass",
    "encode",
    "join",
    "upper",
    "keys",
    "items",
    "get",
    "pop",
    "update",
    "real",
    "imag",
    "as_integer_ratio",
    "to_bytes",
]
PYTHONIC = ("object at 0x", "<class", "<function", "<built-in", "<module", "<generator", "bound method", HIDDEN)

names = some.sampled_from(NAMES)
attributes = some.sampled_from(ATTRIBUTES)


def longer(inner: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    arguments = some.lists(inner, max_size=2).map(", ".join)
    return some.one_of(
        some.tuples(inner, attributes).map(lambda p: f"{p[0]}.{p[1]}"),
        some.tuples(inner, attributes).map(lambda p: f"({p[0]})['{p[1]}']"),
        some.tuples(inner, attributes, arguments).map(lambda p: f"({p[0]}).{p[1]}({p[2]})"),
        some.tuples(inner, inner).map(lambda p: f"({p[0]})[{p[1]}]"),
        some.tuples(some.sampled_from([*NAMES, *FUNCTIONS]), arguments).map(lambda p: f"{p[0]}({p[1]})"),
        some.tuples(inner, some.sampled_from(sorted(FILTERS)), arguments).map(lambda p: f"({p[0]}) | {p[1]}({p[2]})"),
        some.tuples(
            inner,
            some.sampled_from(
                ["+", "-", "*", "/", "%", "~", "==", "!=", "<", ">=", "??", "isIn", "contains", "and", ".."]
            ),
            inner,
        ).map(" ".join),
        some.tuples(inner, some.sampled_from(sorted(TESTS))).map(lambda p: f"({p[0]}) is {p[1]}"),
        inner.map(lambda e: f"[{e}]"),
        inner.map(lambda e: f"{{'a': {e}}}"),
        inner.map(lambda e: f"{{{e}: 1}}"),
    )


@given(some.recursive(names, longer, max_leaves=4))
def test_no_expression_reaches_python(expression: str) -> None:
    for template in ("{{ " + expression + " }}", "{% for x in " + expression + " %}{{ x }}{% endfor %}"):
        assert_harmless(template)


@given(names)
def test_no_value_of_python_is_written(name: str) -> None:
    for filter in FILTERS:
        assert_harmless("{{ " + name + " | " + filter + " }}")
        assert_harmless("{{ [" + name + "] | " + filter + " }}")


def assert_harmless(template: str) -> None:
    try:
        text = compile(template).render(CONTEXT, surroundings())
    except ExpressionError as error:
        text = str(error)
    assert not any(sign in text for sign in PYTHONIC), text


@pytest.mark.parametrize("value", [touched, Trap, sys, object(), lambda: 1])
def test_a_value_that_is_none_of_the_language_is_refused_by_name(value: Callable[..., Any] | object) -> None:
    error = refused("{{ value }}", {"value": value})
    assert (error.kind, error.template) == ("type", "{{ value }}")
    assert "is no value that expressions know" in error.message
