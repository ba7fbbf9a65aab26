"""What differs between versions: a setting of the server decides, whatever the template was compiled for."""

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.conformance.fixture_host import FixtureHost
from tests.expression.rendered import surroundings

from tiercel.expression import Dialect, ExpressionError, compile, render, render_typed

HOST = FixtureHost({"kv": {}})


def said(template: str, version: Any, **context: Any) -> str:
    chosen = replace(surroundings(host=HOST), dialect=Dialect.of(version))
    return compile(template).render({"flow": {"namespace": "n"}, **context}, chosen)


@pytest.mark.parametrize(
    ("template", "new", "old"),
    [
        ("{{ x ?? 'a' | upper }}", "x", "X"),
        ("{{ nobody ?? 'a' | upper }}", "A", "A"),
        ("{{ nobody ??? 'a' ~ 'b' | upper }}", "AB", "AB"),
        ("{{ 1 + nobody ?? 2 }}", "error", "3"),
        ("{{ nobody ?? 'a' == 'a' }}", "true", "true"),
        ("{{ not nobody ?? true }}", "true", "true"),
    ],
)
def test_before_2_0_what_follows_a_missing_value_binds_tighter(template: str, new: str, old: str) -> None:
    for version, expected in (("2.0", new), ("1.0", old), ("0.21", old)):
        try:
            found = said(template, version, x="x")
        except ExpressionError:
            found = "error"
        assert (version, found) == (version, expected)


def test_a_null_entry_was_an_empty_text_before_2_0() -> None:
    value = {"a": "{{ null }}"}
    assert render(value, {}, surroundings()) == {"a": None}
    assert render(value, {}, replace(surroundings(), dialect=Dialect.of("1.0"))) == {"a": ""}


def test_0_21_adds_numbers_that_stand_beside_one_another() -> None:
    assert render_typed("{{ 10 }}{{ 42 }}", {}, surroundings()) == "1042"
    assert render_typed("{{ 10 }}{{ 42 }}", {}, replace(surroundings(), dialect=Dialect.of("0.21"))) == 52


def test_a_missing_key_was_null_in_0_21() -> None:
    assert said("{{ kv('nothing') ?? 'none' }}", "0.21") == "none"
    with pytest.raises(ExpressionError, match="there is no key"):
        said("{{ kv('nothing') ?? 'none' }}", "2.0")


def test_an_id_had_dashes_in_0_21() -> None:
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", said("{{ uuid() }}", "0.21")
    )
    assert re.fullmatch(r"[0-9A-Za-z]{22}", said("{{ uuid() }}", "1.0"))


def test_recursive_rendering_knows_no_render() -> None:
    chosen = replace(surroundings(), dialect=Dialect(is_recursive=True))
    assert compile("{{ a }}").render({"a": "{{ b }}", "b": "{{ 1 + 1 }}"}, chosen) == "2"
    with pytest.raises(ExpressionError, match="no function `render`"):
        compile("{{ render(a) }}").render({"a": "x"}, chosen)
