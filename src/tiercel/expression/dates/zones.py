"""Time zones by the names flows use: regions, `Z`, `+05:30`, `UTC+2`."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tiercel.expression.errors import ExpressionError

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d)(?::?(?P<seconds>\d\d))?)?")
_LONGEST_OFFSET = timedelta(hours=18)


@lru_cache(256)
def zone_of(name: str) -> tzinfo:
    """The zone of that name. Raises ExpressionError."""
    if name in {"Z", "UTC", "GMT", "UT"}:
        return ZoneInfo("UTC") if name == "UTC" else UTC
    if found := _OFFSET.fullmatch(name):
        return _fixed(found, name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExpressionError(
            "value", f"there is no time zone `{name}`; write for example Europe/Paris or +02:00"
        ) from None


def _fixed(found: re.Match[str], name: str) -> tzinfo:
    parts = {unit: int(found[unit] or 0) for unit in ("hours", "minutes", "seconds")}
    offset = timedelta(**parts)
    if offset > _LONGEST_OFFSET or parts["minutes"] > 59 or parts["seconds"] > 59:
        raise ExpressionError("value", f"`{name}` is no offset of a time zone")
    return timezone(-offset if found["sign"] == "-" else offset)
