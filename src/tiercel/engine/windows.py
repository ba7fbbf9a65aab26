"""Windows of Flow triggers: during which time executions count together, and what has come so far. Pure.

A window is midnight to a deadline, a part of each day, one of the spans that a day is cut into, or the time just past.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tiercel.model.conditions import TimeWindow
from tiercel.model.durations import parse_duration
from tiercel.model.flow_trigger import Window
from tiercel.model.record import Record

_DAY = timedelta(days=1)


class Daily(msgspec.Struct, frozen=True):
    """From one time of day to another; to one that is earlier, over midnight."""

    start: time
    end: time
    zone: ZoneInfo | None = None
    """What times of day are meant in; that of the instants which are asked about where nothing is said."""

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        at = _within(self.zone, at)
        for day in (at.date() - _DAY, at.date()):
            start, end = self._on(day, at)
            if start <= at < end:
                return start, end
        return None

    def before(self, at: datetime) -> tuple[datetime, datetime]:
        """The last one that has ended by then."""
        at = _within(self.zone, at)
        return max(pair for days in range(-2, 2) if (pair := self._on(at.date() + days * _DAY, at))[1] <= at)

    def next_end(self, at: datetime) -> datetime:
        """When one ends next."""
        at = _within(self.zone, at)
        return min(end for days in range(-1, 3) if (end := self._on(at.date() + days * _DAY, at)[1]) > at)

    def _on(self, day: date, at: datetime) -> tuple[datetime, datetime]:
        """The one that begins on a day."""
        start, end = _moment(day, self.start, at), _moment(day, self.end, at)
        return start, end if end > start else _moment(day + _DAY, self.end, at)


class Spans(msgspec.Struct, frozen=True):
    """A day cut into spans of one length, from midnight on, each begun later by an offset; or several days together."""

    length: timedelta
    offset: timedelta = timedelta(0)
    zone: ZoneInfo | None = None
    """Where it is midnight; in the zone of the instants which are asked about where nothing is said."""

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        at = _within(self.zone, at)
        midnight = _moment(at.date(), time(), at) + self.offset
        start = midnight + (at - midnight) // self.length * self.length
        return start, start + self.length


class Past(msgspec.Struct, frozen=True):
    """The time just past: each result is forgotten when it is older."""

    length: timedelta

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        return at - self.length, at + self.length


Limits = Daily | Spans | Past
DAY_BY_DAY = Spans(_DAY)
"""The window of whoever says nothing."""


class Seen(Record, frozen=True):
    """An execution that satisfied something."""

    at: datetime
    execution_id: str
    flow_id: str
    outputs: dict[str, Any] = {}


class Collected(Record, frozen=True):
    """The current window of a trigger, as it is stored."""

    starts: datetime
    ends: datetime
    satisfied: dict[str, Seen] = {}
    """By the key of the need."""
    met: datetime | None = None
    """When enough had come last, in this window or an earlier one."""


def limits_of(window: Window | TimeWindow | None) -> Limits:
    match window:
        case None:
            return DAY_BY_DAY
        case Window():
            return _limits_of_window(window)
        case TimeWindow():
            return _limits_of_time_window(window)


def collected(
    limits: Limits, known: Collected | None, at: datetime, news: Mapping[str, Seen], *, zone: ZoneInfo
) -> Collected | None:
    """What has come in the window around this instant, the news included; None outside of every window."""
    around = _begun(limits, known, at) or limits.around(at.astimezone(zone))
    if around is None:
        return None
    starts, ends = around
    kept = {} if known is None else {key: seen for key, seen in known.satisfied.items() if starts <= seen.at < ends}
    return Collected(starts, ends, {**kept, **news}, None if known is None else known.met)


def _begun(limits: Limits, known: Collected | None, at: datetime) -> tuple[datetime, datetime] | None:
    """A span of several days begins at the midnight before the first that came in it, and lasts."""
    if not isinstance(limits, Spans) or limits.length <= _DAY or known is None or not known.satisfied:
        return None
    ends = known.starts + limits.length
    return (known.starts, ends) if known.starts <= at < ends else None


def _limits_of_window(window: Window) -> Limits:
    zone = None if window.timezone is None else ZoneInfo(window.timezone)
    if window.deadline is not None:
        return Daily(time(), window.deadline, zone)
    if window.from_ is not None and window.to is not None:
        return Daily(window.from_, window.to, zone)
    if window.every is not None:
        return Spans(parse_duration(window.every), parse_duration(window.offset or 0), zone)
    return Past(parse_duration(window.lookback or 0))


def _limits_of_time_window(window: TimeWindow) -> Limits:
    length = _DAY if window.window is None else parse_duration(window.window)
    match window.type:
        case "DAILY_TIME_DEADLINE":
            return Daily(time(), window.deadline or time())
        case "DAILY_TIME_WINDOW":
            return Daily(window.start_time or time(), window.end_time or time())
        case "SLIDING_WINDOW":
            return Past(length)
        case "DURATION_WINDOW":
            return Spans(length, parse_duration(window.window_advance or 0))


def _within(zone: ZoneInfo | None, at: datetime) -> datetime:
    return at if zone is None else at.astimezone(zone)


def _moment(day: date, clock: time, at: datetime) -> datetime:
    """A time of day; one without an offset is meant in the zone of `at`."""
    moment = datetime.combine(day, clock)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=at.tzinfo)
