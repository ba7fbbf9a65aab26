"""What becomes of a task run whose work ended: its end, softened or not, or another try.

The policy is the task's own, else that of the nearest task above that has one, else the flow's. While a task waits for
its own retry its scope waits; while it waits for an inherited one, errors and finally run, and are taken away when the
retry comes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tiercel.engine.commands import Replace
from tiercel.engine.creation import replacement
from tiercel.engine.ending import end_really
from tiercel.engine.interrupts import call_off, end_silently, kill_children
from tiercel.engine.plan import Node
from tiercel.engine.removals import take_away
from tiercel.engine.results import forget
from tiercel.engine.runs import closed, end, holds_its_scope, softened
from tiercel.engine.turn import Turn
from tiercel.model.durations import parse_duration
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.model.task import Retry, RetryBehavior
from tiercel.model.task_run import ROOT, TaskRun


@dataclass(frozen=True, slots=True)
class Try:
    """A further try: when, and by which policy."""

    wait: timedelta
    policy: Retry


def conclude(turn: Turn, run: TaskRun, state: State, **fields: Any) -> None:
    """The work of a task run ended in this state."""
    node = turn.node(run)
    again = next_try(turn, run, node) if state is State.FAILED and not turn.is_killing else None
    match again:
        case None:
            end(turn, run, final_state(node, run, state), attempt=state, **fields)
        case Try(policy=policy) if renews(turn.execution, policy):
            retry_the_execution(turn, run, again, **fields)
        case _:
            # What a failed attempt gave is forgotten: the outputs are those of the last one.
            wait_for_retry(turn, run, again)


def final_state(node: Node, run: TaskRun, state: State) -> State:
    """The state of the task run whose last attempt ended in this one."""
    retry = node.task.retry
    if state is State.SUCCESS and retry is not None and retry.warning_on_retry and run.attempt > 1:
        state = State.WARNING
    return softened(node, state)


# Whether and when ---------------------------------------------------------------------------------------------------


def policy_of(node: Node) -> Retry | None:
    """The policy for a task: only its own goes before its allowFailure."""
    return node.task.retry or (None if node.task.allow_failure else node.inherited_retry)


def next_try(turn: Turn, run: TaskRun, node: Node) -> Try | None:
    """The next try of a task run that just failed; None where it failed for good."""
    policy = policy_of(node)
    if policy is None:
        return None
    is_new = renews(turn.execution, policy)
    made = turn.execution.metadata.attempt_number if is_new else _attempts_made(run)
    wait = interval(policy, attempts=max(made, 1), draw=draw(turn, run))
    began = turn.execution.metadata.original_created_date if is_new else _began(run)
    if policy.max_attempts is not None and made >= policy.max_attempts:
        return None
    # What runs after the end, or only announces a pause, is no reason to run everything again.
    if is_new and (node.is_forced or node.block == "onPause"):
        return None
    if policy.max_duration is not None and turn.at + wait > began + parse_duration(policy.max_duration):
        return None
    return Try(wait, policy)


def renews(execution: Execution, policy: Retry) -> bool:
    """An iteration of a loop is no execution of its own that a new one could stand for: its task is tried again."""
    return policy.behavior is RetryBehavior.CREATE_NEW_EXECUTION and execution.iteration is None


def new_execution_for(turn: Turn, run: TaskRun) -> Try | None:
    """The new execution that is to take over from one whose task run just failed."""
    again = next_try(turn, run, turn.node(run))
    return again if again is not None and renews(turn.execution, again.policy) else None


def _attempts_made(run: TaskRun) -> int:
    """Attempts that were lost with their worker do not count."""
    lost = sum(attempt.state.current is State.RESUBMITTED for attempt in run.attempts)
    return len(run.attempts) - lost


def _began(run: TaskRun) -> datetime:
    return run.attempts[0].state.started if run.attempts else run.state.started


def interval(policy: Retry, *, attempts: int, draw: float) -> timedelta:
    """How long to wait after so many attempts; `draw` in [0, 1) decides a random one."""
    longest = parse_duration(policy.max_interval or 0)
    match policy.type:
        case "constant":
            return parse_duration(policy.interval or 0)
        case "random":
            shortest = parse_duration(policy.min_interval or 0)
            return shortest + (longest - shortest) * draw
        case "exponential":
            first, factor = parse_duration(policy.interval or 0), policy.delay_factor
            return _grown(first, factor, attempts - 1, longest)


def _grown(first: timedelta, factor: float, times: int, longest: timedelta) -> timedelta:
    """`first × factor^times`, at most `longest`; a power too large for a number is longer than anything."""
    try:
        return min(longest, first * factor**times)
    except OverflowError:
        return longest


def draw(turn: Turn, run: TaskRun) -> float:
    """A number in [0, 1) that depends on the event's seed and the task run alone."""
    mixed = (turn.event.seed ^ (run.ord + 1) * 0x9E3779B97F4A7C15) & (2**53 - 1)
    return mixed / 2**53


