"""`now()`: the instant of the event, in the server's zone."""

from collections.abc import Mapping

from tiercel.expression.callables import Arguments, Function
from tiercel.expression.filters.dates import date_text
from tiercel.expression.values import Value


def _now(arguments: Arguments) -> Value:
    return date_text(arguments.rendering.surroundings.at, arguments)


FUNCTIONS: Mapping[str, Function] = {"now": Function(_now, ("format", "timeZone", "existingFormat", "locale"))}
