"""Dates of a cron expression, pure: five fields, or six with seconds first; nicknames, `?`, names, 7 for Sunday.

At a fixed time of day (neither minute nor hour begins with `*`) an expression fires once a day, also when clocks
change: 02:30 in the spring gap fires at 03:00, and in the autumn at the first 02:30. Other expressions follow real time.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import dropwhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_OF_MONTH, _DAY_OF_WEEK = 3, 5


class BadCron(ValueError):
    """An expression that cannot be read, or that no date matches."""


@lru_cache(maxsize=10_000)
def fields_of(expression: str, *, with_seconds: bool) -> str:
    """The expression in six fields. Raises BadCron where it has another number of them, or no date."""
    fields = (NICKNAMES.get(expression.strip().lower()) or expression).upper().split()
    if len(fields) == 5 and (not with_seconds or expression.strip().startswith("@")):
        fields.insert(0, "0")
    elif len(fields) != 6 or not with_seconds:
        wanted = "6 fields, seconds first" if with_seconds else "5 fields: minute hour day month weekday"
        raise BadCron(f"it has {len(fields)} fields, and must have {wanted}")
    text = " ".join(_translated(place, field) for place, field in enumerate(fields))
    try:
        found = next(CronSim(text, _SOME_DAY), None)
    except CronSimError as error:
        raise BadCron(_words(error)) from None
    if found is None:
        raise BadCron("no date ever matches it")
    return text


# A date is asked for by each of the triggers that share it, and by each of them twice.
@lru_cache(maxsize=10_000)
def next_date(fields: str, after: datetime, *, zone: ZoneInfo) -> datetime | None:
    """The first date strictly after an instant; None where there is none."""
    return next(dropwhile(lambda date: date <= after.astimezone(UTC), _dates(fields, after, zone)), None)


@lru_cache(maxsize=10_000)
def previous_date(fields: str, before: datetime, *, zone: ZoneInfo) -> datetime | None:
    """The last date strictly before an instant; None where there is none."""
    dates = _dates(fields, before, zone, backwards=True)
    return next(dropwhile(lambda date: date >= before.astimezone(UTC), dates), None)


def _dates(fields: str, start: datetime, zone: ZoneInfo, *, backwards: bool = False) -> Iterator[datetime]:
    """Dates in UTC, so that comparing them is comparing instants."""
    minute, hour = fields.split()[1:3]
    is_fixed = not minute.startswith("*") and not hour.startswith("*")
    simulation = CronSim(fields, start.astimezone(zone), reverse=backwards)
    if is_fixed and zone.key != "UTC":  # what the library does for five fields only
        simulation.fixup_tz = zone
        simulation.dt = simulation.dt.replace(tzinfo=None)
    yield from (date.astimezone(UTC) for date in simulation)


def _translated(place: int, field: str) -> str:
    if field == "?" and place in (_DAY_OF_MONTH, _DAY_OF_WEEK):
        return "*"
    return re.sub(r"-SUN\b", "-7", field) if place == _DAY_OF_WEEK else field


def _words(error: CronSimError) -> str:
    return str(error).replace("Bad ", "there is a mistake in the field ")
