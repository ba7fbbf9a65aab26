"""Base classes of triggers."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.sdk.task import Plugin


class Trigger(Plugin):
    """What starts executions. Base properties (id, conditions, inputs, labels …) are the server's; see model.flow."""


class SchedulableTrigger(Trigger):
    """A trigger whose dates can be computed: evaluated inside the scheduler, never on a worker."""

    def next_date(self, after: datetime, *, zone: ZoneInfo) -> datetime | None:
        """The first date strictly after `after`, aware; None when there is none. `zone` is the server's."""
        raise TypeError(f"{type(self).__name__} has no next_date")

    def previous_date(self, before: datetime, *, zone: ZoneInfo) -> datetime | None:
        """The last date strictly before `before`."""
        raise TypeError(f"{type(self).__name__} has no previous_date")

    def variables(self, date: datetime, *, zone: ZoneInfo) -> dict[str, Any]:
        """What expressions see as `trigger` in an execution of this date."""
        raise TypeError(f"{type(self).__name__} has no variables")


class WebhookTrigger(Trigger):
    """A trigger that the webserver evaluates when its URL is called."""
