"""ForEachItem: an execution of another flow for each batch of a file, started by one task run and counted by it.

Split and merge are steps beside it. All executions are asked for as soon as may be; what they did stands in their rows,
where a restart looks up which of them are to run again.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from tiercel.engine.commands import CreateExecution, TellExecutions
from tiercel.engine.creation import batch_execution
from tiercel.engine.events import ChildEnded, ChildStarted, Restart
from tiercel.engine.plan import Node
from tiercel.engine.rendering import ask, render_value
from tiercel.engine.runs import end, softened
from tiercel.engine.sequences import WINDOW
from tiercel.engine.subflows import STOPPED, described
from tiercel.engine.turn import Turn, replace
from tiercel.expression import ExpressionError
from tiercel.model.execution import ParentLink
from tiercel.model.flowable import BatchExecutions, ForEachItem
from tiercel.model.ids import index_of
from tiercel.model.iteration import Laps, Page
from tiercel.model.states import IN_ERROR, State
from tiercel.model.task_run import Scope, TaskRun, begun

_WORST_FIRST = (State.FAILED, State.KILLED, State.CANCELLED, State.WARNING)


class Standing(NamedTuple):
    """The execution that stands for a batch already."""

    attempt: int
    """The attempt of the step that started it."""
    state: State
    is_live: bool


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Begin with the list of batches that the step before has made."""
    task = cast(BatchExecutions, node.task).of
    splits = _given(turn, run, f"{task.id}_split")["splits"]
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), outputs=None)
    turn.set_scope(run.ord, Scope(laps=Laps(page=Page(splits))))
    turn.later("advance", run.ord)


