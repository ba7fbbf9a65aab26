"""A world for the engine to decide in: workers, timers, sub-executions, commits and crashes, without a clock or a disk.

It plays the executor as design/executor.md describes it and checks after each decision what must always hold.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from immutables import Map
from tests.engine.dynamics import added
from tests.engine.invariants import check
from tests.engine.rows import Rows, below

from tiercel.engine import (
    FlowContext,
    World,
    decide,
    job,
    new_execution,
    replay,
)
from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.engine.limits import (
    Claim,
    Counted,
    Enqueued,
    Freed,
    Granted,
    LimitEvent,
    Refused,
    Slots,
    admit,
)
from tiercel.engine.replays import REPLAYED
from tiercel.engine.verbs import RECALLING
from tiercel.model.batches import SPLIT
from tiercel.model.bounds import Bound, LimitKey
from tiercel.model.execution import (
    Execution,
    Kind,
    Label,
    TaskRun,
    TriggerInfo,
    merged_labels,
    settled,
)
from tiercel.model.flow import Flow
from tiercel.model.ids import execution_id
from tiercel.model.iteration import Iteration
from tiercel.model.log import LogEntry
from tiercel.model.states import BEFORE_SLOT, State

PAGE = 2
"""So many values of a file are read at a time."""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = frozenset({"test.Instant"})

Result = tuple[State, dict[str, Any] | None]
Script = Callable[[engine_commands.Job], Result]
JobKey = tuple[str, int, int]


def context_of(source: Mapping[str, Any], *, around: tuple[Bound, ...] = (), **world: Any) -> FlowContext:
    """A flow, written as plain data, made ready."""
    flow = Flow.model_validate({"namespace": "test", **source})
    return FlowContext.of(flow, revision=1, tenant="main", world=World(**world), around=around, instant=INSTANT)


def succeed(job: engine_commands.Job) -> Result:
    return State.SUCCESS, {"value": job.task_id}


class Durable(msgspec.Struct):
    """What the last commit knows besides executions."""

    jobs: dict[JobKey, engine_commands.Job]
    started: set[JobKey]
    killed: set[JobKey]
    timers: dict[tuple[str, str], datetime]
    messages: list[tuple[str, engine_events.AnyEvent]]
    told_parts: dict[JobKey, int]


def key_of(job: engine_commands.Job) -> JobKey:
    return (job.execution_id, job.ord, job.attempt)


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
        self.told: dict[str, datetime] = {}
        """When each execution was told something last: its time never stands still."""
        self.executions: dict[str, Execution] = {}
        self.logs: list[LogEntry] = []
        self.decisions: list[tuple[str, engine_commands.Decision]] = []
        self.histories: dict[str, dict[int, TaskRun]] = {}
        """Every task run of every execution in its latest version, for looking at."""
        self.slots = Slots()
        """Counted from the executions after a crash; nothing of them is stored."""
        self.inside: deque[tuple[str, engine_events.AnyEvent]] = deque()
        """Events on their way inside this process."""
        self.jobs: dict[JobKey, engine_commands.Job] = {}
        self.started: set[JobKey] = set()
        self.killed: set[JobKey] = set()
        self.timers: dict[tuple[str, str], datetime] = {}
        self.parts: dict[JobKey, list[dict[str, Any]]] = {}
        self.told_parts: dict[JobKey, int] = {}
        """What workers have told of the children of WorkingDirectories."""
        self.rows = Rows(self.context)
        self.durable = Durable({}, set(), set(), {}, [], {})

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
            self._carry_out(id, command)
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

    def _carry_out(self, id: str, command: engine_commands.AnyCommand) -> None:
        match command:
            case engine_commands.RunInstant(ord, attempt):
                made = self._job(id, ord)
                assert made.attempt == attempt
                state, outputs = self.script(made)
                done = engine_events.Done(
                    at=self.now, seed=self.seed(), ord=ord, attempt=attempt, state=state, outputs=outputs
                )
                self.inside.append((id, done))
            case engine_commands.Evaluate(key, function, arguments):
                answer = self._answer(id, key, function, arguments)
                self.inside.append((id, engine_events.Evaluated(at=self.now, seed=self.seed(), key=key, value=answer)))
            case engine_commands.CreateExecution():
                self._create_child(id, command)
            case engine_commands.Replace(execution):
                self.adopt(execution)
            case engine_commands.Acquire(is_forced):
                self._ask_limits(claim_of(self.executions[id], is_forced=is_forced))
            case engine_commands.Release():
                limits = tuple(bound.limit for bound in self.executions[id].bounds)
                self._ask_limits(Freed(id, self.executions[id].life, limits))
            case engine_commands.StartIteration(execution):
                assert execution.id not in self.executions, "an iteration was started twice"
                self.adopt(execution)
            case engine_commands.TellExecutions(children, event):
                self.inside.extend((child, event) for child in children)
            case engine_commands.TellPause(link, index, is_paused):
                paused = engine_events.ChildPaused(
                    at=self.now, seed=self.seed(), ord=link.ord, index=index, is_paused=is_paused
                )
                self.inside.append((link.execution_id, paused))
            case engine_commands.TellParent(link, state, outputs, item):
                ended = engine_events.ChildEnded(
                    at=self.now,
                    seed=self.seed(),
                    ord=link.ord,
                    attempt=link.attempt,
                    state=state,
                    child=id,
                    outputs=outputs,
                    item=item,
                )
                self.inside.append((link.execution_id, ended))
            case engine_commands.KillChildren(target, children):
                for child in self._children(id, children):
                    self.inside.append((child, engine_events.Kill(at=self.now, seed=self.seed(), target=target)))
            case engine_commands.Write(entry):
                assert "please report" not in entry.message, entry.message
                self.logs.append(entry)
            case engine_commands.Dispatch(ord, attempt):
                self.jobs[(id, ord, attempt)] = self._job(id, ord)
            case engine_commands.StartTimer(name, due):
                self.timers[(id, name)] = due
            case engine_commands.CancelTimer(name):
                self.timers.pop((id, name), None)
            case engine_commands.DropJobs(jobs):
                for ord, attempt in jobs:
                    self.jobs.pop((id, ord, attempt), None)
            case engine_commands.KillJobs(jobs):
                self.killed |= {(id, ord, attempt) for ord, attempt in jobs}

    def _answer(self, id: str, key: str, function: str, arguments: dict[str, Any]) -> Any:
        match function:
            case "iterations":
                return [
                    [*msgspec.structs.astuple(one.item), *self._state(child)]
                    for child, one in self.iterations(id)
                    if one.task_run_id == arguments["taskRun"]
                ]
            case "execution":
                child = self.executions.get(arguments["id"])
                return None if child is None else [child.state.current.value, child.live, child.outputs]
            case "gatherOutputs":
                return f"kestra:///{arguments['count']}.ion"
            case "storeOutputs":
                return f"kestra:///{id}.ion"
            case "readPage":
                first = arguments["offset"]
                lines = self.answers[arguments["uri"]]
                further = first + PAGE if first + PAGE < len(lines) else None
                return {"values": lines[first : first + PAGE], "further": further}
            case _:
                return self.answers.get(key, key)

    def _state(self, id: str) -> tuple[Any, ...]:
        execution = self.executions[id]
        return execution.outputs, execution.state.current.value, execution.live

    def iterations(self, id: str) -> list[tuple[str, Iteration]]:
        """All iterations of the loops of an execution, by index."""
        found = [(other.id, other.iteration) for other in self.executions.values() if other.parent_id == id]
        return sorted([(child, one) for child, one in found if one is not None], key=lambda pair: pair[1].item.index)

    def _job(self, id: str, ord: int) -> engine_commands.Job:
        made = job(self.context(id), self.executions[id], ord, at=self.now, seed=self.seed())
        assert msgspec.json.decode(msgspec.json.encode(made), type=engine_commands.Job) == made
        return made

    def _children(self, id: str, children: tuple[str, ...]) -> list[str]:
        mine = [child for child, execution in self.executions.items() if execution.cause_id == id and execution.live]
        return [child for child in mine if not children or child in children]

    def _create_child(self, id: str, command: engine_commands.CreateExecution) -> None:
        link, context = command.waits, self.flows.get(command.flow_id)
        about = {"at": self.now, "seed": self.seed(), "ord": link.ord, "attempt": link.attempt}
        if context is None:
            refused = engine_events.ChildEnded(**about, state=State.FAILED, error=f"there is no flow {command.flow_id}")
            self.inside.appendleft((id, refused))
            return
        self.inside.appendleft((id, engine_events.ChildStarted(**about, child=command.id)))
        assert command.id not in self.executions, "a child was created twice"
        self.adopt(
            new_execution(
                context,
                id=command.id,
                at=self.now,
                inputs=command.inputs,
                labels=merged_labels(command.inherited, command.labels),
                trigger=command.trigger,
                cause_id=command.cause_id,
                waits=link if command.wait else None,
            )
        )

    def _ask_limits(self, event: LimitEvent) -> None:
        """What limits answer reaches executions before anything else does."""
        before = self.slots
        self.slots, verdicts = admit(self.slots, event)
        is_forced = isinstance(event, Claim) and event.is_forced
        for key, limit in self.slots.items():
            known = len(before[key].held) if key in before else 0
            assert is_forced or len(limit.held) <= max(limit.size, known), f"{key} is overrun"
        about = {"at": self.now, "seed": self.seed()}
        for verdict in verdicts:
            match verdict:
                case Granted(execution_id):
                    self.tell(execution_id, engine_events.Admitted(**about))
                case Enqueued(execution_id):
                    self.tell(execution_id, engine_events.Queued(**about))
                case Refused(execution_id, _, state):
                    self.tell(execution_id, engine_events.Rejected(**about, state=state))

    def _count_slots(self) -> None:
        """Who lives and has begun holds its slots; who was in line is in line again."""
        living = [one for one in self.executions.values() if one.live and one.kind is not Kind.LOOP]
        held: dict[LimitKey, dict[str, int]] = {}
        for one in living:
            if one.state.current not in BEFORE_SLOT:
                for bound in one.bounds:
                    held.setdefault(bound.limit, {})[one.id] = one.life
        self.slots, _ = admit(Slots(), Counted(held))
        queued = [one for one in living if one.state.current is State.QUEUED]
        for one in sorted(queued, key=lambda one: (one.state.histories[-1].date, one.id)):
            self._ask_limits(claim_of(one))

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
            self.tell(
                id, engine_events.Done(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, state=State.KILLED)
            )
            return
        if key not in self.started:
            self.started.add(key)
            self.tell(id, engine_events.Started(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, worker="w1"))
            return
        if self.jobs[key].parts and self._go_on_with_parts(key):
            return
        job = self.jobs.pop(key)
        state, outputs = self._result(job)
        done = engine_events.Done(
            at=self.now,
            seed=self.seed(),
            ord=ord,
            attempt=attempt,
            state=state,
            outputs=outputs,
            dynamic_runs=added(job.type, job.task_id, at=self.now),
        )
        self.tell(id, done)

    def _go_on_with_parts(self, key: JobKey) -> bool:
        """A worker tells the next thing of the children of a WorkingDirectory; False when all is told."""
        told, things = self.told_parts.get(key, 0), self._things(key)
        if told >= len(things):
            return False
        self.told_parts[key] = told + 1
        id, ord, attempt = key
        self.tell(id, engine_events.Part(at=self.now, seed=self.seed(), ord=ord, attempt=attempt, **things[told]))
        return True

    def _things(self, key: JobKey) -> list[dict[str, Any]]:
        """What there is to tell of the children: a failed one is tried again where it has a policy, and ends the rest."""
        if key not in self.parts:
            self.parts[key] = list(self._things_of(self.jobs[key]))
        return self.parts[key]

    def _things_of(self, job: engine_commands.Job) -> Iterator[dict[str, Any]]:
        for place, part in enumerate(job.parts):
            number, most = 1, (part.retry or {}).get("maxAttempts", 1)
            while True:
                yield {"place": place, "number": number, "state": State.RUNNING}
                made = msgspec.structs.replace(job, task_id=part.task_id, attempt=number, value=None)
                state, outputs = self.script(made)
                again = state is State.FAILED and number < most
                yield {
                    "place": place,
                    "number": number,
                    "state": state,
                    "outputs": outputs,
                    "is_tried_again": again,
                    "dynamic_runs": added(part.type, part.task_id, at=self.now),
                }
                if not again:
                    break
                number += 1
            if state is State.FAILED and not part.allow_failure:
                return

    def _result(self, job: engine_commands.Job) -> Result:
        if job.type == SPLIT:
            state, _ = self.script(job)
            return state, {"splits": job.properties["items"]}
        if not job.parts:
            return self.script(job)
        *_, last = self._things(key_of(job))
        failed = last["state"] is State.FAILED and not job.parts[last["place"]].allow_failure
        return (State.FAILED if failed else State.SUCCESS), None

    def lose_worker(self, key: JobKey, *, resubmit: bool = True) -> None:
        id, ord, attempt = key
        self.jobs.pop(key)
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
        busy = {id for id, event in self.inside if _comes_again(event)}
        for id, execution in self.executions.items():
            self.rows.write(execution, is_marked=execution.is_marked or id in busy)
            self.executions[id] = settled(execution)
        messages = [(id, event) for id, event in self.inside if not _comes_again(event)]
        self.durable = Durable(
            dict(self.jobs), set(self.started), set(self.killed), dict(self.timers), messages, dict(self.told_parts)
        )

    def check_rows(self) -> None:
        """The working sets loaded afresh are those in memory."""
        for id in self.rows.stored:
            stored, kept = (self.rows.comparable(each) for each in (self.rows.loaded(id), self.executions[id]))
            differing = [name for name in kept.__struct_fields__ if getattr(stored, name) != getattr(kept, name)]
            shown = [f"{name}: {getattr(stored, name)} != {getattr(kept, name)}" for name in differing]
            assert stored == kept, f"rows and memory differ in {shown}"

    def crash(self) -> None:
        """Everything since the last commit is lost. What was under way inside the process is asked for again."""
        self.jobs, self.started = dict(self.durable.jobs), set(self.durable.started)
        self.killed, self.told_parts = set(self.durable.killed), dict(self.durable.told_parts)
        self.timers, self.inside = dict(self.durable.timers), deque(self.durable.messages)
        self.executions = {id: self.executions[id] for id in self.rows.stored}
        self.executions = {id: self.rows.loaded(id) for id in self.rows.stored}
        self.histories = {id: self.rows.runs(id) for id in self.rows.stored}
        self._count_slots()
        for id, stored in self.rows.stored.items():
            if stored.is_marked:
                self.inside.append((id, engine_events.Recovered(at=self.now, seed=self.seed())))


def claim_of(execution: Execution, *, is_forced: bool = False) -> Claim:
    since = execution.state.histories[-1].date
    return Claim(execution.id, execution.life, since, execution.bounds, is_forced)


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
