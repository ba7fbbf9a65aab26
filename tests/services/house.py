"""An executor with a worker in one process, in memory and on a clock that is moved by hand: what tests of services need.

`Tables` are the database: a second `House` on the same tables is the process after a crash.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.jobs import MemoryJobs
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.memory.kv import MemoryKvStore
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.memory.templates import MemoryTemplateStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.definition import read
from tiercel.engine import World
from tiercel.engine.events import Kill
from tiercel.expression import HostCall
from tiercel.model.bounds import UNLIMITED, Rooms
from tiercel.model.execution import Execution
from tiercel.model.states import BY_NUMBER, State
from tiercel.model.task_run import TaskRun
from tiercel.plugins import TYPES
from tiercel.ports.flows import FlowDraft
from tiercel.ports.journal import Journal
from tiercel.sdk import RunInfo
from tiercel.services.broadcaster import Broadcaster, Frame, TailedLogs
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher
from tiercel.services.creator import Creator, Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.executor import Creation, Executor
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import Registry
from tiercel.services.residents import Item, Told
from tiercel.services.run_task import TaskRunner
from tiercel.services.templates import Templates
from tiercel.services.worker import Worker
from tiercel.services.workplace import Workplace

CIPHER = AesCipher(bytes(range(32)))


class Answers:
    """A world whose answers a test gives: by function, now or when it likes."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.asked: list[HostCall] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        self.asked.append(call)
        await self.gate.wait()
        return self.values[call.function]


class House:
    """Everything, wired."""

    def __init__(
        self,
        folder: Path,
        *,
        tables: Tables,
        flows: MemoryFlowStore,
        clock: ManualClock,
        journal: Journal | None = None,
        ignoring: Ignoring = NOTHING,
        templates: MemoryTemplateStore | None = None,
        rooms: Rooms = UNLIMITED,
    ) -> None:
        self.tables = tables
        self.clock = clock
        self.dice = CountedDice()
        self.world = Answers()
        self.broadcaster = Broadcaster()
        self.logs = TailedLogs(MemoryLogStore(lambda: tables.lines(flows.name_of)), self.broadcaster)
        tasks = {
            name: f"tests.services.tasks:{name.rpartition('.')[2]}" for name in ("io.test.Talkative", "io.test.Patient")
        }
        self.catalog = PluginCatalog({**TYPES, **tasks}, built_in=TYPES)
        self.registry = Registry(
            flows,
            world=World(cipher=CIPHER),
            is_instant=self.catalog.is_instant,
            templates=Templates(templates),
            rooms=rooms,
        )
        self.evaluator = Evaluator(self.world)
        self.creator = Creator(registry=self.registry, evaluator=self.evaluator, clock=clock, dice=self.dice)
        self.writer = LogWriter(self.logs, clock=clock)
        storage = ObjectStorage.in_folder(folder / "storage")
        self.runner = TaskRunner(
            self.catalog,
            Workplace(
                storage=storage,
                kv=MemoryKvStore(),
                namespace_files=NamespaceFiles(MemoryNamespaceFileIndex(), storage, clock=clock),
                logs=self.logs,
                writer=self.writer,
                world=self.world,
                clock=clock,
                cipher=CIPHER,
                folder=folder,
            ),
        )
        self.executor = Executor(
            journal=journal or MemoryJournal(tables),
            registry=self.registry,
            creator=self.creator,
            runner=self.runner,
            evaluator=self.evaluator,
            broadcaster=self.broadcaster,
            clock=clock,
            dice=self.dice,
            release="test",
            cipher=CIPHER,
            ignoring=ignoring,
        )
        self.jobs = MemoryJobs(
            tell=self.executor.tell,
            note=lambda execution_id, event: self.executor.accept(Item(execution_id, event)),
            moment=self.executor.moment,
            worker="here",
        )
        self.executor.serve(self.jobs)
        self.worker = Worker(
            self.jobs, self.runner, clock=clock, dice=self.dice, name="here", grace=timedelta(seconds=1)
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["House"]:
        await self.registry.load()
        async with self.writer, self.executor.running():
            work = asyncio.create_task(self.worker.run())
            try:
                yield self
            finally:
                work.cancel()
                await asyncio.wait([work])

    async def create(self, flow_id: str, *, namespace: str = "test", **inputs: Any) -> Creation:
        return await self.executor.create(Wish(namespace=namespace, flow_id=flow_id, inputs=inputs))

    async def kill(self, execution_id: str) -> Told:
        return await self.executor.tell(execution_id, Kill(*self.executor.moment()))

    async def run(self, flow_id: str, **inputs: Any) -> Execution:
        """Create an execution and return how it ended."""
        identifier = self.creator.mint()
        with self.broadcaster.follow(identifier) as follower:
            await self.executor.create(Wish(namespace="test", flow_id=flow_id, inputs=inputs, id=identifier))
            return await ended(follower.news())

    async def until(self, execution_id: str, state: State) -> None:
        """Wait until an execution is stored in a state."""
        with self.broadcaster.follow(execution_id) as follower:
            if self.state(execution_id) is state:
                return
            async for piece in follower.news():
                if isinstance(piece, Frame) and piece.execution.state.current is state:
                    return

    async def until_over(self, execution_id: str) -> Execution:
        with self.broadcaster.follow(execution_id) as follower:
            row = self.tables.executions[execution_id]
            return await ended(follower.news()) if row.live else read_execution(row)

    def state(self, execution_id: str) -> State | None:
        row = self.tables.executions.get(execution_id)
        return None if row is None else BY_NUMBER[row.state]

    def runs(self, execution_id: str) -> list[TaskRun]:
        rows = self.tables.task_runs[execution_id]
        return [read_run(rows[ord])[0] for ord in sorted(rows)]

    def states(self, execution_id: str) -> dict[str, State]:
        return {f"{run.task_id}{run.value or ''}": run.state.current for run in self.runs(execution_id)}


async def ended(news: AsyncIterator[Any]) -> Execution:
    """The last frame's execution."""
    async for piece in news:
        if isinstance(piece, Frame) and piece.is_last:
            return piece.execution
    raise AssertionError("the news ended before the execution")


async def with_flows(*sources: str) -> MemoryFlowStore:
    store = MemoryFlowStore()
    for source in sources:
        reading = read(source)
        assert reading.flow is not None, reading.problems
        await store.save(
            FlowDraft(
                namespace=reading.flow.namespace,
                id=reading.flow.id,
                source=source,
                disabled=reading.flow.disabled,
                at=ManualClock().now(),
            )
        )
    return store


def at_rest(tables: Tables) -> list[str]:
    """What is wrong with the rows of a system that has nothing more to do (design: executor.md §9)."""
    wrong: list[str] = []
    for row in tables.executions.values():
        runs = [read_run(run) for run in tables.task_runs[row.id].values()]
        seqs = sorted(tables.events[row.id])
        if row.live:
            wrong.append(f"{row.id} is live in {BY_NUMBER[row.state]}")
        if any(run.is_open for run, _ in runs):
            wrong.append(f"{row.id} has open task runs")
        if seqs != list(range(len(seqs))):
            wrong.append(f"{row.id} has a gap in its history: {seqs}")
        if len({run.id for run, _ in runs}) != len(runs):
            wrong.append(f"{row.id} has a task run twice")
    wrong += [f"a job is left: {key}" for key in tables.jobs]
    wrong += [f"a timer is left: {key}" for key in tables.timers]
    return wrong
