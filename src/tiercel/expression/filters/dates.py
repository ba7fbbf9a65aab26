"""Filters on dates."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from babel import Locale

from tiercel.expression.callables import About, Arguments, Filter
from tiercel.expression.dates.formats import write_moment
from tiercel.expression.dates.moments import UNITS, add, moment_of, shift_zone
from tiercel.expression.dates.names import locale_of
from tiercel.expression.dates.zones import zone_of
from tiercel.expression.values import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
WRITING = "format=iso, timeZone?, existingFormat?, locale?"
_READING = "timeZone?, existingFormat?"


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


def _timestamp(convert: Callable[[int], Value], about: About) -> Filter:
    """A filter that gives the time since 1970, made from its microseconds."""

    def run(value: Value, arguments: Arguments) -> Value:
        if value is None:
            return None
        return convert((_moment(value, arguments) - _EPOCH) // _MICROSECOND)

    return Filter(run, _READING, about)


FILTERS: Mapping[str, Filter] = {
    "date": Filter(
        _date,
        WRITING,
        About(
            "A date written by the name of a format or by a pattern. `existingFormat` is the pattern of a text that is no"
            " ISO date; without `timeZone` it is the server's.",
            "{{ '2024-01-31T10:00:00Z' | date('dd/MM/yyyy') }} → 31/01/2024",
            "{{ '2024-01-31T10:00:00Z' | date('sql_sec', timeZone='Asia/Tokyo') }} → 2024-01-31 19:00:00",
            "{{ '31.01.24 9:05' | date('iso_local_date', existingFormat='dd.MM.yy H:mm') }} → 2024-01-31",
            "{{ '2024-01-31T10:00:00Z' | date('EEEE d MMMM', locale='fr_FR') }} → mercredi 31 janvier",
        ),
    ),
    "dateAdd": Filter(
        _date_add,
        f"amount, unit, {WRITING}",
        About(
            f"A date that much later, written. Units are {', '.join(UNITS)}.",
            "{{ '2024-01-31T10:00:00Z' | dateAdd(1, 'MONTHS', 'iso_local_date') }} → 2024-02-29",
            "{{ '2024-01-31T10:00:00Z' | dateAdd(-2, 'HOURS') }} → 2024-01-31T08:00:00.000000Z",
        ),
        missing="type",
    ),
    "timestamp": _timestamp(
        lambda microseconds: microseconds // 1_000_000,
        About("A date as seconds since 1970.", "{{ '2024-01-31T10:00:00Z' | timestamp }} → 1706695200"),
    ),
    "timestampMilli": _timestamp(
        lambda microseconds: microseconds // 1000,
        About("A date as milliseconds since 1970.", "{{ '2024-01-31T10:00:00Z' | timestampMilli }} → 1706695200000"),
    ),
    "timestampMicro": _timestamp(
        str,
        About(
            "A date as microseconds since 1970, a text.",
            "{{ '2024-01-31T10:00:00Z' | timestampMicro }} → 1706695200000000",
        ),
    ),
    "timestampNano": _timestamp(
        lambda microseconds: str(microseconds * 1000),
        About(
            "A date as nanoseconds since 1970, a text.",
            "{{ '2024-01-31T10:00:00Z' | timestampNano }} → 1706695200000000000",
        ),
    ),
}
