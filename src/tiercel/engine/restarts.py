"""Making an execution that is really over run again, in place: from what failed, or from a task run said to have ended
otherwise.

All its task runs must have been read for it (`Execution.recalled`). The answer shows what will run again; it begins with
the next decision, through the gate of the flow's limit like everything that begins.
"""

from collections.abc import Mapping

from immutables import Map

from tiercel.engine.events import ChangeTaskRun, Restart
from tiercel.engine.reopening import (
    LIFE,
    Plan,
    ancestors,
    failed_plan,
    has_begun,
    is_anew,
    reopened,
    tails,
    with_all_below,
)
from tiercel.engine.turn import Turn, replace
from tiercel.model.dynamic import of_the_flow
from tiercel.model.execution import Label
from tiercel.model.states import ATTEMPT_MOVES, BY_HAND, EXECUTION_MOVES, STOPPED_MOVES, TASK_RUN_MOVES, State
from tiercel.model.task_run import TaskRun

Runs = Mapping[int, TaskRun]

RESTARTED = Label("system.restarted", "true")


def restart(turn: Turn, event: Restart) -> str | None:
    """Run again what failed, and what waits for it."""
    if turn.execution.live or not (turn.state.current is State.FAILED or _was_stopped(turn, event)):
        return f"only an execution that has FAILED can be restarted; it is {turn.state.current}"
    runs = of_the_flow(_recalled(turn))
    plan = failed_plan(turn.context, runs)
    if has_begun(runs, plan) and not plan.open and not event.is_for_parent:
        return "no task of the execution failed, so there is none to restart from; replay it instead"
    _begin_again(turn, runs, plan)
    return None


def _was_stopped(turn: Turn, event: Restart) -> bool:
    """An iteration that was stopped with its loop; a loop that was killed itself is never restarted."""
    return turn.state.current is State.KILLED and turn.execution.iteration is not None and event.is_for_parent


def change_task_run(turn: Turn, event: ChangeTaskRun) -> str | None:
    """Go on as if a task run had ended in another state."""
    if turn.execution.live or (turn.state.current, State.RESTARTED) not in EXECUTION_MOVES:
        return f"only an execution that has ended, and was neither killed nor retried, can be changed; it is {turn.state.current}"
    if event.state not in BY_HAND:
        return f"a task run cannot be set to {event.state}"
    recalled = _recalled(turn)
    meant = next((run for run in recalled.values() if run.id == event.task_run), None)
    if meant is None:
        return f"the execution has no task run {event.task_run}"
    if meant.dynamic:
        return f"`{meant.task_id}` was added by another task run and stands in no flow: it cannot be gone on from"
    runs = of_the_flow(recalled)
    gone = with_all_below(runs, tails(turn.context, runs))
    if meant.ord in gone:
        return f"`{meant.task_id}` ran because the execution ended: it cannot be gone on from"
    changed = _set_by_hand(turn, meant, event.state)
    above = frozenset(ancestors(runs, meant))
    anew = {ord for ord in above if is_anew(turn.context, runs[ord])}
    if anew:
        return f"`{meant.task_id}` is a part of a task that can only be run again as a whole"
    plan = Plan(again=frozenset(), above=above, gone=gone)
    _begin_again(turn, {**runs, meant.ord: changed}, plan)
    turn.changed_runs = turn.changed_runs.set(meant.ord, changed)
    return None


def _set_by_hand(turn: Turn, run: TaskRun, state: State) -> TaskRun:
    """The task run and its last attempt show the state it is set to."""
    if run.state.current is state:
        return run
    attempts = run.attempts
    if attempts and attempts[-1].state.current is not state:
        *earlier, last = attempts
        attempts = (*earlier, replace(last, state=last.state.move(state, at=turn.at, moves=ATTEMPT_MOVES)))
    return replace(run, state=run.state.move(state, at=turn.at, moves=TASK_RUN_MOVES), attempts=attempts)


def _recalled(turn: Turn) -> Runs:
    """All task runs of the execution. Whoever sends the event has to read them first."""
    if turn.execution.recalled is None:
        raise TypeError(f"execution {turn.execution.id} was to run again before its task runs were read")
    return turn.execution.recalled


def _begin_again(turn: Turn, runs: Runs, plan: Plan) -> None:
    execution = turn.execution
    life, is_iteration = execution.life + 1, execution.iteration is not None
    gone = with_all_below(_recalled(turn), plan.gone)
    now = reopened(
        turn.context,
        runs,
        plan,
        at=turn.at,
        generation=LIFE * life,
        moves=TASK_RUN_MOVES | STOPPED_MOVES,
        known=turn.results if is_iteration else None,
    )
    turn.change(
        live=True,
        life=life,
        recalled=None,
        metadata=replace(execution.metadata, attempt_number=execution.metadata.attempt_number + 1),
    )
    turn.add_labels((RESTARTED,))
    moves = EXECUTION_MOVES | STOPPED_MOVES if is_iteration else EXECUTION_MOVES
    turn.state = turn.state.move(State.RESTARTED, at=turn.at, moves=moves)
    turn.runs, turn.scopes, turn.results, turn.states = now.runs, now.scopes, now.results, now.states
    turn.busy, turn.paused = now.busy, 0
    for ord in gone.intersection(turn.changed_runs):
        turn.changed_runs = turn.changed_runs.delete(ord)
    turn.changed_runs = turn.changed_runs.update(now.runs)
    turn.changed_scopes = Map((ord, None) for ord in turn.changed_scopes if ord not in gone)
    roots = {ord for ord in plan.gone if runs[ord].parent not in plan.gone}
    turn.removed |= {ord for ord in roots if ord < execution.changes.first_new}
    turn.steps.extend(now.steps)
