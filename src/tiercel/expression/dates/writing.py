"""Moments written by a pattern."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from babel import Locale

from tiercel.expression.dates import names
from tiercel.expression.dates.patterns import pieces_of


def write_pattern(moment: datetime, pattern: str, locale: Locale) -> str:
    """The moment as the pattern says. Raises ExpressionError."""
    return "".join(
        piece if isinstance(piece, str) else _WRITERS[piece.letter](moment, piece.count, locale)
        for piece in pieces_of(pattern)
    )


def offset_text(moment: datetime, *, colon: bool, zero: str = "", minutes: bool = True) -> str:
    """The zone's distance from UTC: `+02:00`, `+0200`, `+02`; `zero` stands for none at all."""
    total = int((moment.utcoffset() or timedelta()).total_seconds())
    if not total and zero:
        return zero
    hours, rest = divmod(abs(total), 3600)
    shown = f":{rest // 60:02d}" if colon else f"{rest // 60:02d}"
    return f"{'-' if total < 0 else '+'}{hours:02d}{shown if minutes or rest // 60 else ''}"


def localised_offset(moment: datetime, *, is_short: bool) -> str:
    """`GMT+2`, or `GMT+02:00`."""
    total = int((moment.utcoffset() or timedelta()).total_seconds())
    if not total:
        return "GMT"
    if not is_short:
        return f"GMT{offset_text(moment, colon=True)}"
    hours, rest = divmod(abs(total), 3600)
    return f"GMT{'-' if total < 0 else '+'}{hours}{f':{rest // 60:02d}' if rest else ''}"


def nanoseconds_of_day(moment: datetime) -> int:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return (seconds * 1_000_000 + moment.microsecond) * 1000


def _padded(read: Callable[[datetime], int]) -> Callable[[datetime, int, Locale], str]:
    return lambda moment, count, locale: f"{read(moment):0{count}d}"


def _year(year: int, count: int) -> str:
    return f"{year % 100:02d}" if count == 2 else f"{year:0{count}d}"


def _month(moment: datetime, count: int, locale: Locale, *, stands_alone: bool) -> str:
    if count < 3:
        return f"{moment.month:0{count}d}"
    return names.month_names(locale, count, stands_alone=stands_alone)[moment.month]


def _quarter(moment: datetime, count: int, locale: Locale) -> str:
    quarter = (moment.month + 2) // 3
    return f"{quarter:0{count}d}" if count < 3 else names.quarter_names(locale, count)[quarter]


def _day_of_week(moment: datetime, count: int, locale: Locale) -> str:
    if count < 3:
        return f"{names.day_of_week(moment.date(), locale):0{count}d}"
    return _day_name(moment, count, locale)


def _day_name(moment: datetime, count: int, locale: Locale) -> str:
    return names.day_names(locale, count)[moment.weekday()]


def _zone_id(moment: datetime) -> str:
    key = getattr(moment.tzinfo, "key", None)
    return key or offset_text(moment, colon=True, zero="Z")


def _offset_with_z(moment: datetime, count: int, _: Locale) -> str:
    return offset_text(moment, colon=count in {3, 5}, zero="Z", minutes=count > 1)


def _offset_without_z(moment: datetime, count: int, _: Locale) -> str:
    return offset_text(moment, colon=count in {3, 5}, minutes=count > 1)


def _offset_of_z(moment: datetime, count: int, _: Locale) -> str:
    if count == 4:
        return localised_offset(moment, is_short=False)
    return offset_text(moment, colon=True, zero="Z") if count == 5 else offset_text(moment, colon=False)


_WRITERS: Mapping[str, Callable[[datetime, int, Locale], str]] = {
    "G": lambda moment, count, locale: names.era_names(locale, count)[1],
    "u": lambda moment, count, locale: _year(moment.year, count),
    "y": lambda moment, count, locale: _year(moment.year, count),
    "Y": lambda moment, count, locale: _year(names.week_number(moment.date(), locale)[0], count),
    "D": _padded(lambda moment: moment.timetuple().tm_yday),
    "M": lambda moment, count, locale: _month(moment, count, locale, stands_alone=False),
    "L": lambda moment, count, locale: _month(moment, count, locale, stands_alone=True),
    "d": _padded(lambda moment: moment.day),
    "Q": _quarter,
    "q": _quarter,
    "w": lambda moment, count, locale: f"{names.week_number(moment.date(), locale)[1]:0{count}d}",
    "W": lambda moment, count, locale: f"{names.week_of_month(moment.date(), locale):0{count}d}",
    "E": _day_name,
    "e": _day_of_week,
    "c": _day_of_week,
    "a": lambda moment, count, locale: names.half_day_names(locale)[moment.hour >= 12],
    "h": _padded(lambda moment: (moment.hour + 11) % 12 + 1),
    "K": _padded(lambda moment: moment.hour % 12),
    "k": _padded(lambda moment: moment.hour or 24),
    "H": _padded(lambda moment: moment.hour),
    "m": _padded(lambda moment: moment.minute),
    "s": _padded(lambda moment: moment.second),
    "S": lambda moment, count, locale: f"{moment.microsecond * 1000:09d}"[:count],
    "A": _padded(lambda moment: nanoseconds_of_day(moment) // 1_000_000),
    "n": _padded(lambda moment: moment.microsecond * 1000),
    "N": _padded(nanoseconds_of_day),
    "V": lambda moment, count, locale: _zone_id(moment),
    "z": lambda moment, count, locale: names.zone_name(moment, locale, count),
    "O": lambda moment, count, locale: localised_offset(moment, is_short=count < 4),
    "X": _offset_with_z,
    "x": _offset_without_z,
    "Z": _offset_of_z,
}
