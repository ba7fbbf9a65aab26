"""The life of one task run inside its scope: created, ended, and the scope told."""

from typing import Any

from tiercel.engine.plan import Node
from tiercel.engine.results import remember
from tiercel.engine.turn import Turn
from tiercel.model.execution import Execution
from tiercel.model.flowable import Dag, EachSequential, ForEach
from tiercel.model.history import History, born
from tiercel.model.ids import task_run_id
from tiercel.model.states import ATTEMPT_MOVES, IN_ERROR, State
from tiercel.model.task_run import ROOT, Attempt, TaskRun, only

# Kinds of scope that go on with the child that ended rather than with their cursor.
FOLLOWING = frozenset({ForEach, EachSequential, Dag})


def create(
    turn: Turn, scope: int, task_id: str, *, value: str | None = None, iteration: int | None = None, **counters: Any
) -> TaskRun:
    """A new child of a scope, to be started in its turn; `counters` are the scope's, changed with it."""
    above = None if scope == ROOT else turn.runs[scope]
    counted, node = turn.scopes[scope], turn.context.nodes[task_id]
    run = TaskRun(
        id=_identity(turn.execution, above, task_id, value, iteration, counted.generation),
        ord=turn.next_ord,
        task_id=task_id,
        state=born(turn.at),
        parent=scope,
        parent_task_run_id=_shown_parent(turn, node, above),
        value=value,
        iteration=iteration,
        around=() if above is None else above.place,
        force_execution=node.is_forced,
    )
    turn.update_scope(scope, open=counted.open + 1, **counters)
    turn.later("start", run.ord)
    return turn.add(run)


def _identity(
    execution: Execution, above: TaskRun | None, task_id: str, value: str | None, iteration: int | None, generation: int
) -> str:
    return task_run_id(
        execution.id,
        scope="" if above is None else above.id,
        task=task_id,
        value=value or "",
        iteration=-1 if iteration is None else iteration,
        generation=generation,
    )


def child_of(execution: Execution, above: TaskRun, node: Node, *, generation: int) -> TaskRun:
    """A child of a WorkingDirectory before it is there, as the worker that will start it has to know it."""
    return TaskRun(
        id=_identity(execution, above, node.task.id, None, None, generation),
        ord=-1,
        task_id=node.task.id,
        state=above.state,
        parent=above.ord,
        parent_task_run_id=above.id,
        around=above.place,
    )


def _shown_parent(turn: Turn, node: Node, above: TaskRun | None) -> str | None:
    """What runs because of a pause is shown beside it, not below; an iteration's own list below its loop."""
    if above is None:
        iteration = turn.execution.iteration
        return None if iteration is None else iteration.task_run_id
    return above.parent_task_run_id if node.block == "onPause" else above.id


def end(turn: Turn, run: TaskRun, state: State, *, attempt: State | None = None, **fields: Any) -> TaskRun:
    """End a task run, its attempt with it, and tell its scope. `attempt` is the attempt's state where it differs."""
    ended = turn.end(run, state, attempts=closed(turn, run, attempt or state), **fields)
    remember(turn, ended)
    tell_scope(turn, ended)
    return ended


def end_without_running(turn: Turn, run: TaskRun, state: State) -> TaskRun:
    """End a task run that could not begin: its attempt shows nothing but the end."""
    ended = turn.end(run, state, attempts=(*run.attempts, only(state, turn.at)))
    remember(turn, ended)
    tell_scope(turn, ended)
    return ended


def closed(turn: Turn, run: TaskRun, state: State) -> tuple[Attempt, ...]:
    """The attempts, the open one ended. A flowable that was opened again shows its new end in the attempt it had."""
    if not run.attempts:
        return run.attempts
    *earlier, last = run.attempts
    is_changed = not turn.node(run).is_leaf and (last.state.current, state) in ATTEMPT_MOVES
    if not last.is_open and not is_changed:
        return run.attempts
    history: History = last.state.move(state, at=turn.at, moves=ATTEMPT_MOVES)
    return (*earlier, Attempt(history, last.worker_id, last.log_file))


def tell_scope(turn: Turn, ended: TaskRun) -> None:
    """Count an ended child and let its scope go on."""
    node = turn.node(ended)
    scope = turn.scopes[ended.parent]
    state = ended.state.current
    was_retrying = ended.state.histories[-2].state is State.RETRYING and not holds_its_scope(node)
    counter = "retrying" if was_retrying else "open"
    counters: dict[str, Any] = {counter: getattr(scope, counter) - 1}
    if node.block == "tasks":
        counters["ended"] = {**scope.ended, state: scope.ended.get(state, 0) + 1}
        if state is State.FAILED and not scope.failed:
            counters["failed"] = ended.task_id
    turn.update_scope(ended.parent, **counters)
    if node.block == "tasks" and state not in IN_ERROR and _kind(turn, ended.parent) in FOLLOWING:
        _follow(turn, ended, node)
    else:
        turn.later("advance", ended.parent)


def _follow(turn: Turn, ended: TaskRun, node: Node) -> None:
    """Where a group of a loop is over, nothing of it follows: hundreds that end at once let the loop go on once."""
    owner = turn.owner(ended.parent)
    is_last = owner is not None and node.place + 1 == len(owner.blocks["tasks"]) and not isinstance(owner.task, Dag)
    if is_last:
        turn.later_once("advance", ended.parent)
    else:
        turn.later("follow", ended.parent, ended.iteration or 0, node.place)


def holds_its_scope(node: Node) -> bool:
    """While it waits for a retry nothing else of the scope goes on: it waits for its own, or is no task of the body."""
    return node.task.retry is not None or node.block != "tasks" or node.is_part


def _kind(turn: Turn, scope: int) -> type | None:
    owner = turn.owner(scope)
    return None if owner is None else type(owner.task)


def softened(node: Node, state: State) -> State:
    """The state after allowFailure and allowWarning."""
    if state is State.FAILED and node.task.allow_failure:
        state = State.WARNING
    if state is State.WARNING and node.task.allow_warning:
        state = State.SUCCESS
    return state
