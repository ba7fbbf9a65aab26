"""The states of executions, task runs and attempts, and the one table of moves between them.

Whatever changes a state goes through `check_move`; diagrams and the report of untaken moves are made from the tables.
"""

from enum import StrEnum

from tiercel.model.errors import IllegalMove


class State(StrEnum):
    """A state as the API shows it."""

    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    BREAKPOINT = "BREAKPOINT"
    RESTARTED = "RESTARTED"
    RETRYING = "RETRYING"
    KILLING = "KILLING"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    SKIPPED = "SKIPPED"
    RETRIED = "RETRIED"
    RESUBMITTED = "RESUBMITTED"
    FAILED = "FAILED"
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"

    @property
    def is_terminated(self) -> bool:
        return self in TERMINATED

    @property
    def is_failure(self) -> bool:
        """Ended, and not well."""
        return self in IN_ERROR

    @property
    def number(self) -> int:
        """The number under which rows keep it; never reused."""
        return NUMBERS[self]


TERMINATED = frozenset(
    {
        State.SUCCESS,
        State.WARNING,
        State.SKIPPED,
        State.RETRIED,
        State.RESUBMITTED,
        State.FAILED,
        State.KILLED,
        State.CANCELLED,
    }
)
BEFORE_SLOT = frozenset({State.CREATED, State.QUEUED, State.RESTARTED})
"""States in which an execution waits for a slot of its limits, or is about to ask for one."""
IN_ERROR = frozenset({State.FAILED, State.KILLED, State.CANCELLED})

NUMBERS: dict[State, int] = {state: number for number, state in enumerate(State)}
BY_NUMBER: dict[int, State] = {number: state for state, number in NUMBERS.items()}

_S = State
Moves = frozenset[tuple[State | None, State]]


def _moves(table: dict[State | None, tuple[State, ...]]) -> Moves:
    return frozenset((source, target) for source, targets in table.items() for target in targets)


_ENDS = (_S.SUCCESS, _S.WARNING, _S.FAILED, _S.KILLED, _S.CANCELLED)

BY_HAND = frozenset({_S.SUCCESS, _S.WARNING, _S.FAILED, _S.CANCELLED, _S.SKIPPED})
"""The ends that a person may give to a task run that ended otherwise."""


def set_by_hand(*sources: State) -> Moves:
    """The moves of what has ended and is said to have ended otherwise."""
    return frozenset((source, target) for source in sources for target in BY_HAND if source is not target)


EXECUTION_MOVES: Moves = _moves(
    {
        None: (_S.CREATED,),
        _S.CREATED: (_S.RUNNING, _S.QUEUED, _S.CREATED, _S.KILLING, _S.FAILED, _S.CANCELLED),
        _S.QUEUED: (_S.RUNNING, _S.KILLING, _S.CANCELLED, _S.FAILED),
        _S.RUNNING: (*_ENDS, _S.PAUSED, _S.BREAKPOINT, _S.RETRYING, _S.RETRIED, _S.KILLING),
        _S.PAUSED: (_S.RUNNING, _S.RESTARTED, _S.CANCELLED, _S.FAILED),
        _S.BREAKPOINT: (_S.RUNNING, _S.KILLING, _S.FAILED, _S.CANCELLED),
        _S.RESTARTED: (_S.RUNNING, _S.QUEUED, _S.KILLING, _S.FAILED, _S.CANCELLED),
        _S.RETRYING: (_S.RUNNING, _S.KILLING, _S.FAILED, _S.CANCELLED),
        _S.KILLING: (_S.KILLED,),
        _S.SUCCESS: (_S.FAILED, _S.RESTARTED, _S.WARNING, _S.CANCELLED, _S.KILLED),
        _S.WARNING: (_S.FAILED, _S.RESTARTED, _S.SUCCESS, _S.CANCELLED, _S.KILLED),
        _S.FAILED: (_S.RESTARTED, _S.RETRYING, _S.RETRIED, _S.SUCCESS, _S.WARNING, _S.CANCELLED, _S.KILLED),
        _S.CANCELLED: (_S.RESTARTED, _S.SUCCESS, _S.WARNING, _S.FAILED, _S.KILLED),
    }
)

TASK_RUN_MOVES: Moves = _moves(
    {
        None: (_S.CREATED,),
        _S.CREATED: (_S.SUBMITTED, _S.RUNNING, _S.SKIPPED, _S.BREAKPOINT, *_ENDS),
        _S.BREAKPOINT: (_S.CREATED, _S.KILLED, _S.FAILED, _S.CANCELLED),
        _S.SUBMITTED: (_S.RUNNING, _S.FAILED, _S.KILLED, _S.CANCELLED),
        _S.RUNNING: (*_ENDS, _S.PAUSED, _S.RETRIED, _S.SKIPPED),
        _S.PAUSED: (_S.RUNNING, *_ENDS),
        _S.RESTARTED: (_S.SUBMITTED, _S.RUNNING, _S.SKIPPED, _S.BREAKPOINT, *_ENDS),
        _S.RETRYING: (_S.CREATED, _S.KILLED, _S.FAILED, _S.CANCELLED),
        _S.FAILED: (_S.RETRYING, _S.RETRIED, _S.RESTARTED, _S.RUNNING),
        _S.SUCCESS: (_S.RUNNING,),
        _S.WARNING: (_S.RUNNING,),
        _S.CANCELLED: (_S.RUNNING,),
        _S.KILLED: (_S.RUNNING,),
    }
) | set_by_hand(_S.FAILED, _S.SUCCESS, _S.WARNING, _S.CANCELLED, _S.SKIPPED, _S.KILLED)

STOPPED_MOVES: Moves = frozenset({(_S.KILLED, _S.RESTARTED)})
"""What else a restart may do, to task runs that were stopped because the execution was to fail, and to iterations that were
stopped because something beside their loop failed: they run again.
"""

REPLAY_MOVES: Moves = frozenset((source, target) for source in State for target in (_S.RESTARTED, _S.RUNNING))
"""How the copies begin that a replay makes of an execution and its task runs, in whatever state those are."""

ATTEMPT_MOVES: Moves = _moves(
    {
        None: (_S.CREATED,),
        _S.CREATED: (_S.RUNNING, _S.SKIPPED, *_ENDS),
        _S.RUNNING: (*_ENDS, _S.SKIPPED, _S.RESUBMITTED, _S.RETRIED),
    }
) | set_by_hand(_S.FAILED, _S.SUCCESS, _S.WARNING, _S.CANCELLED, _S.SKIPPED, _S.KILLED)


def check_move(moves: Moves, source: State | None, target: State) -> None:
    """Raise IllegalMove where the table has no such move."""
    if (source, target) not in moves:
        raise IllegalMove(source, target)


def worst(states: "frozenset[State] | set[State]") -> State:
    """The state of a scope whose children ended in these states."""
    return next((state for state in _WORST_FIRST if state in states), State.SUCCESS)


_WORST_FIRST = (State.KILLED, State.FAILED, State.CANCELLED, State.WARNING, State.PAUSED)
