"""Carries out what the engine commands: within memory at once, beyond it by what the next commit holds or in the background."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol

from tiercel import engine
from tiercel.engine import FlowContext
from tiercel.engine.commands import (
    Acquire,
    AnyCommand,
    CancelTimer,
    CreateExecution,
    Dispatch,
    DropJobs,
    Evaluate,
    Job,
    KillChildren,
    KillJobs,
    Release,
    Replace,
    RunInstant,
    StartIteration,
    StartTimer,
    TellExecutions,
    TellParent,
    TellPause,
    Write,
)
from tiercel.engine.events import AnyEvent, ChildEnded, ChildPaused, ChildStarted, Created, Done, Evaluated, Kill
from tiercel.expression import Failed, HostCall, Unanswered
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.sealed import Cipher, sealing
from tiercel.model.spilled import KEEP, RECALL, REFERENCE, size_of
from tiercel.model.states import State
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import Journal
from tiercel.services.asker import asker
from tiercel.services.creator import Creator, Made, NotInMemory, Wish
from tiercel.services.departures import Departures
from tiercel.services.evaluator import Evaluator
from tiercel.services.iterations import (
    BATCHES,
    EXECUTION,
    GATHER,
    ITERATIONS,
    found_batches,
    found_execution,
    found_iterations,
    shown_batch,
)
from tiercel.services.limits import Limits
from tiercel.services.registry import Registry
from tiercel.services.residents import Attempt, Resident, Residents, Work, go_on, join, wait_for
from tiercel.services.run_task import TaskRunner
from tiercel.services.slots import Slots


class Desk(Protocol):
    """What the carrier needs of services.desk."""

    @property
    def residents(self) -> Residents: ...
    @property
    def departures(self) -> Departures: ...
    def adopt(self, resident: Resident, first: Work) -> None: ...
    def put(self, resident: Resident, work: Work) -> None: ...
    def tell(self, identifier: str, event: AnyEvent, *, by: Resident) -> None: ...
    def pump(self) -> None: ...
    def admit(self, identifier: str, event: AnyEvent) -> None: ...


class Carrier:
    """Everything that a command of the engine can mean. Works for the one desk that calls it."""

    def __init__(
        self,
        *,
        creator: Creator,
        registry: Registry,
        runner: TaskRunner,
        evaluator: Evaluator,
        journal: Journal,
        clock: Clock,
        dice: Dice,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        set_timer: Callable[[str, str, datetime], None],
        cipher: Cipher | None = None,
    ) -> None:
        self._creator = creator
        self._runner = runner
        self._evaluator = evaluator
        self._journal = journal
        self._clock = clock
        self._dice = dice
        self._spawn = spawn
        self._set_timer = set_timer
        self._cipher = cipher
        """Encrypts the secrets that the world tells, which rows keep. None where no row outlives the process."""
        self.slots = Slots(Limits(journal, registry.namespaces), registry, moment=self._moment, spawn=spawn)

    def carry_out(self, desk: Desk, resident: Resident, command: AnyCommand) -> None:
        outgoing = resident.outgoing
        match command:
            case RunInstant():
                resident.todo.append(command)
            case Dispatch(ord, attempt):
                outgoing.jobs[ord, attempt] = self._job(resident, ord)
                resident.jobs.add((ord, attempt))
            case Write(entry):
                outgoing.lines.append((entry, None))
            case StartTimer(name, due):
                outgoing.untimed.discard(name)
                outgoing.timers[name] = due
                self._set_timer(resident.id, name, due)
            case CancelTimer(name):
                outgoing.timers.pop(name, None)
                outgoing.untimed.add(name)
            case Evaluate():
                self._evaluate(desk, resident, command)
            case CreateExecution():
                self._create(desk, resident, command)
            case Replace(execution) | StartIteration(execution):
                self._adopt(desk, resident, execution, resident)
            case TellExecutions(children, event):
                for child in children:
                    desk.tell(child, event, by=resident)
            case KillJobs(jobs):
                outgoing.killed.update(jobs)
            case DropJobs(jobs):
                _drop(resident, jobs)
            case KillChildren():
                wait_for(resident)
                self._spawn(self._kill_children(desk, resident, command))
            case Acquire(is_forced):
                self.slots.acquire(desk, resident, is_forced=is_forced)
            case Release():
                self.slots.release(desk, resident)
            case TellPause(link, index, is_paused):
                paused = ChildPaused(*self._moment(), link.ord, index, is_paused)
                desk.tell(link.execution_id, paused, by=resident)
            case TellParent(link, state, outputs, item):
                ended = ChildEnded(
                    *self._moment(), link.ord, link.attempt, state, child=resident.id, outputs=outputs, item=item
                )
                desk.tell(link.execution_id, ended, by=resident)

    # Instant tasks ---------------------------------------------------------------------------------------------------

    def run_instant(self, desk: Desk, resident: Resident, command: RunInstant) -> Done | None:
        """Run a task without I/O and return how it ended; None when it is gone, or asks the world first."""
        execution = resident.execution
        run = None if execution is None else execution.runs.get(command.ord)
        if run is None or run.attempt != command.attempt:
            return None
        job = self._job(resident, command.ord)
        outcome = self._runner.run_instant(job, at=job.at)
        if outcome is None:
            resident.underway.add(command.ord)
            desk.departures.hold(resident)
            self._spawn(self._run(desk, resident, job))
            return None
        resident.outgoing.lines += [(entry, command.ord) for entry in outcome.entries]
        desk.departures.count(resident, len(outcome.entries))
        if outcome.metrics:
            self._runner.report(outcome.metrics)
        return outcome.done(job, at=job.at, seed=job.seed)

    async def _run(self, desk: Desk, resident: Resident, job: Job) -> None:
        outcome = await self._runner.run(job)
        at, seed = self._moment()
        resident.underway.discard(job.ord)
        desk.put(resident, outcome.done(job, at=at, seed=seed))
        desk.pump()

    def _job(self, resident: Resident, ord: int) -> Job:
        execution, context = _known(resident)
        at, seed = self._moment()
        return engine.job(context, execution, ord, at=max(at, resident.latest or at), seed=seed)

    # The world -------------------------------------------------------------------------------------------------------

    def _evaluate(self, desk: Desk, resident: Resident, command: Evaluate) -> None:
        if command.key not in resident.asked:
            resident.asked.add(command.key)
            desk.departures.hold(resident)
            self._spawn(self._answer(desk, resident, command))

    async def _answer(self, desk: Desk, resident: Resident, command: Evaluate) -> None:
        execution, _ = _known(resident)
        if command.function == ITERATIONS:
            answer = await found_iterations(
                self._journal, desk.residents.iterations(execution.id), execution.id, command.arguments
            )
        elif command.function == EXECUTION:
            identifier = command.arguments["id"]
            answer = await found_execution(self._journal, desk.residents.known(identifier), identifier)
        elif command.function in (BATCHES, GATHER):
            answer = await self._batches(desk, resident, command)
        else:
            answer = await self._evaluator.answer(HostCall(command.function, command.arguments), asker(execution))
        source = await self._source(resident, command, answer)
        at, seed = self._moment()
        resident.asked.discard(command.key)
        if isinstance(answer, Failed):
            desk.put(resident, Evaluated(at, seed, command.key, error=answer.message))
        elif command.function == "secret" and self._cipher is not None and isinstance(answer, str):
            kept = sealing(self._cipher, seed, execution.id, command.key)(answer)
            desk.put(resident, Evaluated(at, seed, command.key, kept, is_sealed=True))
        else:
            desk.put(resident, Evaluated(at, seed, command.key, answer, source=source))
        desk.pump()

    async def _source(self, resident: Resident, command: Evaluate, answer: Any) -> str | None:
        """The file of internal storage that holds an answer which is too large for the history."""
        execution, context = _known(resident)
        if isinstance(answer, Failed) or command.function == "secret":
            return None
        if command.function == RECALL:
            return command.arguments["uri"]
        if size_of(answer) <= context.world.limits.inline:
            return None
        kept = await self._evaluator.answer(HostCall(KEEP, {"outputs": answer}), asker(execution))
        return None if isinstance(kept, Failed) else kept[REFERENCE]

    async def _batches(self, desk: Desk, resident: Resident, command: Evaluate) -> Any:
        """How the executions for some batches of a ForEachItem stand; or where the file is with what all of them gave."""
        execution, _ = _known(resident)
        ord, first, count = (command.arguments.get(name, 0) for name in ("ord", "first", "count"))
        run = execution.runs.get(ord)
        if run is None:
            return Failed("the task is over")
        batches = await found_batches(self._journal, desk.residents.known, execution, run, first=first, count=count)
        if command.function == BATCHES:
            return [shown_batch(batch) for batch in batches]
        rows = [batch.execution.outputs for batch in batches if batch is not None and batch.execution.outputs]
        return await self._evaluator.answer(HostCall("storeRows", {"rows": rows, "taskRun": run.id}), asker(execution))

    # Other executions ------------------------------------------------------------------------------------------------

    def _create(self, desk: Desk, resident: Resident, command: CreateExecution) -> None:
        execution, _ = _known(resident)
        wish = wish_of(execution.tenant, command)
        try:
            made = self._creator.make_now(wish)
        except (Unanswered, NotInMemory):
            wait_for(resident)
            self._spawn(self._create_later(desk, resident, command, wish))
        except TiercelError as error:
            self._refuse(desk, resident, command, error)
        else:
            self._begin(desk, resident, command, made)

    async def _create_later(self, desk: Desk, resident: Resident, command: CreateExecution, wish: Wish) -> None:
        try:
            made = await self._creator.make(wish)
        except TiercelError as error:
            self._refuse(desk, resident, command, error)
        else:
            self._begin(desk, resident, command, made)
        go_on(resident)
        desk.pump()

    def _begin(self, desk: Desk, resident: Resident, command: CreateExecution, made: Made) -> None:
        """The parent is told before anything of the child runs."""
        link = command.waits
        desk.tell(resident.id, ChildStarted(*self._moment(), link.ord, link.attempt, command.id), by=resident)
        self._adopt(desk, resident, made.execution, made)

    def _refuse(self, desk: Desk, resident: Resident, command: CreateExecution, error: TiercelError) -> None:
        link = command.waits
        refused = ChildEnded(*self._moment(), link.ord, link.attempt, State.FAILED, error=str(error))
        desk.tell(resident.id, refused, by=resident)

    def _adopt(self, desk: Desk, parent: Resident, execution: Execution, source: Resident | Made) -> None:
        """Let a new execution begin, committed together with the one that wanted it."""
        child = Resident(execution.id)
        child.execution = execution
        if isinstance(source, Resident):
            context = source.context
            child.context = None if context is None else context.of_iteration(execution.iteration)
            child.place = source.place
        else:
            child.context, child.place = source.deployed.context, source.deployed.stored.place
        join(parent, child)
        parent.outgoing.executions += 1
        first = Created if isinstance(source, Resident) else source.created
        desk.adopt(child, first(*self._moment()))

    async def _kill_children(self, desk: Desk, resident: Resident, command: KillChildren) -> None:
        children = command.children or (
            *await self._journal.children([resident.id]),
            *desk.residents.children(resident.id),
        )
        for child in dict.fromkeys(children):
            told = Kill(*self._moment(), command.target, reason=command.reason, by=command.by, parent=resident.id)
            desk.tell(child, told, by=resident)
        go_on(resident)
        desk.pump()

    def forget(self) -> None:
        """Memory is dropped."""
        self.slots.forget()

    def _moment(self) -> tuple[datetime, int]:
        """When an event happens, and its dice."""
        return self._clock.now(), self._dice.roll()


def _known(resident: Resident) -> tuple[Execution, FlowContext]:
    if resident.execution is None or resident.context is None:
        raise TypeError(f"execution {resident.id} was decided before it was loaded")
    return resident.execution, resident.context


def _drop(resident: Resident, jobs: tuple[Attempt, ...]) -> None:
    """Jobs that no commit holds yet never become rows; the others may be with a worker by now."""
    for job in jobs:
        resident.jobs.discard(job)
        if resident.outgoing.jobs.pop(job, None) is None:
            resident.outgoing.dropped.add(job)
            resident.outgoing.stopped.add(job)


def wish_of(tenant: str, command: CreateExecution) -> Wish:
    """The execution that a command asks for."""
    return Wish(
        tenant=tenant,
        namespace=command.namespace,
        flow_id=command.flow_id,
        revision=command.revision,
        inputs=command.inputs,
        labels=command.labels,
        inherited=command.inherited,
        origin="",
        trigger=command.trigger,
        kind=command.kind,
        schedule_date=command.schedule_date,
        id=command.id,
        cause_id=command.cause_id,
        waits=command.waits if command.wait else None,
    )
