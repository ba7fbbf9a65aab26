"""`subflow()` of expressions: starts another flow while the inputs of one are rendered, and gives what it gave."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from tiercel.engine.variables import nested_labels
from tiercel.expression import ExpressionError
from tiercel.model.durations import format_duration, parse_duration
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Label
from tiercel.model.states import State
from tiercel.sdk import RunInfo
from tiercel.services.creator import Wish

LONGEST = timedelta(minutes=5)
DEEPEST = 3
"""Flows whose inputs call flows whose inputs call flows."""
_WELL = frozenset({State.SUCCESS, State.WARNING})
_CORRELATION = "system.correlationId"


class SubflowCalls:
    """Knows of each execution that it starts how deep it lies: that one's inputs may call further flows."""

    def __init__(
        self,
        *,
        start: Callable[[Wish], Awaitable[Execution]],
        ended: Callable[[str, str], Awaitable[Execution]],
        mint: Callable[[], str],
    ) -> None:
        self._start = start
        self._ended = ended
        """The execution of a tenant, when it is over."""
        self._mint = mint
        self._depths: dict[str, int] = {}

    async def answer(self, arguments: Mapping[str, Any], info: RunInfo) -> dict[str, Any]:
        """`id`, `state`, `outputs` and `labels` of the execution. Raises ExpressionError."""
        patience = _patience(arguments.get("timeout"))
        depth = self._depths.get(info.execution_id, 0) + 1
        if depth > DEEPEST:
            raise ExpressionError("limit", f"subflow(): inputs call flows to a depth of more than {DEEPEST}")
        wish = _wish(arguments, info, identifier=self._mint())
        self._depths[str(wish.id)] = depth
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return _told(await self._finished(wish))
        except TimeoutError:
            named = f"{wish.namespace}.{wish.flow_id}"
            raise ExpressionError(
                "host", f"subflow(): {named} was not over after {format_duration(patience)}"
            ) from None
        except TiercelError as error:
            raise (
                error if isinstance(error, ExpressionError) else ExpressionError("host", f"subflow(): {error}")
            ) from error
        finally:
            del self._depths[str(wish.id)]

    async def _finished(self, wish: Wish) -> Execution:
        started = await self._start(wish)
        return await self._ended(wish.tenant, started.id)


def _patience(written: Any) -> timedelta:
    try:
        patience = parse_duration(str(written))
    except ValueError as error:
        raise ExpressionError("argument", f"subflow(): the timeout is no duration: {error}") from None
    if patience > LONGEST:
        allowed = format_duration(LONGEST)
        raise ExpressionError("argument", f"subflow(): the timeout {written} exceeds the maximum of {allowed}")
    return patience


def _wish(arguments: Mapping[str, Any], info: RunInfo, *, identifier: str) -> Wish:
    return Wish(
        id=identifier,
        tenant=info.tenant,
        namespace=str(arguments["namespace"]),
        flow_id=str(arguments["id"]),
        revision=arguments.get("revision"),
        inputs=_map("inputs", arguments),
        labels=tuple(_label(str(key), value) for key, value in _map("labels", arguments).items()),
        origin="subflow",
    )


def _map(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    value = arguments.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise ExpressionError("argument", f"the argument `{name}` of `subflow` must be a map")
    return cast(Mapping[str, Any], value or {})


def _label(key: str, value: Any) -> Label:
    if key.startswith("system.") and key != _CORRELATION:
        raise ExpressionError("argument", f"subflow(): the label `{key}` is the server's own")
    return Label(key, str(value))


def _told(execution: Execution) -> dict[str, Any]:
    state = execution.state.current
    if state not in _WELL:
        named = f"{execution.namespace}.{execution.flow_id}"
        raise ExpressionError("host", f"subflow(): execution {execution.id} of {named} ended {state}")
    return {
        "id": execution.id,
        "state": str(state),
        "outputs": dict(execution.outputs or {}),
        "labels": nested_labels(execution.labels),
    }
