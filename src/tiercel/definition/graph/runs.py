"""Which task runs stand for a task, seen from the run of the flowable around it."""

from collections.abc import Iterable, Sequence

from tiercel.model.task import Task
from tiercel.model.task_run import TaskRun

Pair = tuple[Task, TaskRun | None]
"""A task with the run it is drawn for; None for a task that has not run."""


class Runs:
    """The task runs of an execution, by task; dynamic ones are not drawn, as they stand in no flow."""

    def __init__(self, runs: Iterable[TaskRun]) -> None:
        self._by_task: dict[str, list[TaskRun]] = {}
        self._by_parent: dict[tuple[str, int], list[TaskRun]] = {}
        for run in sorted((run for run in runs if not run.dynamic), key=lambda run: run.ord):
            self._by_task.setdefault(run.task_id, []).append(run)
            self._by_parent.setdefault((run.task_id, run.parent), []).append(run)

    def rounds(self, tasks: Sequence[Task], parent: TaskRun | None) -> list[list[Pair]]:
        """The tasks, once for each value of a loop around them; what has run for no value stands in the last round."""
        by_value: dict[str | None, dict[str, TaskRun]] = {}
        for task in tasks:
            for run in self._of(task, parent):
                # Where a value stands twice, the later run is shown.
                by_value.setdefault(run.value, {})[task.id] = run
        idle = {task.id for task in tasks if not self._of(task, parent)}
        *others, last = by_value.values() or [{}]
        rounds: list[list[Pair]] = [[(task, found[task.id]) for task in tasks if task.id in found] for found in others]
        return [*rounds, [(task, last.get(task.id)) for task in tasks if task.id in last or task.id in idle]]

    def _of(self, task: Task, parent: TaskRun | None) -> list[TaskRun]:
        if parent is None:
            return self._by_task.get(task.id, [])
        return self._by_parent.get((task.id, parent.ord), [])
