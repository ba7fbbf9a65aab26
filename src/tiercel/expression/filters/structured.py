"""Filters that write data as JSON, YAML or Ion, and name its type."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tiercel.expression.callables import About, Arguments, Filter, plain
from tiercel.expression.errors import ExpressionError
from tiercel.expression.ion import write_ion
from tiercel.expression.json_reading import read_whole_json
from tiercel.expression.json_text import to_json
from tiercel.expression.values import LONG_HIGHEST, LONG_LOWEST, Float, HashMap, Integer, Value, is_map
from tiercel.expression.yaml_text import write_yaml

# Flows compare against the names of Java's types.
_CLASS_NAMES: Mapping[type, str] = {
    str: "java.lang.String",
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    Float: "java.lang.Float",
    Integer: "java.lang.Integer",
    Decimal: "java.math.BigDecimal",
    date: "java.time.LocalDate",
    time: "java.time.LocalTime",
    timedelta: "java.time.Duration",
    set: "java.util.HashSet",
    HashMap: "java.util.HashMap",
}


def _class_name(value: Value) -> str | None:
    if value is None:
        return None
    if type(value) is int:
        return "java.lang.Long" if LONG_LOWEST <= value <= LONG_HIGHEST else "java.math.BigInteger"
    if isinstance(value, datetime):
        return _datetime_class(value)
    return _CLASS_NAMES.get(value.__class__, "java.util.LinkedHashMap" if is_map(value) else "java.util.ArrayList")


def _datetime_class(value: datetime) -> str:
    if value.tzinfo is None:
        return "java.time.LocalDateTime"
    return "java.time.Instant" if value.tzinfo is UTC else "java.time.ZonedDateTime"


_JSON = About(
    "The value as compact JSON; entries that are null are left out.",
    "{{ {'a': [1, true]} | toJson }} → {\"a\":[1,true]}",
)
_OLD_JSON = About("The old name of `toJson`.", "{{ [1] | json }} → [1]", until="1.x", instead="toJson")
_OLDEST_JSON = About("The oldest name of `toJson`.", "{{ [1] | jsonEncode }} → [1]", until="0.x", instead="toJson")


def _to_json(value: Value, arguments: Arguments) -> str:
    return to_json(value, arguments.rendering.surroundings.zone)


def _jq(value: Value, arguments: Arguments) -> Value:
    """A text is read as JSON first."""
    # Imported when first used: most flows never do, and every start would pay for it.
    from tiercel.expression.jq import run_jq

    program = arguments.text("expression")
    if value is None:
        return None
    text = value if isinstance(value, str) else to_json(value, arguments.rendering.surroundings.zone)
    try:
        given = read_whole_json(text, arguments.rendering)
    except ExpressionError as error:
        raise ExpressionError("jq" if error.kind == "parse" else error.kind, f"`jq`: {error.message}") from None
    return list(run_jq(program, given, arguments.rendering))


FILTERS: Mapping[str, Filter] = {
    "toJson": Filter(_to_json, "", _JSON),
    "json": Filter(_to_json, "", _OLD_JSON),
    "jsonEncode": Filter(_to_json, "", _OLDEST_JSON),
    "jq": Filter(
        _jq,
        "expression",
        About(
            "The list of what a jq program gives for the value, or for what a text says as JSON. It sees nothing else: `env`"
            " and `input` are refused.",
            "{{ [1, 2, 3] | jq('map(. * 2)') | first }} → [2,4,6]",
            "{{ {'a': 1, 'b': 2} | jq('.a, .b') }} → [1,2]",
        ),
    ),
    "toIon": plain(
        write_ion,
        About("The value as compact Ion text.", "{{ {'a': 1.5, 'b': null} | toIon }} → {a:1.5e0,b:null}"),
    ),
    "yaml": plain(write_yaml, About("The value as YAML, with few quotes.", "{{ {'a': ['b']} | yaml }} → a:\n - b\n")),
    "className": plain(
        _class_name,
        About("The name that the value's type has in Java.", "{{ 'a' | className }} → java.lang.String"),
    ),
}
