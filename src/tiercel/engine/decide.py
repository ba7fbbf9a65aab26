"""`decide`: what an execution becomes by one event, and what is to be done about it.

First the event changes what it is about, or is refused: an event that comes late, twice or at a wrong time changes
nothing. Then the steps it left are taken one by one until nothing is left or the slice is full. Steps start task runs
and let scopes go on; their order is the order of creation.
"""

from collections import deque
from collections.abc import Callable

from immutables import Map

from tiercel.engine import approvals, batches, breakpoints, directories, iterations, slas, workers
from tiercel.engine.admission import UnreadableKey, admit, is_before_the_gate
from tiercel.engine.commands import CancelTimer, Decision, RunInstant, TellPause
from tiercel.engine.events import (
    AnyEvent,
    ChildEnded,
    ChildPaused,
    ChildStarted,
    Continue,
    Created,
    Done,
    Evaluated,
    Part,
    Recovered,
    Started,
    TimerFired,
    WorkerLost,
)
from tiercel.engine.interrupts import call_off, end_silently, halt, kill_children
from tiercel.engine.pauses import go_on, resume_by_timer
from tiercel.engine.pauses import resume as resume_pause
from tiercel.engine.plan import FlowContext
from tiercel.engine.retries import conclude, replace_now, retry_now
from tiercel.engine.runs import end, end_without_running, softened
from tiercel.engine.scopes import advance, follow
from tiercel.engine.sleeps import cut_short
from tiercel.engine.starts import ConditionFailed, start
from tiercel.engine.subflows import child_ended, child_started
from tiercel.engine.turn import Turn
from tiercel.engine.untils import repeat
from tiercel.engine.verbs import AFTER_THE_END, ANSWERED_FIRST, VERBS
from tiercel.expression import ExpressionError, Unanswered
from tiercel.model.execution import ADMIT, GO_ON, Answer, Execution, Step
from tiercel.model.flowable import Approval, BatchExecutions, Loop
from tiercel.model.flowable import Pause as PauseTask
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, TaskRun, begun

STEPS: dict[str, Callable[[Turn, Step], None]] = {
    ADMIT: admit,
    GO_ON: go_on,
    "start": start,
    "advance": advance,
    "follow": follow,
}
"""What may be left for later, by the verb of the step."""
ABOVE_FAILED = "what waits for it failed"


def decide(context: FlowContext, execution: Execution, event: AnyEvent, *, limit: int = 1024) -> Decision:
    """The execution after the event. At most `limit` task runs are created; the rest waits for `Continue`."""
    turn = Turn(context, execution, event, limit=limit)
    try:
        refusal = _perform(turn, _about(event), lambda: _react(turn, event))
        if refusal is not None:
            return Decision(execution, ignored=refusal)
        if type(event) not in ANSWERED_FIRST:
            _settle(turn)
            _assert(turn)
        _tell_loop(turn, execution)
    except Exception as error:  # noqa: BLE001 nothing a single execution does may end the process
        turn = _given_up(context, execution, event, turn.secrets.mask(_words(error)))
    return turn.result()


def _settle(turn: Turn) -> None:
    while turn.steps and not turn.is_waiting and turn.room > 0:
        _take(turn, turn.steps.popleft())
    if not turn.is_waiting:
        _begin_created(turn)
    _show_pause(turn)


def _begin_created(turn: Turn) -> None:
    """The slice is full: what was created begins in it, wherever it stands in the line, and the rest waits."""
    begun = [step for step in turn.steps if step.verb == "start"]
    if begun:
        turn.steps = deque(step for step in turn.steps if step.verb != "start")
    for step in begun:
        _take(turn, step)


def _take(turn: Turn, step: Step) -> None:
    _perform(turn, step.ord, lambda: STEPS[step.verb](turn, step))
    breakpoints.show(turn)


def _assert(turn: Turn) -> None:
    """The agreements of the flow are looked at after each event of an execution that runs."""
    if turn.context.flow.sla and not (turn.is_over or turn.is_killing or is_before_the_gate(turn)):
        _perform(turn, ROOT, lambda: slas.assert_all(turn))


def _show_pause(turn: Turn) -> None:
    """The execution is PAUSED while paused tasks are all that is left, and RUNNING again when they are not."""
    is_waiting = turn.paused and not turn.busy and not turn.steps and not turn.execution.awaiting
    if is_waiting and turn.state.current is State.RUNNING:
        turn.enter(State.PAUSED)
    elif not is_waiting and turn.state.current is State.PAUSED and not turn.execution.is_held:
        turn.enter(State.RESTARTED)
        turn.enter(State.RUNNING)


