"""One screen on why a run failed: the task, its attempt, the error, the last lines, what it was given, where it stands."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from tiercel.cli.run_flows import FlowFile
from tiercel.cli.run_view import indented, log_line
from tiercel.definition.walk import Written, tasks
from tiercel.model.execution import Execution, value_around
from tiercel.model.log import LogEntry
from tiercel.model.sealed import opened
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.services.broadcaster import Frame

LAST_LINES = 10
MASKED = "******"


class Failed(NamedTuple):
    """A task run of an execution."""

    execution: Execution
    run: TaskRun


class Started(NamedTuple):
    """An execution that a task run started, with its own task runs."""

    execution: Execution
    runs: list[TaskRun]


StartedBy = Callable[[Execution, TaskRun], Iterable[Started]]


class FailureWatch:
    """Remembers what a failure screen needs while the run goes on."""

    def __init__(self) -> None:
        self._lines: dict[str | None, deque[LogEntry]] = {}
        self._failed: dict[int, TaskRun] = {}

    def line(self, entry: LogEntry) -> None:
        lines = self._lines.setdefault(entry.task_run_id, deque(maxlen=LAST_LINES))
        lines.append(entry)

    def frame(self, frame: Frame) -> None:
        for run in frame.runs:
            if run.state.current is State.FAILED:
                self._failed[run.ord] = run
            else:
                self._failed.pop(run.ord, None)

    def screen(self, execution: Execution, file: FlowFile, started_by: StartedBy) -> str:
        """The whole story, or an empty text where no task failed. It goes down into what Loops and Subflows started."""
        path = list(_path(execution, list(self._failed.values()), started_by))
        return "\n".join(self._told(path, file)) if path else ""

    def _told(self, path: list[Failed], file: FlowFile) -> Iterator[str]:
        execution, run = path[-1]
        lines = self._lines.get(run.id, deque[LogEntry]())
        value = value_around(execution, run)
        yield ""
        yield f"✗ task {run.task_id}{'' if value is None else f' for value {value}'} failed in attempt {len(run.attempts) or 1}"
        yield from (_hop(outer, inner) for outer, inner in reversed(list(pairwise(path))))
        if file.flow is not None and (execution.namespace, execution.flow_id) == (file.flow.namespace, file.flow.id):
            yield from _place(run.task_id, file)
        errors = [entry.message for entry in lines if entry.level == "ERROR"]
        if errors:
            yield f"  error: {errors[0]}"
        if lines:
            yield "  last lines:"
            yield from (f"    {log_line(entry)}" for entry in lines)
        if execution.inputs:
            yield "  inputs of the execution:"
            yield from (f"  {line}" for line in indented(_masked(execution.inputs)).splitlines())


def _path(execution: Execution, runs: list[TaskRun], started_by: StartedBy) -> Iterator[Failed]:
    """From the task run that made the execution fail down to the one that began it."""
    run = _culprit(runs)
    if run is not None:
        yield Failed(execution, run)
        below = [each for each in started_by(execution, run) if each.execution.state.current is State.FAILED]
        first = min(below, key=lambda each: each.execution.state.histories[-1].date, default=None)
        if first is not None:
            yield from _path(first.execution, first.runs, started_by)


def _culprit(runs: Iterable[TaskRun]) -> TaskRun | None:
    """The first that failed by itself: not one that failed because a child did."""
    failed = [run for run in runs if run.state.current is State.FAILED]
    parents = {run.parent for run in failed}
    own = [run for run in failed if run.ord not in parents]
    return min(own, key=lambda run: run.state.histories[-1].date, default=None)


def _hop(outer: Failed, inner: Failed) -> str:
    execution, task = inner.execution, outer.run.task_id
    if execution.iteration is None:
        return f"  in execution {execution.id} of {execution.namespace}.{execution.flow_id}, which {task} started"
    return f"  in iteration {execution.iteration.item.index} ({execution.iteration.item.value}) of {task}"


def _place(task_id: str, file: FlowFile) -> Iterator[str]:
    """The lines of the file where the task begins."""
    document = file.reading.document
    found = None if document is None else _written(task_id, tasks(document))
    if document is None or found is None:
        return
    line = document.span((*found.path, "id")).line
    yield f"  {file.path}:{line}"
    for number, text in enumerate(file.text.splitlines()[line - 1 : line + 2], start=line):
        yield f"  {number:>4} | {text}"


def _written(task_id: str, written: Iterable[Written]) -> Written | None:
    return next((task for task in written if task.id == task_id), None)


def _masked(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs with stars for what is encrypted."""
    return opened(inputs, lambda _: MASKED)
