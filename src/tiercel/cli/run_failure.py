"""One screen on why a run failed: the task, its attempt, the error, the last lines, what it was given, where it stands."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from tiercel.cli.run_flows import FlowFile
from tiercel.cli.run_view import indented, log_line
from tiercel.definition.walk import Written, tasks
from tiercel.model.execution import Execution, TaskRun
from tiercel.model.log import LogEntry
from tiercel.model.sealed import opened
from tiercel.model.states import State
from tiercel.services.broadcaster import Frame

LAST_LINES = 10
MASKED = "******"


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

    def screen(self, execution: Execution, file: FlowFile) -> str:
        """The whole story, or an empty text where no task failed."""
        run = self._culprit()
        if run is None:
            return ""
        return "\n".join(self._told(run, execution, file))

    def _culprit(self) -> TaskRun | None:
        """The first that failed by itself: not one that failed because a child did."""
        parents = {run.parent for run in self._failed.values()}
        own = [run for run in self._failed.values() if run.ord not in parents]
        return min(own, key=lambda run: run.state.histories[-1].date, default=None)

    def _told(self, run: TaskRun, execution: Execution, file: FlowFile) -> Iterator[str]:
        lines = self._lines.get(run.id, deque[LogEntry]())
        value = "" if run.value is None else f" for value {run.value}"
        yield ""
        yield f"✗ task {run.task_id}{value} failed in attempt {len(run.attempts) or 1}"
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
