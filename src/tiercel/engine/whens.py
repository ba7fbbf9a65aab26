"""A trigger's `when` as it is written, and whether its truth for a date can be known before the date has come."""

from tiercel.expression import ExpressionError, compile

_TIMELESS = frozenset(
    {
        "dayOfMonth",
        "dayOfWeek",
        "hourOfDay",
        "isDateBetween",
        "isDayWeekInMonth",
        "isLastWorkingDay",
        "isWeekend",
        "max",
        "min",
        "monthOfYear",
        "range",
    }
)
"""Functions that give the same today and tomorrow for the same arguments."""
_KNOWN = frozenset({"trigger", "flow", "vars", "envs", "globals"})
FORESIGHT = 100
"""So many dates ahead are looked at for one that fits; what lies beyond is looked at when it has come."""


class When:
    """The condition of a trigger."""

    def __init__(self, written: str | bool | None) -> None:
        self.text = str(written).lower() if isinstance(written, bool) else written or ""
        self.is_absent = written is None

    @property
    def foresight(self) -> int:
        """How many dates may be looked at beforehand; 0 where the answer may be another one when the date has come."""
        return FORESIGHT if not self.is_absent and _is_timeless(self.text) else 0


def _is_timeless(text: str) -> bool:
    try:
        template = compile(text)
    except ExpressionError:
        return False
    return template.calls <= _TIMELESS and all(path[:1] and path[0] in _KNOWN for path in template.names)
