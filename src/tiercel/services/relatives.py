"""Executions that came of one another: the one that started another, and those that this one started in turn."""

from collections.abc import Sequence

from tiercel.model.execution import Execution, Kind
from tiercel.ports.filters import Filter, Operator
from tiercel.ports.reader import ExecutionQuery, Reader
from tiercel.services.records import read_execution

MOST = 1000
"""Executions that are looked at around one of them: further ones are left out."""


class Relatives:
    """Read from committed rows. Iterations of loops stand for the execution that they belong to, and are not among them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def near(self, execution: Execution, *, above: bool) -> list[Execution]:
        """The execution and those that it started; with `above` the one that started it comes first."""
        cause = await self._cause(execution) if above else None
        return [*([] if cause is None else [cause]), execution, *await self._below([execution])]

    async def all(self, execution: Execution, *, above: bool) -> list[Execution]:
        """The execution with all that came of it; with `above` with all that came of what it came of."""
        found = {first.id: first for first in [await self._first(execution) if above else execution]}
        newest = list(found.values())
        while newest and len(found) < MOST:
            newest = [one for one in await self._below(newest) if one.id not in found]
            found |= {one.id: one for one in newest}
        return list(found.values())[:MOST]

    async def _first(self, execution: Execution) -> Execution:
        """Where it all began, as far as that is still there."""
        seen = {execution.id}
        while (cause := await self._cause(execution)) is not None and cause.id not in seen:
            seen.add(cause.id)
            execution = cause
        return execution

    async def _cause(self, execution: Execution) -> Execution | None:
        cause = execution
        while cause.cause_id is not None:
            found = await self._read(cause.tenant, [cause.cause_id])
            if not found:
                return None
            cause = found[0]
            if cause.kind is not Kind.LOOP:
                return cause
        return None

    async def _below(self, executions: Sequence[Execution]) -> list[Execution]:
        """What these started, and what the iterations of their loops did."""
        ids, tenant = [one.id for one in executions], executions[0].tenant
        makers = ids
        while makers and len(ids) < MOST:
            makers = await self._found(tenant, _of("parentId", makers), _of("kind", [Kind.LOOP.value]))
            ids = [*ids, *makers]
        return await self._read(tenant, await self._found(tenant, _of("triggerExecutionId", ids)))

    async def _found(self, tenant: str, *filters: Filter) -> list[str]:
        """The oldest come first."""
        found: list[str] = []
        async for identifier in self._reader.ids(ExecutionQuery(tenant=tenant, filters=filters)):
            found.append(identifier)
            if len(found) == MOST:
                break
        return found[::-1]

    async def _read(self, tenant: str, ids: list[str]) -> list[Execution]:
        return [read_execution(found.row) for found in await self._reader.executions(tenant, ids)]


def _of(field: str, values: list[str]) -> Filter:
    return Filter(field, Operator.IN, tuple(values))
