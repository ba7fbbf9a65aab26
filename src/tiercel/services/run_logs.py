"""A run's side of the stored log lines: its tenant is given."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from tiercel.model.log import Level, LogEntry
from tiercel.ports.logs import LogQuery, LogStore
from tiercel.sdk import RunInfo


class RunLogs:
    """What a task sees as `ctx.logs`."""

    def __init__(self, store: LogStore, info: RunInfo) -> None:
        self._store = store
        self._tenant = info.tenant

    def read(
        self,
        *,
        execution_id: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        task_ids: Sequence[str] = (),
        min_level: str = "TRACE",
    ) -> AsyncIterator[LogEntry]:
        return self._store.read(
            LogQuery(
                tenant=self._tenant,
                execution_id=execution_id,
                namespace=namespace,
                flow_id=flow_id,
                task_ids=tuple(task_ids),
                min_level=Level[min_level],
            )
        )

    async def delete(
        self,
        *,
        of_executions: bool,
        execution_id: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        levels: Sequence[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> int:
        return await self._store.delete(
            LogQuery(
                tenant=self._tenant,
                of_execution=of_executions,
                execution_id=execution_id,
                namespace=namespace,
                flow_id=flow_id,
                levels=tuple(Level[level] for level in levels),
                start=start,
                end=end,
            )
        )

    async def delete_metrics(
        self,
        *,
        execution_id: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> int:
        return await self._store.delete_metrics_of(
            LogQuery(
                tenant=self._tenant,
                execution_id=execution_id,
                namespace=namespace,
                flow_id=flow_id,
                start=start,
                end=end,
            )
        )
