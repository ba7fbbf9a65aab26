"""What would happen: executions decided by the engine, on a clock that jumps to whatever is due, without running a task.

It stands where the executor, the workers and the timekeeper stand, and stores nothing.
"""

from collections import deque
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from tiercel import engine
from tiercel.engine import FlowContext
from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.expression import HostCall
from tiercel.model import spilled
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, settled, value_around
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.ports.dice import Dice
from tiercel.ports.journal import Journal
from tiercel.services import iterations
from tiercel.services.carrier import wish_of
from tiercel.services.creator import Creator, Made
from tiercel.services.supposed import End, Suppositions

MOST_DECISIONS = 100_000
"""A flow that goes on for ever is broken off."""
EVERYTHING = 2**31
"""Nobody else waits for their turn."""


class MovedClock(Protocol):
    """A clock that goes on only when it is told to."""

    def now(self) -> datetime: ...
    def move_to(self, instant: datetime) -> None: ...


class Simulated:
    """One execution of the simulation, with every task run it ever had."""

    def __init__(self, context: FlowContext, execution: Execution) -> None:
        self.context = context
        self.execution = execution
        self.runs: dict[int, TaskRun] = {}
        self.timers: dict[str, datetime] = {}

    def take(self, execution: Execution) -> None:
        """What has become of it."""
        changes = execution.changes
        self.runs |= dict(changes.runs)
        for ord in sorted(changes.removed):
            self._remove(ord)
        self.execution = settled(execution)

    def _remove(self, ord: int) -> None:
        self.runs.pop(ord, None)
        for child in [run.ord for run in self.runs.values() if run.parent == ord]:
            self._remove(child)


