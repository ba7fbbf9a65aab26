"""What an execution that is not over waits for, in words that say what can be done about it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from tiercel.engine.plan import FlowContext
from tiercel.model.execution import Execution
from tiercel.model.flowable import Approval, ForEachItem, Loop, LoopUntil, Pause, Sleep, Subflow
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.services.explanation import Wait

Runs = Mapping[int, TaskRun]
_OF_PEOPLE = frozenset({State.PAUSED, State.BREAKPOINT})


def waits(
    context: FlowContext,
    execution: Execution,
    runs: Runs,
    *,
    holders: tuple[str, ...] = (),
    children: Mapping[int, tuple[str, ...]],
) -> Iterator[Wait]:
    """The most decisive first.

    `holders` are the executions that have the slots of the flow's limit, `children` by task run those that are not over.
    """
    yield from _of_execution(context, execution, holders)
    parents = {run.parent for run in runs.values() if run.is_open}
    for run in runs.values():
        if run.is_open and (run.ord not in parents or run.state.current in _OF_PEOPLE):
            yield _of_run(context, execution, run, children.get(run.ord, ()))


def _of_execution(context: FlowContext, execution: Execution, holders: tuple[str, ...]) -> Iterator[Wait]:
    since, due = execution.state.histories[-1].date, execution.timers.get("schedule")
    match execution.state.current:
        case State.CREATED if due is not None:
            yield Wait(f"it begins at its date: {_command('force-run', execution)} begins now", since, due)
        case State.CREATED:
            yield Wait("the executor has not taken it up yet: does one run?", since)
        case State.QUEUED:
            yield Wait(_queued(context, execution), since, execution_ids=holders)
        case State.RETRYING if (again := execution.timers.get("replace")) is not None:
            yield Wait("another execution takes its place", since, again)
        case State.KILLING:
            yield Wait("it is being killed: what runs of it has to stop first", since)
        case _ if execution.is_held:
            yield Wait(f"it was paused by hand: {_command('resume', execution)} lets it go on", since)
        case _:
            pass


def _queued(context: FlowContext, execution: Execution) -> str:
    limit = context.flow.concurrency
    slots = "a slot" if limit is None else f"one of {limit.limit} slots"
    unqueue, force_run = _command("unqueue", execution), _command("force-run", execution)
    return f"it waits in line for {slots} of its flow's limit: {unqueue} or {force_run} lets it run"


def _command(verb: str, execution: Execution) -> str:
    """What one may type."""
    return f"`tiercel execution {verb} {execution.id}`"


def _of_run(context: FlowContext, execution: Execution, run: TaskRun, children: tuple[str, ...]) -> Wait:
    return Wait(
        _words(context, execution, run),
        run.state.histories[-1].date,
        _due(execution, run),
        run.task_id,
        run.id,
        run.value,
        children,
    )


def _words(context: FlowContext, execution: Execution, run: TaskRun) -> str:
    node = context.nodes[run.task_id]
    match run.state.current:
        case State.BREAKPOINT:
            return f"it stopped at a breakpoint: {_command('resume-from-breakpoint', execution)} lets it go on"
        case State.RETRYING:
            return f"attempt {len(run.attempts)} failed, and it is tried again"
        case State.PAUSED:
            return _paused(execution, node.task)
        case State.CREATED | State.RESTARTED if _asks(execution, run):
            return f"an expression asks the world: {', '.join(_asks(execution, run))}"
        case State.SUBMITTED:
            return f"no worker has taken it yet{_tags(context, run)}"
        case State.RUNNING:
            return _running(node.task, run)
        case _:
            return "it is about to begin"


def _paused(execution: Execution, task: object) -> str:
    match task:
        case Approval():
            return f"somebody has to approve or deny it: {_command('review', execution)}"
        case Pause(on_resume=asked) if asked:
            named = ", ".join(str(each.get("id")) for each in asked)
            return f"somebody has to resume it and give {named}: {_command('resume', execution)}"
        case _:
            return f"somebody has to resume it: {_command('resume', execution)}"


def _running(task: object, run: TaskRun) -> str:
    match task:
        case Sleep() | LoopUntil():
            return "it waits for its time"
        case Subflow() | ForEachItem() | Loop():
            return "executions that it started are not over"
        case _:
            worker = run.attempts[-1].worker_id if run.attempts else None
            return f"attempt {run.attempt} runs" + (f" on worker {worker}" if worker else "")


def _tags(context: FlowContext, run: TaskRun) -> str:
    selector = context.nodes[run.task_id].task.worker_selector or context.flow.worker_selector
    return f": one with the tags {', '.join(selector.tags)} has to run" if selector else ": does one run?"


def _asks(execution: Execution, run: TaskRun) -> list[str]:
    return [key for key, ords in execution.awaiting.items() if run.ord in ords]


def _due(execution: Execution, run: TaskRun) -> datetime | None:
    """The earliest moment at which its own timer does something."""
    due = [at for name, at in execution.timers.items() if name.split(":")[1:2] == [str(run.ord)] and "sla" not in name]
    return min(due, default=None)
