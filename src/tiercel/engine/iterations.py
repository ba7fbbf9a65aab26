"""Loop: the children once for each value, each time as an execution of its own that lives and is stored with this one.

The loop's task run counts its iterations and knows which of them are open, no more; what they did stands in their rows.
"""

from typing import Any, cast

from tiercel.engine.commands import StartIteration
from tiercel.engine.creation import new_iteration
from tiercel.engine.events import ChildEnded, ChildPaused
from tiercel.engine.loop_restarts import recount, run_again
from tiercel.engine.plan import Node
from tiercel.engine.rendering import ask, kept, render_truth
from tiercel.engine.runs import end, softened
from tiercel.engine.sequences import WINDOW
from tiercel.engine.turn import Turn, replace
from tiercel.engine.values import values_of_loop
from tiercel.engine.variables import shown_item
from tiercel.model.flowable import Loop
from tiercel.model.iteration import Item, Judged, Laps, Page
from tiercel.model.states import IN_ERROR, State
from tiercel.model.task_run import Scope, TaskRun, begun

_LONGEST = 80


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Begin, or begin again after a restart; without any value there is nothing to do."""
    values = values_of_loop(turn, run, cast(Loop, node.task).values)
    if values.uri is None and not values.texts:
        end(turn, run, State.SUCCESS, outputs=_counted(0, Laps()))
        return
    is_new = run.state.current is State.CREATED
    attempts = (*run.attempts, begun(turn.at))
    texts = None if values.uri is not None else values.texts
    run = turn.move(run, State.RUNNING, attempts=attempts, outputs=None, values=texts, keys=values.keys)
    page = None if values.uri is None else Page(values.uri)
    turn.set_scope(run.ord, Scope(laps=Laps(page=page, is_recounted=is_new)))
    turn.later("advance", run.ord)


def go_on(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """Look at what ended, start what may start, end when nothing is left."""
    run, task = turn.runs[ord], cast(Loop, owner.task)
    if turn.is_killing:
        _end_killed(turn, run)
        return
    recount(turn, run)
    if _failure(laps_of(turn, ord), task) is None:
        _judge(turn, run, task)
        _start_more(turn, run, task)
    _conclude(turn, run, owner)
    turn.forget_questions(ord)


def laps_of(turn: Turn, ord: int) -> Laps:
    return cast(Laps, turn.scopes[ord].laps)


def _count(turn: Turn, ord: int, **fields: Any) -> Laps:
    laps = replace(laps_of(turn, ord), **fields)
    turn.update_scope(ord, laps=laps)
    return laps


# What the iterations tell ---------------------------------------------------------------------------------------------


def ended(turn: Turn, run: TaskRun, event: ChildEnded) -> str | None:
    """Count an iteration that is over, once."""
    laps, item = laps_of(turn, run.ord), event.item
    if item is None or item.index not in laps.running:
        return f"task run {run.ord} does not wait for execution {event.child}"
    if item.index in laps.stopping and not turn.is_killing:
        _count(turn, run.ord, stopping=_without(laps.stopping, item.index))
        run_again(turn, run, (item.index,))
        return None
    task, judged = cast(Loop, turn.node(run).task), laps.judged
    if event.state in IN_ERROR and not turn.is_killing:
        level = "ERROR" if task.transmit_failed else "WARN"
        turn.write(level, f"iteration {item.index} ({_short(item)}) ended {event.state}: execution {event.child}", run)
    if task.break_when is not None:
        judged = (*judged, Judged(item, event.child or "", event.state, event.outputs))
    _count(
        turn,
        run.ord,
        running=_without(laps.running, item.index),
        paused=_without(laps.paused, item.index),
        ended={**laps.ended, event.state: laps.ended.get(event.state, 0) + 1},
        judged=judged,
    )
    turn.later_once("advance", run.ord)
    return None


def _short(item: Item) -> str:
    """What the iteration is for, as far as one line holds it."""
    text = item.value if item.key is None else f"{item.key}: {item.value}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def paused(turn: Turn, event: ChildPaused) -> str | None:
    """An iteration is paused, or goes on."""
    run = turn.runs.get(event.ord)
    scope = turn.scopes.get(event.ord)
    if run is None or scope is None or scope.laps is None or event.index not in scope.laps.running:
        return f"task run {event.ord} does not wait for iteration {event.index}"
    is_known = event.index in scope.laps.paused
    if is_known is event.is_paused:
        return f"iteration {event.index} is known to be so"
    paused = _without(scope.laps.paused, event.index) if is_known else (*scope.laps.paused, event.index)
    _count(turn, run.ord, paused=paused)
    turn.later("advance", run.ord)
    return None


def _without(indexes: tuple[int, ...], index: int) -> tuple[int, ...]:
    if index not in indexes:
        return indexes
    # Added, not unpacked: that is a copy in one piece, and this is what a large window costs most.
    place = indexes.index(index)
    return indexes[:place] + indexes[place + 1 :] if place else indexes[1:]


# What comes next ------------------------------------------------------------------------------------------------------


def _judge(turn: Turn, run: TaskRun, task: Loop) -> None:
    """Whether one of the iterations that ended since the last time is the last one."""
    laps = laps_of(turn, run.ord)
    for one in laps.judged:
        seen = {"executionId": one.execution_id, "state": one.state.value, "outputs": one.outputs or {}}
        if render_truth(turn, run, task.break_when, also={"item": shown_item(one.item), "iteration": seen}):
            _count(turn, run.ord, judged=(), is_stopped=True)
            return
    if laps.judged:
        _count(turn, run.ord, judged=())


def _start_more(turn: Turn, run: TaskRun, task: Loop) -> None:
    """As many iterations as may be open at a time."""
    scope, laps = turn.scopes[run.ord], laps_of(turn, run.ord)
    index = scope.next
    free = min(task.concurrency_limit or WINDOW, WINDOW) - len(laps.running)
    if laps.is_stopped or free <= 0:
        return
    while laps.page is not None and index >= laps.page.last and laps.page.further is not None:
        laps = _count(turn, run.ord, page=_next_page(turn, run, laps.page))
    last = max(index, min(_known(run, laps), index + free, index + turn.executions_left))
    stores = task.fetch_type == "STORE" or (task.fetch_type == "AUTO" and laps.page is not None)
    for place in range(index, last):
        turn.command(StartIteration(new_iteration(turn, run, _item(run, laps, place), stores=stores)))
    turn.count_executions(last - index)
    turn.update_scope(run.ord, next=last, laps=replace(laps, running=laps.running + tuple(range(index, last))))
    if last < index + free and _has_more(run, laps, last):
        turn.later("advance", run.ord)


def _known(run: TaskRun, laps: Laps) -> int:
    """How many values are known so far."""
    return len(run.values or ()) if laps.page is None else laps.page.last


def _has_more(run: TaskRun, laps: Laps, index: int) -> bool:
    return index < _known(run, laps) or (laps.page is not None and laps.page.further is not None)


def _item(run: TaskRun, laps: Laps, index: int) -> Item:
    if laps.page is not None:
        return Item(index, laps.page.values[index - laps.page.first])
    return Item(index, (run.values or ())[index], None if run.keys is None else run.keys[index])


def _next_page(turn: Turn, run: TaskRun, page: Page) -> Page:
    answer = ask(turn, run, "readPage", {"uri": page.uri, "offset": page.further})
    return Page(page.uri, page.last, tuple(answer["values"]), answer["further"])


# The end --------------------------------------------------------------------------------------------------------------


def _failure(laps: Laps, task: Loop) -> State | None:
    """The state that an iteration's end gives the loop at once, if it is to be passed on."""
    bad = [state for state in (State.FAILED, State.KILLED, State.CANCELLED) if laps.ended.get(state)]
    return bad[0] if bad and task.transmit_failed else None


