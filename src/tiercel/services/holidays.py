"""Which days are public holidays: the calendars of a library, loaded when somebody first asks, for they are large."""

from datetime import date
from functools import lru_cache

from tiercel.expression import ExpressionError


def is_public_holiday(day: date, country: str, part: str | None) -> bool:
    """Whether a day is a holiday in a country by its ISO code, or in a part of it by its own. Raises ExpressionError."""
    return day in _days_off(country.strip().upper(), part.strip().upper() if part else None, day.year)


@lru_cache(64)
def _days_off(country: str, part: str | None, year: int) -> frozenset[date]:
    import holidays

    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise ExpressionError("argument", f"there is no calendar of holidays for the country `{country}`")
    if part is not None and part not in known[country]:
        choice = f"it has {', '.join(sorted(known[country]))}" if known[country] else "it has none"
        raise ExpressionError("argument", f"there is no part `{part}` of `{country}` in its calendar; {choice}")
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))
