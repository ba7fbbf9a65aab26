"""What a replay or a restart of a stored execution would do; nothing is begun. The rule is engine.previews'."""

import msgspec
from msgspec.structs import replace

from tiercel.engine import FlowContext
from tiercel.engine.events import Replay
from tiercel.engine.previews import Preview, preview_replay, preview_restart
from tiercel.model.execution import Execution
from tiercel.model.flowable import Subflow
from tiercel.model.states import IN_ERROR
from tiercel.model.task_run import TaskRun
from tiercel.ports.clock import Clock
from tiercel.ports.reader import Reader
from tiercel.services.creator import NoSuchFlow
from tiercel.services.records import read_run
from tiercel.services.registry import Registry


class Foresight:
    """Looks at committed rows. Raises NotReplayable, NoSuchFlow, UnreadableFlow."""

    def __init__(self, *, reader: Reader, registry: Registry, clock: Clock) -> None:
        self._reader = reader
        self._registry = registry
        self._clock = clock

    async def replay(self, header: Execution, *, task_run: str | None = None, revision: int | None = None) -> Preview:
        """Of a copy, from its start or from a task run, with this revision or the execution's own."""
        event = Replay(self._clock.now(), 0, header.id, task_run, revision)
        return preview_replay(await self._context(header, revision), header, await self._runs(header), event)

    async def restart(self, header: Execution, *, revision: int | None = None) -> Preview:
        """In place; with a revision of a copy that goes on where the execution failed."""
        context, runs = await self._context(header, revision), await self._runs(header)
        if revision is None:
            runs |= await self._with_outputs(context, header, runs)
            return preview_restart(context, header, runs, at=self._clock.now())
        event = Replay(self._clock.now(), 0, header.id, revision=revision, is_restart=True)
        return preview_replay(context, header, runs, event)

    async def _with_outputs(
        self, context: FlowContext, header: Execution, runs: dict[int, TaskRun]
    ) -> dict[int, TaskRun]:
        """The task runs of Subflows that failed: a restart reads from the outputs which execution they go on with."""
        found: dict[int, TaskRun] = {}
        for ord, run in runs.items():
            node = context.nodes.get(run.task_id)
            if node is not None and isinstance(node.task, Subflow) and run.state.current in IN_ERROR:
                body = await self._reader.outputs_of(header.id, run.id)
                found[ord] = replace(run, outputs=None if body is None else msgspec.json.decode(body))
        return found

    async def _context(self, header: Execution, revision: int | None) -> FlowContext:
        wanted = header.flow_revision if revision is None else revision
        found = await self._registry.revision(header.tenant, header.namespace, header.flow_id, wanted)
        if found is None:
            raise NoSuchFlow(header.namespace, header.flow_id, wanted)
        return found.context.of_iteration(header.iteration)

    async def _runs(self, header: Execution) -> dict[int, TaskRun]:
        return {row.ord: read_run(row)[0] async for row in self._reader.task_runs(header.id)}
