"""Any value as a moment: dates of every kind, seconds since 1970, and texts."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from babel import Locale

from tiercel.expression.dates.formats import pattern_of
from tiercel.expression.dates.reading import read_pattern
from tiercel.expression.dates.zones import zone_of
from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value, is_integer, name_of_type

_ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<offset>Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?(?:\[(?P<zone>[\w+/:-]+)\])?)?"
)
_ISO_NAMES = frozenset(
    [
        "iso",
        "iso_milli",
        "iso_sec",
        "iso_date_time",
        "iso_instant",
        "iso_local_date",
        "iso_local_date_time",
        "iso_offset_date_time",
        "iso_zoned_date_time",
    ]
)
"""Named formats of which any may be written for any other."""
_MONTHS_OF: Mapping[str, int] = {
    "MONTHS": 1,
    "YEARS": 12,
    "DECADES": 120,
    "CENTURIES": 1200,
    "MILLENNIA": 12000,
}
_DAYS_OF: Mapping[str, int] = {"DAYS": 1, "WEEKS": 7}
_MICROSECONDS_OF: Mapping[str, float] = {
    "NANOS": 0.001,
    "MICROS": 1,
    "MILLIS": 1000,
    "SECONDS": 1_000_000,
    "MINUTES": 60_000_000,
    "HOURS": 3_600_000_000,
    "HALF_DAYS": 43_200_000_000,
}
UNITS = (*_MICROSECONDS_OF, *_DAYS_OF, *_MONTHS_OF)


def moment_of(value: Value, zone: tzinfo, existing_format: str | None, locale: Locale) -> datetime:
    """The aware moment a value means; a local one is taken to be in `zone`. Raises ExpressionError."""
    if isinstance(value, str):
        return in_zone(_read(value, existing_format, locale), zone)
    if isinstance(value, datetime):
        return in_zone(value, zone)
    if isinstance(value, date):
        return in_zone(datetime.combine(value, time(12)), zone)
    if is_integer(value):
        return _checked(lambda: datetime.fromtimestamp(value, UTC))
    raise ExpressionError("type", f"{name_of_type(value)} is no date; write a date as text or as seconds since 1970")


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """A local moment in a zone: within a gap it moves on, within an overlap it is the earlier one."""
    if moment.tzinfo is not None:
        return moment
    return _checked(lambda: moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone))


def shift_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The same instant, told in another zone."""
    return _checked(lambda: moment.astimezone(zone))


def add(moment: datetime, amount: int, unit: str) -> datetime:
    """The moment that much later: days and more by the calendar, less by the clock. Raises ExpressionError."""
    if unit in _MONTHS_OF:
        return _checked(lambda: _add_months(moment, amount * _MONTHS_OF[unit]))
    if unit in _DAYS_OF:
        return _checked(lambda: _add_days(moment, amount * _DAYS_OF[unit]))
    if unit in _MICROSECONDS_OF:
        return _checked(lambda: _add_microseconds(moment, amount * _MICROSECONDS_OF[unit]))
    raise ExpressionError("value", f"there is no unit `{unit}`; units are {', '.join(UNITS)}")


def read_iso(text: str) -> datetime | None:
    """A date, local date-time or date-time with offset in ISO-8601; None for anything else."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}")
    except ValueError:
        return None
    moment = moment.replace(microsecond=int((found["fraction"] or "0").ljust(9, "0")) // 1000)
    return _with_zone(moment, found["offset"], found["zone"])


def _with_zone(moment: datetime, offset: str | None, zone: str | None) -> datetime:
    if offset is not None:
        moment = moment.replace(tzinfo=zone_of(offset))
    if zone is None:
        return moment
    return in_zone(moment, zone_of(zone)) if offset is None else shift_zone(moment, zone_of(zone))


def _read(text: str, existing_format: str | None, locale: Locale) -> datetime:
    if existing_format is not None and existing_format not in _ISO_NAMES:
        return read_pattern(text, pattern_of(existing_format, locale), locale)
    moment = read_iso(text)
    if moment is None:
        raise ExpressionError(
            "parse", f"`{text[:100]}` is no date like 2024-01-31T10:00:00Z; name its pattern as `existingFormat`"
        )
    return moment


def _add_months(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last one."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    first_of_next = datetime(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return _by_calendar(moment, moment.replace(year=year, month=month + 1, day=min(moment.day, last)))


def _add_days(moment: datetime, days: int) -> datetime:
    return _by_calendar(moment, moment.replace(tzinfo=None) + timedelta(days=days))


def _by_calendar(moment: datetime, local: datetime) -> datetime:
    zone = moment.tzinfo or UTC
    return in_zone(local.replace(tzinfo=None), zone)


def _add_microseconds(moment: datetime, microseconds: float) -> datetime:
    zone = moment.tzinfo or UTC
    return (moment.astimezone(UTC) + timedelta(microseconds=microseconds)).astimezone(zone)


def _checked(compute: Callable[[], datetime]) -> datetime:
    try:
        return compute()
    except (OverflowError, ValueError, OSError):
        raise ExpressionError("value", "the date lies outside the years 1 to 9999") from None
