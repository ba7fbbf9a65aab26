"""Subflow: a task run that stands for an execution of another flow."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from tiercel.engine.commands import CreateExecution, TellExecutions
from tiercel.engine.events import ChildEnded, ChildStarted, Restart
from tiercel.engine.plan import Node
from tiercel.engine.rendering import ask, render_text, render_truth, render_value
from tiercel.engine.results import remember_outputs
from tiercel.engine.retries import conclude, next_try
from tiercel.engine.runs import end, end_without_running, softened
from tiercel.engine.turn import Turn, replace
from tiercel.expression import ExpressionError, Unanswered
from tiercel.model.execution import Kind, Label, ParentLink, TriggerInfo
from tiercel.model.flowable import ForEachItem, Subflow
from tiercel.model.ids import caused_execution_id, shard_of
from tiercel.model.states import ATTEMPT_MOVES, State
from tiercel.model.task_run import Attempt, TaskRun, begun, only

_TRANSMITTED = frozenset({State.FAILED, State.KILLED, State.CANCELLED, State.WARNING})

STOPPED = frozenset({State.KILLING, State.KILLED, State.CANCELLED})
"""An execution that was stopped, or is about to be, as one whose parent failed beside it is, cannot be restarted: another one takes its place."""


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Ask for the execution; the task run is RUNNING once it is known to exist."""
    task = cast(Subflow, node.task)
    child = taken_up(task, run)
    known = None if child is None else ask(turn, run, "execution", {"id": child})
    if child is not None and known is not None and State(known[0]) not in STOPPED:
        _take_up(turn, run, child, *known)
        return
    command = CreateExecution(
        id=_child_id(turn, run),
        inputs=render_value(turn, run, task.inputs),
        waits=ParentLink(turn.execution.id, run.ord, run.attempt),
        wait=task.wait,
        **described(turn, run, task),
    )
    turn.command(command)


def taken_up(task: object, run: TaskRun) -> str | None:
    """The execution that a restarted task run goes on with, where it is there and was not stopped."""
    match task:
        case Subflow(wait=True, restart_behavior="RETRY_FAILED") if run.state.current is State.RESTARTED:
            return (run.outputs or {}).get("executionId")
        case _:
            return None


def described(turn: Turn, run: TaskRun, task: Subflow | ForEachItem, *, iteration: int | None = None) -> dict[str, Any]:
    """Of which flow the execution is, and what else every execution that a task run starts carries."""
    own = _labels(turn, run, task.labels)
    variables = _trigger_variables(turn, run) | ({} if iteration is None else {"taskRunIteration": iteration})
    return {
        "namespace": render_text(turn, run, task.namespace),
        "flow_id": render_text(turn, run, task.flow_id),
        "revision": task.revision,
        "labels": own,
        "inherited": _inherited(turn, run, task),
        "trigger": TriggerInfo(task.id, task.type, variables),
        "cause_id": turn.execution.id,
        "kind": _kind(turn),
        "schedule_date": _date(render_text(turn, run, task.schedule_date)) if task.schedule_date else None,
    }


def _take_up(turn: Turn, run: TaskRun, child: str, state: str, live: bool, outputs: dict[str, Any] | None) -> None:
    """After a restart the execution that failed is restarted too, unless somebody has done so already."""
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), outputs={"executionId": child})
    remember_outputs(turn, run)
    if live:
        return
    if State(state) is State.FAILED:
        turn.write("INFO", f"Restarted execution {_link(turn, run, child)}", run)
        turn.command(TellExecutions((child,), Restart(turn.at, turn.event.seed, is_for_parent=True)))
        return
    _take_over(turn, run, State(state), child, outputs)


def _kind(turn: Turn) -> Kind:
    """The kind goes down to sub-executions; within an iteration that of the execution which the loop belongs to."""
    iteration = turn.execution.iteration
    return turn.execution.kind if iteration is None else Kind(iteration.root.kind)


def _child_id(turn: Turn, run: TaskRun) -> str:
    milliseconds = int(turn.at.timestamp() * 1000)
    return caused_execution_id(milliseconds, shard=shard_of(turn.execution.id), cause=(run.id, run.attempt))


def _date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ExpressionError("value", f"`scheduleDate` is {text!r}, which is no date with a time zone") from error
    if date.tzinfo is None:
        raise ExpressionError("value", f"`scheduleDate` is {text!r}; add a time zone, for example a Z at its end")
    return date


def _inherited(turn: Turn, run: TaskRun, task: Subflow | ForEachItem) -> tuple[Label, ...]:
    """The chain's system labels always; the others where the task says so."""
    inherits_all = render_truth(turn, run, task.inherit_labels)
    return tuple(label for label in turn.execution.labels if inherits_all or label.key.startswith("system."))


def _labels(turn: Turn, run: TaskRun, written: Any) -> tuple[Label, ...]:
    labels = tuple(Label(render_text(turn, run, key), render_text(turn, run, value)) for key, value in pairs(written))
    refused = next((label.key for label in labels if label.key.startswith("system.")), None)
    if refused is not None:
        raise ExpressionError("value", f"the label {refused!r} belongs to the system; use another key")
    return labels


