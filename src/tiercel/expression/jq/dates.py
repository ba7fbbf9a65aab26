"""Functions of jq on dates: seconds since 1970, or the parts of a date in a list."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, shown
from tiercel.expression.jq.scope import Native
from tiercel.expression.jq.values import number
from tiercel.expression.rendering import Rendering


def _now(rendering: Rendering, value: Json) -> float:
    return rendering.surroundings.at.timestamp()


def _broken_down(moment: datetime) -> list[Json]:
    """Year, month from 0, day, hour, minute, second, day of the week from Sunday, day of the year from 0."""
    seconds = number(moment.second + moment.microsecond / 1e6)
    day_of_week = moment.isoweekday() % 7
    day_of_year = moment.timetuple().tm_yday - 1
    return [moment.year, moment.month - 1, moment.day, moment.hour, moment.minute, seconds, day_of_week, day_of_year]


def _moment(value: Json, zone: tzinfo) -> datetime:
    try:
        if is_array(value):
            parts: list[Json] = value
            year, month, day, hour, minute, second = parts[:6]
            moment = datetime(int(year), int(month) + 1, int(day), int(hour), int(minute), int(second))
            return moment.replace(microsecond=int(second % 1 * 1e6), tzinfo=zone)
        return datetime.fromtimestamp(value, zone)
    except (TypeError, ValueError, OverflowError, OSError):
        raise JqError(f"{shown(value)} is no date: it must be seconds, or its parts in a list") from None


def _strftime(_: Rendering, value: Json, format: Json) -> str:
    return _formatted(_moment(value, UTC), format)


def _strflocaltime(rendering: Rendering, value: Json, format: Json) -> str:
    return _formatted(_moment(value, rendering.surroundings.zone), format)


def _formatted(moment: datetime, format: Json) -> str:
    if not isinstance(format, str):
        raise JqError("strftime/1 requires a string format")
    return moment.strftime(format.replace("%e", f"{moment.day:2d}").replace("%s", str(int(moment.timestamp()))))


def _strptime(_: Rendering, value: Json, format: Json) -> Json:
    if not isinstance(value, str) or not isinstance(format, str):
        raise JqError(f"strptime/1 requires string inputs and arguments, got {shown(value)}")
    try:
        return _broken_down(datetime.strptime(value, format))
    except (ValueError, re.error):
        raise JqError(f'date "{value}" does not match format "{format}"') from None


def _mktime(_: Rendering, value: Json) -> int:
    if not is_array(value):
        raise JqError("mktime requires array of 6 numbers")
    return math.floor(_moment(value, UTC).timestamp())


def _gmtime(_: Rendering, value: Json) -> Json:
    return _broken_down(_moment(value, UTC))


def _localtime(rendering: Rendering, value: Json) -> Json:
    return _broken_down(_moment(value, rendering.surroundings.zone))


DATES: Mapping[str, Native] = {
    "now/0": _now,
    "mktime/0": _mktime,
    "gmtime/0": _gmtime,
    "localtime/0": _localtime,
    "strftime/1": _strftime,
    "strflocaltime/1": _strflocaltime,
    "strptime/1": _strptime,
}
