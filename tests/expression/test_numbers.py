"""Numbers of 32 bits: what `number` makes, how it computes and prints, and that nobody outside sees it."""

import msgspec
import pytest
from tests.expression.rendered import refused, rendered, typed

from tiercel.expression.values import Float


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12", "java.lang.Integer"),
        ("-2147483648", "java.lang.Integer"),
        ("2147483648", "java.lang.Long"),
        ("9223372036854775808", "java.math.BigInteger"),
        ("0x7fffffff", "java.lang.Integer"),
        ("1L", "java.lang.Long"),
        ("12.3", "java.lang.Float"),
        ("1.5f", "java.lang.Float"),
        ("1.5d", "java.lang.Double"),
        ("3.14159265358979", "java.lang.Double"),
        ("1e5", "java.lang.Float"),
        ("1e300", "java.lang.Double"),
        ("1.12345678901234567890", "java.math.BigDecimal"),
        (".5", "java.lang.Float"),
        ("5.", "java.lang.Float"),
    ],
)
def test_the_smallest_type_that_holds_it_is_chosen(text: str, kind: str) -> None:
    assert rendered("{{ text | number | className }}", text=text) == kind


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("5", "INT", "java.lang.Integer"),
        ("5", "LONG", "java.lang.Long"),
        ("5", "FLOAT", "java.lang.Float"),
        ("5", "DOUBLE", "java.lang.Double"),
        ("5", "BIGDECIMAL", "java.math.BigDecimal"),
    ],
)
def test_a_type_can_be_asked_for(text: str, kind: str, name: str) -> None:
    assert rendered("{{ text | number(kind) | className }}", text=text, kind=kind) == name


@pytest.mark.parametrize("text", ["", " ", "abc", "1,5", "1 2", "--1", "0x", "08", "1e", "1..2", "NaN"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert refused("{{ text | number }}", {"text": text}).kind == "parse"


@pytest.mark.parametrize(("text", "kind"), [("2147483648", "INT"), ("1.5", "INT"), ("9223372036854775808", "LONG")])
def test_what_a_type_cannot_hold_is_refused(text: str, kind: str) -> None:
    assert refused("{{ text | number(kind) }}", {"text": text, "kind": kind}).kind == "parse"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ '0.1' | number + ('0.2' | number) }}", "0.3"),
        ("{{ '16777217' | number('FLOAT') }}", "1.6777216E7"),
        ("{{ '1.1' | number * 2.0 }}", "2.200000047683716"),
        ("{{ '1.1' | number * 2 }}", "2.2"),
        ("{{ -('1.5' | number) }}", "-1.5"),
        ("{{ '-1.5' | number | abs }}", "1.5"),
        ("{{ '3.4e39' | number('FLOAT') }}", "Infinity"),
        ("{{ ['1.1' | number] }}", "[1.1]"),
        ("{{ '1.1' | number | toIon }}", "1.100000023841858e0"),
        ("{{ '1.1' | number | yaml }}", "1.1\n"),
        ("{{ '010' | number }}", "8"),
        ("{{ '7' | number / 2 }}", "3"),
        ("{{ '2147483647' | number + 1 }}", "2147483648"),
    ],
)
def test_numbers_of_32_bits_compute_and_print_as_such(template: str, expected: str) -> None:
    assert rendered(template) == expected


def test_a_number_of_32_bits_prints_as_few_digits_as_tell_it_from_others() -> None:
    assert rendered("{{ f }} {{ f ~ '' }} {{ [f] }}", f=Float.rounded(1.123)) == "1.123 1.123 [1.123]"


def test_typed_values_are_ordinary_numbers() -> None:
    value = typed("{{ {'a': '1.1' | number, 'b': ['2' | number]} }}")
    assert value == {"a": 1.1, "b": [2]}
    assert msgspec.json.encode(value) == b'{"a":1.1,"b":[2]}'


@pytest.mark.parametrize(
    ("number", "pattern", "expected"),
    [
        (0.1, "#.##", "0.1"),
        (0.5, "#.00", ".50"),
        (0.5, ".##", ".5"),
        (-0.2, "#", "-0"),
        (-5, "#,##0.00;(#,##0.00)", "(5.00)"),
        (-5, "0.0;0.0", "-5.0"),
        (5, "'#'0", "#5"),
        (7, "0 'o''clock'", "7 o'clock"),
        (0.255, "0%", "26%"),
        (12345, "0.###E0", "1.234E4"),
        (12345, "##0.##E0", "12.345E3"),
        (12345, "00.##E0", "12.34E3"),
        (0.000123, "##0.##E0", "123E-6"),
        (0, "0.##E0", "0E0"),
        (1234, "#,####", "1234"),
        (12345678, "#,####", "1234,5678"),
        (1234.5, "00000.000", "01234.500"),
    ],
)
def test_numbers_are_written_by_patterns_as_java_does(number: float, pattern: str, expected: str) -> None:
    assert rendered("{{ number | numberFormat(pattern) }}", number=number, pattern=pattern) == expected


@pytest.mark.parametrize("pattern", ["abc", "0.0.0", "0'", "#0#"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    assert refused("{{ 5 | numberFormat(pattern) }}", {"pattern": pattern}).kind == "value"
