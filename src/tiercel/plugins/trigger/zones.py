"""Time zones and dates as the triggers here read and write them."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tiercel.sdk import InvalidProperty


def zone_named(name: str) -> ZoneInfo:
    """Raises InvalidProperty."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        legacy = f"timezone '({name})' is not a valid time-zone ID"
        raise InvalidProperty(f"`{name}` is no time zone; write for example Europe/Paris", legacy=legacy) from None


def text_of(date: datetime) -> str:
    """To the second, with the offset."""
    return date.isoformat(timespec="seconds").replace("+00:00", "Z")
