"""Dynamic task runs: what a task shows of the tool it drives, as task runs under the tool's own names (a model of dbt).

They stand in no flow and are over when they come. So nothing is decided about them: no scope counts them, no expression
names them, and whoever means the task runs of a flow leaves them out first.
"""

from collections.abc import Mapping
from typing import Any

from tiercel.model.history import History
from tiercel.model.record import Record
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun

ENDS = (State.SUCCESS, State.WARNING, State.FAILED, State.SKIPPED, State.KILLED, State.CANCELLED)
"""How a dynamic task run may have ended."""


class DynamicRun(Record, frozen=True):
    """A dynamic task run before it has a place in its execution."""

    task_id: str
    state: History
    value: str | None = None
    outputs: dict[str, Any] | None = None


def of_the_flow(runs: Mapping[int, TaskRun]) -> dict[int, TaskRun]:
    """The task runs of tasks that stand in the flow."""
    return {ord: run for ord, run in runs.items() if not run.dynamic}
