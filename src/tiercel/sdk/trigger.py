"""Base classes of triggers."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Generic, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from tiercel.sdk.errors import InvalidProperty
from tiercel.sdk.fields import Duration, Raw
from tiercel.sdk.task import OutputT, Plugin
from tiercel.sdk.trigger_context import TriggerContext
from tiercel.sdk.webhook_signature import WebhookSignature


class Trigger(Plugin):
    """What starts executions. Base properties (id, conditions, inputs, labels …) are the server's; see model.flow."""


class SchedulableTrigger(Trigger):
    """A trigger whose dates can be computed: evaluated inside the scheduler, never on a worker.

    Its properties are `Raw`: dates are known before there is anything that expressions could be about.
    """

    is_date_shown: ClassVar[bool] = False
    """Whether executions have the date as their `scheduleDate`, beside what expressions see."""

    late_maximum_delay: Raw[Duration | None] = None
    """A date that is later than this by now is left out."""
    overlap: Raw[Literal["QUEUE", "LATEST", "SKIP"]] = "QUEUE"
    """Which of the dates that come while its last execution still runs are run after it: all of them one after the other
    (QUEUE), the last one (LATEST), none (SKIP). With `allowConcurrent: true` no date waits."""
    recover_missed_schedules: Raw[Literal["ALL", "LAST", "NONE"] | None] = None
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


def _pause(interval: timedelta) -> timedelta:
    if interval < timedelta(0):
        raise InvalidProperty("a pause between looks cannot be negative")
    return interval


class PollingTrigger(Trigger, Generic[OutputT]):
    """A trigger that a worker looks at now and then, to see whether something has happened.

    Subclass as `class Trigger(PollingTrigger[TriggerOutput], type="io.kestra.plugin.core.http.Trigger")`. Properties are
    rendered and validated before each look, as those of tasks are. While the execution that a look has started runs,
    there is no other look, unless the flow says `allowConcurrent`.
    """

    interval: Annotated[Raw[Duration], AfterValidator(_pause)] = timedelta(seconds=60)
    """How long to wait between the end of one look and the beginning of the next. It takes no expression."""

    async def evaluate(self, ctx: TriggerContext) -> OutputT | None:
        """Look once. What is returned starts an execution, which sees it as `trigger`; None starts nothing.

        Whatever is raised is an error in the log of the trigger, and with `failOnTriggerError` a failed execution too;
        the next look comes all the same. The worker may die at any time, and another one look again: leave a trace of
        what was seen (`ctx.kv`) only where that does no harm.
        """
        raise TypeError(f"{type(self).__name__} has no evaluate")


class RealtimeTrigger(Trigger, Generic[OutputT]):
    """A trigger that stays connected to a source, and starts an execution for each of its events.

    It runs on one worker for as long as the trigger is enabled, and begins again on another where that one is lost.
    """

    def events(self, ctx: TriggerContext) -> AsyncGenerator[OutputT]:
        """The events, as an async generator. The execution of an event sees it as `trigger`.

        The next event is asked for when the execution of the last one is stored: what follows `yield` may acknowledge
        it. A stream that ends or raises begins again, after a second at first and after a minute at most. It is stopped
        by cancelling what it waits for: clean up in `finally`.
        """
        raise TypeError(f"{type(self).__name__} has no events")


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
    """How the execution gets the body: as the value `trigger.body`, as a file whose address is `trigger.uri`, or not at all."""
    signature: WebhookSignature | None = None
    """The signature that calls must carry, besides the key in the address."""
