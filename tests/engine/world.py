"""A world for the engine to decide in: workers, timers, sub-executions, commits and crashes, without a clock or a disk.

It plays the executor as design/executor.md describes it and checks after each decision what must always hold.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from immutables import Map

from tiercel.engine import FlowContext, World, decide, job, new_execution, restore
from tiercel.engine import messages as m
from tiercel.model.execution import (
    ROOT,
    Execution,
    Given,
    Label,
    Progress,
    Scope,
    TaskRun,
    TriggerInfo,
    given,
    progress,
    settled,
)
from tiercel.model.flow import Flow
from tiercel.model.ids import execution_id
from tiercel.model.log import LogEntry
from tiercel.model.states import State

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = frozenset({"test.Instant"})

Result = tuple[State, dict[str, Any] | None]
Script = Callable[[m.Job], Result]
JobKey = tuple[str, int, int]


def context_of(source: Mapping[str, Any], **world: Any) -> FlowContext:
    """A flow, written as plain data, made ready."""
    flow = Flow.model_validate({"namespace": "test", **source})
    return FlowContext.of(flow, revision=1, tenant="main", world=World(**world), instant=INSTANT)


def succeed(job: m.Job) -> Result:
    return State.SUCCESS, {"value": job.task_id}


class StoredRun(msgspec.Struct):
    """A task run as its row keeps it, apart from the counters."""

    run: bytes
    scope: bytes | None


class StoredExecution(msgspec.Struct):
    columns: dict[str, Any]
    given: bytes
    progress: bytes
    runs: dict[int, StoredRun]
    is_marked: bool


class Durable(msgspec.Struct):
    """What the last commit knows besides executions."""

    jobs: dict[JobKey, m.Job]
    started: set[JobKey]
    killed: set[JobKey]
    timers: dict[tuple[str, str], datetime]
    messages: list[tuple[str, m.AnyEvent]]


COLUMNS = (
    "id",
    "tenant",
    "namespace",
    "flow_id",
    "flow_revision",
    "kind",
    "labels",
    "variables",
    "outputs",
    "parent_id",
    "original_id",
    "cause_id",
    "live",
)


class Simulation:
    """Executions of some flows, everything that is under way for them, and everything that was stored."""

    def __init__(
        self,
        flows: Mapping[str, FlowContext],
        *,
        script: Script = succeed,
        answers: Mapping[str, Any] | None = None,
        limit: int = 1024,
    ) -> None:
        self.flows = flows
        self.script = script
        self.answers = answers or {}
        self.limit = limit
        self.now = BEGIN
        self.seeds = 0
        self.executions: dict[str, Execution] = {}
        self.logs: list[LogEntry] = []
        self.decisions: list[tuple[str, m.Decision]] = []
        self.histories: dict[str, dict[int, TaskRun]] = {}
        """Every task run of every execution in its latest version, for looking at."""
        self.inside: deque[tuple[str, m.AnyEvent]] = deque()
        """Events on their way inside this process."""
        self.jobs: dict[JobKey, m.Job] = {}
        self.started: set[JobKey] = set()
        self.killed: set[JobKey] = set()
        self.timers: dict[tuple[str, str], datetime] = {}
        self.rows: dict[str, StoredExecution] = {}
        self.durable = Durable({}, set(), set(), {}, [])

    # Beginning and looking --------------------------------------------------------------------------------------------

    def create(self, flow_id: str, **fields: Any) -> str:
        context = self.flows[flow_id]
        id = execution_id(len(self.executions) + 1, shard=7, random=len(self.executions))
        self.adopt(new_execution(context, id=id, at=self.now, **fields))
        return id

    def adopt(self, execution: Execution) -> None:
        self.executions[execution.id] = execution
        self.histories[execution.id] = {}
        self.inside.append((execution.id, m.Created(at=self.now, seed=self.seed())))

    def seed(self) -> int:
        self.seeds += 1
        return self.seeds * 0x9E3779B97F4A7C15 % 2**128

    def context(self, id: str) -> FlowContext:
        return self.flows[self.executions[id].flow_id]

    @property
    def live(self) -> list[str]:
        return [id for id, execution in self.executions.items() if execution.live]

    def describe(self, id: str) -> str:
        """What is still open, for the message of a failed test."""
        execution = self.executions[id]
        lines = [f"{id} is {execution.state.current}, live; timers {dict(execution.timers)}, steps {execution.pending}"]
        lines += [f"  {run.ord} {run.task_id} {run.value or ''} {states_of(run)}" for run in execution.runs.values()]
        return "\n".join([*lines, *[f"  scope {ord}: {scope}" for ord, scope in execution.scopes.items()]])

    # Deciding ---------------------------------------------------------------------------------------------------------

    def tell(self, id: str, event: m.AnyEvent) -> m.Decision:
        """Decide one event, check what must hold, and carry the commands out."""
        before = self.executions[id]
        decision = decide(self.context(id), before, event, limit=self.limit)
        assert decision == decide(self.context(id), before, event, limit=self.limit), "deciding twice differs"
        self.decisions.append((id, decision))
        after = self.executions[id] = decision.execution
        if decision.ignored is not None:
            assert after == before, "an ignored event changed something"
        self._record(id, before, after)
        check(self.context(id), after, self.histories[id])
        for command in decision.commands:
            self._carry_out(id, command)
        if decision.unfinished:
            self.inside.append((id, m.Continue(at=self.now, seed=self.seed())))
        return decision

    def _record(self, id: str, before: Execution, after: Execution) -> None:
        history = self.histories[id]
        for ord, run in after.changes.runs.items():
            old = history.get(ord)
            if old is not None and not old.is_open:
                assert run == old, f"ended task run {old.task_id} changed"
            history[ord] = run
        for ord in below(history, after.changes.removed):
            history.pop(ord, None)
        for ord in history.keys() - after.changes.runs.keys():
            if before.changes.runs.get(ord) is not None:
                del history[ord]

    def _carry_out(self, id: str, command: m.AnyCommand) -> None:
        match command:
            case m.RunInstant(ord, attempt):
                made = self._job(id, ord)
                assert made.attempt == attempt
                state, outputs = self.script(made)
                done = m.Done(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, state=state, outputs=outputs)
                self.inside.append((id, done))
            case m.Evaluate(key, _, _):
                answer = self.answers.get(key, key)
                self.inside.append((id, m.Evaluated(at=self.now, seed=self.seed(), key=key, value=answer)))
            case m.CreateExecution():
                self._create_child(id, command)
            case m.Replace(execution):
                self.adopt(execution)
            case m.TellParent(link, state, outputs):
                ended = m.ChildEnded(
                    at=self.now,
                    seed=self.seed(),
                    ord=link.ord,
                    attempt=link.attempt,
                    state=state,
                    child=id,
                    outputs=outputs,
                )
                self.inside.append((link.execution_id, ended))
            case m.KillChildren(target, children):
                for child in self._children(id, children):
                    self.inside.append((child, m.Kill(at=self.now, seed=self.seed(), target=target)))
            case m.Write(entry):
                assert "please report" not in entry.message, entry.message
                self.logs.append(entry)
            case m.Dispatch(ord, attempt):
                self.jobs[(id, ord, attempt)] = self._job(id, ord)
            case m.StartTimer(name, due):
                self.timers[(id, name)] = due
            case m.CancelTimer(name):
                self.timers.pop((id, name), None)
            case m.DropJobs(jobs):
                for ord, attempt in jobs:
                    self.jobs.pop((id, ord, attempt), None)
            case m.KillJobs(jobs):
                self.killed |= {(id, ord, attempt) for ord, attempt in jobs}

    def _job(self, id: str, ord: int) -> m.Job:
        made = job(self.context(id), self.executions[id], ord, at=self.now, seed=self.seed())
        assert msgspec.json.decode(msgspec.json.encode(made), type=m.Job) == made
        return made

    def _children(self, id: str, children: tuple[str, ...]) -> list[str]:
        mine = [child for child, execution in self.executions.items() if execution.cause_id == id and execution.live]
        return [child for child in mine if not children or child in children]

    def _create_child(self, id: str, command: m.CreateExecution) -> None:
        link, context = command.waits, self.flows.get(command.flow_id)
        about = {"at": self.now, "seed": self.seed(), "ord": link.ord, "attempt": link.attempt}
        if context is None:
            refused = m.ChildEnded(**about, state=State.FAILED, error=f"there is no flow {command.flow_id}")
            self.inside.appendleft((id, refused))
            return
        self.inside.appendleft((id, m.ChildStarted(**about, child=command.id)))
        assert command.id not in self.executions, "a child was created twice"
        self.adopt(
            new_execution(
                context,
                id=command.id,
                at=self.now,
                inputs=command.inputs,
                labels=command.labels,
                trigger=command.trigger,
                cause_id=command.cause_id,
                waits=link if command.wait else None,
            )
        )

    # What may happen next ---------------------------------------------------------------------------------------------

    def possible(self) -> list[Callable[[], None]]:
        """Everything the world may do now, in no particular order of time."""
        actions: list[Callable[[], None]] = [
            lambda number=number: self.deliver(number) for number in range(len(self.inside))
        ]
        actions += [lambda key=key: self.work(key) for key in list(self.jobs)]
        actions += [lambda key=key: self.fire(*key) for key in list(self.timers)]
        return actions

    def deliver(self, number: int = 0) -> None:
        """Tell one of the events that wait inside this process; the order between executions and runs is free."""
        id, event = self.inside[number]
        del self.inside[number]
        self.tell(id, event)

    def work(self, key: JobKey) -> None:
        """A worker goes on with a job: it starts, then it is done; or it has been told to stop."""
        id, ord, attempt = key
        if key in self.killed:
            del self.jobs[key]
            self.tell(id, m.Done(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, state=State.KILLED))
            return
        if key not in self.started:
            self.started.add(key)
            self.tell(id, m.Started(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, worker="w1"))
            return
        state, outputs = self.script(self.jobs.pop(key))
        self.tell(id, m.Done(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, state=state, outputs=outputs))

    def lose_worker(self, key: JobKey, *, resubmit: bool = True) -> None:
        id, ord, attempt = key
        self.jobs.pop(key)
        self.tell(
            id,
            m.WorkerLost(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, worker="w1", resubmit=resubmit),
        )

    def fire(self, id: str, name: str) -> None:
        """A timer is due, time goes on to it."""
        self.now = max(self.now, self.timers[(id, name)])
        self.tell(id, m.TimerFired(at=self.now, seed=self.seed(), name=name))

    def kill(self, id: str, **fields: Any) -> m.Decision:
        return self.tell(id, m.Kill(at=self.now, seed=self.seed(), **fields))

    def pause(self, id: str) -> m.Decision:
        return self.tell(id, m.Pause(at=self.now, seed=self.seed()))

    def resume(self, id: str, **fields: Any) -> m.Decision:
        return self.tell(id, m.Resume(at=self.now, seed=self.seed(), **fields))

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Let everything happen in a natural order: what is inside first, then workers, then the earliest timer."""
        while not until():
            if self.inside:
                self.deliver()
            elif self.jobs:
                self.work(next(iter(self.jobs)))
            elif self.timers:
                self.fire(*min(self.timers, key=lambda key: self.timers[key]))
            else:
                return
            self.now += timedelta(milliseconds=1)

    # Commits and crashes ----------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Store what changed, and go on with what is settled."""
        busy = {id for id, event in self.inside if _comes_again(event)}
        for id, execution in self.executions.items():
            self._store(execution, is_marked=execution.is_marked or id in busy)
            self.executions[id] = settled(execution)
        messages = [(id, event) for id, event in self.inside if not _comes_again(event)]
        self.durable = Durable(dict(self.jobs), set(self.started), set(self.killed), dict(self.timers), messages)

    def _store(self, execution: Execution, *, is_marked: bool) -> None:
        stored = self.rows.get(execution.id)
        assert execution.changes.created == (stored is None)
        runs = {} if stored is None else stored.runs
        for ord, run in execution.changes.runs.items():
            assert (ord in runs) == (ord < execution.changes.first_new), (
                "an INSERT of what is there, or an UPDATE of nothing"
            )
            runs[ord] = StoredRun(msgspec.json.encode(run), None)
        for ord in (*execution.changes.runs, *execution.changes.scopes):
            scope = execution.scopes.get(ord)
            runs[ord].scope = None if scope is None else msgspec.json.encode(scope)
        parents = {ord: msgspec.json.decode(stored.run, type=TaskRun) for ord, stored in runs.items()}
        for ord in below(parents, execution.changes.removed):
            del runs[ord]
        self.rows[execution.id] = StoredExecution(
            columns={name: getattr(execution, name) for name in COLUMNS},
            given=msgspec.json.encode(given(execution)),
            progress=msgspec.json.encode(progress(execution)),
            runs=runs,
            is_marked=is_marked,
        )

    def loaded(self, id: str) -> Execution:
        """The working set from its rows."""
        stored = self.rows[id]
        kept = msgspec.json.decode(stored.given, type=Given)
        moving = msgspec.json.decode(stored.progress, type=Progress)
        header = Execution(
            **stored.columns,
            inputs=kept.inputs,
            trigger=kept.trigger,
            schedule_date=kept.schedule_date,
            waits=kept.waits,
            state=moving.state,
            metadata=moving.metadata,
            life=moving.life,
            next_ord=moving.next_ord,
            next_seq=moving.next_seq,
            is_held=moving.is_held,
            pending=moving.pending,
            timers=Map(moving.timers),
            awaiting=Map(moving.awaiting),
            answers=Map(moving.answers),
            scopes=Map() if moving.root is None else Map({ROOT: moving.root}),
        )
        context = self.context(id)
        return restore(context, header, self._wanted_rows(context, stored))

    def _wanted_rows(self, context: FlowContext, stored: StoredExecution) -> Iterator[tuple[TaskRun, Scope | None]]:
        for row in stored.runs.values():
            run = msgspec.json.decode(row.run, type=TaskRun)
            if run.is_open or run.task_id in context.kept:
                yield run, None if row.scope is None else msgspec.json.decode(row.scope, type=Scope)

    def check_rows(self) -> None:
        """The working sets loaded afresh are those in memory."""
        for id in self.rows:
            stored, kept = self.loaded(id), self.executions[id]
            differing = [name for name in kept.__struct_fields__ if getattr(stored, name) != getattr(kept, name)]
            shown = [f"{name}: {getattr(stored, name)} != {getattr(kept, name)}" for name in differing]
            assert stored == kept, f"rows and memory differ in {shown}"

    def crash(self) -> None:
        """Everything since the last commit is lost. What was under way inside the process is asked for again."""
        self.jobs, self.started = dict(self.durable.jobs), set(self.durable.started)
        self.killed = set(self.durable.killed)
        self.timers, self.inside = dict(self.durable.timers), deque(self.durable.messages)
        self.executions = {id: self.executions[id] for id in self.rows}
        self.executions = {id: self.loaded(id) for id in self.rows}
        self.histories = {id: self._rows(id) for id in self.rows}
        for id, stored in self.rows.items():
            if stored.is_marked:
                self.inside.append((id, m.Recovered(at=self.now, seed=self.seed())))

    def _rows(self, id: str) -> dict[int, TaskRun]:
        return {ord: msgspec.json.decode(row.run, type=TaskRun) for ord, row in self.rows[id].runs.items()}


