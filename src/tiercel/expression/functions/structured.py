"""Functions that read JSON, YAML and Ion."""

from collections.abc import Mapping

from tiercel.expression.callables import About, Arguments, Function
from tiercel.expression.errors import ExpressionError
from tiercel.expression.ion import read_all_ion, read_ion
from tiercel.expression.json_reading import read_json
from tiercel.expression.values import Value
from tiercel.expression.yaml_text import read_yaml

_BINARY = b"\xe0\x01\x00\xea".decode("utf-8", "replace")
"""What binary Ion begins with, once it was taken for text."""


def _from_json(arguments: Arguments) -> Value:
    text = arguments.optional_text("json")
    return None if text is None else read_json(text, arguments.rendering)


def _from_ion(arguments: Arguments) -> Value:
    """Ion as text, or as the bytes of such text."""
    written = arguments.get("ion")
    text = written.decode("utf-8", "replace") if isinstance(written, bytes) else arguments.optional_text("ion")
    if text is None:
        return None
    if text.startswith(_BINARY):
        raise ExpressionError("parse", "this is binary Ion, and `fromIon` reads its text form; write the file as text")
    takes_all, spend = arguments.flag("allRows", False), arguments.rendering.spend_and_hold
    return list(read_all_ion(text, spend=spend)) if takes_all else read_ion(text, spend=spend)


def _yaml(arguments: Arguments) -> Value:
    return read_yaml(arguments.text("yaml"), spend=arguments.rendering.spend_and_hold)


_JSON = "json"
_ION = "ion, allRows=false"
FUNCTIONS: Mapping[str, Function] = {
    "fromJson": Function(
        _from_json,
        _JSON,
        About("The value that a JSON text says; null gives null.", "{{ fromJson('{\"a\": [1, 2]}').a[1] }} → 2"),
    ),
    "json": Function(
        _from_json,
        _JSON,
        About("The old name of `fromJson`.", "{{ json('[1, 2]') | last }} → 2", until="1.x", instead="fromJson"),
    ),
    "jsonDecode": Function(
        _from_json,
        _JSON,
        About(
            "The oldest name of `fromJson`.", "{{ jsonDecode('[1, 2]') | last }} → 2", until="0.x", instead="fromJson"
        ),
    ),
    "fromIon": Function(
        _from_ion,
        _ION,
        About(
            "The first value of an Ion text, or the list of all its values; null gives null.",
            "{{ fromIon('{a: 1.5e0}').a }} → 1.5",
            "{{ fromIon('{a: 1} {a: 2}', allRows=true) | length }} → 2",
        ),
    ),
    "ionDecode": Function(
        _from_ion,
        _ION,
        About("The old name of `fromIon`.", "{{ ionDecode('[1, 2]') | last }} → 2", until="0.x", instead="fromIon"),
    ),
    "yaml": Function(
        _yaml, "yaml", About("The value that a YAML text says.", "{{ yaml('a: [1, yes]') }} → {\"a\":[1,true]}")
    ),
}
