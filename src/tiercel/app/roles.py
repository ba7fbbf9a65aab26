"""The roles of a server: executor, scheduler, worker; one process has one of them or several."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.memory.jobs import MemoryJobs
from tiercel.adapters.postgres.changes import PostgresDemand
from tiercel.adapters.postgres.jobs import PostgresJobs
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.adapters.postgres.lease import PostgresLease, PostgresLeases
from tiercel.adapters.postgres.mailbox import PostgresMailbox, PostgresPostbox
from tiercel.adapters.postgres.roster import PostgresRoster
from tiercel.adapters.postgres.trigger_jobs import PostgresTriggerJobs
from tiercel.adapters.postgres.trigger_journal import PostgresTriggerJournal
from tiercel.adapters.postgres.upkeep import PostgresUpkeep
from tiercel.app.foundation import VERSION, Foundation, lay_foundation
from tiercel.app.loops import Spawn, background, lasting
from tiercel.app.values import cipher_of, dsn_of, process_name
from tiercel.engine.events import AnyEvent
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.journal import Fenced
from tiercel.ports.leases import Role
from tiercel.services.cleaner import Cleaner, Retention
from tiercel.services.door import Door
from tiercel.services.enrolment import Enrolment
from tiercel.services.executor import Executor
from tiercel.services.firings import Firings
from tiercel.services.followers import Followers
from tiercel.services.ignoring import Ignoring
from tiercel.services.liveness import Liveness
from tiercel.services.office import Services
from tiercel.services.purge_files import FilePurge
from tiercel.services.records import read_execution
from tiercel.services.remote_door import RemoteDoor
from tiercel.services.residents import Item, NoSuchExecution
from tiercel.services.resuming import Resuming
from tiercel.services.scheduler import Scheduler
from tiercel.services.shards import Shards
from tiercel.services.spill import with_outputs
from tiercel.services.stream_events import StreamEvents
from tiercel.services.subflow_calls import SubflowCalls
from tiercel.services.switches import Switches
from tiercel.services.trigger_worker import TriggerWorker
from tiercel.services.worker import Worker
from tiercel.settings import Settings

ROLES: dict[str, frozenset[str]] = {
    "standalone": frozenset({"webserver", "executor", "scheduler", "worker"}),
    "webserver": frozenset({"webserver"}),
    "executor": frozenset({"executor"}),
    "scheduler": frozenset({"scheduler"}),
    "worker": frozenset({"worker"}),
}
"""What each kind of server does."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that is up, or the parts of one."""

    foundation: Foundation
    door: Door
    executor: Executor | None
    has_disk: Callable[[], bool]
    spawn: "Spawn"
    """Runs a loop as long as the server."""


@asynccontextmanager
async def running(
    settings: Settings, kind: str, *, clock: Clock | None = None, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Running]:
    """A server of a kind without its HTTP side (see `api.serve`). A clock is given by tests that move it."""
    async with AsyncExitStack() as stack:
        base = await lay_foundation(
            settings, stack, clock=clock or SystemClock(), environment=environment or os.environ
        )
        roles = ROLES[kind]
        tasks = await stack.enter_async_context(background())
        executor = await _executor(base, stack, tasks, roles) if "executor" in roles else None
        if "scheduler" in roles:
            await _scheduler(base, stack, tasks)
        if "worker" in roles and executor is None:
            await _remote_worker(base, stack, tasks)
        door = executor or _remote_door(base)
        if "worker" in roles:
            await _trigger_worker(base, stack, tasks, door)
        base.office.open(_services(base, door))
        base.evaluator.add("subflow", _subflow_calls(base, door).answer)
        tasks(lasting(base, base.registry.follow))
        tasks(lasting(base, base.templates.follow))
        yield Running(foundation=base, door=door, executor=executor, has_disk=lambda: base.has_disk(), spawn=tasks)


def _subflow_calls(base: Foundation, door: Door) -> SubflowCalls:
    """`subflow()` in inputs: started at the door, followed by their rows."""
    followers = Followers(reader=base.reader, broadcaster=base.broadcaster)

    async def ended(tenant: str, execution_id: str) -> Execution:
        await followers.until_over(tenant, execution_id)
        found = await base.reader.execution(tenant, execution_id)
        if found is None:
            raise NoSuchExecution(execution_id)
        return await with_outputs(base.storage, read_execution(found.row))

    return SubflowCalls(start=door.start, ended=ended, mint=base.creator.mint)


def _services(base: Foundation, door: Door) -> Services:
    """What running tasks may ask of this server."""
    return Services(
        reader=base.reader,
        purge=base.purge,
        file_purge=FilePurge(reader=base.reader, storage=base.storage),
        flows=base.flows,
        door=door,
        resuming=Resuming(base.registry, base.evaluator, clock=base.clock, dice=base.dice),
        switches=Switches(base.triggers, dates=base.schedules, clock=base.clock),
    )