def _conclude(turn: Turn, run: TaskRun, owner: Node) -> None:
    scope, laps, task = turn.scopes[run.ord], laps_of(turn, run.ord), cast(Loop, owner.task)
    failure = _failure(laps, task)
    if failure is not None:
        _end(turn, run, softened(owner, failure), _counted(_known(run, laps), laps))
    elif not laps.running and (laps.is_stopped or not _has_more(run, laps, scope.next)):
        outputs = _counted(_known(run, laps), laps)
        if task.outputs:
            outputs = kept(turn, run, outputs | {"outputs": _looked_up(turn, run)})
        _end(turn, run, softened(owner, State.SUCCESS), outputs)
    else:
        _show_pause(turn, run, laps)


def _looked_up(turn: Turn, run: TaskRun) -> list[dict[str, Any]]:
    """What each iteration gave, in order."""
    found = ask(turn, run, "iterations", {"taskRun": run.id, "count": turn.scopes[run.ord].next})
    return [_shown(index, value, key, outputs) for index, value, key, outputs, *_ in found]


def _shown(index: int, value: str, key: str | None, outputs: dict[str, Any] | None) -> dict[str, Any]:
    item = {"value": value, "iteration": index} | ({} if key is None else {"key": key})
    return {"item": item, "outputs": outputs or {}}


def _counted(count: int, laps: Laps) -> dict[str, Any]:
    return {
        "iterationCount": count,
        "terminatedIterations": {state.value: number for state, number in laps.ended.items()},
        "runningIterations": len(laps.running),
    }


def _end(turn: Turn, run: TaskRun, state: State, outputs: dict[str, Any]) -> None:
    is_last_pause = run.state.current is State.PAUSED and turn.paused == 1
    if is_last_pause and turn.state.current is State.PAUSED and not turn.execution.is_held:
        turn.enter(State.RESTARTED)
        turn.enter(State.RUNNING)
    end(turn, run, state, outputs=outputs, values=None, keys=None)


def _end_killed(turn: Turn, run: TaskRun) -> None:
    """Killed iterations say so one by one; the last one ends the loop."""
    laps = laps_of(turn, run.ord)
    if not laps.running:
        end(turn, run, State.KILLED, outputs=_counted(_known(run, laps), laps), values=None, keys=None)


def _show_pause(turn: Turn, run: TaskRun, laps: Laps) -> None:
    """The loop is paused while all that is left of it is."""
    is_paused = bool(laps.running) and len(laps.running) == len(laps.paused)
    if is_paused and run.state.current is State.RUNNING:
        turn.move(run, State.PAUSED)
    elif not is_paused and run.state.current is State.PAUSED:
        turn.move(run, State.RUNNING)