def go_on(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """Start what may start; end when all are over."""
    run, task = turn.runs[ord], cast(BatchExecutions, owner.task).of
    if not turn.is_killing:
        _start_more(turn, run, task)
    laps = cast(Laps, turn.scopes[ord].laps)
    if not laps.running and (turn.is_killing or _is_complete(turn.scopes[ord], laps)):
        _end(turn, run, owner, task, laps)
    turn.forget_questions(ord)


def _is_complete(scope: Scope, laps: Laps) -> bool:
    page = laps.page
    return page is None or (scope.next >= page.last and page.further is None)


def _start_more(turn: Turn, run: TaskRun, task: ForEachItem) -> None:
    scope = turn.scopes[run.ord]
    laps, index = cast(Laps, scope.laps), scope.next
    page = cast(Page, laps.page)
    while index >= page.last and page.further is not None:
        answer = ask(turn, run, "readPage", {"uri": page.uri, "offset": page.further})
        page = Page(page.uri, page.last, tuple(answer["values"]), answer["further"])
    free = max(0, min(page.last - index, WINDOW - len(laps.running)))
    standing = _standing(turn, run, task, index, free)
    last = index + min(free, turn.executions_left)
    laps = replace(laps, page=page)
    for place in range(index, last):
        laps = _begin(turn, run, task, laps, place, standing[place - index])
    turn.count_executions(last - index)
    turn.update_scope(run.ord, next=last, laps=laps)
    has_more = last < page.last or page.further is not None
    if has_more and len(laps.running) < WINDOW:
        turn.later("advance", run.ord)


def _standing(turn: Turn, run: TaskRun, task: ForEachItem, first: int, count: int) -> list[Standing | None]:
    """What earlier attempts have left of these batches: nothing, unless this is a restart that is to go on with it."""
    if not count or len(run.attempts) == 1 or task.restart_behavior == "NEW_EXECUTION":
        return [None] * count
    found = ask(turn, run, "batches", {"ord": run.ord, "first": first, "count": count})
    return [None if one is None else Standing(one[0], State(one[1]), one[2]) for one in found]


def _begin(turn: Turn, run: TaskRun, task: ForEachItem, laps: Laps, index: int, standing: Standing | None) -> Laps:
    """Start an execution for the batch, or go on with the one it has."""
    match standing:
        case Standing(state=state) if not task.wait:
            return replace(laps, ended=_one_more(laps, State.SUCCESS))
        case Standing(attempt, State.FAILED, is_live=False):
            child = batch_execution(turn.execution, run, index, attempt=attempt)
            turn.command(TellExecutions((child,), Restart(turn.at, turn.event.seed, is_for_parent=True)))
        case Standing(attempt, state, is_live=True) if state is not State.KILLING:
            pass
        case Standing(state=state, is_live=False) if state not in STOPPED:
            return replace(laps, ended=_one_more(laps, state))
        case _:
            turn.command(_wanted(turn, run, task, index, cast(Page, laps.page)))
            return replace(laps, running=(*laps.running, index))
    return replace(laps, running=(*laps.running, index), taken_up={**laps.taken_up, index: attempt})


def _wanted(turn: Turn, run: TaskRun, task: ForEachItem, index: int, page: Page) -> CreateExecution:
    batch = {"id": run.id, "items": page.values[index - page.first], "iteration": index}
    also = {"taskrun": batch | ({} if run.value is None else {"value": run.value})}
    return CreateExecution(
        id=batch_execution(turn.execution, run, index),
        inputs=render_value(turn, run, task.inputs, also=also),
        waits=ParentLink(turn.execution.id, run.ord, run.attempt),
        wait=task.wait,
        **described(turn, run, task, iteration=index),
    )


def _one_more(laps: Laps, state: State) -> dict[State, int]:
    return {**laps.ended, state: laps.ended.get(state, 0) + 1}


# What the executions tell ---------------------------------------------------------------------------------------------


def started(turn: Turn, run: TaskRun, event: ChildStarted) -> str | None:
    """Where nobody waits, an execution that exists counts as a success."""
    task = cast(BatchExecutions, turn.node(run).task).of
    if task.wait:
        return f"task run {run.ord} waits for the end of execution {event.child}"
    return _count(turn, run, event.child, State.SUCCESS)


def ended(turn: Turn, run: TaskRun, event: ChildEnded) -> str | None:
    """Count an execution that is over, once. One that could not be created fails the step."""
    if event.child is not None:
        return _count(turn, run, event.child, event.state)
    if event.attempt != run.attempt:
        return f"attempt {event.attempt} of task run {event.ord} is not under way"
    raise ExpressionError("value", event.error or "an execution could not be created")


def _count(turn: Turn, run: TaskRun, child: str, state: State) -> str | None:
    laps, index = cast(Laps, turn.scopes[run.ord].laps), index_of(child)
    expected = batch_execution(turn.execution, run, index, attempt=laps.taken_up.get(index))
    if index not in laps.running or child != expected:
        return f"task run {run.ord} does not wait for execution {child}"
    place = laps.running.index(index)
    running = (*laps.running[:place], *laps.running[place + 1 :])
    others = {other: attempt for other, attempt in laps.taken_up.items() if other != index}
    laps = replace(laps, running=running, taken_up=others, ended=_one_more(laps, state))
    turn.update_scope(run.ord, laps=laps)
    _report(turn, run, index, child, state)
    turn.later_once("advance", run.ord)
    return None


def _report(turn: Turn, run: TaskRun, index: int, child: str, state: State) -> None:
    """Say which execution it was that did not end well."""
    task = cast(BatchExecutions, turn.node(run).task).of
    if state in IN_ERROR and not turn.is_killing:
        level = "ERROR" if task.transmit_failed else "WARN"
        turn.write(level, f"batch {index} ended {state}: execution {child}", run)


# The end --------------------------------------------------------------------------------------------------------------


def _end(turn: Turn, run: TaskRun, node: Node, task: ForEachItem, laps: Laps) -> None:
    page = cast(Page, laps.page)
    open_states = {"CREATED": 0, "RUNNING": 0} if task.wait else {"RUNNING": 0}
    outputs: dict[str, Any] = {
        "iterations": open_states | {state.value: number for state, number in laps.ended.items()},
        "numberOfBatches": page.last,
        "uri": page.uri,
    }
    if turn.is_killing:
        end(turn, run, State.KILLED, outputs=outputs)
        return
    if task.wait:
        outputs["subflowOutputsBaseUri"] = ask(turn, run, "gatherOutputs", {"ord": run.ord, "count": page.last})
    bad = next((state for state in _WORST_FIRST if laps.ended.get(state)), State.SUCCESS)
    end(turn, run, softened(node, bad if task.wait and task.transmit_failed else State.SUCCESS), outputs=outputs)


def merge(turn: Turn, run: TaskRun, node: Node) -> None:
    """Show the file with what the executions gave; the step before has gathered it."""
    task = cast(ForEachItem, turn.node(turn.runs[run.parent]).task)
    gathered = _given(turn, run, f"{task.id}_items").get("subflowOutputsBaseUri")
    run = turn.move(run, State.SUBMITTED)
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)))
    end(turn, run, State.SUCCESS, outputs=None if gathered is None else {"subflowOutputs": gathered})


def _given(turn: Turn, run: TaskRun, task_id: str) -> Mapping[str, Any]:
    """The outputs of a step beside this one."""
    found: Any = turn.results
    for name in (task_id, *run.around):
        found = found.get(name, {})
    return found
