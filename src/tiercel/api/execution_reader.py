"""Executions read whole: header and task runs from rows into the shapes that are shown."""

from tiercel.api.problems import not_found
from tiercel.api.shapes import ApiExecution, InnerExecution, inner, light
from tiercel.model.execution import Execution, TaskRun
from tiercel.ports.reader import Reader
from tiercel.services.records import read_execution, read_run


class ExecutionReader:
    """Reads committed rows. Raises ApiError where there is no such execution."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def header(self, tenant: str, execution_id: str) -> Execution:
        found = await self.found(tenant, execution_id)
        if found is None:
            raise not_found(f"Unable to find execution '{execution_id}'")
        return found

    async def found(self, tenant: str, execution_id: str) -> Execution | None:
        read = await self._reader.execution(tenant, execution_id)
        return None if read is None else read_execution(read.row)

    async def runs(self, execution_id: str) -> list[TaskRun]:
        return [read_run(row)[0] async for row in self._reader.task_runs(execution_id)]

    async def light(self, tenant: str, execution_id: str) -> ApiExecution:
        return light(await self.header(tenant, execution_id), await self.runs(execution_id))

    async def inner(self, tenant: str, execution_id: str, *, url: str | None = None) -> InnerExecution:
        execution = await self.header(tenant, execution_id)
        return inner(execution, await self.runs(execution_id), url=url)

    async def after(self, execution: Execution, *, url: str | None = None) -> InnerExecution:
        """An execution as it stood after a decision: what was decided since is in the rows, and not shown."""
        stored = [] if execution.changes.created else await self.runs(execution.id)
        runs = {run.ord: run for run in stored if run.ord < execution.next_ord}
        runs |= {**execution.runs, **execution.changes.runs}
        return inner(execution, [runs[ord] for ord in sorted(runs)], url=url)
