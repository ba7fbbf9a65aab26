"""Maps laid over maps: level by level, where both sides have a map; everything else is replaced."""

from collections.abc import Mapping
from typing import Any, cast

Values = Mapping[str, Any]


def merged(known: Values, given: Values) -> dict[str, Any]:
    """A new map; of two values of one name the given one stays."""
    found = dict(known)
    for name, value in given.items():
        before = found.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        found[name] = merged(cast(Values, before), cast(Values, value)) if both else value
    return found
