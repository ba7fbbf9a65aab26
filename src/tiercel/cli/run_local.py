"""Executor, worker and storage in one process and in memory: what `tiercel run` runs a flow with."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.dice import SystemDice
from tiercel.adapters.disk import free_share, is_writable, state_folder
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.jobs import MemoryJobs
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.memory.kv import MemoryKvStore
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.memory.secrets import MemorySecretStore
from tiercel.adapters.memory.templates import MemoryTemplateStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.cli.run_secrets import OverheardHost
from tiercel.definition import Defaults
from tiercel.engine import World
from tiercel.model.execution import Execution
from tiercel.model.masking import Masker
from tiercel.model.spilled import OutputLimits
from tiercel.ports.clock import Clock
from tiercel.ports.flows import FlowDraft
from tiercel.ports.journal import Journal
from tiercel.services.broadcaster import Broadcaster, TailedLogs
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher
from tiercel.services.creator import Creator
from tiercel.services.evaluator import Evaluator
from tiercel.services.executor import Executor
from tiercel.services.followers import LOOK_AGAIN
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.records import read_execution
from tiercel.services.registry import Registry
from tiercel.services.residents import Item
from tiercel.services.resuming import Resuming
from tiercel.services.run_folders import STATE
from tiercel.services.run_task import TaskRunner
from tiercel.services.secrets import Secrets
from tiercel.services.spill import with_outputs
from tiercel.services.subflow_calls import SubflowCalls
from tiercel.services.templates import Templates
from tiercel.services.worker import Worker
from tiercel.services.workplace import Workplace
from tiercel.settings import Settings

NAME = "local"
DEFAULTS = Settings()
ROWS = OutputLimits()
"""Larger outputs lie in files, as on a server."""
GRACE = timedelta(seconds=10)
"""How long tasks may go on when the run is over or was interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where everything of a run is kept while it lasts."""

    tables: Tables
    flows: MemoryFlowStore
    templates: MemoryTemplateStore
    kv: MemoryKvStore
    storage: ObjectStorage
    namespace_files: NamespaceFiles
    logs: TailedLogs


@dataclass(frozen=True, kw_only=True)
class Local:
    """What a run needs of it."""

    executor: Executor
    creator: Creator
    broadcaster: Broadcaster
    registry: Registry
    stores: Stores
    resuming: Resuming
    evaluator: Evaluator
    worker: Worker
    runner: TaskRunner
    masker: Masker
    """Knows the secrets that the run was given so far."""


@asynccontextmanager
async def local(
    folder: Path,
    *,
    flows: Iterable[FlowDraft],
    catalog: PluginCatalog,
    clock: Clock | None = None,
    environment: Mapping[str, str] = os.environ,
    settings: Settings = DEFAULTS,
    world: World | None = None,
    cipher: AesCipher | None = None,
    limits: OutputLimits = ROWS,
    journal_on: Callable[[Tables], Journal] = MemoryJournal,
    ignoring: Ignoring = NOTHING,
) -> AsyncGenerator[Local]:
    """Everything that runs these flows. `folder` holds files while it lasts, and what is larger than `limits` say."""
    clock, dice, broadcaster = clock or SystemClock(), SystemDice(), Broadcaster()
    world = world or _world(environment, limits, cipher=cipher)
    stores = _stores(folder, broadcaster, clock=clock)
    secrets = Secrets(MemorySecretStore(), environment=environment, clock=clock, dice=dice, cipher=world.cipher)
    host = OverheardHost(
        storage=stores.storage,
        logs=stores.logs,
        clock=clock,
        secrets=secrets,
        kv=stores.kv,
        files=stores.namespace_files,
    )
    registry = await _registry(flows, stores, catalog=catalog, world=world)
    evaluator = Evaluator(host)
    creator = Creator(registry=registry, evaluator=evaluator, clock=clock, dice=dice)
    async with LogWriter(stores.logs, clock=clock) as writer:
        workplace = Workplace(
            storage=stores.storage,
            kv=stores.kv,
            namespace_files=stores.namespace_files,
            logs=stores.logs,
            writer=writer,
            world=host,
            clock=clock,
            cipher=world.cipher,
            limits=world.limits,
            folder=folder / "work",
            state=_kept(settings, environment),
            configuration=settings.of_plugins,
        )
        runner = TaskRunner(catalog, workplace)
        executor = Executor(
            journal=journal_on(stores.tables),
            registry=registry,
            creator=creator,
            runner=runner,
            evaluator=evaluator,
            broadcaster=broadcaster,
            clock=clock,
            dice=dice,
            release=version("tiercel"),
            ignoring=ignoring,
        )
        calls = SubflowCalls(start=executor.start, ended=_ending(stores, broadcaster), mint=creator.mint)
        evaluator.add("subflow", calls.answer)
        worker = _worker(executor, runner, folder, clock=clock, dice=dice)
        here = Local(
            executor=executor,
            creator=creator,
            broadcaster=broadcaster,
            registry=registry,
            stores=stores,
            resuming=Resuming(registry, evaluator, clock=clock, dice=dice),
            evaluator=evaluator,
            worker=worker,
            runner=runner,
            masker=host.masker,
        )
        async with executor.running(), _at_work(worker):
            yield here


def _world(environment: Mapping[str, str], limits: OutputLimits, *, cipher: AesCipher | None) -> World:
    """Secrets of a run are encrypted with a key that ends with it, or with its trace."""
    return World(
        zone=local_zone(),
        envs=envs(environment),
        cipher=cipher or AesCipher.passing(),
        stopwatch=time.thread_time,
        limits=limits,
    )


def _stores(folder: Path, broadcaster: Broadcaster, *, clock: Clock) -> Stores:
    tables, flows = Tables(), MemoryFlowStore()
    storage = ObjectStorage.in_folder(folder / "storage")
    return Stores(
        tables=tables,
        flows=flows,
        templates=MemoryTemplateStore(),
        kv=MemoryKvStore(),
        storage=storage,
        namespace_files=NamespaceFiles(MemoryNamespaceFileIndex(), storage, clock=clock),
        logs=TailedLogs(MemoryLogStore(lambda: tables.lines(flows.name_of)), broadcaster),
    )


async def _registry(flows: Iterable[FlowDraft], stores: Stores, *, catalog: PluginCatalog, world: World) -> Registry:
    """Knows these flows."""
    for flow in flows:
        await stores.flows.save(flow)
    registry = Registry(
        stores.flows,
        world=world,
        is_instant=catalog.is_instant,
        defaults=Defaults(resolve=catalog.resolve),
        templates=Templates(stores.templates),
    )
    await registry.load()
    return registry


def _kept(settings: Settings, environment: Mapping[str, str]) -> Path | None:
    """Where tasks keep what serves other runs too: with a server's. None, where nobody may write there."""
    home = Path(settings.home) if settings.home else state_folder(environment)
    work = settings.work_folder(home)
    return work / STATE if is_writable(work) else None


def _worker(executor: Executor, runner: TaskRunner, folder: Path, *, clock: Clock, dice: SystemDice) -> Worker:
    """A worker in this process, which the executor serves."""
    jobs = MemoryJobs(
        tell=executor.tell,
        note=lambda execution_id, event: executor.accept(Item(execution_id, event)),
        moment=executor.moment,
        worker=NAME,
    )
    executor.serve(jobs)
    free_disk = partial(free_share, folder)
    return Worker(jobs, runner, clock=clock, dice=dice, name=NAME, grace=GRACE, free_disk=free_disk)


@asynccontextmanager
async def _at_work(worker: Worker) -> AsyncGenerator[None]:
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait([work])


def _ending(stores: Stores, broadcaster: Broadcaster) -> Callable[[str, str], Awaitable[Execution]]:
    """Waits until an execution is over."""

    async def ended(_: str, execution_id: str) -> Execution:
        with broadcaster.follow(execution_id) as follower:
            while (row := stores.tables.executions[execution_id]).live:
                await follower.pieces(LOOK_AGAIN)
            return await with_outputs(stores.storage, read_execution(row))

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
