"""Base classes of triggers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from tiercel.sdk.errors import InvalidProperty
from tiercel.sdk.fields import Duration
from tiercel.sdk.task import Plugin


class Trigger(Plugin):
    """What starts executions. Base properties (id, conditions, inputs, labels …) are the server's; see model.flow."""


class SchedulableTrigger(Trigger):
    """A trigger whose dates can be computed: evaluated inside the scheduler, never on a worker."""

    late_maximum_delay: Duration | None = None
    """A date that is later than this by now is left out."""
    recover_missed_schedules: Literal["ALL", "LAST", "NONE"] | None = None
    """Which dates missed while no server ran are made up for: all, the last, none. Without it, what the server says."""

    def next_date(self, after: datetime, *, zone: ZoneInfo) -> datetime | None:
        """The first date strictly after `after`, aware; None when there is none. `zone` is the server's."""
        raise TypeError(f"{type(self).__name__} has no next_date")

    def previous_date(self, before: datetime, *, zone: ZoneInfo) -> datetime | None:
        """The last date strictly before `before`."""
        raise TypeError(f"{type(self).__name__} has no previous_date")

    def variables(self, date: datetime, *, zone: ZoneInfo) -> dict[str, Any]:
        """What expressions see as `trigger` in an execution of this date."""
        raise TypeError(f"{type(self).__name__} has no variables")


def _is_status(code: int | str | None) -> int | str | None:
    """A status code, or the expression of one."""
    if code is None or (isinstance(code, str) and "{{" in code):
        return code
    if str(code).isascii() and str(code).isdecimal() and 100 <= int(code) <= 599:
        return int(code)
    raise InvalidProperty("it must be a number from 100 to 599, or an expression that gives one")


class WebhookTrigger(Trigger):
    """A trigger that the webserver evaluates when its URL is called."""

    key: Annotated[str, Field(max_length=256)]
    """The secret part of the address: whoever knows it can start the flow."""
    wait: bool = False
    """Answer when the execution has ended, not when it was created."""
    return_outputs: bool = False
    """With `wait`: answer with the outputs of the flow."""
    response_content_type: Literal["application/json", "text/plain"] = "application/json"
    """With `returnOutputs`: how the outputs are written."""
    response_code: Annotated[int | str | None, AfterValidator(_is_status)] = None
    """With `wait`: the status code of the answer; 200, or 500 for a failed execution, where nothing is said. An expression
    may name what the execution gave: `{{ outputs.task.value }}`."""
    fetch_type: Literal["FETCH", "STORE", "NONE"] = "FETCH"
    """How the execution gets the body: as a value, as a file in internal storage, or not at all."""