def _tell_loop(turn: Turn, before: Execution) -> None:
    """The loop that waits for this iteration shows when it is paused, unless it paused the iteration itself."""
    link, iteration = turn.execution.waits, turn.execution.iteration
    is_paused = turn.state.current is State.PAUSED
    is_new = is_paused is not (before.state.current is State.PAUSED)
    if link is None or iteration is None or turn.is_over or before.is_held or turn.execution.is_held or not is_new:
        return
    turn.command(TellPause(link, iteration.item.index, is_paused))


# When something goes wrong -------------------------------------------------------------------------------------------


def _perform(turn: Turn, ord: int, action: Callable[[], str | None]) -> str | None:
    """The boundary of a step: a question goes to the world, any other exception ends the task run it is about."""
    mark = turn.mark()
    try:
        return action()
    except Unanswered as question:
        turn.back_to(mark)
        turn.ask(question.call, ord)
    except Exception as error:  # noqa: BLE001 whatever a task run does, it alone fails
        turn.back_to(mark)
        _fail(turn, ord, error)
    return None


def _fail(turn: Turn, ord: int, error: Exception) -> None:
    run = turn.runs.get(ord)
    turn.write("ERROR", _words(error), run)
    if run is None:
        kill_children(turn, turn.runs.values(), reason=ABOVE_FAILED)
        halt(turn, State.FAILED)
        return
    below = turn.below(ord)
    call_off(turn, [*below, run])
    kill_children(turn, [*below, run], reason=ABOVE_FAILED)
    for other in below:
        end_silently(turn, other, State.FAILED)
    _fail_run(turn, turn.runs[ord], error)


def _fail_run(turn: Turn, run: TaskRun, error: Exception) -> None:
    node = turn.node(run)
    state = softened(node, State.FAILED)
    match run.state.current, error:
        case State.CREATED | State.RESTARTED, _ if isinstance(error, ConditionFailed) or isinstance(node.task, Loop):
            end(turn, run, state)
        case State.CREATED | State.RESTARTED, _ if node.is_leaf:
            end_without_running(turn, run, state)
        case State.CREATED | State.RESTARTED, _:
            run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)))
            end(turn, run, state)
        case _:
            end(turn, run, state)


def _words(error: Exception) -> str:
    """What people read: our own errors as they are, others with their kind, so that they can be reported."""
    if isinstance(error, ExpressionError | ConditionFailed | UnreadableKey):
        return str(error)
    return f"the engine failed with {type(error).__name__}: {error}; please report this"


def _given_up(context: FlowContext, execution: Execution, event: AnyEvent, reason: str) -> Turn:
    """Not even failing the task run was possible: the execution as it was before fails whole."""
    turn = Turn(context, execution, event, limit=0)
    turn.write("ERROR", reason)
    kill_children(turn, turn.runs.values(), reason=ABOVE_FAILED)
    halt(turn, State.FAILED)
    return turn


def _about(event: AnyEvent) -> int:
    """The task run an event is about; ROOT where it is about the execution."""
    match event:
        case Started(ord=ord) | Done(ord=ord) | WorkerLost(ord=ord) | ChildStarted(ord=ord) | ChildEnded(ord=ord):
            return ord
        case ChildPaused(ord=ord) | Part(ord=ord):
            return ord
        case TimerFired(name=name) if ":" in name and not name.startswith(slas.PREFIX):
            return int(name.split(":")[1])
        case _:
            return ROOT


# Events ----------------------------------------------------------------------------------------------------------------


def _react(turn: Turn, event: AnyEvent) -> str | None:
    """Change what the event is about; the answer says why nothing was changed."""
    if not turn.execution.live and type(event) not in AFTER_THE_END:
        return f"the execution is over since it ended in {turn.state.current}"
    if (verb := VERBS.get(type(event))) is not None:
        return verb(turn, event)
    match event:
        case Created():
            return _created(turn, event)
        case Continue():
            return None if turn.steps else "nothing is left to continue"
        case Recovered():
            return _recovered(turn, event)
        case Started():
            return workers.started(turn, event)
        case Done():
            return workers.done(turn, event)
        case Part():
            return directories.part(turn, event)
        case Evaluated():
            return _evaluated(turn, event)
        case TimerFired():
            return _timer_fired(turn, event)
        case ChildStarted():
            return _child_started(turn, event)
        case ChildEnded():
            return _child_ended(turn, event)
        case ChildPaused():
            return iterations.paused(turn, event)
        case WorkerLost():
            return workers.worker_lost(turn, event)
        case _:
            return f"{type(event).__name__} says nothing to an execution that is there"


