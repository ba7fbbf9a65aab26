"""Executions read whole: header and task runs from rows into the shapes that are shown."""

from tiercel.api.problems import not_found
from tiercel.api.shapes import ApiExecution, InnerExecution, inner, light
from tiercel.engine.creation import iteration_of
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.ports.reader import Reader
from tiercel.ports.storage import Storage
from tiercel.services.records import read_execution, read_run
from tiercel.services.spill import in_full


class ExecutionReader:
    """Reads committed rows. Raises ApiError where there is no such execution."""

    def __init__(self, reader: Reader, storage: Storage) -> None:
        self._reader = reader
        self._storage = storage

    async def header(self, tenant: str, execution_id: str) -> Execution:
        found = await self.found(tenant, execution_id)
        if found is None:
            raise not_found(f"Unable to find execution '{execution_id}'")
        return found

    async def found(self, tenant: str, execution_id: str) -> Execution | None:
        read = await self._reader.execution(tenant, execution_id)
        return None if read is None else read_execution(read.row)

    async def whole(self, execution: Execution) -> Execution:
        """An execution with its inputs and outputs, also where they lie in internal storage."""
        return await in_full(self._storage, execution)

    async def runs(self, execution_id: str) -> list[TaskRun]:
        return [read_run(row)[0] async for row in self._reader.task_runs(execution_id)]

    async def paused(self, execution: Execution) -> tuple[Execution, list[TaskRun]]:
        """The execution that is meant by whoever resumes this one, with its task runs: where nothing but Loops waits, the
        iteration that the engine resumes first."""
        rows = [read_run(row) async for row in self._reader.task_runs(execution.id)]
        waiting = [(run, scope) for run, scope in rows if run.state.current is State.PAUSED]
        for run, scope in waiting:
            if scope is None or scope.laps is None:
                break
            if scope.laps.paused:
                iteration = await self.header(execution.tenant, iteration_of(execution, run, min(scope.laps.paused)))
                return await self.paused(iteration)
        return execution, [run for run, _ in rows]

    async def light(self, tenant: str, execution_id: str) -> ApiExecution:
        execution = await self.whole(await self.header(tenant, execution_id))
        return light(execution, await self.runs(execution_id))

    async def inner(self, tenant: str, execution_id: str, *, url: str | None = None) -> InnerExecution:
        execution = await self.whole(await self.header(tenant, execution_id))
        return inner(execution, await self.runs(execution_id), url=url)

    async def after(self, execution: Execution, *, url: str | None = None) -> InnerExecution:
        """An execution as it stood after a decision: what was decided since is in the rows, and not shown."""
        stored = [] if execution.changes.created else await self.runs(execution.id)
        runs = {run.ord: run for run in stored if run.ord < execution.next_ord}
        runs |= {**execution.runs, **execution.changes.runs}
        return inner(execution, [runs[ord] for ord in sorted(runs)], url=url)
