"""What may be asked of an execution from outside, by event: what it does, whether it may be asked after the end, and
whether its answer is given before anything else happens.
"""

from collections.abc import Callable
from typing import Any

from tiercel.engine import admission, approvals, breakpoints, changes, control, restarts
from tiercel.engine.events import (
    AddLabels,
    Admitted,
    ChangeStatus,
    ChangeTaskRun,
    ForceRun,
    Kill,
    Pause,
    Queued,
    Rejected,
    Replay,
    Restart,
    Resume,
    ResumeBreakpoint,
    Review,
    SetLabels,
    Unqueue,
)
from tiercel.engine.turn import Turn

Verb = Callable[[Turn, Any], str | None]
"""Changes the execution, or says why it does not."""


def _replayed(turn: Turn, event: Replay) -> str | None:
    """The execution was made for this very event, by `replays.replay`; nothing of it has begun."""
    return None if turn.execution.changes.created else f"the replay of {event.source} has begun already"


VERBS: dict[type, Verb] = {
    Kill: control.kill,
    Pause: lambda turn, _: control.pause(turn),
    Resume: control.resume,
    Review: approvals.review,
    Replay: _replayed,
    Restart: restarts.restart,
    ChangeTaskRun: restarts.change_task_run,
    ChangeStatus: changes.change_status,
    SetLabels: changes.set_labels,
    AddLabels: changes.add_labels,
    ForceRun: lambda turn, _: control.force_run(turn),
    Unqueue: changes.unqueue,
    ResumeBreakpoint: breakpoints.resume,
    Admitted: lambda turn, _: admission.admitted(turn),
    Queued: lambda turn, _: admission.queued(turn),
    Rejected: admission.rejected,
}

AFTER_THE_END = frozenset({Restart, ChangeTaskRun, ChangeStatus, SetLabels, AddLabels})
"""These are decided, or refused in words of their own, when the execution is really over."""

RECALLING = frozenset({Restart, ChangeTaskRun})
"""These need all task runs of an ended execution: whoever decides has to read them first."""

ANSWERED_FIRST = frozenset({Kill, Resume, Review, Restart, Replay, ChangeTaskRun})
"""Whoever asks sees the execution as it is before anything follows; that is for the next decision."""