def _child_ended(turn: Turn, event: ChildEnded) -> str | None:
    run = turn.runs.get(event.ord)
    scope = turn.scopes.get(event.ord)
    if run is None or scope is None or scope.laps is None:
        return child_ended(turn, event)
    is_loop = isinstance(turn.node(run).task, Loop)
    return iterations.ended(turn, run, event) if is_loop else batches.ended(turn, run, event)


def _child_started(turn: Turn, event: ChildStarted) -> str | None:
    run = turn.runs.get(event.ord)
    if run is not None and isinstance(turn.node(run).task, BatchExecutions):
        return batches.started(turn, run, event)
    return child_started(turn, event)


def _created(turn: Turn, event: Created | Recovered) -> str | None:
    if turn.state.current is not State.CREATED or ROOT in turn.scopes or "schedule" in turn.timers:
        return "the execution has begun already"
    if isinstance(event, Created):
        for note in event.notes:
            turn.write(note.level, note.message)
        if event.fails:
            halt(turn, State.FAILED)
            return None
    date = turn.execution.schedule_date
    if date is not None and date > turn.at:
        turn.start_timer("schedule", date - turn.at)
    else:
        turn.later(ADMIT, ROOT)
    return None


def _recovered(turn: Turn, event: Recovered) -> str | None:
    """Instant tasks are run again, and questions asked again: their answers were lost with the process."""
    if ROOT not in turn.scopes and not turn.is_over:
        return _created(turn, event)
    for run in sorted(turn.runs.values(), key=lambda run: run.ord):
        if turn.node(run).is_instant and run.state.current is State.SUBMITTED:
            turn.command(RunInstant(run.ord, run.attempt))
    waiting = sorted({ord for ords in turn.execution.awaiting.values() for ord in ords})
    turn.change(awaiting=Map())
    for ord in waiting:
        _ask_again(turn, ord)
    return None


def _ask_again(turn: Turn, ord: int) -> None:
    if ord == ROOT and is_before_the_gate(turn):
        turn.first(ADMIT, ROOT)
    else:
        turn.later("advance" if ord == ROOT or ord in turn.scopes else "start", ord)


def _evaluated(turn: Turn, event: Evaluated) -> str | None:
    waiting = turn.execution.awaiting.get(event.key)
    if waiting is None:
        return f"nobody waits for {event.key}"
    answer = Answer(event.value, event.error, event.is_sealed, event.source)
    answers = turn.execution.answers
    for ord in waiting:
        answers = answers.set(ord, {**answers.get(ord, {}), event.key: answer})
        _ask_again(turn, ord)
    turn.change(awaiting=turn.execution.awaiting.delete(event.key), answers=answers)
    return None


def _timer_fired(turn: Turn, event: TimerFired) -> str | None:
    """Timers are named `kind` or `kind:ord` or `kind:ord:attempt`; one that is not set any more changes nothing."""
    if event.name not in turn.timers:
        return f"the timer {event.name} is not set"
    turn.timers = turn.timers.delete(event.name)
    turn.command(CancelTimer(event.name))
    kind = event.name.partition(":")[0]
    if kind == "schedule":
        turn.enter(State.CREATED)
        turn.later(ADMIT, ROOT)
    elif kind == "replace":
        replace_now(turn)
    elif event.name.startswith(slas.PREFIX):
        slas.overdue(turn, event.name)
    else:
        _wake(turn, kind, turn.runs[_about(event)])
    return None


def _wake(turn: Turn, kind: str, run: TaskRun) -> None:
    match kind, turn.node(run).task:
        case "retry", _:
            retry_now(turn, run)
        case "loop", _:
            repeat(turn, run)
        case "resume", _:
            resume_by_timer(turn, run)
        case "timeout", Approval():
            approvals.expire(turn, run)
        case "timeout", PauseTask():
            resume_pause(turn, run, to=State.FAILED)
        case "timeout", _:
            cut_short(turn, run)
        case _:
            conclude(turn, run, State.SUCCESS)
