"""A world for the engine to decide in: workers, timers, sub-executions, commits and crashes, without a clock or a disk.

It plays the executor as design/executor.md describes it and checks after each decision what must always hold.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from immutables import Map
from tests.engine.carrier import Carrier
from tests.engine.gate import Gate
from tests.engine.invariants import check
from tests.engine.rows import Rows, below, check_same
from tests.engine.workers import Bench, JobKey, Script, Workers, succeed

from tiercel.engine import FlowContext, World, decide, new_execution, replay
from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.engine.limits import Slots
from tiercel.engine.replays import REPLAYED
from tiercel.engine.verbs import RECALLING
from tiercel.model.bounds import Bound
from tiercel.model.execution import Execution, Label, TriggerInfo, settled
from tiercel.model.flow import Flow
from tiercel.model.ids import execution_id
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = frozenset({"test.Instant"})


def context_of(source: Mapping[str, Any], *, around: tuple[Bound, ...] = (), **world: Any) -> FlowContext:
    """A flow, written as plain data, made ready."""
    flow = Flow.model_validate({"namespace": "test", **source})
    return FlowContext.of(flow, revision=1, tenant="main", world=World(**world), around=around, instant=INSTANT)


class Durable(msgspec.Struct):
    """What the last commit knows besides executions."""

    bench: Bench
    timers: dict[tuple[str, str], datetime]
    messages: list[tuple[str, engine_events.AnyEvent]]


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
        self.workers = Workers(script)
        self.answers = answers or {}
        self.limit = limit
        self.now = BEGIN
        self.seeds = 0
        self.told: dict[str, datetime] = {}
        """When each execution was told something last: its time never stands still."""
        self.executions: dict[str, Execution] = {}
        self.logs: list[LogEntry] = []
        self.decisions: list[tuple[str, engine_commands.Decision]] = []
        self.histories: dict[str, dict[int, TaskRun]] = {}
        """Every task run of every execution in its latest version, for looking at."""
        self.gate = Gate(self)
        self.carrier = Carrier(self)
        self.inside: deque[tuple[str, engine_events.AnyEvent]] = deque()
        """Events on their way inside this process."""
        self.timers: dict[tuple[str, str], datetime] = {}
        self.rows = Rows(self.context)
        self.durable = Durable(self.workers.bench.copy(), {}, [])

    # Beginning and looking --------------------------------------------------------------------------------------------

    def create(self, flow_id: str, **fields: Any) -> str:
        context = self.flows[flow_id]
        id = execution_id(len(self.executions) + 1, shard=7, random=len(self.executions))
        self.adopt(new_execution(context, id=id, at=self.now, **fields))
        return id

    def adopt(self, execution: Execution) -> None:
        self.executions[execution.id] = execution
        self.histories[execution.id] = {}
        self.inside.append((execution.id, engine_events.Created(at=self.now, seed=self.seed())))

    def seed(self) -> int:
        self.seeds += 1
        return self.seeds * 0x9E3779B97F4A7C15 % 2**128

    def context(self, id: str) -> FlowContext:
        execution = self.executions[id]
        return self.flows[execution.flow_id].of_iteration(execution.iteration)

    @property
    def jobs(self) -> dict[JobKey, engine_commands.Job]:
        """With workers."""
        return self.workers.bench.jobs

    @property
    def slots(self) -> Slots:
        return self.gate.slots

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

    def tell(self, id: str, event: engine_events.AnyEvent) -> engine_commands.Decision:
        """Decide one event, check what must hold, and carry the commands out."""
        before = self._recalled(id, event)
        event = self._later(id, event)
        decision = decide(self.context(id), before, event, limit=self.limit)
        assert decision == decide(self.context(id), before, event, limit=self.limit), "deciding twice differs"
        self.decisions.append((id, decision))
        after = self.executions[id] = decision.execution
        if decision.ignored is not None:
            assert after == before, "an ignored event changed something"
            after = self.executions[id] = msgspec.structs.replace(after, recalled=None)
        self._record(id, before, after, event)
        check(self.context(id), after, self.histories[id])
        for command in decision.commands:
            self.carrier.carry_out(id, command)
        if decision.unfinished:
            self.inside.append((id, engine_events.Continue(at=self.now, seed=self.seed())))
        return decision

    def _recalled(self, id: str, event: engine_events.AnyEvent) -> Execution:
        """All its task runs are read for what makes an ended execution run again."""
        execution = self.executions[id]
        if type(event) not in RECALLING or execution.live:
            return execution
        return msgspec.structs.replace(execution, recalled=Map(self.histories[id]))

    def _later(self, id: str, event: engine_events.AnyEvent) -> engine_events.AnyEvent:
        """Times within one execution grow; an iteration begins when its loop starts it."""
        known = self.told.get(id)
        at = event.at if known is None else max(event.at, known + timedelta(microseconds=1))
        self.told[id] = at
        self.now = max(self.now, at)
        return msgspec.structs.replace(event, at=at)

    def _record(self, id: str, before: Execution, after: Execution, event: engine_events.AnyEvent) -> None:
        history = self.histories[id]
        for ord, run in after.changes.runs.items():
            old = history.get(ord)
            if old is not None and not old.is_open and type(event) not in RECALLING:
                assert run == old, f"ended task run {old.task_id} changed"
            history[ord] = run
        for ord in below(history, after.changes.removed):
            history.pop(ord, None)
        for ord in history.keys() - after.changes.runs.keys():
            if before.changes.runs.get(ord) is not None:
                del history[ord]

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
        """A worker goes on with a job."""
        self.tell(key[0], self.workers.go_on(key, at=self.now, seed=self.seed()))

    def lose_worker(self, key: JobKey, *, resubmit: bool = True) -> None:
        id, ord, attempt = key
        del self.jobs[key]
        self.tell(
            id,
            engine_events.WorkerLost(
                at=self.now, seed=self.seed(), ord=ord, attempt=attempt, worker="w1", resubmit=resubmit
            ),
        )

    def fire(self, id: str, name: str) -> None:
        """A timer is due, time goes on to it."""
        self.now = max(self.now, self.timers[(id, name)])
        self.tell(id, engine_events.TimerFired(at=self.now, seed=self.seed(), name=name))

    def kill(self, id: str, **fields: Any) -> engine_commands.Decision:
        return self.tell(id, engine_events.Kill(at=self.now, seed=self.seed(), **fields))

    def pause(self, id: str) -> engine_commands.Decision:
        return self.tell(id, engine_events.Pause(at=self.now, seed=self.seed()))

    def resume(self, id: str, **fields: Any) -> engine_commands.Decision:
        return self.tell(id, engine_events.Resume(at=self.now, seed=self.seed(), **fields))

    def restart(self, id: str) -> engine_commands.Decision:
        return self.tell(id, engine_events.Restart(at=self.now, seed=self.seed()))

    def change(self, id: str, run: TaskRun, state: State) -> engine_commands.Decision:
        event = engine_events.ChangeTaskRun(at=self.now, seed=self.seed(), task_run=run.id, state=state)
        return self.tell(id, event)

    def replay(self, id: str, **fields: Any) -> str:
        """A copy of an execution; its first event sets it going. Raises NotReplayable."""
        self.now += timedelta(milliseconds=1)
        event = engine_events.Replay(at=self.now, seed=self.seed(), source=id, **fields)
        new = execution_id(len(self.executions) + 1, shard=7, random=len(self.executions))
        made = replay(self.context(id), self.executions[id], self.histories[id], event, id=new)
        self.executions[new], self.histories[new] = made, dict(made.changes.runs)
        self.tell(new, event)
        self.tell(id, engine_events.AddLabels(at=self.now, seed=self.seed(), labels=(REPLAYED,)))
        return new

    def review(self, id: str, **fields: Any) -> engine_commands.Decision:
        return self.tell(id, engine_events.Review(at=self.now, seed=self.seed(), **fields))

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
        self._write({id for id, event in self.inside if _comes_again(event)})
        messages = [(id, event) for id, event in self.inside if not _comes_again(event)]
        self.durable = Durable(self.workers.bench.copy(), dict(self.timers), messages)

    def _write(self, busy: set[str]) -> None:
        """Store all executions; those that are busy are marked."""
        for id, execution in self.executions.items():
            self.rows.write(execution, is_marked=execution.is_marked or id in busy)
            self.executions[id] = settled(execution)

    def check_rows(self) -> None:
        """The working sets loaded afresh are those in memory."""
        for id in self.rows.stored:
            check_same(self.context(id), self.rows.loaded(id), self.executions[id])

    def crash(self) -> None:
        """Everything since the last commit is lost. What was under way inside the process is asked for again."""
        self.workers.bench = self.durable.bench.copy()
        self.timers, self.inside = dict(self.durable.timers), deque(self.durable.messages)
        marked = self._read()
        self.gate.count()
        for id in marked:
            self.inside.append((id, engine_events.Recovered(at=self.now, seed=self.seed())))

    def _read(self) -> list[str]:
        """Go on with what is stored; the executions that are marked."""
        self.executions = {id: self.executions[id] for id in self.rows.stored}
        self.executions = {id: self.rows.loaded(id) for id in self.rows.stored}
        self.histories = {id: self.rows.runs(id) for id in self.rows.stored}
        return [id for id, stored in self.rows.stored.items() if stored.is_marked]


def _comes_again(event: engine_events.AnyEvent) -> bool:
    """What the engine asks for again by itself; messages between executions are rows."""
    return isinstance(
        event,
        engine_events.Created
        | engine_events.Continue
        | engine_events.Recovered
        | engine_events.Evaluated
        | engine_events.Done,
    )


def states_of(run: TaskRun) -> list[str]:
    return [moment.state.value for moment in run.state.histories]


def label(key: str, value: str) -> Label:
    return Label(key, value)


def trigger(**variables: Any) -> TriggerInfo:
    return TriggerInfo("t", "test.Trigger", variables)
