"""Time zones and dates as the triggers here read and write them."""

import re
from datetime import datetime
from typing import Any
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


def without_zone_name(written: Any) -> Any:
    """A date as Java writes it, `2027-01-15T09:00:00+01:00[Europe/Paris]`: its offset says the same as the name."""
    return _NAMED.sub(r"\1", written) if isinstance(written, str) else written


_NAMED = re.compile(r"^(.+(?:Z|[+-]\d\d:?\d\d))\[[\w/+-]+\]$")
