"""The gate before an execution: the limit of its flow. Passed when it begins and each time it begins again.

While there is no slot nothing of the execution is done, whatever its steps say (`Execution.is_waiting`). Iterations of a
loop hold no slot: the execution around them does.
"""

from tiercel.engine import slas
from tiercel.engine.commands import Acquire
from tiercel.engine.events import Rejected
from tiercel.engine.interrupts import halt
from tiercel.engine.turn import Turn
from tiercel.model.execution import ROOT, Kind, Scope, Step
from tiercel.model.states import State


def admit(turn: Turn, step: Step) -> None:
    """The step that every begin takes first."""
    slas.watch(turn)
    if not ask_for_slot(turn):
        go_on(turn)


def ask_for_slot(turn: Turn, *, is_forced: bool = False) -> bool:
    """Whether there is a limit to ask."""
    concurrency = turn.context.flow.concurrency
    if concurrency is None or turn.execution.kind is Kind.LOOP:
        return False
    turn.command(Acquire(concurrency.limit, concurrency.behavior, is_forced))
    return True


def admitted(turn: Turn) -> str | None:
    """There is a slot."""
    if not is_before_the_gate(turn):
        return f"the execution is {turn.state.current} and waits for no slot"
    go_on(turn)
    return None


def queued(turn: Turn) -> str | None:
    """There is none: wait."""
    if not is_before_the_gate(turn) or turn.state.current is State.QUEUED:
        return f"the execution is {turn.state.current} and asks for no slot"
    turn.enter(State.QUEUED)
    return None


def rejected(turn: Turn, event: Rejected) -> str | None:
    """There is none, and it does not wait."""
    if not is_before_the_gate(turn):
        return f"the execution is {turn.state.current} and asks for no slot"
    if event.state is State.FAILED:
        turn.write("ERROR", "the execution fails: as many executions of its flow run as its `concurrency` allows")
    halt(turn, event.state)
    return None


def is_before_the_gate(turn: Turn) -> bool:
    """It has not begun yet, or not begun again."""
    return turn.state.current in (State.CREATED, State.QUEUED, State.RESTARTED)


def go_on(turn: Turn) -> None:
    """Begin: the first task of a new execution, the steps that a restart has left."""
    slas.assert_all(turn)
    if turn.is_over:
        return
    turn.enter(State.RUNNING)
    if ROOT not in turn.scopes:
        turn.set_scope(ROOT, Scope())
    turn.later("advance", ROOT)
