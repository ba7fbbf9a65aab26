"""The filters by name, one file a family."""

from collections.abc import Mapping

from tiercel.expression.callables import Filter
from tiercel.expression.filters import collections, dates, encoding, numbers, regexes, structured, substrings, text

FILTERS: Mapping[str, Filter] = {
    **text.FILTERS,
    **substrings.FILTERS,
    **regexes.FILTERS,
    **collections.FILTERS,
    **numbers.FILTERS,
    **encoding.FILTERS,
    **structured.FILTERS,
    **dates.FILTERS,
}
