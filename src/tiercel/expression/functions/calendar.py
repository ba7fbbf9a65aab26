"""Functions that ask the calendar. A date-time with an offset counts as the day it names there."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from tiercel.expression.callables import Arguments, Function
from tiercel.expression.dates.moments import read_iso
from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_POSITIONS = ("FIRST", "SECOND", "THIRD", "FOURTH")
_WORKING_DAYS = "MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY"
_SATURDAY = 5


def moment_of(arguments: Arguments, name: str) -> datetime:
    """The argument as a local or aware moment."""
    value = arguments.needed(name)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, datetime.min.time())
    moment = read_iso(value) if isinstance(value, str) else None
    if moment is None:
        raise arguments.refused(name, "a date like 2024-01-31 or 2024-01-31T10:00:00Z", "argument")
    return moment


def _of_moment(ask: Callable[[datetime], Value]) -> Function:
    return Function(lambda arguments: ask(moment_of(arguments, "date")), ("date",))


def _is_day_week_in_month(arguments: Arguments) -> bool:
    day = moment_of(arguments, "date")
    wanted = _day_of_week(arguments.text("dayOfWeek"))
    position = arguments.text("position").upper()
    if position not in (*_POSITIONS, "LAST"):
        choices = ", ".join((*_POSITIONS, "LAST"))
        raise ExpressionError("argument", f"the argument `position` must be one of {choices}; it is `{position}`")
    if position == "LAST":
        is_there = (day + timedelta(days=7)).month != day.month
    else:
        is_there = (day.day - 1) // 7 == _POSITIONS.index(position)
    return is_there and day.weekday() == wanted


def _is_last_working_day(arguments: Arguments) -> bool:
    day = moment_of(arguments, "date").date()
    names = re.split(r"[,\s]+", (arguments.optional_text("workingDays") or _WORKING_DAYS).strip(", "))
    working = {_day_of_week(name) for name in names}
    first_of_next = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    candidates = (first_of_next - timedelta(days=back) for back in range(1, 8))
    return day == next(candidate for candidate in candidates if candidate.weekday() in working)


def _day_of_week(name: str) -> int:
    if name.upper() not in _DAYS:
        raise ExpressionError("argument", f"`{name}` is no day of the week; write for example MONDAY")
    return _DAYS.index(name.upper())


def _is_date_between(arguments: Arguments) -> bool:
    moment, after, before = (_instant(arguments, name) for name in ("date", "after", "before"))
    return after < moment < before


def _is_date_before(arguments: Arguments) -> bool:
    return _instant(arguments, "date") < _instant(arguments, "before")


def _is_date_after(arguments: Arguments) -> bool:
    return _instant(arguments, "date") > _instant(arguments, "after")


def _instant(arguments: Arguments, name: str) -> datetime:
    moment = moment_of(arguments, name)
    if moment.tzinfo is None:
        raise arguments.refused(name, "a date-time with an offset, like 2024-01-31T10:00:00Z", "argument")
    return moment


FUNCTIONS: Mapping[str, Function] = {
    "isWeekend": _of_moment(lambda moment: moment.weekday() >= _SATURDAY),
    "dayOfWeek": _of_moment(lambda moment: _DAYS[moment.weekday()]),
    "dayOfMonth": _of_moment(lambda moment: moment.day),
    "monthOfYear": _of_moment(lambda moment: moment.month),
    "hourOfDay": _of_moment(lambda moment: moment.hour),
    "isDayWeekInMonth": Function(_is_day_week_in_month, ("date", "dayOfWeek", "position")),
    "isLastWorkingDay": Function(_is_last_working_day, ("date", "workingDays")),
    "isDateBefore": Function(_is_date_before, ("date", "before")),
    "isDateAfter": Function(_is_date_after, ("date", "after")),
    "isDateBetween": Function(_is_date_between, ("date", "after", "before")),
}
