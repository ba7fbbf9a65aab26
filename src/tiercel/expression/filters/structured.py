"""Filters that write data as JSON, YAML or Ion, and name its type."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tiercel.expression.callables import Filter, plain
from tiercel.expression.ion import write_ion
from tiercel.expression.json_text import to_json
from tiercel.expression.values import LONG_HIGHEST, LONG_LOWEST, Value, is_map
from tiercel.expression.yaml_text import write_yaml

# Flows compare against the names of Java's types.
_CLASS_NAMES: Mapping[type, str] = {
    str: "java.lang.String",
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    Decimal: "java.math.BigDecimal",
    date: "java.time.LocalDate",
    time: "java.time.LocalTime",
    timedelta: "java.time.Duration",
    set: "java.util.HashSet",
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


FILTERS: Mapping[str, Filter] = {
    "toJson": plain(to_json),
    "json": plain(to_json),
    "toIon": plain(write_ion),
    "yaml": plain(write_yaml),
    "className": plain(_class_name),
}
