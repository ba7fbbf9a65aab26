"""The end of an execution whose flow is gone or cannot be read: FAILED, with the reason in its log. Pure."""

from collections.abc import Iterable
from datetime import datetime

from immutables import Map
from msgspec.structs import replace

from tiercel.model.execution import Changes, Execution
from tiercel.model.history import History, Moment
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.model.task_run import Attempt, TaskRun


def wrecked(header: Execution, open_runs: Iterable[TaskRun], *, at: datetime) -> Execution:
    """The execution as it ends, its open task runs with it. No table of moves is asked: nothing can be decided."""
    ended = {run.ord: _ended_run(run, at) for run in open_runs}
    state = header.state if header.is_over else _ended(header.state, at)
    return replace(
        header,
        state=state,
        live=False,
        pending=(),
        timers=Map(),
        awaiting=Map(),
        answers=Map(),
        changes=Changes(header=True, first_new=header.next_ord, runs=Map(ended)),
    )


def reason(header: Execution, error: Exception, *, at: datetime) -> LogEntry:
    """The line that says why."""
    return LogEntry(
        namespace=header.namespace,
        flow_id=header.flow_id,
        timestamp=at,
        level="ERROR",
        message=f"the execution cannot go on: {error}",
        tenant_id=header.tenant,
        execution_id=header.id,
    )


def _ended(history: History, at: datetime) -> History:
    return History(State.FAILED, (*history.histories, Moment(State.FAILED, at)))


def _ended_run(run: TaskRun, at: datetime) -> TaskRun:
    attempts = tuple(
        Attempt(_ended(attempt.state, at), attempt.worker_id, attempt.log_file) if attempt.is_open else attempt
        for attempt in run.attempts
    )
    return replace(run, state=_ended(run.state, at), attempts=attempts)
