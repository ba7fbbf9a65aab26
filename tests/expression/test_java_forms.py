"""Forms that flows know from Java: entries, dates inside JSON, empty ends of a split text, names of types."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from tests.expression.rendered import refused, rendered, surroundings

from tiercel.expression import compile

MOMENT = dt.datetime(2013, 9, 8, 16, 19, 12, 120000, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def test_an_entry_prints_as_one_and_has_a_key_and_a_value() -> None:
    assert (
        rendered("{% for e in {'a': 1} %}{{ e }} {{ e.key }} {{ e.value }} {{ [e] }}{% endfor %}")
        == 'a=1 a 1 [{"a":1}]'
    )
    assert rendered("{{ [1] | merge({'a': 2}) }}") == '[1,{"a":2}]'


def test_dates_inside_json_are_told_in_the_zone_of_the_server() -> None:
    context = {"d": MOMENT}
    assert (
        compile("{{ d }} {{ [d] }}").render(context, surroundings())
        == '2013-09-08T16:19:12.120+01:00 ["2013-09-08T15:19:12.12Z"]'
    )
    tokyo = replace(surroundings(), zone=ZoneInfo("Asia/Tokyo"))
    assert compile("{{ {'x': d} }} {{ d | toJson }}").render(context, tokyo) == (
        '{"x":"2013-09-09T00:19:12.12+09:00"} "2013-09-09T00:19:12.12+09:00"'
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ',' | split(',') }}", "[]"),
        ("{{ '' | split(',') }}", '[""]'),
        ("{{ 'a.b' | split('.') }}", "[]"),
        ("{{ ',a' | split(',') }}", '["","a"]'),
        ("{{ ',a,,' | split(',', -1) }}", '["","a","",""]'),
    ],
)
def test_a_split_text_has_no_empty_end(template: str, expected: str) -> None:
    assert rendered(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ {'a': 1} | className }}", "java.util.HashMap"),
        ("{{ m | className }}", "java.util.LinkedHashMap"),
        ("{{ [1] | className }}", "java.util.ArrayList"),
        ("{{ 9223372036854775807 | className }}", "java.lang.Long"),
        ("{{ d | className }}", "java.time.ZonedDateTime"),
    ],
)
def test_types_have_the_names_of_java(template: str, expected: str) -> None:
    assert rendered(template, m={"a": 1}, d=MOMENT) == expected


def test_yaml_that_says_nothing_is_an_error() -> None:
    assert refused("{{ yaml('') }}").kind == "parse"
    assert refused("{{ yaml('# nothing') }}").kind == "parse"


def test_ion_is_read_row_by_row_from_text_or_its_bytes() -> None:
    rows = "{a: 1}\n{a: 2.5, b: null}\n"
    assert rendered("{{ fromIon(rows).a }} {{ fromIon(rows, allRows=true) }}", rows=rows) == '1 [{"a":1},{"a":2.5}]'
    assert rendered("{{ fromIon(rows, true) | last }}", rows=rows.encode()) == '{"a":2.5}'


def test_binary_ion_is_named() -> None:
    assert "binary Ion" in refused("{{ fromIon(file) }}", {"file": b"\xe0\x01\x00\xea\x21\x01"}).message
