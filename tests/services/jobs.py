"""Jobs and workplaces for tests: one line where only the properties matter."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.memory.clock import START
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.kv import MemoryKvStore
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.memory.secrets import MemorySecretStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.engine.commands import Job
from tiercel.model.sealed import Cipher
from tiercel.ports.clock import Clock
from tiercel.ports.logs import LogQuery
from tiercel.services.catalog import PluginCatalog
from tiercel.services.host import WorldHost
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.run_task import TaskRunner
from tiercel.services.secrets import Secrets
from tiercel.services.workplace import Workplace


def a_job(type: str, properties: Mapping[str, Any] | None = None, **fields: Any) -> Job:
    """A job of the flow `company.team` / `orders_flow`, its task `work`."""
    known: dict[str, Any] = {
        "execution_id": "0VexecutionexecutionA1",
        "tenant": "main",
        "namespace": "company.team",
        "flow_id": "orders_flow",
        "flow_revision": 1,
        "ord": 0,
        "attempt": 1,
        "task_run_id": "taskrun1",
        "task_id": "work",
        "type": type,
        "properties": dict(properties or {}),
        "at": START,
        "seed": 7,
        "zone": "Europe/Berlin",
    }
    return Job(**{**known, **fields})


@dataclass(frozen=True)
class Place:
    """A runner, and what it touches of the world."""

    runner: TaskRunner
    storage: ObjectStorage
    kv: MemoryKvStore
    namespace_files: NamespaceFiles
    logs: MemoryLogStore
    writer: LogWriter
    folder: Path

    async def lines(self) -> list[tuple[str, str]]:
        """Level and message of all lines that are stored."""
        return [(entry.level, entry.message) async for entry in self.logs.read(LogQuery())]


@asynccontextmanager
async def a_place(
    folder: Path,
    *,
    catalog: PluginCatalog | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    cipher: Cipher | None = None,
) -> AsyncIterator[Place]:
    """A real workplace in a folder: storage on disk, logs in memory."""
    clock = clock or SystemClock()
    storage, kv, logs = ObjectStorage.in_folder(folder / "storage"), MemoryKvStore(), MemoryLogStore()
    files = NamespaceFiles(MemoryNamespaceFileIndex(), storage, clock=clock)
    async with LogWriter(logs, clock=clock) as writer:
        workplace = Workplace(
            storage=storage,
            kv=kv,
            namespace_files=files,
            logs=logs,
            writer=writer,
            world=WorldHost(
                storage=storage,
                logs=logs,
                clock=clock,
                secrets=Secrets(MemorySecretStore(), environment=environment or {}, clock=clock, dice=CountedDice()),
            ),
            clock=clock,
            cipher=cipher,
            folder=folder / "work",
        )
        runner = TaskRunner(catalog or PluginCatalog.installed(), workplace)
        yield Place(runner, storage, kv, files, logs, writer, folder / "work")
