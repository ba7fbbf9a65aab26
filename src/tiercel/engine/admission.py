"""The gate before an execution: the limits of its flow and of what is around it. Passed whenever it begins, or begins again.

While there is no slot nothing of the execution is done, whatever its steps say (`Execution.is_waiting`). Iterations of a
loop hold no slot: the execution around them does.
"""

import hashlib

from tiercel.engine import slas
from tiercel.engine.commands import Acquire
from tiercel.engine.events import Rejected
from tiercel.engine.interrupts import halt
from tiercel.engine.rendering import render_text
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError
from tiercel.model.bounds import Bound, LimitKey
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Kind, Step
from tiercel.model.states import BEFORE_SLOT, State
from tiercel.model.task_run import ROOT, Scope


class UnreadableKey(TiercelError):
    """Nobody knows among which executions this one counts: it fails before any task."""

    def __init__(self, cause: ExpressionError) -> None:
        super().__init__(f"the key of `concurrency` cannot be rendered: {cause}")


def admit(turn: Turn, step: Step) -> None:
    """The step that every begin takes first."""
    slas.watch(turn)
    if not ask_for_slot(turn):
        go_on(turn)


def ask_for_slot(turn: Turn, *, is_forced: bool = False) -> bool:
    """Whether there is a limit to ask."""
    bounds = () if turn.execution.kind is Kind.LOOP else (*_own(turn), *asked_of(turn.execution, turn.context.around))
    if bounds != turn.execution.bounds:
        turn.change(bounds=bounds)
    if bounds:
        turn.command(Acquire(is_forced))
    return bool(bounds)


def asked_of(execution: Execution, around: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """Which limits around its flow an execution asks: not those that count one which waits for it, or both would wait."""
    if execution.waits is None or execution.trigger is None:
        return around
    namespace, flow_id = (str(execution.trigger.variables.get(name, "")) for name in ("namespace", "flowId"))
    return tuple(bound for bound in around if not bound.limit.contains(execution.tenant, namespace, flow_id))


def _own(turn: Turn) -> tuple[Bound, ...]:
    """The limit of the flow, or of the value that its key has for this execution."""
    flow = turn.context.flow
    if flow.concurrency is None:
        return ()
    limit = LimitKey(turn.context.tenant, flow.namespace, flow.id)
    if flow.concurrency.key is not None:
        limit = limit._replace(value=_known_value(turn, limit) or _value(turn, flow.concurrency.key))
    return (Bound(limit, flow.concurrency.limit, flow.concurrency.behavior),)


def _known_value(turn: Turn, limit: LimitKey) -> str:
    """What the key said first, which holds too when the execution begins again; empty where it said nothing yet."""
    asked = (bound.limit for bound in turn.execution.bounds)
    return next((each.value for each in asked if each.whole == limit), "")


def _value(turn: Turn, key: str) -> str:
    """A checksum of what the key says, which may be long, or a secret."""
    try:
        said = render_text(turn, None, key)
    except ExpressionError as error:
        raise UnreadableKey(error) from error
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=12).hexdigest()


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
        turn.write("ERROR", "Execution is FAILED due to concurrency limit exceeded")
    halt(turn, event.state)
    return None


def is_before_the_gate(turn: Turn) -> bool:
    """It has not begun yet, or not begun again."""
    return turn.state.current in BEFORE_SLOT


def go_on(turn: Turn) -> None:
    """Begin: the first task of a new execution, the steps that a restart has left."""
    slas.assert_all(turn)
    if turn.is_over:
        return
    turn.enter(State.RUNNING)
    if ROOT not in turn.scopes:
        turn.set_scope(ROOT, Scope())
    turn.later("advance", ROOT)
