"""How a scope goes on: its body, then errors, then finally, then its end. The flow itself is the outermost scope.

Each kind of body says what it starts next; when nothing is left open, the rest is the same for all. Nothing here looks
at siblings: counters and cursors of the scope are enough.
"""

from collections.abc import Callable

from tiercel.engine import after, approvals, batches, branches, dags, directories, iterations, loops, sequences, untils
from tiercel.engine.ending import close_flow, end_really
from tiercel.engine.interrupts import interrupt
from tiercel.engine.plan import Blocks, Node
from tiercel.engine.runs import create, end, softened
from tiercel.engine.turn import Turn
from tiercel.model.execution import Step
from tiercel.model.flowable import (
    AllowFailure,
    Approval,
    Dag,
    EachParallel,
    EachSequential,
    ForEach,
    ForEachItem,
    If,
    Loop,
    LoopUntil,
    Parallel,
    Pause,
    Sequential,
    Switch,
    Template,
    WorkingDirectory,
)
from tiercel.model.states import State, worst
from tiercel.model.task_run import ROOT, Scope

Body = Callable[[Turn, int, Scope, Node], None]

BODIES: dict[type, Body] = {
    Sequential: sequences.start_next,
    AllowFailure: sequences.start_next,
    Template: sequences.start_next,
    Pause: sequences.start_next,
    Approval: approvals.go_on,
    ForEachItem: sequences.start_next,
    Parallel: sequences.start_side_by_side,
    If: branches.start_next,
    Switch: branches.start_next,
    Dag: dags.start_ready,
    ForEach: loops.start_groups,
    EachSequential: loops.start_groups,
    EachParallel: loops.start_side_by_side,
    LoopUntil: untils.go_on,
    WorkingDirectory: directories.go_on,
}
FOLLOWERS: dict[type, Callable[[Turn, Step, Scope, Node], None]] = {
    Dag: dags.follow,
    ForEach: loops.follow,
    EachSequential: loops.follow,
}
_STOPPING = (State.FAILED, State.KILLED, State.CANCELLED)
_WELL = (State.SUCCESS, State.WARNING)


def follow(turn: Turn, step: Step) -> None:
    """A child ended well: its loop or Dag goes on from there."""
    scope = turn.scopes.get(step.ord)
    owner = turn.owner(step.ord) if scope is not None else None
    if scope is None or owner is None or turn.is_killing:
        return advance(turn, step)
    FOLLOWERS[type(owner.task)](turn, step, scope, owner)
    return advance(turn, step)


def advance(turn: Turn, step: Step) -> None:
    """Start what may start in a scope, or end it when nothing is left."""
    scope = turn.scopes.get(step.ord)
    if scope is None:
        return
    if scope.laps is not None:
        owner = turn.node(turn.runs[step.ord])
        go_on = iterations.go_on if isinstance(owner.task, Loop) else batches.go_on
        go_on(turn, step.ord, scope, owner)
    elif turn.is_killing:
        _end_killed(turn, step.ord, scope)
    elif scope.block == "tasks":
        _advance_body(turn, step.ord, scope)
    elif scope.open == 0:
        _advance_tail(turn, step.ord, scope)


def _end_killed(turn: Turn, ord: int, scope: Scope) -> None:
    if scope.open == 0 and scope.retrying == 0 and not _is_with_worker(turn, ord, scope):
        _close(turn, ord, State.KILLED)


def _is_with_worker(turn: Turn, ord: int, scope: Scope) -> bool:
    owner = turn.owner(ord)
    return owner is not None and owner.is_directory and directories.is_under_way(scope)


def _is_held(turn: Turn, ord: int, scope: Scope) -> bool:
    """Nothing is open, and yet the scope waits: for its worker, for its next iteration, for a person."""
    is_paused = ord != ROOT and _is_paused(turn, ord)
    return is_paused or _is_with_worker(turn, ord, scope) or untils.is_waiting(turn, ord)


