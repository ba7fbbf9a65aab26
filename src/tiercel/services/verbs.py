"""What people ask of executions: one verb each, with the states in which it may be asked. The engine has the last word."""

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from tiercel.engine.events import (
    AnyEvent,
    ChangeStatus,
    ForceRun,
    Kill,
    Pause,
    Restart,
    Resume,
    ResumeBreakpoint,
    SetLabels,
    Unqueue,
)
from tiercel.model.execution import Execution, Label
from tiercel.model.states import TERMINATED, State
from tiercel.services.door import Door
from tiercel.services.residents import Told

Ask = Callable[[Execution], Coroutine[Any, Any, Told]]
Latest = Callable[[Execution], int | None]
"""The latest revision of an execution's flow; None where the flow is gone."""
_OVER = frozenset(TERMINATED)
_OPEN = frozenset(State) - _OVER


class Verb(msgspec.Struct, frozen=True):
    """Something that may be asked of an execution."""

    name: str
    """As paths have it: `force-run`."""
    states: frozenset[State]
    refusal: str
    """Why it is refused in all other states, in the original's words; `{id}` and `{state}` stand for the execution's."""
    bulk_refusal: str = ""
    """The same within a list of executions, where the original has other words there."""

    def refused(self, execution: Execution) -> str | None:
        """Why it cannot be asked of this execution as it is stored; None where it can."""
        if execution.state.current in self.states:
            return None
        return self.words(execution, self.bulk_refusal or self.refusal)

    def words(self, execution: Execution, refusal: str | None = None) -> str:
        return (refusal or self.refusal).format(id=execution.id, state=execution.state.current.value)


RESTART = Verb(
    "restart",
    frozenset({State.FAILED}),
    "Cannot restart execution: current state is '{state}', expected terminated or paused.",
    "Execution '{id}' must be terminated or paused to be restarted, current state is '{state}' !",
)
REPLAY = Verb("replay", frozenset(State), "Cannot replay execution: it has no task runs yet.")
KILL = Verb("kill", _OPEN, "execution already finished")
PAUSE = Verb("pause", frozenset({State.RUNNING}), "Cannot pause execution: execution is not running.")
RESUME = Verb("resume", frozenset({State.PAUSED}), "Execution '{id}' is not paused, can't resume it")
REVIEW = Verb(
    "review", frozenset({State.PAUSED, State.RUNNING}), "Cannot review execution '{id}': its state is '{state}'."
)
RESUME_BREAKPOINT = Verb(
    "resume-from-breakpoint",
    frozenset({State.BREAKPOINT}),
    "Cannot resume execution from breakpoint: execution is not suspended.",
)
FORCE_RUN = Verb("force-run", _OPEN, "Cannot force run execution: execution is terminated.")
UNQUEUE = Verb(
    "unqueue", frozenset({State.QUEUED}), "Cannot unqueue execution: only QUEUED executions can be unqueued."
)
CHANGE_STATUS = Verb(
    "change-status",
    _OVER - {State.KILLED},
    "Cannot change execution state: execution must be terminated and not killed.",
    "execution not in a terminated state or is killed",
)
CHANGE_TASK_RUN = Verb(
    "state",
    _OVER - {State.KILLED},
    "Cannot change task run state: execution must be terminated and not killed.",
)
LABELS = Verb("labels", _OVER, "Cannot change the labels of execution: it is not terminated.")
ALL = (RESTART, REPLAY, KILL, PAUSE, RESUME, RESUME_BREAKPOINT, FORCE_RUN, UNQUEUE, CHANGE_STATUS, LABELS)


class Verbs:
    """Asks, and answers with how the execution stood right after. `Told.ignored` says why nothing was changed."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def restart(self, *, revision: int | None = None) -> Ask:
        """In place; with another revision as an execution of its own."""
        if revision is None:
            return lambda execution: self._tell(execution, Restart(*self._door.moment()))
        return lambda execution: self._door.replay(execution.id, revision=revision, is_restart=True)

    def replay(self, *, revision: int | None = None, **given: Any) -> Ask:
        """`given`: task_run, inputs, breakpoints of `door.replay`."""
        return lambda execution: self._door.replay(execution.id, revision=revision, **given)

    def replay_latest(self, latest: Latest) -> Ask:
        """Each with the latest revision of its flow."""
        return lambda execution: self._door.replay(execution.id, revision=latest(execution))

    def kill(self, *, cascade: bool = True, by: str | None = None) -> Ask:
        return lambda execution: self._tell(execution, Kill(*self._door.moment(), cascade=cascade, by=by))

    def pause(self) -> Ask:
        return lambda execution: self._tell(execution, Pause(*self._door.moment()))

    def resume(self, *, by: str | None = None) -> Ask:
        """Of a pause that asks for nothing."""
        return lambda execution: self._tell(execution, Resume(*self._door.moment(), by=by))

    def resume_breakpoint(self, *, breakpoints: tuple[str, ...] | None = None) -> Ask:
        return lambda execution: self._tell(execution, ResumeBreakpoint(*self._door.moment(), breakpoints=breakpoints))

    def force_run(self) -> Ask:
        return lambda execution: self._tell(execution, ForceRun(*self._door.moment()))

    def unqueue(self, *, state: State = State.RUNNING) -> Ask:
        return lambda execution: self._tell(execution, Unqueue(*self._door.moment(), state=state))

    def change_status(self, *, state: State) -> Ask:
        return lambda execution: self._tell(execution, ChangeStatus(*self._door.moment(), state=state))

    def set_labels(self, *, labels: tuple[Label, ...]) -> Ask:
        return lambda execution: self._tell(execution, SetLabels(*self._door.moment(), labels=labels))

    async def _tell(self, execution: Execution, event: AnyEvent) -> Told:
        return await self._door.tell(execution.id, event)
