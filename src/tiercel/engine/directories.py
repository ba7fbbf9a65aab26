"""WorkingDirectory: one job on one worker, which runs the children one after the other and says how each of them goes.

The children are task runs as others are, only that nobody here starts them. When the job is over, errors and finally run.
"""

from msgspec.structs import replace

from tiercel.engine import dynamics
from tiercel.engine.commands import Dispatch
from tiercel.engine.events import Done, Part, Started
from tiercel.engine.plan import Node
from tiercel.engine.removals import take_away
from tiercel.engine.results import forget, remember_outputs
from tiercel.engine.retries import final_state, new_execution_for, retry_the_execution
from tiercel.engine.runs import closed, create, end
from tiercel.engine.turn import Turn
from tiercel.model.history import born
from tiercel.model.states import State
from tiercel.model.task_run import Attempt, Scope, TaskRun, begun


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Give everything to a worker; without an enabled child there is nothing to do."""
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), outputs=None)
    if node.blocks["tasks"]:
        turn.set_scope(run.ord, _fresh(run))
        turn.command(Dispatch(run.ord, run.attempt))
    else:
        turn.set_scope(run.ord, Scope(outcome=State.SUCCESS))
        turn.later("advance", run.ord)


def _fresh(run: TaskRun) -> Scope:
    """Children of another attempt are other task runs, whatever became of the earlier ones."""
    return Scope(generation=len(run.attempts))


def is_under_way(scope: Scope) -> bool:
    """The job is not over."""
    return scope.outcome is None


def go_on(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """The worker starts the children."""


# What becomes of the job ---------------------------------------------------------------------------------------------


def claimed(turn: Turn, run: TaskRun, event: Started) -> str | None:
    """A worker has it."""
    *earlier, last = run.attempts
    if last.worker_id is not None:
        return f"attempt {event.attempt} of task run {event.ord} has started already"
    turn.put(replace(run, attempts=(*earlier, replace(last, worker_id=event.worker))))
    return None


def done(turn: Turn, run: TaskRun, event: Done) -> None:
    """The job is over; a child that is still open was cut off."""
    if event.outputs is not None:
        run = turn.put(replace(run, outputs=event.outputs))
        remember_outputs(turn, run)
    close(turn, run, event.state)


def close(turn: Turn, run: TaskRun, state: State) -> None:
    for child in turn.below(run.ord):
        end(turn, child, State.KILLED if state is State.KILLED else State.FAILED)
    turn.update_scope(run.ord, outcome=state)
    turn.later("advance", run.ord)


def begin_again(turn: Turn, run: TaskRun) -> None:
    """The worker is lost: another one begins from the beginning, and nothing of the first one is left."""
    scope, node = turn.scopes[run.ord], turn.node(run)
    take_away(turn, scope.children)
    forget(turn, node.blocks["tasks"], run.place)
    run = turn.put(replace(run, attempts=closed(turn, run, State.RESUBMITTED)))
    run = turn.put(replace(run, attempts=(*run.attempts, begun(turn.at))))
    turn.set_scope(run.ord, _fresh(run))
    turn.command(Dispatch(run.ord, run.attempt))


# What becomes of the children ----------------------------------------------------------------------------------------


def part(turn: Turn, event: Part) -> str | None:
    """A child begins an attempt, or ends it."""
    run, scope = turn.runs.get(event.ord), turn.scopes.get(event.ord)
    is_current = run is not None and turn.node(run).is_directory and run.attempt == event.attempt
    if run is None or scope is None or not is_current or not is_under_way(scope) or turn.is_killing:
        return f"attempt {event.attempt} of task run {event.ord} is not under way"
    child = turn.runs.get(scope.children[-1]) if scope.children else None
    if event.place == scope.next and child is None:
        _begin(turn, run, scope, event)
    elif child is None or event.place != scope.next - 1 or event.number != child.attempt:
        return f"child {event.place} of task run {event.ord} is not under way in attempt {event.number}"
    elif child.state.current is State.RETRYING:
        _run(turn, turn.move(child, State.CREATED), run)
    else:
        _end(turn, child, event)
    return None


def _begin(turn: Turn, run: TaskRun, scope: Scope, event: Part) -> None:
    task_id = turn.node(run).blocks["tasks"][event.place]
    children = (*scope.children, turn.next_ord)
    child = create(turn, run.ord, task_id, next=scope.next + 1, children=children)
    if event.state is State.SKIPPED:
        end(turn, turn.put(replace(child, attempts=(Attempt(born(turn.at)),))), State.SKIPPED)
    else:
        _run(turn, child, run)


def _run(turn: Turn, child: TaskRun, run: TaskRun) -> None:
    worker = run.attempts[-1].worker_id
    turn.move(child, State.RUNNING, attempts=(*child.attempts, begun(turn.at, worker_id=worker)))


def _end(turn: Turn, child: TaskRun, event: Part) -> None:
    *earlier, last = child.attempts
    child = turn.put(replace(child, attempts=(*earlier, replace(last, log_file=event.log_file))))
    dynamics.add(turn, child, event.dynamic_runs)
    if event.is_tried_again:
        child = turn.move(child, State.FAILED, attempts=closed(turn, child, State.FAILED))
        turn.move(child, State.RETRYING)
        return
    renewal = new_execution_for(turn, child) if event.state is State.FAILED else None
    if renewal is not None:
        retry_the_execution(turn, child, renewal, outputs=event.outputs)
        return
    state = final_state(turn.node(child), child, event.state)
    end(turn, child, state, attempt=event.state, outputs=event.outputs)
