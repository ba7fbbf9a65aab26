"""A flow made ready to be decided: every task with its place, its children by block, and what its expressions name.

Made once for each revision and shared by its executions. Disabled tasks are left out here, so nobody asks again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.engine.reads import Names, Path, names_of, paths_of_flow, paths_of_task
from tiercel.model.flow import Flow
from tiercel.model.flowable import Dag, Flowable, ForEach, If, Pause, Structural, Switch
from tiercel.model.task import Retry, Task

Blocks = Mapping[str, tuple[str, ...]]
"""Ids of the enabled children by the name of their list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What expressions see of the installation."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    envs: Mapping[str, str] = field(default_factory=dict[str, str])
    globals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    environment: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A task and its place in the flow."""

    task: Task
    parent: str | None
    """The flowable it stands in; None: the flow itself."""
    block: str
    """Which list of the parent: tasks, errors, finally, afterExecution, onPause. Branches count as tasks."""
    place: int
    """Its place in that list."""
    blocks: Blocks
    is_leaf: bool
    """Has no children, ever."""
    is_runnable: bool
    """Runs as a job, on a worker or inside the executor."""
    is_instant: bool
    is_forced: bool
    """Runs whatever the execution's state: afterExecution and everything below."""
    loops: int
    """How many loops it stands in."""
    inherited_retry: Retry | None
    """The retry of the nearest task above that has one, or of the flow."""
    names: Names | None
    """What its expressions name; None: everything."""
    needs: tuple[int, ...] = ()
    """Dag: for each child, the children it waits for, as bits."""
    dependents: tuple[tuple[int, ...], ...] = ()
    """Dag: for each child, the places of those that wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowContext:
    """A revision of a flow with everything that deciding needs to know about it."""

    flow: Flow
    revision: int
    tenant: str
    world: World
    nodes: Mapping[str, Node]
    blocks: Blocks
    """The flow's own lists."""
    names: Names | None
    """What all expressions of the flow together name."""
    kept: frozenset[str]
    """Tasks whose outputs or states expressions name: the working set remembers them after their end."""

    @classmethod
    def of(
        cls, flow: Flow, *, revision: int, tenant: str, world: World, instant: frozenset[str] = frozenset()
    ) -> "FlowContext":
        """Make a flow ready. `instant` are the names of types that run inside the executor."""
        nodes = {node.task.id: node for node in _nodes(flow, instant)}
        paths = paths_of_flow(flow).union(*(paths_of_task(node.task) for node in nodes.values()))
        named = {path[:2] for path in paths}
        return cls(
            flow=flow,
            revision=revision,
            tenant=tenant,
            world=world,
            nodes=nodes,
            blocks=_enabled(_root_lists(flow)),
            names=names_of(paths),
            kept=frozenset(task_id for task_id in nodes if _is_named(task_id, named)),
        )

    @property
    def reads_states(self) -> bool:
        """Whether an expression asks for the states of tasks."""
        return self.names is None or "tasks" in self.names

    def below(self, task_id: str) -> Iterator[str]:
        """A task and all tasks inside it."""
        yield task_id
        for children in self.nodes[task_id].blocks.values():
            for child in children:
                yield from self.below(child)


def _is_named(task_id: str, named: set[Path]) -> bool:
    return not named.isdisjoint({(), ("tasks",), ("outputs",), ("outputs", task_id), ("tasks", task_id)})


def _root_lists(flow: Flow) -> dict[str, tuple[Task, ...]]:
    return {
        "tasks": flow.tasks,
        "errors": flow.errors,
        "finally": flow.finally_,
        "afterExecution": flow.after_execution,
    }


def lists_of(task: Flowable) -> dict[str, tuple[Task, ...]]:
    """The task's children by the name of their list; a branching task has one list a branch."""
    ends = {"errors": task.errors, "finally": task.finally_}
    match task:
        case If():
            return {"then": task.then, "else": task.else_, **ends}
        case Switch():
            cases = {f"case {value}": tasks for value, tasks in task.cases.items()}
            return {**cases, "defaults": task.defaults, **ends}
        case Pause():
            return {"tasks": task.tasks, "onPause": () if task.on_pause is None else (task.on_pause,), **ends}
        case _:
            return {"tasks": task.children(), **ends}


def _enabled(lists: dict[str, tuple[Task, ...]]) -> Blocks:
    return {name: tuple(task.id for task in tasks if not task.disabled) for name, tasks in lists.items()}


@dataclass(frozen=True, slots=True)
class _Above:
    """What a task inherits from where it stands."""

    parent: str | None
    retry: Retry | None
    is_forced: bool = False
    loops: int = 0


def _nodes(flow: Flow, instant: frozenset[str]) -> Iterator[Node]:
    for block, tasks in _root_lists(flow).items():
        is_forced = block == "afterExecution"
        # What runs after the end cannot bring the execution back: the flow's retry is not for it.
        above = _Above(None, None if is_forced else flow.retry, is_forced)
        yield from _list_nodes(tasks, block, above, instant)


def _list_nodes(tasks: tuple[Task, ...], block: str, above: _Above, instant: frozenset[str]) -> Iterator[Node]:
    for place, task in enumerate(task for task in tasks if not task.disabled):
        lists = lists_of(task) if isinstance(task, Flowable) else {}
        yield _node(task, block, place, _enabled(lists), above, instant)
        below = _Above(task.id, task.retry or above.retry, above.is_forced, above.loops + isinstance(task, ForEach))
        for name, children in lists.items():
            known = name if name in _OWN_BLOCKS else "tasks"
            yield from _list_nodes(children, known, below, instant)


_OWN_BLOCKS = frozenset({"errors", "finally", "onPause"})


def _node(task: Task, block: str, place: int, blocks: Blocks, above: _Above, instant: frozenset[str]) -> Node:
    needs = _needs(task, blocks["tasks"]) if isinstance(task, Dag) else ()
    return Node(
        task=task,
        parent=above.parent,
        block=block,
        place=place,
        blocks=blocks,
        is_leaf=not isinstance(task, Flowable),
        is_runnable=not isinstance(task, Structural),
        is_instant=task.type in instant,
        is_forced=above.is_forced,
        loops=above.loops,
        inherited_retry=above.retry,
        names=names_of(paths_of_task(task)),
        needs=needs,
        dependents=_dependents(needs),
    )


def _needs(dag: Dag, children: tuple[str, ...]) -> tuple[int, ...]:
    """A dependency on a disabled task counts as met."""
    places = {task_id: place for place, task_id in enumerate(children)}
    return tuple(
        sum(1 << places[name] for name in set(entry.depends_on) if name in places)
        for entry in dag.tasks
        if entry.task.id in places
    )


def _dependents(needs: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    waiting: list[list[int]] = [[] for _ in needs]
    for place, bits in enumerate(needs):
        while bits:
            lowest = bits & -bits
            waiting[lowest.bit_length() - 1].append(place)
            bits ^= lowest
    return tuple(map(tuple, waiting))
