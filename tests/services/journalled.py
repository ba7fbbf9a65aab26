"""A world of tests whose commits go to real journals, in memory and on PostgreSQL, and which is loaded from them again.

Rows are made by the scribe and read by the loader of the product. What is on its way between executions is kept by the
world: residents of one process talk in memory.
"""

from asyncio import Runner
from collections.abc import Coroutine, Mapping
from typing import Any, NamedTuple, TypeVar, cast

import asyncpg
from msgspec.structs import replace
from tests.adapters.postgres.tables import differences
from tests.engine.recording import Recording
from tests.engine.rows import check_same

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.postgres.audit import AT_REST, audit
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.engine import FlowContext
from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.model.execution import Execution
from tiercel.model.results import Results
from tiercel.model.task_run import TaskRun
from tiercel.ports.flows import Place, StoredFlow
from tiercel.ports.journal import Batch
from tiercel.services.commit import Scribe
from tiercel.services.loader import Loader
from tiercel.services.registry import Deployed, Registry
from tiercel.services.residents import Resident
from tiercel.services.suspects import Suspects

TABLES = (
    "executions", "execution_labels", "task_runs", "events", "logs", "counts", "messages", "jobs", "timers", "windows",
)  # fmt: skip
NOWHERE = Place(1, 1, 1)

ResultT = TypeVar("ResultT")


class Loaded(NamedTuple):
    """One execution, as it is read from a journal."""

    resident: Resident
    execution: Execution
    runs: dict[int, TaskRun]


class Journals:
    """Both journals, which are told the same. `look` is a connection to look at rows with."""

    def __init__(self, runner: Runner, postgres: PostgresJournal, look: asyncpg.Connection) -> None:
        self._runner = runner
        self._postgres = postgres
        self._look = look
        self._tables = Tables()
        self._memory = MemoryJournal(self._tables)

    def begin(self) -> int:
        """Everything is empty; the epoch of the first writer."""
        self.clear()
        return self.take_over()

    def clear(self) -> None:
        self._tables = Tables()
        self._memory = MemoryJournal(self._tables)
        self._run(self._look.execute(";".join(f"DELETE FROM {table}" for table in TABLES)))

    def take_over(self) -> int:
        """Become another writer."""
        self._run(self._memory.register())
        return self._run(self._postgres.register())

    def commit(self, batch: Batch) -> None:
        self._run(self._postgres.commit(batch))
        self._run(self._memory.commit(batch))

    def ids(self) -> list[str]:
        return list(self._tables.executions)

    def load(self, id: str, registry: Registry) -> Loaded:
        """One execution, which both have."""
        found = [self._run(self._loaded(journal, id, registry)) for journal in (self._postgres, self._memory)]
        assert found[0][1:] == found[1][1:], f"PostgreSQL and memory give another execution {id}"
        return found[0]

    async def _loaded(self, journal: PostgresJournal | MemoryJournal, id: str, registry: Registry) -> Loaded:
        loader, resident = Loader(journal, registry, ManualClock(), Suspects()), Resident(id)
        assert await loader.load(resident), f"{id} is lost"
        assert resident.execution is not None
        whole = await loader.whole(id)
        assert whole is not None
        return Loaded(resident, resident.execution, whole.runs)

    def differences(self) -> list[str]:
        return self._run(differences(self._look, self._tables))

    def broken(self, names: tuple[str, ...] = AT_REST) -> dict[str, list[str]]:
        """Invariants that do not hold."""
        return self._run(audit(self._look, names=names))

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return self._runner.run(work)


class Flows:
    """What a loader asks the registry for."""

    def __init__(self, contexts: Mapping[str, FlowContext]) -> None:
        self._contexts = contexts

    async def of_execution(self, header: Execution) -> Deployed:
        context = self._contexts[header.flow_id]
        stored = StoredFlow(
            place=NOWHERE,
            tenant=context.tenant,
            namespace=context.flow.namespace,
            id=context.flow.id,
            revision=context.revision,
            source="",
            updated=header.state.started,
        )
        return Deployed(stored, context.flow, context)