async def _executor(base: Foundation, stack: AsyncExitStack, spawn: Spawn, roles: frozenset[str]) -> Executor:
    shards = Shards(PostgresLeases(base.dsn, version=VERSION), Role.EXECUTOR, clock=base.clock)
    journal = PostgresJournal(base.dsn, shards)
    stack.push_async_callback(journal.close)
    demand, resubmits = PostgresDemand(base.listener), _resubmits(base.settings)
    await demand.hear()
    executor = Executor(
        journal=journal,
        registry=base.registry,
        creator=base.creator,
        runner=base.runner,
        evaluator=base.evaluator,
        broadcaster=base.broadcaster,
        clock=base.clock,
        dice=base.dice,
        release=VERSION,
        is_watched=demand.is_there,
        resubmits=resubmits,
        cipher=cipher_of(base.settings),
        ignoring=Ignoring.of(**base.settings.ignore.model_dump()),
    )
    jobs = _local_jobs(executor) if "worker" in roles else None
    if jobs is not None:
        executor.serve(jobs)
    await stack.enter_async_context(executor.running())
    if jobs is not None:
        await _worker(base, stack, spawn, jobs)
    roster = PostgresRoster(base.database)
    mailbox = PostgresMailbox(base.dsn, base.listener, epoch=lambda: journal.epoch)
    spawn(lasting(base, lambda: executor.read(mailbox)))
    liveness = Liveness(
        roster,
        journal,
        tell=_accepting(executor),
        clock=base.clock,
        dice=base.dice,
        patience=base.settings.server.liveness.timeout,
        resubmit=resubmits,
    )
    kept = base.settings.retention
    retention = Retention(executions=kept.executions, logs=kept.logs)
    cleaner = Cleaner(PostgresUpkeep(base.database), roster, base.logs, clock=base.clock, retention=retention)
    spawn(lasting(base, liveness.run))
    spawn(lasting(base, cleaner.run))
    return executor


async def _scheduler(base: Foundation, stack: AsyncExitStack, spawn: Spawn) -> Scheduler:
    """It waits by itself as long as another process is the scheduler: the server is up meanwhile."""
    shards = Shards(PostgresLeases(base.dsn, version=VERSION), Role.SCHEDULER, clock=base.clock)
    journal = PostgresTriggerJournal(base.dsn, shards)
    stack.push_async_callback(journal.close)
    firings = Firings(
        schedules=base.schedules, creator=base.creator, evaluator=base.evaluator, clock=base.clock, dice=base.dice
    )
    scheduler = Scheduler(journal=journal, firings=firings, changes=base.triggers.changes, clock=base.clock)
    enrolment = Enrolment(base.triggers, registry=base.registry, catalog=base.catalog, clock=base.clock)
    spawn(lasting(base, enrolment.run))
    if dsn_of(base.settings.database) is not None:
        spawn(_beating(shards, journal, base.clock))
    return await stack.enter_async_context(scheduler.running())


async def _beating(shards: Shards[PostgresLease], journal: PostgresTriggerJournal, clock: Clock) -> None:
    """Say that this process lives. The embedded database has nobody else who might take it for frozen."""
    while True:
        with suppress(Fenced):
            await shards.keep(journal.lease)
        await clock.sleep_until(clock.now() + timedelta(seconds=1))


def _resubmits(settings: Settings) -> bool:
    """Whether a task of a lost worker runs again; when, is decided by the loss of its session."""
    return settings.server.worker_task_restart_strategy.upper() != "NEVER"


def _accepting(executor: Executor) -> Callable[[str, AnyEvent], None]:
    def accept(execution_id: str, event: AnyEvent) -> None:
        executor.accept(Item(execution_id, event))

    return accept


def _local_jobs(executor: Executor) -> MemoryJobs:
    """The queue between the executor and the worker of one process."""
    return MemoryJobs(
        tell=executor.tell,
        note=_accepting(executor),
        moment=executor.moment,
        worker=process_name(),
    )


async def _worker(base: Foundation, stack: AsyncExitStack, spawn: Spawn, jobs: Any) -> None:
    settings = base.settings
    worker = Worker(
        jobs,
        base.runner,
        clock=base.clock,
        dice=base.dice,
        name=process_name(),
        room=settings.worker_threads,
        grace=settings.server.termination_grace_period,
        free_disk=base.free_disk,
    )
    work = spawn(worker.run())

    async def stop() -> None:
        worker.stop()
        await asyncio.wait([work])

    stack.push_async_callback(stop)


async def _remote_worker(base: Foundation, stack: AsyncExitStack, spawn: Spawn) -> None:
    """A worker that claims its jobs from rows."""
    leases = PostgresLeases(base.dsn, version=VERSION)
    jobs = PostgresJobs(base.database, base.listener, leases, clock=base.clock, dice=base.dice, name=process_name())
    await _worker(base, stack, spawn, await stack.enter_async_context(jobs))


async def _trigger_worker(base: Foundation, stack: AsyncExitStack, spawn: Spawn, door: Door) -> None:
    """It takes triggers from rows also where scheduler and worker share a process: looks are few, and one way is enough."""
    leases = PostgresLeases(base.dsn, version=VERSION)
    jobs = PostgresTriggerJobs(base.database, base.listener, leases, name=process_name())
    events = StreamEvents(
        schedules=base.schedules,
        registry=base.registry,
        store=base.triggers,
        creator=base.creator,
        door=door,
        evaluator=base.evaluator,
        clock=base.clock,
        dice=base.dice,
    )
    worker = TriggerWorker(
        await stack.enter_async_context(jobs),
        lambda claimed: base.runner.look(claimed.job, start=events.start),
        clock=base.clock,
        room=base.settings.worker_threads,
        grace=base.settings.server.termination_grace_period,
    )
    work = spawn(worker.run())

    async def stop() -> None:
        worker.stop()
        await asyncio.wait([work])

    stack.push_async_callback(stop)


def _remote_door(base: Foundation) -> Door:
    postbox = PostgresPostbox(base.database, base.listener)
    return RemoteDoor(postbox=postbox, creator=base.creator, reader=base.reader, clock=base.clock, dice=base.dice)
