"""Functions that ask the calendar. A date-time with an offset counts as the day it names there."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from tiercel.expression.callables import About, Arguments, Function
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


def _of_moment(ask: Callable[[datetime], Value], about: About) -> Function:
    return Function(lambda arguments: ask(moment_of(arguments, "date")), "date", about)


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
    "isWeekend": _of_moment(
        lambda moment: moment.weekday() >= _SATURDAY,
        About("Whether a date is a Saturday or Sunday.", "{{ isWeekend('2024-06-01') }} → true"),
    ),
    "dayOfWeek": _of_moment(
        lambda moment: _DAYS[moment.weekday()],
        About("The day of the week that a date is.", "{{ dayOfWeek('2024-06-01') }} → SATURDAY"),
    ),
    "dayOfMonth": _of_moment(
        lambda moment: moment.day, About("The day of the month that a date is.", "{{ dayOfMonth('2024-06-01') }} → 1")
    ),
    "monthOfYear": _of_moment(
        lambda moment: moment.month, About("The month that a date is in.", "{{ monthOfYear('2024-06-01') }} → 6")
    ),
    "hourOfDay": _of_moment(
        lambda moment: moment.hour, About("The hour of a date-time.", "{{ hourOfDay('2024-06-01T09:30:00Z') }} → 9")
    ),
    "isDayWeekInMonth": Function(
        _is_day_week_in_month,
        "date, dayOfWeek, position",
        About(
            "Whether a date is the FIRST, SECOND, THIRD, FOURTH or LAST such day of its month.",
            "{{ isDayWeekInMonth('2024-06-03', 'MONDAY', 'FIRST') }} → true",
        ),
    ),
    "isLastWorkingDay": Function(
        _is_last_working_day,
        "date, workingDays?",
        About(
            "Whether a date is the last working day of its month: Monday to Friday, or the days that are named.",
            "{{ isLastWorkingDay('2024-06-28') }} → true",
            "{{ isLastWorkingDay('2024-06-28', 'MONDAY, SUNDAY') }} → false",
        ),
    ),
    "isDateBefore": Function(
        _is_date_before,
        "date, before",
        About(
            "Whether an instant lies before another.",
            "{{ isDateBefore('2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z') }} → true",
            until="preview",
            instead="isDateBetween",
        ),
    ),
    "isDateAfter": Function(
        _is_date_after,
        "date, after",
        About(
            "Whether an instant lies after another.",
            "{{ isDateAfter('2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z') }} → false",
            until="preview",
            instead="isDateBetween",
        ),
    ),
    "isDateBetween": Function(
        _is_date_between,
        "date, after, before",
        About(
            "Whether an instant lies between two others.",
            "{{ isDateBetween('2024-06-01T00:00:00Z', '2024-05-01T00:00:00Z', '2024-07-01T00:00:00Z') }} → true",
            since="2.0.4",
        ),
    ),
}