class Journalled(Recording):
    """Executions, and the residents that stand for them in commits."""

    def __init__(self, journals: Journals, contexts: Mapping[str, FlowContext], **options: Any) -> None:
        super().__init__(contexts, **options)
        self.journals = journals
        self._registry = cast(Registry, Flows(contexts))
        self._residents: dict[str, Resident] = {}
        self._scribe = Scribe(release="test")
        self._scribe.epoch = journals.begin()
        self._lines = 0
        """How many lines of the log are stored, or lost."""

    def _recalled(self, id: str, event: engine_events.AnyEvent) -> Execution:
        execution = super()._recalled(id, event)
        if execution.recalled is not None and id in self._residents:
            # A loop that is opened again may get other values than those that are stored.
            self._residents[id].valued.clear()
        return execution

    def _write(self, busy: set[str]) -> None:
        residents = [self._resident(id, is_busy=id in busy) for id in self.executions]
        self.journals.commit(self._scribe.write(residents, at=self.now).batch)
        self._lines = len(self.logs)
        for resident in residents:
            assert resident.execution is not None
            self.executions[resident.id] = resident.execution

    def _resident(self, id: str, *, is_busy: bool) -> Resident:
        """The execution with all that a commit is to bring of it."""
        resident = self._residents.setdefault(id, Resident(id))
        resident.execution, resident.place, resident.more = self.executions[id], NOWHERE, is_busy
        self._put_work(resident)
        events, slices = self.open.get(id, ([], {}))
        resident.outgoing.events, resident.outgoing.slices = list(events), dict(slices)
        lines = [entry for entry in self.logs[self._lines :] if entry.execution_id == id]
        resident.outgoing.lines = [(entry, None) for entry in lines]
        return resident

    def _put_work(self, resident: Resident) -> None:
        """Jobs and timers that are new since the last commit, and those that went."""
        outgoing, bench, before = resident.outgoing, self.workers.bench, self.durable
        jobs, known = _of(resident.id, bench.jobs), _of(resident.id, before.bench.jobs)
        outgoing.jobs = {attempt: job for attempt, job in jobs.items() if attempt not in known}
        outgoing.dropped = known.keys() - jobs.keys()
        killed = {(ord, attempt) for id, ord, attempt in bench.killed - before.bench.killed if id == resident.id}
        outgoing.killed = killed & jobs.keys()
        timers = {name: due for (id, name), due in self.timers.items() if id == resident.id}
        outgoing.timers = {name: due for name, due in timers.items() if before.timers.get((resident.id, name)) != due}
        outgoing.untimed = resident.timed - timers.keys()

    def check_rows(self) -> None:
        """The working sets loaded from the journals are those in memory."""
        for id in self.journals.ids():
            loaded = self.journals.load(id, self._registry)
            check_same(self.context(id), while_it_lives(loaded.execution), while_it_lives(self.executions[id]))
            assert loaded.runs == self.histories[id], f"task runs of {id} differ from those in memory"
            assert loaded.resident.timed == {name for one, name in self.timers if one == id}

    def _read(self) -> list[str]:
        self._scribe.epoch = self.journals.take_over()
        self.open.clear()
        self._lines = len(self.logs)
        found = {id: self.journals.load(id, self._registry) for id in self.journals.ids()}
        self._residents = {id: loaded.resident for id, loaded in found.items()}
        self.executions = {id: loaded.execution for id, loaded in found.items()}
        self.histories = {id: loaded.runs for id, loaded in found.items()}
        return [id for id, resident in self._residents.items() if resident.is_marked]


def _of(
    id: str, jobs: Mapping[tuple[str, int, int], engine_commands.Job]
) -> dict[tuple[int, int], engine_commands.Job]:
    return {(ord, attempt): job for (one, ord, attempt), job in jobs.items() if one == id}


def while_it_lives(execution: Execution) -> Execution:
    """One that is over is loaded without what its expressions named: nothing of it is rendered any more."""
    return execution if execution.live else replace(execution, results=Results(), states=Results())
