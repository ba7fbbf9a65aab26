"""Filters beyond what the shared vectors say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.expression.rendered import refused, rendered, typed

from tiercel.expression.filters import FILTERS


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a1b22' | regexReplace('(?<n>[0-9]+)', '<${n}$1>\\$')", "a<11>$b<2222>$"),
        ("'x.y' | regexReplace('\\Q.\\E', '')", "xy"),
        ("'boo:and:foo' | split('o')", '["b","",":and:f"]'),
        ("'boo:and:foo' | split('o', 2)", '["b","o:and:foo"]'),
        ("'' | split(',')", '[""]'),
        ("'héé' | regexMatch('^\\w+$')", "false"),
        ("1234.5 | numberFormat('#,##0.00')", "1,234.50"),
        ("1234.5 | numberFormat", "1,234.5"),
        ("0.125 | numberFormat('0.00')", "0.12"),
        ("-0.001 | numberFormat('0.0')", "-0.0"),
        ("12345 | numberFormat('0.00E0')", "1.23E4"),
        ("'0x1F' | number", "31"),
        ("'1e3' | number", "1000.0"),
        ("'12345678901234567890.123' | number", "12345678901234567890.123"),
        ("[2, 1.5, 3] | sort", "[1.5,2,3]"),
        ("[true, 1, 1.0, '1'] | distinct", '[true,1,"1"]'),
        ("{'a': 1} | merge({'a': 2, 'b': 3})", '{"a":2,"b":3}'),
        ("'a b~*' | urlencode", "a+b%7E*"),
        ("'a%2Bb+c' | urldecode", "a+b c"),
        ('"line\nnext" | nindent(2)', "\n  line\n  next"),
        ("{'k': \"a\nb\"} | yaml", "k: |-\n  a\n  b\n"),
        ("[[1, [2]], {}] | yaml", " -\n   - 1\n   -\n     - 2\n - {}\n"),
        ("[1.5, 1.0] | toIon", "[1.5e0,1.0e0]"),
        ("{'a': 1, 'b c': ['x']} | toIon", "{a:1,'b c':[\"x\"]}"),
        ("fromIon('{a: x::1, b: [1.5, 2e0], // note\n c: \\'s\\'}')", '{"a":1,"b":[1.5,2.0],"c":"s"}'),
    ],
)
def test_filter(expression: str, expected: str) -> None:
    assert rendered(f"{{{{ {expression} }}}}") == expected


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("'a' | regexReplace('a', '$1')", "value"),
        ("'a' | numberFormat('x')", "type"),
        ("1 | numberFormat('x')", "value"),
        ("'1_0' | number", "parse"),
        ("'9999999999' | number('INT')", "parse"),
        ("[1, 'a'] | sort", "type"),
        ("[1] | chunk", "argument"),
        ("'a' | escapeChar('other')", "argument"),
        ("'=' | base64decode", "value"),
    ],
)
def test_a_filter_refuses(expression: str, kind: str) -> None:
    assert refused(f"{{{{ {expression} }}}}").kind == kind


@given(st.text())
def test_encodings_are_undone_by_their_counterparts(text: str) -> None:
    assert typed("{{ v | base64encode | base64decode }}", v=text) == text
    assert typed("{{ v | urlencode | urldecode }}", v=text) == text
    assert typed("{{ fromIon(v | toIon) }}", v=text) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.from_regex("[a-z]{1,5}x", fullmatch=True), inner),
    )
)
def test_yaml_is_read_back_as_it_was(value: object) -> None:
    assert typed("{{ yaml(v | yaml) }}", v=value) == value


def test_filters_of_older_versions_are_there_as_aliases() -> None:
    assert {"json", "base64Encode", "urlDecode"} <= FILTERS.keys()
