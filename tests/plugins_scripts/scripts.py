"""A worker for scripts in a folder, and one call that runs a task on it: files, processes and storage are real."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.jobs import a_job

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.kv import MemoryKvStore
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.memory.secrets import MemorySecretStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.model.sealed import Cipher
from tiercel.ports.logs import LogQuery
from tiercel.services.attempt import Attempt
from tiercel.services.catalog import PluginCatalog
from tiercel.services.host import WorldHost
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.outcome import Outcome
from tiercel.services.run_task import TaskRunner
from tiercel.services.secrets import Secrets
from tiercel.services.workplace import Workplace

SHELL = "io.kestra.plugin.scripts.shell.Script"
SHELL_COMMANDS = "io.kestra.plugin.scripts.shell.Commands"
PYTHON = "io.kestra.plugin.scripts.python.Script"
PYTHON_COMMANDS = "io.kestra.plugin.scripts.python.Commands"
PREFIX = "kestra:///company/team/orders-flow/executions/0VexecutionexecutionA1/tasks/work/taskrun1/"
"""Where the files of `a_job` are stored."""
NO_PACKAGES: dict[str, Any] = {"scripts.data-environment": []}


@dataclass(frozen=True)
class Shop:
    """Where scripts run."""

    runner: TaskRunner
    storage: ObjectStorage
    logs: MemoryLogStore
    writer: LogWriter
    folder: Path
    namespace_files: NamespaceFiles

    async def run(self, type: str, /, **properties: Any) -> Outcome:
        return await self.begin(type, **properties).outcome()

    def begin(self, type: str, /, *, variables: Mapping[str, Any] | None = None, **properties: Any) -> Attempt:
        """A run that can be killed; `timeout` is the task's."""
        fields: dict[str, Any] = {"variables": variables or {}}
        if "timeout" in properties:
            fields["timeout"] = properties.pop("timeout")
        return self.runner.begin(a_job(type, properties, **fields))

    async def lines(self) -> list[tuple[str, str]]:
        """Level and message of all lines that are stored."""
        await self.writer.flush()
        return [(entry.level, entry.message) async for entry in self.logs.read(LogQuery())]

    async def until(self, line: str) -> None:
        """Wait for a line of the log."""
        async with asyncio.timeout(20):
            while line not in [message for _, message in await self.lines()]:  # noqa: ASYNC110 – a log tells nobody
                await asyncio.sleep(0.01)

    async def metrics(self) -> list[tuple[str, str, float, dict[str, str]]]:
        found, _ = await self.logs.metrics("0VexecutionexecutionA1", page=1, size=100)
        return [(entry.type, entry.name, entry.value, entry.tags) for entry in found]

    async def keep(self, name: str, text: bytes) -> str:
        """A file in internal storage."""
        return await self.put(f"kestra:///kept/{name}", text)

    async def put(self, uri: str, text: bytes) -> str:
        """A file in a place of internal storage."""

        async def chunks() -> AsyncIterator[bytes]:
            yield text

        await self.storage.put(uri, chunks())
        return uri

    async def file(self, path: str, text: str, *, namespace: str) -> None:
        """A file of a namespace."""

        async def chunks() -> AsyncIterator[bytes]:
            yield text.encode()

        await self.namespace_files.write(chunks(), tenant="main", namespace=namespace, path=path)

    async def text(self, uri: str) -> str:
        return b"".join([chunk async for chunk in self.storage.read(uri)]).decode()

    async def files(self, outcome: Outcome) -> dict[str, str]:
        """The texts of the files that a run left."""
        return {name: await self.text(uri) for name, uri in (outcome.outputs or {})["outputFiles"].items()}


@asynccontextmanager
async def a_shop(folder: Path, *, cipher: Cipher | None = None, **configuration: Any) -> AsyncIterator[Shop]:
    """`configuration`: settings below `scripts.`, `_` for `-`."""
    clock = SystemClock()
    storage, logs = ObjectStorage.in_folder(folder / "storage"), MemoryLogStore()
    settings = {f"scripts.{name.replace('_', '-')}": value for name, value in configuration.items()}
    namespace_files = NamespaceFiles(MemoryNamespaceFileIndex(), storage, clock=clock)
    async with LogWriter(logs, clock=clock) as writer:
        workplace = Workplace(
            storage=storage,
            kv=MemoryKvStore(),
            namespace_files=namespace_files,
            logs=logs,
            writer=writer,
            world=WorldHost(
                storage=storage,
                logs=logs,
                clock=clock,
                secrets=Secrets(MemorySecretStore(), environment={}, clock=clock, dice=CountedDice()),
            ),
            clock=clock,
            cipher=cipher,
            folder=folder / "work",
            configuration=NO_PACKAGES | settings,
        )
        runner = TaskRunner(PluginCatalog.installed(), workplace)
        yield Shop(runner, storage, logs, writer, folder / "work", namespace_files)
