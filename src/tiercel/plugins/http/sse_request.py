"""`io.kestra.plugin.core.http.SseRequest`: reads a stream of server-sent events to its end."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from pydantic import Field

from tiercel.plugins.http.properties import HttpTask
from tiercel.plugins.http.request import address_of
from tiercel.sdk import Output, Raw, RunContext, TaskFailed
from tiercel.sdk.http import failure, read_limited, refused

LONGEST_STREAM = 10 * 1024 * 1024
"""Characters that the events of one stream may have together, where `options.maxContentLength` says nothing else."""
_EXPLANATION = 64 * 1024
_JQ = "{{ _event | jq(_expression) | toJson }}"


class SseOutput(Output, frozen=True):
    uri: str
    """The address that was asked; redirects do not change it."""
    events: list[dict[str, Any]]
    """The events: `id`, `name` and `data`, which is read where it is JSON."""
    size: int
    """How many events."""
    result: str | None = None
    """With `concatJqExpression`: what it gives for each event, joined."""


class SseRequest(HttpTask[SseOutput], type="io.kestra.plugin.core.http.SseRequest"):
    """Send a request whose answer is a stream of events, and give the events when the stream has ended."""

    example = """
        id: ask_a_model
        namespace: company.team
        tasks:
          - id: answer
            type: io.kestra.plugin.core.http.SseRequest
            uri: https://example.com/v1/completions
            method: POST
            contentType: application/json
            body:
              prompt: Why do falcons dive?
              stream: true
            concatJqExpression: .data.text
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.answer.result }}"
    """

    concat_jq_expression: Raw[str | None] = None
    """A jq program over each event, whose texts are joined to `result`."""
    failed_on_missing_jq: bool = True
    """Fail where the program gives nothing for an event or ends with an error on it; otherwise that event adds nothing."""
    max_events: Annotated[int | None, Field(ge=1)] = None
    """After so many events the rest of the stream is not waited for."""

    async def run(self, ctx: RunContext) -> SseOutput:
        options = self.effective_options
        async with self.answer(ctx) as response:
            if refused(response, options):
                raise failure(response, await read_limited(response, limit=_EXPLANATION))
            limit = LONGEST_STREAM if options.max_content_length is None else options.max_content_length
            events = await self._taken(read_events(response.aiter_lines(), limit=limit))
            ctx.counter("size", len(events))
            return SseOutput(
                uri=address_of(response), events=events, size=len(events), result=await self._joined(ctx, events)
            )

    async def _taken(self, events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = []
        async for event in events:
            taken.append(event)
            if len(taken) == self.max_events:
                break
        return taken

    async def _joined(self, ctx: RunContext, events: list[dict[str, Any]]) -> str | None:
        if self.concat_jq_expression is None:
            return None
        return "".join([await self._text(ctx, self.concat_jq_expression, event) for event in events])

    async def _text(self, ctx: RunContext, expression: str, event: dict[str, Any]) -> str:
        program = expression if self.failed_on_missing_jq else f"({expression}\n)?"
        found = json.loads(await ctx.render(_JQ, {"_event": event, "_expression": program}))
        texts = [value for value in found if value is not None]
        if not texts and self.failed_on_missing_jq:
            raise TaskFailed(f"`{expression}` gives nothing for the event {event}; `failedOnMissingJq: false` lets it")
        return "".join(value if isinstance(value, str) else json.dumps(value) for value in texts)


async def read_events(lines: AsyncIterator[str], *, limit: int) -> AsyncIterator[dict[str, Any]]:
    """The events of a stream, as the standard says: fields by line, an event at each empty one that has data."""
    last_id: str | None = None
    name, data, size = None, list[str](), 0
    async for line in lines:
        size += len(line)
        if size > limit:
            raise TaskFailed(f"the stream is longer than {limit} characters: options.maxContentLength allows more")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            yield {"id": last_id, "name": name, "data": _read("\n".join(data))}
        if not line:
            name, data = None, []
        elif field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id":
            last_id = value
    if data:
        yield {"id": last_id, "name": name, "data": _read("\n".join(data))}


def _read(text: str) -> Any:
    """JSON where it is a mapping or a list; whatever else stays the text it is."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
