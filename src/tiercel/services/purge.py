"""Forgets executions that are over, with what belongs to them: log lines, metrics, files."""

from collections.abc import Collection, Sequence

from tiercel.ports.logs import LogQuery, LogStore
from tiercel.ports.reader import Reader
from tiercel.ports.storage import Storage
from tiercel.sdk import Purged
from tiercel.services.locations import execution_folder

PARTS = frozenset({"executions", "logs", "metrics", "files"})


class Purge:
    """Deletes in the order in which nothing is left that nobody finds any more: what belongs to executions comes first."""

    def __init__(self, *, reader: Reader, logs: LogStore, storage: Storage) -> None:
        self._reader, self._logs, self._storage = reader, logs, storage

    async def of(self, tenant: str, ids: Sequence[str], *, parts: Collection[str] = PARTS) -> Purged:
        """Delete these parts of some executions."""
        files = await self._files(tenant, ids) if "files" in parts else 0
        logs = await self._lines(tenant, ids) if "logs" in parts else 0
        metrics = await self._logs.delete_metrics(list(ids)) if "metrics" in parts else 0
        outputs = await self._outputs(ids) if "executions" in parts else 0
        executions = await self._reader.delete(tenant, list(ids)) if "executions" in parts else 0
        return Purged(executions=executions, outputs=outputs, logs=logs, metrics=metrics, files=files)

    async def _files(self, tenant: str, ids: Sequence[str]) -> int:
        found = await self._reader.executions(tenant, ids)
        folders = [execution_folder(one.namespace, one.flow_id, one.row.id) for one in found]
        return sum([await self._storage.delete_folder(folder) for folder in folders])

    async def _outputs(self, ids: Sequence[str]) -> int:
        return sum([len(await self._reader.outputs(identifier)) for identifier in ids])

    async def _lines(self, tenant: str, ids: Sequence[str]) -> int:
        return sum([await self._logs.delete(LogQuery(tenant=tenant, execution_id=identifier)) for identifier in ids])