class Simulation:
    """Executions that belong to one another, in the order of their creation."""

    def __init__(
        self, creator: Creator, suppositions: Suppositions, *, clock: MovedClock, dice: Dice, journal: Journal
    ) -> None:
        self._creator = creator
        self._suppositions = suppositions
        self._clock = clock
        self._dice = dice
        self._journal = journal
        """Where nothing is stored: what there is, is here."""
        self.executions: dict[str, Simulated] = {}
        self.logs: list[LogEntry] = []
        self._inside: deque[tuple[str, engine_events.AnyEvent]] = deque()
        """Events on their way, with the execution they are for."""
        self._jobs: dict[tuple[str, int, int], engine_commands.Job] = {}
        self._killed: set[tuple[str, int, int]] = set()
        self.is_broken_off = False

    @property
    def outcome(self) -> Execution:
        """The execution that was asked for; where retries replaced it, the last one in its place."""
        first, *others = (one.execution for one in self.executions.values())
        for other in others:
            if other.iteration is None and other.parent_id == first.id:
                first = other
        return first

    def begin(self, made: Made) -> None:
        """Let an execution begin."""
        context = made.deployed.context
        execution = replace(made.execution, fixtures=tuple(self._suppositions.fixtures(context)))
        self._adopt(context, execution, made.created(*self._moment()))

    async def run(self) -> None:
        """Let everything happen: what is under way first, then jobs, then the earliest timer."""
        for _ in range(MOST_DECISIONS):
            if self._inside:
                await self._tell(*self._inside.popleft())
            elif self._jobs:
                self._work(next(iter(self._jobs)))
            elif not self._wait():
                return
        self.is_broken_off = True

    def _moment(self) -> tuple[datetime, int]:
        return self._clock.now(), self._dice.roll()

    def _wait(self) -> bool:
        """Let time go on to the next timer; False when there is none."""
        due = [(due, id, name) for id, one in self.executions.items() for name, due in one.timers.items()]
        if not due:
            return False
        at, id, name = min(due)
        del self.executions[id].timers[name]
        self._clock.move_to(at)
        self._inside.append((id, engine_events.TimerFired(*self._moment(), name)))
        return True

    # Deciding ---------------------------------------------------------------------------------------------------------

    def _adopt(self, context: FlowContext, execution: Execution, first: engine_events.AnyEvent) -> None:
        self.executions[execution.id] = Simulated(context, execution)
        self._inside.append((execution.id, first))

    async def _tell(self, id: str, event: engine_events.AnyEvent) -> None:
        one = self.executions[id]
        decision = engine.decide(one.context, one.execution, event, limit=EVERYTHING)
        if decision.ignored is not None:
            return
        one.take(decision.execution)
        for command in decision.commands:
            await self._carry_out(id, one, command)
        if decision.unfinished:
            self._inside.append((id, engine_events.Continue(*self._moment())))

    async def _carry_out(self, id: str, one: Simulated, command: engine_commands.AnyCommand) -> None:
        inside = self._inside
        match command:
            case engine_commands.RunInstant(ord):
                job, value = self._job(one, ord), self._value(id, ord)
                inside.append((id, self._done(job, self._suppositions.end_inside(job, value=value))))
            case engine_commands.Dispatch(ord, attempt):
                self._jobs[id, ord, attempt] = self._job(one, ord)
            case engine_commands.Evaluate(key, function, arguments):
                inside.append((id, await self._answered(one, key, function, arguments)))
            case engine_commands.CreateExecution():
                await self._create(id, command)
            case engine_commands.Replace(execution) | engine_commands.StartIteration(execution):
                self._adopt(
                    one.context.of_iteration(execution.iteration), execution, engine_events.Created(*self._moment())
                )
            case engine_commands.TellExecutions(children, event):
                inside.extend((child, event) for child in children)
            case engine_commands.TellPause(link, index, is_paused):
                inside.append(
                    (link.execution_id, engine_events.ChildPaused(*self._moment(), link.ord, index, is_paused))
                )
            case engine_commands.TellParent(link, state, outputs, item):
                ended = engine_events.ChildEnded(
                    *self._moment(), link.ord, link.attempt, state, child=id, outputs=outputs, item=item
                )
                inside.append((link.execution_id, ended))
            case engine_commands.KillChildren(target, children, reason):
                inside.extend(
                    (child, engine_events.Kill(*self._moment(), target, reason=reason, parent=id))
                    for child in self._children(id, children)
                )
            case engine_commands.Acquire(is_forced=False):
                inside.appendleft((id, engine_events.Admitted(*self._moment())))
            case engine_commands.Write(entry):
                self.logs.append(entry)
            case engine_commands.StartTimer(name, due):
                one.timers[name] = due
            case engine_commands.CancelTimer(name):
                one.timers.pop(name, None)
            case engine_commands.DropJobs(jobs):
                for ord, attempt in jobs:
                    self._jobs.pop((id, ord, attempt), None)
            case engine_commands.KillJobs(jobs):
                self._killed |= {(id, ord, attempt) for ord, attempt in jobs}
            case engine_commands.Acquire() | engine_commands.Release():
                pass  # Nobody else wants the slots of the flow's limit.

    def _children(self, id: str, children: tuple[str, ...]) -> list[str]:
        own = [other.execution for other in self.executions.values() if other.execution.cause_id == id]
        return [child.id for child in own if child.live and (not children or child.id in children)]

    # Tasks ------------------------------------------------------------------------------------------------------------

    def _job(self, one: Simulated, ord: int) -> engine_commands.Job:
        at, seed = self._moment()
        return engine.job(one.context, one.execution, ord, at=at, seed=seed)

    def _value(self, id: str, ord: int) -> str | None:
        execution = self.executions[id].execution
        return value_around(execution, execution.runs[ord])

    def _done(self, job: engine_commands.Job, end: End) -> engine_events.Done:
        self.logs += end.entries
        return engine_events.Done(*self._moment(), job.ord, job.attempt, end.state, end.outputs, end.error)

    def _work(self, key: tuple[str, int, int]) -> None:
        """A worker takes a job and does it, in no time."""
        id, ord, attempt = key
        job = self._jobs.pop(key)
        if key in self._killed:
            self._inside.append((id, self._done(job, End(State.KILLED))))
            return
        self._inside.append((id, engine_events.Started(*self._moment(), ord, attempt)))
        value = self._value(id, ord)
        told = list(self._suppositions.parts(job, value=value))
        self._inside.extend((id, engine_events.Part(*self._moment(), ord, attempt, **fields)) for fields in told)
        self._inside.append((id, self._done(job, self._suppositions.end(job, value=value, parts=told))))

    # The world --------------------------------------------------------------------------------------------------------

    async def _answered(
        self, one: Simulated, key: str, function: str, arguments: dict[str, Any]
    ) -> engine_events.Evaluated:
        execution = one.execution
        match function:
            case iterations.ITERATIONS:
                known = [other.execution for other in self.executions.values()]
                answer: Any = await iterations.found_iterations(self._journal, known, execution.id, arguments)
            case iterations.EXECUTION:
                child = self.executions.get(arguments["id"])
                answer = await iterations.found_execution(self._journal, child and child.execution, arguments["id"])
            case iterations.GATHER | "storeOutputs":
                answer = f"kestra:///simulated/{execution.id}.ion"
            case spilled.KEEP:
                answer = arguments["outputs"]
            case "readPage":
                answer = {"values": [self._suppositions.page(arguments["uri"])], "further": None}
            case _:
                answer = await self._suppositions.answer(HostCall(function, arguments))
        return engine_events.Evaluated(*self._moment(), key, answer)

    # Other executions -------------------------------------------------------------------------------------------------

    async def _create(self, id: str, command: engine_commands.CreateExecution) -> None:
        link, tenant = command.waits, self.executions[id].execution.tenant
        try:
            made = await self._creator.make(wish_of(tenant, command))
        except TiercelError as error:
            refused = engine_events.ChildEnded(*self._moment(), link.ord, link.attempt, State.FAILED, error=str(error))
            self._inside.appendleft((id, refused))
            return
        self.begin(made)
        self._inside.appendleft((id, engine_events.ChildStarted(*self._moment(), link.ord, link.attempt, command.id)))
