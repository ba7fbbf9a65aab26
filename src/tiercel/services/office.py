"""What running tasks may ask of their server: count, purge and resume executions, switch triggers.

A process without a server (`tiercel run`) has no desk in it: everything asked there is refused.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from tiercel.engine.events import AnyEvent, Resume
from tiercel.model.errors import TiercelError
from tiercel.model.states import TERMINATED, State
from tiercel.model.trigger import TriggerId
from tiercel.ports.filters import Filter, Filters, Operator
from tiercel.ports.flows import FlowStore
from tiercel.ports.reader import ExecutionQuery, Reader
from tiercel.ports.storage import StorageError
from tiercel.sdk import FlowName, Purged, PurgedFiles, RunInfo, TaskFailed, Which
from tiercel.services.purge import Purge
from tiercel.services.purge_files import FilePurge
from tiercel.services.records import read_execution, read_run
from tiercel.services.residents import Told
from tiercel.services.resuming import Resuming
from tiercel.services.switches import Switches

AT_ONCE = 100
"""Executions that are purged together."""


class Door(Protocol):
    """What is needed of services.door."""

    def moment(self) -> tuple[datetime, int]: ...
    async def tell(self, execution_id: str, event: AnyEvent) -> Told: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """What an office works with."""

    reader: Reader
    purge: Purge
    file_purge: FilePurge
    flows: FlowStore
    door: Door
    resuming: Resuming
    switches: Switches


class Office:
    """Opened when the server is up; closed, or never opened, it refuses."""

    def __init__(self) -> None:
        self._services: Services | None = None

    def open(self, services: Services) -> None:
        self._services = services

    def for_run(self, info: RunInfo) -> "RunServer":
        return RunServer(self, info)

    def services(self) -> Services:
        if self._services is None:
            raise TaskFailed("this task asks its server for something, and here is none: deploy the flow to one")
        return self._services


class RunServer:
    """What a task sees as `ctx.server`."""

    def __init__(self, office: Office, info: RunInfo) -> None:
        self._office = office
        self._info = info

    async def count(self, which: Which) -> int:
        # By ids, for totals of a search are estimates beyond ten thousand.
        return sum([1 async for _ in self._ids(self._office.services(), which)])

    async def purge(self, which: Which, *, parts: Collection[str]) -> Purged:
        services = self._office.services()
        states = [state.value for state in TERMINATED if not which.states or state.value in which.states]
        if not states:
            return Purged()
        over = replace(which, states=states)
        ids = [identifier async for identifier in self._ids(services, over) if identifier != self._info.execution_id]
        purged = Purged()
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            purged = _sum(purged, await services.purge.of(self._info.tenant, some, parts=parts))
        return purged

    async def purge_files(
        self,
        *,
        namespace: str | None = None,
        flow_id: str | None = None,
        start: datetime | None = None,
        end: datetime,
        dry_run: bool = False,
    ) -> PurgedFiles:
        try:
            return await self._office.services().file_purge.of(
                self._info.tenant, namespace=namespace, flow_id=flow_id, start=start, end=end, dry_run=dry_run
            )
        except StorageError as error:
            raise TaskFailed(str(error)) from error

    async def flows(self) -> Sequence[FlowName]:
        stored = self._office.services().flows.all()
        return [FlowName(flow.namespace, flow.id) async for flow in stored if flow.tenant == self._info.tenant]

    async def purge_revisions(self, flow: FlowName, *, keep: int) -> int:
        services, tenant = self._office.services(), self._info.tenant
        known = await services.flows.revisions(tenant=tenant, namespace=flow.namespace, flow_id=flow.id)
        old = {stored.revision for stored in known[:-keep]}
        if old:
            old -= await self._revisions_in_use(services, flow)
        return await services.flows.delete_revisions(
            tenant=tenant, namespace=flow.namespace, flow_id=flow.id, revisions=sorted(old)
        )

    async def _revisions_in_use(self, services: Services, flow: FlowName) -> set[int]:
        """Those by which executions run that are not over."""
        states = tuple(state.value for state in State if state not in TERMINATED)
        live = Which(namespace=flow.namespace, flow_id=flow.id, states=states)
        ids = [identifier async for identifier in self._ids(services, live)]
        parts = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
        found = [one for part in parts for one in await services.reader.executions(self._info.tenant, part)]
        return {one.row.revision for one in found}

    async def resume(self, execution_id: str, inputs: Mapping[str, Any]) -> None:
        services = self._office.services()
        found = await services.reader.execution(self._info.tenant, execution_id)
        if found is None:
            raise TaskFailed(f"there is no execution {execution_id}")
        runs = [read_run(row)[0] async for row in services.reader.task_runs(execution_id)]
        try:
            given = await services.resuming.inputs(read_execution(found.row), runs, inputs)
            told = await services.door.tell(execution_id, Resume(*services.door.moment(), inputs=given))
        except TiercelError as error:
            raise TaskFailed(f"execution {execution_id} cannot be resumed: {error}") from error
        if told.ignored:
            raise TaskFailed(f"execution {execution_id} cannot be resumed: {told.ignored}")

    async def switch_trigger(self, trigger_id: str, *, namespace: str, flow_id: str, enabled: bool) -> None:
        switches = self._office.services().switches
        trigger = TriggerId(namespace, flow_id, trigger_id)
        try:
            await (switches.enable if enabled else switches.disable)(self._info.tenant, trigger)
        except TiercelError as error:
            raise TaskFailed(str(error)) from error

    def _ids(self, services: Services, which: Which) -> AsyncIterator[str]:
        return services.reader.ids(ExecutionQuery(tenant=self._info.tenant, filters=_filters(which)))


def _filters(which: Which) -> Filters:
    found: list[Filter] = []
    if which.namespace is not None:
        found.append(Filter("namespace", Operator.PREFIX, which.namespace))
    if which.flow_id is not None:
        found.append(Filter("flowId", Operator.EQUALS, which.flow_id))
    if which.states:
        found.append(Filter("state", Operator.IN, tuple(which.states)))
    if which.start is not None:
        found.append(Filter("startDate", Operator.GREATER_THAN_OR_EQUAL_TO, which.start))
    if which.end is not None:
        found.append(Filter("startDate", Operator.LESS_THAN, which.end))
    return tuple(found)


def _sum(one: Purged, other: Purged) -> Purged:
    return Purged(
        executions=one.executions + other.executions,
        outputs=one.outputs + other.outputs,
        logs=one.logs + other.logs,
        metrics=one.metrics + other.metrics,
        files=one.files + other.files,
    )
