"""Approval: a task run that waits until somebody approves or denies, or for a time, and what the decision leads to.

What was decided stands in its outputs from then on; the tasks for that decision run first, then it takes its effect.
"""

from datetime import datetime
from typing import Any, cast

from tiercel.engine.events import Review
from tiercel.engine.interrupts import cancel_timers, halt, kill_children
from tiercel.engine.pauses import leave_pause, render_duration
from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_text, render_truth
from tiercel.engine.results import remember_outputs
from tiercel.engine.runs import create
from tiercel.engine.turn import Turn, replace
from tiercel.engine.variables import instant_text
from tiercel.expression import ExpressionError
from tiercel.model.flowable import Approval
from tiercel.model.states import State
from tiercel.model.task_run import Scope, TaskRun, begun
from tiercel.model.waits import BEHAVIORS, COMMENTS

APPROVED, DENIED, EXPIRED = "APPROVED", "DENIED", "EXPIRED"

_LISTS = {APPROVED: "onApprove", DENIED: "onDeny"}
_ENDS = {"CONTINUE": State.SUCCESS, "WARN": State.WARNING, "FAIL": State.FAILED}
"""The state of the task run; the other behaviours end the execution."""
_EXITS = {"SUCCEED": State.SUCCESS, "CANCEL": State.CANCELLED, "KILL": State.KILLED}
_NEEDED = {"ALWAYS": (APPROVED, DENIED), "ON_DENY": (DENIED,), "ON_APPROVE": (APPROVED,)}


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Wait, unless the flow approves by itself. `timeout` is when the wait is over."""
    task = cast(Approval, node.task)
    is_automatic = render_truth(turn, run, task.auto_approve)
    timeout = render_duration(turn, run, task.timeout)
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), outputs=None)
    turn.set_scope(run.ord, Scope())
    if is_automatic:
        _decide(turn, run, APPROVED, auto=True)
        return
    due = None if timeout is None else instant_text(turn.at + timeout)
    run = turn.move(run, State.PAUSED, outputs={"due": due, "url": _url(turn)})
    remember_outputs(turn, run)
    if timeout is not None:
        turn.start_timer(f"timeout:{run.ord}:{run.attempt}", timeout)
    turn.later("advance", run.ord)


def _local(turn: Turn, instant: datetime) -> str:
    return instant.astimezone(turn.context.world.zone).replace(tzinfo=None).isoformat()


def _url(turn: Turn) -> str | None:
    """The page of the execution, where the server knows its own address."""
    base, execution = turn.context.world.url, turn.execution
    if base is None:
        return None
    return (
        f"{base.rstrip('/')}/ui/{execution.tenant}/executions/{execution.namespace}/{execution.flow_id}/{execution.id}"
    )


def go_on(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """While it waits the tasks of `onWait`, after the decision those for it, one after the other; then the effect."""
    if scope.open or scope.outcome is not None:
        return
    if turn.runs[ord].state.current is State.PAUSED:
        waiting = owner.blocks["onWait"]
        if scope.tail < len(waiting):
            create(turn, ord, waiting[scope.tail], tail=scope.tail + 1)
        return
    tasks = owner.blocks.get(scope.branch, ())
    if scope.next < len(tasks):
        create(turn, ord, tasks[scope.next], next=scope.next + 1)
    else:
        _take_effect(turn, turn.runs[ord], owner)


# The decision ---------------------------------------------------------------------------------------------------------


def review(turn: Turn, event: Review) -> str | None:
    """Somebody decides."""
    waiting = [run for run in turn.runs.values() if _is_waiting(turn, run) and event.task_run in (None, run.id)]
    run = min(waiting, key=lambda run: run.ord, default=None)
    if turn.is_killing or run is None:
        return "nothing of the execution waits for an approval"
    task = cast(Approval, turn.node(run).task)
    decision = APPROVED if event.is_approved else DENIED
    wanted = _word(render_text(turn, run, task.comment_required), COMMENTS, "commentRequired")
    if decision in _NEEDED.get(wanted, ()) and not (event.comment or "").strip():
        return f"a comment is needed to {'approve' if event.is_approved else 'deny'}"
    _decide(turn, run, decision, by=event.by, comment=event.comment, inputs=event.inputs)
    return None


def _is_waiting(turn: Turn, run: TaskRun) -> bool:
    return run.state.current is State.PAUSED and isinstance(turn.node(run).task, Approval)


def expire(turn: Turn, run: TaskRun) -> None:
    """Nobody has decided in time."""
    _decide(turn, run, EXPIRED)


def _decide(turn: Turn, run: TaskRun, decision: str, *, auto: bool = False, **given: Any) -> None:
    cancel_timers(turn, run)
    outputs: dict[str, Any] = {
        "decision": decision,
        "auto": auto,
        "by": given.get("by"),
        "on": _local(turn, turn.at),
        "comment": given.get("comment"),
        "inputs": given.get("inputs") or {},
        **{name: (run.outputs or {}).get(name) for name in ("due", "url")},
    }
    if run.state.current is State.PAUSED:
        leave_pause(turn)
        run = turn.move(run, State.RUNNING, outputs=outputs)
    else:
        run = turn.put(replace(run, outputs=outputs))
    remember_outputs(turn, run)
    turn.update_scope(run.ord, branch=_LISTS.get(decision, ""), next=0, tail=0)
    turn.later("advance", run.ord)


# What it leads to -----------------------------------------------------------------------------------------------------


def _take_effect(turn: Turn, run: TaskRun, owner: Node) -> None:
    """For the task run itself; what ends the execution waits until `finally` is over."""
    behavior = _behavior(turn, run, cast(Approval, owner.task))
    turn.update_scope(run.ord, outcome=_ENDS.get(behavior, State.SUCCESS))


def leave(turn: Turn, run: TaskRun, owner: Node) -> bool:
    """End the execution where the decision does that; a branch that failed has its own say before."""
    state = _EXITS.get(_behavior(turn, run, cast(Approval, owner.task)))
    if state is None:
        return False
    with_it = {run.ord, *(above.ord for above in turn.ancestors(run))}
    kill_children(turn, turn.runs.values(), reason=f"the approval `{run.task_id}` ended the execution")
    halt(turn, state, state_of=lambda other: state if other.ord in with_it else State.KILLED)
    return True


def _behavior(turn: Turn, run: TaskRun, task: Approval) -> str:
    written = {APPROVED: task.approve_behavior, DENIED: task.deny_behavior, EXPIRED: task.expire_behavior}
    decision = (run.outputs or {})["decision"]
    return _word(render_text(turn, run, written[decision]), BEHAVIORS, "the behaviour")


def _word(text: str, accepted: tuple[str, ...], name: str) -> str:
    word = text.strip().upper()
    if word not in accepted:
        raise ExpressionError("value", f"{name} is {text!r}; it must be one of {', '.join(accepted)}")
    return word
