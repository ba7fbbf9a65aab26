"""Names of months, days and zones in the language asked for, and how weeks are counted there."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_name

from tiercel.expression.errors import ExpressionError

Width: TypeAlias = Literal["abbreviated", "wide", "narrow"]
_WIDTHS: Mapping[int, Width] = {4: "wide", 5: "narrow"}


@lru_cache(64)
def locale_of(name: str) -> Locale:
    """The language of a name like `fr_FR` or `fr-FR`. Raises ExpressionError."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        raise ExpressionError("value", f"there is no locale `{name[:50]}`; write for example en_US") from None


def month_names(locale: Locale, count: int, *, stands_alone: bool) -> Mapping[int, str]:
    return locale.months["stand-alone" if stands_alone else "format"][_WIDTHS.get(count, "abbreviated")]


def day_names(locale: Locale, count: int) -> Mapping[int, str]:
    """Monday is 0."""
    return locale.days["format"][_WIDTHS.get(count, "abbreviated")]


def quarter_names(locale: Locale, count: int) -> Mapping[int, str]:
    return locale.quarters["format"][_WIDTHS.get(count, "abbreviated")]


def era_names(locale: Locale, count: int) -> Mapping[int, str]:
    """0 is before, 1 after."""
    return locale.eras[_WIDTHS.get(count, "abbreviated")]


def half_day_names(locale: Locale) -> tuple[str, str]:
    periods = locale.day_periods["format"]["abbreviated"]
    return periods["am"], periods["pm"]


def zone_name(moment: datetime, locale: Locale, count: int) -> str:
    """`CEST`, or `Central European Summer Time` from four letters on."""
    if moment.tzinfo is UTC or moment.tzname() == "UTC":
        return "Coordinated Universal Time" if count > 3 else "UTC" if moment.tzinfo is not UTC else "Z"
    if count > 3 and getattr(moment.tzinfo, "key", None) is not None:
        return get_timezone_name(moment, width="long", locale=locale)
    return (moment.tzname() or "").removeprefix("UTC")


def week_number(day: date, locale: Locale) -> tuple[int, int]:
    """The week-based year and the week within it, as that country counts."""
    for year in (day.year + 1, day.year, day.year - 1):
        start = _first_week(year, locale)
        if start is not None and day >= start:
            return year, (day - start).days // 7 + 1
    return day.year, 1


def week_of_month(day: date, locale: Locale) -> int:
    first = day.replace(day=1)
    offset = day_of_week(first, locale) - 1
    start = 1 if 7 - offset >= locale.min_week_days else 0
    return (day.day - 1 + offset) // 7 + start


def day_of_week(day: date, locale: Locale) -> int:
    """1 on the day that country's weeks begin with."""
    return (day.weekday() - locale.first_week_day) % 7 + 1


def _first_week(year: int, locale: Locale) -> date | None:
    try:
        first = date(year, 1, 1)
        offset = day_of_week(first, locale) - 1
        start = first - timedelta(days=offset)
        return start if 7 - offset >= locale.min_week_days else start + timedelta(days=7)
    except (OverflowError, ValueError):
        return None