def _comes_again(event: m.AnyEvent) -> bool:
    """What the engine asks for again by itself; messages between executions are rows."""
    return isinstance(event, m.Created | m.Continue | m.Recovered | m.Evaluated | m.Done)


def below(runs: Mapping[int, TaskRun], roots: frozenset[int]) -> set[int]:
    """Ords of these task runs and of all below them."""
    found = set(roots & runs.keys())
    for ord in sorted(runs):
        if runs[ord].parent in found:
            found.add(ord)
    return found


# What always holds ----------------------------------------------------------------------------------------------------


def check(context: FlowContext, execution: Execution, history: Mapping[int, TaskRun]) -> None:
    runs = execution.runs
    assert all(run.is_open for run in runs.values())
    assert len({run.id for run in history.values()}) == len(history), "two task runs share an id"
    assert execution.busy == sum(context.nodes[run.task_id].is_leaf for run in runs.values())
    assert execution.paused == sum(run.state.current is State.PAUSED for run in runs.values())
    assert {ord for ord in execution.scopes if ord != ROOT} <= set(runs)
    for ord, scope in execution.scopes.items():
        check_scope(context, ord, scope, history)
    if not execution.live:
        assert execution.is_over
        assert not runs
        assert not execution.scopes
        assert not execution.timers
        assert not execution.pending
        assert not execution.awaiting


def check_scope(context: FlowContext, ord: int, scope: Scope, history: Mapping[int, TaskRun]) -> None:
    children = [run for run in history.values() if run.parent == ord]
    assert scope.open + scope.retrying == sum(run.is_open for run in children)
    assert scope.open >= 0
    if scope.block == "afterExecution":
        return
    ended: dict[State, int] = {}
    for run in children:
        if not run.is_open and context.nodes[run.task_id].block == "tasks":
            ended[run.state.current] = ended.get(run.state.current, 0) + 1
    assert scope.ended == ended, "a scope miscounts its children"


def states_of(run: TaskRun) -> list[str]:
    return [moment.state.value for moment in run.state.histories]


def label(key: str, value: str) -> Label:
    return Label(key, value)


def trigger(**variables: Any) -> TriggerInfo:
    return TriggerInfo("t", "test.Trigger", variables)