def pairs(written: Any) -> Iterator[tuple[Any, Any]]:
    """Key and value of labels written as a map, or as a list of maps with both."""
    if isinstance(written, dict):
        yield from cast(dict[Any, Any], written).items()
        return
    for entry in cast(list[Any], written):
        if not isinstance(entry, dict) or not {"key", "value"} <= cast(dict[str, Any], entry).keys():
            raise ExpressionError(
                "type", f"labels are a map, or a list of entries with `key` and `value`, not {entry!r}"
            )
        yield cast(dict[str, Any], entry)["key"], cast(dict[str, Any], entry)["value"]


def _trigger_variables(turn: Turn, run: TaskRun) -> dict[str, Any]:
    execution = turn.execution
    variables: dict[str, Any] = {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.flow_revision,
        "taskRunId": run.id,
        "taskId": run.task_id,
    }
    if run.value is not None:
        variables["taskRunValue"] = run.value
    if run.iteration is not None:
        variables["taskRunIteration"] = run.iteration
    return variables


# What the other execution tells ---------------------------------------------------------------------------------------


def child_started(turn: Turn, event: ChildStarted) -> str | None:
    run = _waiting(turn, event)
    if run is None or run.state.current is State.RUNNING:
        return f"task run {event.ord} does not wait for execution {event.child}"
    task = cast(Subflow, turn.node(run).task)
    outputs: dict[str, Any] = {"executionId": event.child}
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), outputs=outputs)
    turn.write("INFO", f"Created new execution {_link(turn, run, event.child)}", run)
    if task.wait:
        remember_outputs(turn, run)
    else:
        end(turn, run, State.SUCCESS, outputs={**outputs, "state": State.CREATED.value})
    return None


def child_ended(turn: Turn, event: ChildEnded) -> str | None:
    run = _waiting(turn, event)
    if run is None:
        return f"task run {event.ord} does not wait in attempt {event.attempt}"
    child = event.child
    if child is None:
        _refused(turn, run, event.error or "the execution could not be created")
        return None
    if run.state.current is not State.RUNNING:
        run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)))
    _take_over(turn, run, event.state, child, event.outputs)
    return None


def _waiting(turn: Turn, event: ChildStarted | ChildEnded) -> TaskRun | None:
    """The task run that is meant. One that was restarted waits for the execution that an earlier attempt created."""
    run = turn.runs.get(event.ord)
    if run is None or not isinstance(turn.node(run).task, Subflow):
        return None
    is_known = event.child is not None and event.child == (run.outputs or {}).get("executionId")
    if run.attempt != event.attempt and not (is_known and run.state.current is State.RUNNING):
        return None
    return run if run.state.current in (State.CREATED, State.RESTARTED, State.RUNNING) else None


def _refused(turn: Turn, run: TaskRun, error: str) -> None:
    turn.write("ERROR", error, run)
    if turn.is_killing or next_try(turn, run, turn.node(run)) is None:
        end_without_running(turn, run, softened(turn.node(run), State.FAILED))
    else:
        conclude(turn, turn.put(replace(run, attempts=(*run.attempts, only(State.FAILED, turn.at)))), State.FAILED)


def _take_over(turn: Turn, run: TaskRun, ended: State, child: str, given: dict[str, Any] | None) -> None:
    """End as the other execution did, if its end is to be passed on."""
    outputs: dict[str, Any] = {"executionId": child, "state": ended.value} | ({"outputs": given} if given else {})
    node = turn.node(run)
    task = cast(Subflow, node.task)
    state = ended if task.transmit_failed and ended in _TRANSMITTED else State.SUCCESS
    shown = softened(node, state) if next_try(turn, run, node) is None else state
    if shown in (State.FAILED, State.WARNING):
        level = "ERROR" if shown is State.FAILED else "WARN"
        allowed = "" if shown is ended else f", and the task in {shown}, since it allows that"
        turn.write(level, f"Subflow execution {_link(turn, run, child)} ends in {ended} state{allowed}", run)
    if state is State.FAILED and shown is not State.FAILED:
        _end_softened(turn, run, shown, outputs)
    else:
        conclude(turn, run, state, outputs=outputs)


def _end_softened(turn: Turn, run: TaskRun, state: State, outputs: dict[str, Any]) -> None:
    """Both states are shown: FAILED, then what allowFailure makes of it; in the attempt too."""
    *earlier, last = run.attempts
    history = last.state.move(State.FAILED, at=turn.at, moves=ATTEMPT_MOVES)
    history = history.move(state, at=turn.at, moves=ATTEMPT_MOVES)
    run = turn.move(run, State.FAILED, attempts=(*earlier, Attempt(history)))
    end(turn, run, state, outputs=outputs)


def _link(turn: Turn, run: TaskRun, child: str) -> str:
    task = cast(Subflow, turn.node(run).task)
    flow, namespace = _name(turn, run, task.flow_id), _name(turn, run, task.namespace)
    return f'[[link execution="{child}" flowId="{flow}" namespace="{namespace}"]]'


def _name(turn: Turn, run: TaskRun, written: str) -> str:
    """For a log line nobody asks the world a second time."""
    try:
        return render_text(turn, run, written)
    except (ExpressionError, Unanswered):
        return written
