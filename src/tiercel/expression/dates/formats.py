"""The named formats of dates, and every other format as a pattern."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from babel import Locale

from tiercel.expression.dates.names import locale_of
from tiercel.expression.dates.writing import offset_text, write_pattern

_PATTERNS: Mapping[str, str] = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_milli": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "sql_sec": "yyyy-MM-dd HH:mm:ss",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "iso_date": "yyyy-MM-ddXXX",
    "iso_local_date": "yyyy-MM-dd",
    "iso_ordinal_date": "yyyy-DDDXXX",
    "basic_iso_date": "yyyyMMddXX",
}
_READ_AS: Mapping[str, str] = {
    "sql": "yyyy-MM-dd HH:mm:ss[.SSSSSS]",
    "iso_date": "yyyy-MM-dd[XXX]",
    "iso_ordinal_date": "yyyy-DDD[XXX]",
    "basic_iso_date": "yyyyMMdd[XX]",
    "rfc_1123_date_time": "[EEE, ]d MMM yyyy HH:mm[:ss] z",
}
_LOCALISED = frozenset({"full", "long", "medium", "short"})


def write_moment(moment: datetime, name: str, locale: Locale) -> str:
    """The moment in a named format, or by a pattern. Raises ExpressionError."""
    writer = _WRITERS.get(name)
    if writer is not None:
        return writer(moment)
    if name in _LOCALISED:
        return write_pattern(moment, _localised_pattern(name, locale), locale)
    return write_pattern(moment, _PATTERNS.get(name, name), locale)


def pattern_of(name: str, locale: Locale) -> str:
    """The pattern by which a text in a named format is read, or the pattern itself."""
    return _localised_pattern(name, locale) if name in _LOCALISED else _READ_AS.get(name) or _PATTERNS.get(name, name)


def _localised_pattern(name: str, locale: Locale) -> str:
    day: str = locale.date_formats[name].pattern
    time: str = locale.time_formats[name].pattern
    return f"{day}, {time}"


def _local_time(moment: datetime) -> str:
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%H:%M:%S}{fraction}"


def _local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}T{_local_time(moment)}"


def _offset(moment: datetime) -> str:
    return offset_text(moment, colon=True, zero="Z")


def _zoned(moment: datetime) -> str:
    key = getattr(moment.tzinfo, "key", None)
    return f"{_local(moment)}{_offset(moment)}{f'[{key}]' if key else ''}"


def _instant(moment: datetime) -> str:
    return f"{_local(moment.astimezone(UTC))}Z"


def _week_date(moment: datetime) -> str:
    year, week, day = moment.isocalendar()
    return f"{year:04d}-W{week:02d}-{day}{_offset(moment)}"


def _rfc_1123(moment: datetime) -> str:
    return write_pattern(moment, "EEE, d MMM yyyy HH:mm:ss ", locale_of("en_US")) + offset_text(
        moment, colon=False, zero="GMT"
    )


_WRITERS: Mapping[str, Callable[[datetime], str]] = {
    "iso_date_time": _zoned,
    "iso_zoned_date_time": _zoned,
    "iso_offset_date_time": lambda moment: _local(moment) + _offset(moment),
    "iso_time": lambda moment: _local_time(moment) + _offset(moment),
    "iso_offset_time": lambda moment: _local_time(moment) + _offset(moment),
    "iso_instant": _instant,
    "iso_local_date_time": _local,
    "iso_local_time": _local_time,
    "iso_week_date": _week_date,
    "rfc_1123_date_time": _rfc_1123,
}
NAMES = (*_PATTERNS, *_WRITERS, *sorted(_LOCALISED))
"""Every named format."""