def _advance_body(turn: Turn, ord: int, scope: Scope) -> None:
    owner = turn.owner(ord)
    if is_stopped(scope):
        _interrupt_siblings(turn, ord, scope, owner)
    elif owner is None:
        sequences.start_next_of_flow(turn, scope)
    elif not _is_paused(turn, ord) or isinstance(owner.task, Approval):
        BODIES[type(owner.task)](turn, ord, scope, owner)
    else:
        return
    reached = turn.scopes.get(ord)
    if reached is not None and reached.open == 0 and not _is_held(turn, ord, reached):
        _advance_tail(turn, ord, reached)


def _is_paused(turn: Turn, ord: int) -> bool:
    return turn.runs[ord].state.current is State.PAUSED


def is_stopped(scope: Scope) -> bool:
    """A child failed, or was killed, cancelled, or waits for a retry from above: no other one is started."""
    return scope.retrying > 0 or scope.outcome in _STOPPING or any(state in scope.ended for state in _STOPPING)


def _interrupt_siblings(turn: Turn, ord: int, scope: Scope, owner: Node | None) -> None:
    """Parallel and Dag do not wait for the siblings of a child that failed for good, unless told to."""
    if owner is None or not isinstance(owner.task, Parallel | Dag) or State.FAILED not in scope.ended:
        return
    match owner.task.on_child_failure:
        case "FAIL":
            interrupt(turn, ord, State.FAILED)
        case "CANCEL":
            interrupt(turn, ord, State.CANCELLED)
        case "CONTINUE":
            return


def _advance_tail(turn: Turn, ord: int, scope: Scope) -> None:
    """The body is over, or a task of errors, finally or afterExecution is: the next one, or the end."""
    owner = turn.owner(ord)
    blocks = turn.context.blocks if owner is None else owner.blocks
    block = _block_after_body(scope, blocks) if scope.block == "tasks" else scope.block
    while block is not None:
        tail = scope.tail if block == scope.block else 0
        tail = after.next_place(turn, tail) if block == "afterExecution" else tail
        if tail < len(blocks.get(block, ())):
            runs = (*scope.tail_runs, turn.next_ord) if scope.retrying else scope.tail_runs
            create(turn, ord, blocks[block][tail], block=block, tail=tail + 1, tail_runs=runs)
            return
        block = _block_after(block, blocks)
    if scope.retrying == 0:
        _close(turn, ord, outcome_of(scope))


def _block_after_body(scope: Scope, blocks: Blocks) -> str | None:
    outcome = outcome_of(scope)
    if (outcome is State.FAILED or scope.retrying) and blocks["errors"]:
        return "errors"
    return None if outcome in (State.KILLED, State.CANCELLED) else "finally"


def _block_after(block: str, blocks: Blocks) -> str | None:
    return "finally" if block == "errors" and blocks["finally"] else None


def outcome_of(scope: Scope) -> State:
    """The state that the children of `tasks`, and a resumed pause, make together."""
    states = {*scope.ended} if scope.outcome is None else {*scope.ended, scope.outcome}
    return worst(states)


def _close(turn: Turn, ord: int, outcome: State) -> None:
    if ord != ROOT:
        return _close_flowable(turn, ord, outcome)
    if turn.scopes[ROOT].block == "afterExecution":
        return end_really(turn)
    return close_flow(turn, outcome)


def _close_flowable(turn: Turn, ord: int, outcome: State) -> None:
    run = turn.runs[ord]
    node = turn.node(run)
    if isinstance(node.task, Approval) and outcome in _WELL and approvals.leave(turn, run, node):
        return
    if outcome is State.FAILED and isinstance(node.task, AllowFailure):
        outcome = State.WARNING
    end(turn, run, softened(node, outcome))


def open_scope(turn: Turn, ord: int, scope: Scope) -> None:
    """Children may now be started below a task run."""
    turn.set_scope(ord, scope)
    turn.later("advance", ord)
