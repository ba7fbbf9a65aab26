"""Executor, worker and storage in one process and in memory: what `tiercel run` runs a flow with."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.dice import SystemDice
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.jobs import MemoryJobs
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.memory.kv import MemoryKvStore
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.definition import Defaults
from tiercel.engine import World
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.flows import FlowDraft
from tiercel.ports.journal import Journal
from tiercel.ports.storage import Storage
from tiercel.services.broadcaster import Broadcaster, TailedLogs
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher
from tiercel.services.creator import Creator
from tiercel.services.evaluator import Evaluator
from tiercel.services.executor import Executor
from tiercel.services.followers import LOOK_AGAIN
from tiercel.services.host import WorldHost
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.records import read_execution
from tiercel.services.registry import Registry
from tiercel.services.residents import Item
from tiercel.services.resuming import Resuming
from tiercel.services.run_task import TaskRunner
from tiercel.services.subflow_calls import SubflowCalls
from tiercel.services.worker import Worker
from tiercel.services.workplace import Workplace

NAME = "local"
GRACE = timedelta(seconds=10)
"""How long tasks may go on when the run is over or was interrupted."""


@dataclass(frozen=True, kw_only=True)
class Local:
    """What a run needs of it."""

    executor: Executor
    creator: Creator
    broadcaster: Broadcaster
    registry: Registry
    storage: Storage
    resuming: Resuming
    tables: Tables
    store: MemoryFlowStore
    kv: MemoryKvStore
    namespace_files: NamespaceFiles
    logs: TailedLogs
    evaluator: Evaluator
    worker: Worker
    runner: TaskRunner


@asynccontextmanager
async def local(
    folder: Path,
    *,
    flows: Iterable[FlowDraft],
    catalog: PluginCatalog,
    clock: Clock | None = None,
    environment: Mapping[str, str] = os.environ,
    world: World | None = None,
    journal_on: Callable[[Tables], Journal] = MemoryJournal,
) -> AsyncGenerator[Local]:
    """Everything that runs these flows. `folder` holds files while it lasts."""
    clock = clock or SystemClock()
    dice, broadcaster, tables, store, kv = SystemDice(), Broadcaster(), Tables(), MemoryFlowStore(), MemoryKvStore()
    logs = TailedLogs(MemoryLogStore(lambda: tables.lines(store.name_of)), broadcaster)
    storage = ObjectStorage.in_folder(folder / "storage")
    namespace_files = NamespaceFiles(MemoryNamespaceFileIndex(), storage, clock=clock)
    host = WorldHost(storage=storage, logs=logs, clock=clock, environment=environment, kv=kv, files=namespace_files)
    for flow in flows:
        await store.save(flow)
    world = world or World(
        zone=local_zone(), envs=envs(environment), cipher=AesCipher.passing(), stopwatch=time.thread_time
    )
    defaults = Defaults(resolve=catalog.resolve)
    registry = Registry(store, world=world, is_instant=catalog.is_instant, defaults=defaults)
    await registry.load()
    evaluator = Evaluator(host)
    creator = Creator(registry=registry, evaluator=evaluator, clock=clock, dice=dice)
    async with LogWriter(logs, clock=clock) as writer:
        workplace = Workplace(
            storage=storage,
            kv=kv,
            namespace_files=namespace_files,
            logs=logs,
            writer=writer,
            world=host,
            clock=clock,
            cipher=world.cipher,
            folder=folder / "work",
        )
        runner = TaskRunner(catalog, workplace)
        executor = Executor(
            journal=journal_on(tables),
            registry=registry,
            creator=creator,
            runner=runner,
            evaluator=evaluator,
            broadcaster=broadcaster,
            clock=clock,
            dice=dice,
            release=version("tiercel"),
        )
        jobs = MemoryJobs(
            tell=executor.tell,
            note=lambda execution_id, event: executor.accept(Item(execution_id, event)),
            moment=executor.moment,
            worker=NAME,
        )
        executor.serve(jobs)
        calls = SubflowCalls(start=executor.start, ended=_ending(tables, broadcaster), mint=creator.mint)
        evaluator.add("subflow", calls.answer)
        worker = Worker(
            jobs,
            runner,
            clock=clock,
            dice=dice,
            name=NAME,
            grace=GRACE,
            free_disk=lambda: _free_share(folder),
        )
        async with executor.running():
            work = asyncio.create_task(worker.run())
            try:
                yield Local(
                    executor=executor,
                    creator=creator,
                    broadcaster=broadcaster,
                    registry=registry,
                    storage=storage,
                    resuming=Resuming(registry, evaluator, clock=clock, dice=dice),
                    tables=tables,
                    store=store,
                    kv=kv,
                    namespace_files=namespace_files,
                    logs=logs,
                    evaluator=evaluator,
                    worker=worker,
                    runner=runner,
                )
            finally:
                worker.stop()
                await asyncio.wait([work])


def _ending(tables: Tables, broadcaster: Broadcaster) -> Callable[[str, str], Awaitable[Execution]]:
    """Waits until an execution is over."""

    async def ended(_: str, execution_id: str) -> Execution:
        with broadcaster.follow(execution_id) as follower:
            while (row := tables.executions[execution_id]).live:
                await follower.pieces(LOOK_AGAIN)
            return read_execution(row)

    return ended


def local_zone() -> ZoneInfo:
    """The machine's time zone, as far as it has a name; UTC otherwise."""
    named = os.environ.get("TZ") or _linked_zone()
    try:
        return ZoneInfo(named or "UTC")
    except (ValueError, KeyError):
        return ZoneInfo("UTC")


def _linked_zone() -> str | None:
    link = os.path.realpath("/etc/localtime")
    return link.partition("/zoneinfo/")[2] or None


def envs(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables of the environment that expressions may see as `envs`: those that begin with ENV_."""
    prefix = "ENV_"
    return {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}


def _free_share(folder: Path) -> float:
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total
