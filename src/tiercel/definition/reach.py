"""Which tasks may have run when another one is rendered: from where they stand in the flow, before anything runs."""

from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from tiercel.definition.circles import reached
from tiercel.definition.document import Document, texts
from tiercel.definition.problem import Path
from tiercel.definition.walk import Written, tasks
from tiercel.model.flowable import (
    Dag,
    EachParallel,
    EachSequential,
    Flowable,
    ForEach,
    If,
    Loop,
    LoopUntil,
    Parallel,
    Switch,
)
from tiercel.model.task import Task

Reason = Literal["itself", "inside", "later", "beside", "other-branch", "isolated", "ending"]
_ENDINGS = {"errors": 1, "finally": 2, "afterExecution": 3}
"""Lists that run after the others of the same task or flow, in this order."""
_RENDERED_FIRST: dict[type[Task], str] = {
    If: "condition",
    Switch: "value",
    ForEach: "values",
    Loop: "values",
    EachSequential: "value",
    EachParallel: "value",
}
_REPEATING = (ForEach, EachSequential, EachParallel, LoopUntil)
BY_VALUE = (ForEach, EachSequential, EachParallel)
"""Outputs of tasks within are kept by the value of the iteration."""


class Place(msgspec.Struct, frozen=True):
    """A step on the way down to a task: the task that holds it (None: the flow), in which list, at which position."""

    holder: Written | None
    branch: tuple[str, ...]
    position: int


class Reach:
    """Answers for one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._by_path = {task.path: task for task in tasks(document)}
        self._by_id: dict[str, Written] = {}
        for task in self._by_path.values():
            self._by_id.setdefault(task.id, task)
        self._ways: dict[Path, list[Place]] = {}

    def task(self, name: str) -> Written | None:
        return self._by_id.get(name)

    def tasks(self) -> Collection[Written]:
        return self._by_id.values()

    def owner(self, path: Path) -> Written | None:
        """The innermost task that a value belongs to."""
        return next((task for length in range(len(path), 0, -1) if (task := self._by_path.get(path[:length]))), None)

    def is_within(self, task: Written, kinds: tuple[type[Task], ...]) -> bool:
        """Whether a task stands in one of these kinds, at any depth."""
        return any(place.holder is not None and place.holder.model in kinds for place in self.way(task))

    def hindrance(self, read: Written, path: Path) -> Reason | None:
        """Why a task cannot have run when the value at a path is rendered; None where it can."""
        owner = self.owner(path)
        if owner is None:
            return self._is_isolated(read, path) or ("ending" if _is_at_end(read) else None)
        if owner.path == read.path:
            return self._of_itself(owner, path)
        if read.path[: len(owner.path)] == owner.path:
            return _of_child(owner, path)
        if owner.path[: len(read.path)] == read.path:
            return None
        return self._is_isolated(read, owner.path) or self._of_neighbours(read, owner)

    def _of_itself(self, owner: Written, path: Path) -> Reason | None:
        """A flowable has outputs while it runs; an earlier round of what holds the task may have left some."""
        is_running = issubclass(owner.model, Flowable) and _of_child(owner, path) is None
        return None if is_running or self.is_within(owner, _REPEATING) else "itself"

    def way(self, task: Written) -> list[Place]:
        """The steps down to a task, the flow's list first."""
        known = self._ways.get(task.path)
        if known is None:
            known = self._ways[task.path] = list(self._steps(task))
        return known

    def _steps(self, task: Written) -> Iterator[Place]:
        holder: Written | None = None
        start = 0
        for length in range(1, len(task.path) + 1):
            below = self._by_path.get(task.path[:length])
            if below is not None:
                steps = task.path[start:length]
                position = next((step for step in reversed(steps) if isinstance(step, int)), 0)
                yield Place(holder, tuple(step for step in steps if isinstance(step, str)), position)
                holder, start = below, length

    def _is_isolated(self, read: Written, path: Path) -> Reason | None:
        """The iterations of a Loop are executions of their own: nobody outside sees what runs in them."""
        for place in self.way(read):
            holder = place.holder
            if holder is not None and holder.model is Loop and path[: len(holder.path)] != holder.path:
                return "isolated"
        return None

    def _of_neighbours(self, read: Written, owner: Written) -> Reason | None:
        """Two tasks, none of them in the other: decided where their ways part."""
        for there, here in zip(self.way(read), self.way(owner), strict=False):
            if there == here:
                continue
            holder = there.holder
            if holder is not None and (holder.model in _REPEATING or self.is_within(holder, _REPEATING)):
                return None  # an earlier round may have left it
            return self._parted(there, here)
        return None

    def _parted(self, there: Place, here: Place) -> Reason | None:
        if there.branch != here.branch:
            return _of_branches(there, here)
        holder = there.holder
        if holder is not None and holder.model is Dag and there.branch[0] == "tasks":
            return None if self._waits(holder, here, there) else "beside"
        if holder is not None and holder.model in (Parallel, EachParallel) and there.branch[0] == "tasks":
            return "beside"
        return "later" if there.position > here.position else None

    def _waits(self, dag: Written, here: Place, there: Place) -> bool:
        """Whether one entry of a Dag waits for another, over others too."""
        needs: dict[str, list[str]] = {}
        names: dict[int, str] = {}
        for task in self._by_path.values():
            if task.path[:-2] == (*dag.path, "tasks") and isinstance(task.path[-2], int):
                names[task.path[-2]] = task.id
                path = (*task.path[:-1], "dependsOn")
                needs[task.id] = [name for _, name in texts(self._document.at(path), path)]
        own, other = names.get(here.position, ""), names.get(there.position, "")
        return own not in needs or other in reached(needs, own)


def _is_at_end(read: Written) -> bool:
    return read.path[:1] == ("afterExecution",)


def _of_child(owner: Written, path: Path) -> Reason | None:
    """What a flowable renders before any of its children runs."""
    own = path[len(owner.path) :]
    return "inside" if own[:1] == (_RENDERED_FIRST.get(owner.model),) else None


def _of_branches(there: Place, here: Place) -> Reason | None:
    ending = _ENDINGS.get(there.branch[0], 0)
    if ending or _ENDINGS.get(here.branch[0], 0):
        return "ending" if ending > _ENDINGS.get(here.branch[0], 0) else None
    holder = there.holder
    return "other-branch" if holder is not None and holder.model in (If, Switch) else None