# The same task run once more ----------------------------------------------------------------------------------------


def wait_for_retry(turn: Turn, run: TaskRun, again: Try) -> None:
    """FAILED, RETRYING, and a timer. Whoever must not wait for it goes on."""
    node = turn.node(run)
    holds = holds_its_scope(node)
    run = turn.move(run, State.FAILED, attempts=closed(turn, run, State.FAILED))
    run = turn.move(run, State.RETRYING)
    turn.start_timer(f"retry:{run.ord}:{len(run.attempts)}", again.wait)
    _show_retrying(turn, run, holds=holds)
    if not holds:
        scope = turn.scopes[run.parent]
        turn.update_scope(run.parent, open=scope.open - 1, retrying=scope.retrying + 1)
        turn.later("advance", run.parent)


def _show_retrying(turn: Turn, run: TaskRun, *, holds: bool) -> None:
    """The execution is RETRYING. Where the flow itself has nothing to run meanwhile it counts as FAILED before."""
    if turn.state.current is not State.RUNNING:
        return
    blocks = turn.context.blocks
    if run.parent == ROOT and (holds or not (blocks["errors"] or blocks["finally"])):
        turn.enter(State.FAILED)
    turn.enter(State.RETRYING)


def retry_now(turn: Turn, run: TaskRun) -> None:
    """The timer fired: the task run begins anew, and what ran because of its failure is taken away."""
    run = turn.move(run, State.CREATED)
    scope = turn.scopes[run.parent]
    if not holds_its_scope(turn.node(run)):
        _take_tail_away(turn, run)
        turn.update_scope(
            run.parent,
            open=1 if scope.block != "tasks" else scope.open + 1,
            retrying=scope.retrying - 1,
            block="tasks",
            tail=0,
            tail_runs=(),
            generation=scope.generation + bool(scope.tail_runs),
        )
    if turn.state.current is State.RETRYING:
        turn.enter(State.RUNNING)
    turn.later("start", run.ord)


def _take_tail_away(turn: Turn, run: TaskRun) -> None:
    """Remove the task runs of errors and finally beside a task run, with everything below them."""
    roots = turn.scopes[run.parent].tail_runs
    if not roots:
        return
    take_away(turn, roots)
    forget(turn, _tail_tasks(turn, run), _place_of_scope(turn, run))


def _tail_tasks(turn: Turn, run: TaskRun) -> list[str]:
    """All tasks in errors and finally beside a task."""
    owner = turn.owner(run.parent)
    blocks = turn.context.blocks if owner is None else owner.blocks
    return [task for name in ("errors", "finally") for root in blocks[name] for task in turn.context.below(root)]


def _place_of_scope(turn: Turn, run: TaskRun) -> tuple[str, ...]:
    return () if run.parent == ROOT else turn.runs[run.parent].place


# A new execution ----------------------------------------------------------------------------------------------------


def retry_the_execution(turn: Turn, run: TaskRun, again: Try, **fields: Any) -> None:
    """The task run, all above it and the execution end RETRIED; a new execution takes over when the time has come.

    It counts as FAILED before where the task stands in the flow's own list, as with a retry in place.
    """
    retried = {run.ord, *(above.ord for above in turn.ancestors(run))}
    run = turn.move(run, State.FAILED, attempts=closed(turn, run, State.FAILED), **fields)
    others = sorted(turn.runs.values(), key=lambda other: -other.ord)
    call_off(turn, others)
    kill_children(turn, others, reason="a new execution takes the place of the one that waits for it")
    for other in others:
        end_silently(turn, other, State.RETRIED if other.ord in retried else State.KILLED)
    turn.steps.clear()
    turn.scopes = turn.scopes.delete(ROOT)
    if turn.state.current is State.RETRYING:
        turn.enter(State.RUNNING)
    if run.parent == ROOT:
        turn.enter(State.FAILED)
    turn.enter(State.RETRIED)
    turn.start_timer("replace", again.wait)


def replace_now(turn: Turn) -> None:
    """The time has come: the new execution takes over."""
    turn.command(Replace(replacement(turn.snapshot(), at=turn.at)))
    end_really(turn)
