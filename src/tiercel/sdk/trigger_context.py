"""What a trigger may use of the world while it is looked at: what a task may, and what is known of its earlier looks."""

from datetime import datetime
from typing import Protocol

from tiercel.sdk.context import RunContext


class TriggerContext(RunContext, Protocol):
    """Handed to `PollingTrigger.evaluate` and `RealtimeTrigger.events`.

    `info.trigger_id` says which trigger it is; `info.execution_id` is the execution that a look would start, whose files
    are those that `files` stores. Lines of `log` are the trigger's own, and belong to no execution.
    """

    @property
    def date(self) -> datetime:
        """The date that is due, aware; of a stream the one at which it began."""
        ...

    @property
    def last_triggered(self) -> datetime | None:
        """When the trigger last started an execution; None where it never did, or begins anew. Not kept for streams."""
        ...
