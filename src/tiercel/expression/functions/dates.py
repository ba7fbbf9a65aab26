"""`now()`: the instant of the event, in the server's zone."""

from collections.abc import Mapping

from tiercel.expression.callables import About, Arguments, Function
from tiercel.expression.filters.dates import WRITING, date_text
from tiercel.expression.values import Value


def _now(arguments: Arguments) -> Value:
    return date_text(arguments.rendering.surroundings.at, arguments)


FUNCTIONS: Mapping[str, Function] = {
    "now": Function(
        _now,
        WRITING,
        About(
            "The instant of the event that is being worked on, written as the filter `date` writes.",
            "{{ now('iso_local_date') }} → 2025-01-06",
            "{{ now('HH:mm', timeZone='Europe/Paris') }} → 11:15",
        ),
    )
}
