"""Filters on dates."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from babel import Locale

from tiercel.expression.callables import Arguments, Filter
from tiercel.expression.dates.formats import write_moment
from tiercel.expression.dates.moments import add, moment_of, shift_zone
from tiercel.expression.dates.names import locale_of
from tiercel.expression.dates.zones import zone_of
from tiercel.expression.values import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def date_text(value: Value, arguments: Arguments) -> str:
    """A value read and written by the arguments `format`, `timeZone`, `existingFormat`, `locale`."""
    return _written(_moment(value, arguments), arguments)


def _date(value: Value, arguments: Arguments) -> Value:
    return None if value is None else date_text(value, arguments)


def _date_add(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    amount, unit = arguments.integer("amount", "type"), arguments.text("unit", "type")
    return _written(add(_moment(value, arguments), amount, unit), arguments)


def _moment(value: Value, arguments: Arguments) -> datetime:
    return moment_of(value, _zone(arguments), arguments.optional_text("existingFormat"), _locale(arguments))


def _written(moment: datetime, arguments: Arguments) -> str:
    name = arguments.optional_text("format") or "iso"
    return write_moment(shift_zone(moment, _zone(arguments)), name, _locale(arguments))


def _zone(arguments: Arguments) -> tzinfo:
    name = arguments.optional_text("timeZone")
    return arguments.rendering.surroundings.zone if name is None else zone_of(name)


def _locale(arguments: Arguments) -> Locale:
    return locale_of(arguments.optional_text("locale") or arguments.rendering.surroundings.locale)


def _timestamp(convert: Callable[[int], Value]) -> Filter:
    """A filter that gives the time since 1970, made from its microseconds."""

    def run(value: Value, arguments: Arguments) -> Value:
        if value is None:
            return None
        return convert((_moment(value, arguments) - _EPOCH) // _MICROSECOND)

    return Filter(run, ("timeZone", "existingFormat"))


_WRITING = ("format", "timeZone", "existingFormat", "locale")
FILTERS: Mapping[str, Filter] = {
    "date": Filter(_date, _WRITING),
    "dateAdd": Filter(_date_add, ("amount", "unit", *_WRITING)),
    "timestamp": _timestamp(lambda microseconds: microseconds // 1_000_000),
    "timestampMilli": _timestamp(lambda microseconds: microseconds // 1000),
    "timestampMicro": _timestamp(str),
    "timestampNano": _timestamp(lambda microseconds: str(microseconds * 1000)),
}
