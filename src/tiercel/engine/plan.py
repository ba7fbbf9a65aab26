"""A flow made ready to be decided: every task with its place, its children by block, and what its expressions name.

Made once for each revision and shared by its executions. Disabled tasks are left out here, so nobody asks again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.engine.conditions import conditions_of
from tiercel.engine.reads import Names, Path, names_of, paths_of_flow, paths_of_task
from tiercel.expression import Dialect
from tiercel.model.batches import SPLIT
from tiercel.model.bounds import Bound
from tiercel.model.conditions import Condition
from tiercel.model.flow import Flow, Output
from tiercel.model.flowable import (
    Approval,
    BatchExecutions,
    Dag,
    Flowable,
    ForEachItem,
    If,
    Loop,
    Pause,
    Structural,
    Switch,
    Template,
    WorkingDirectory,
)
from tiercel.model.iteration import Iteration
from tiercel.model.sealed import Cipher
from tiercel.model.spilled import OutputLimits
from tiercel.model.task import Retry, Task

Blocks = Mapping[str, tuple[str, ...]]
"""Ids of the enabled children by the name of their list."""


NO_TEMPLATES: Mapping[str, int] = MappingProxyType({})


NO_ALIASES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What expressions see of the installation."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    dialect: Dialect = field(default_factory=Dialect)
    """The version of the language of expressions."""
    envs: Mapping[str, str] = field(default_factory=dict[str, str])
    globals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    environment: str | None = None
    url: str | None = None
    cipher: Cipher | None = None
    """The server's key: opens encrypted values where the engine renders, seals outputs of type SECRET."""
    stopwatch: Callable[[], float] | None = None
    """Seconds gone by since some moment, to limit regular expressions; nothing is decided by it."""
    limits: OutputLimits = field(default_factory=OutputLimits)
    """From which size on outputs go to internal storage."""


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
    """Runs by itself: it has no children, or none that are started here (those of a Loop, of a WorkingDirectory)."""
    is_runnable: bool
    """Runs as a job, on a worker or inside the executor."""
    is_directory: bool
    """Runs its children as parts of its own job."""
    is_part: bool
    """Is such a child."""
    is_instant: bool
    is_forced: bool
    """Runs whatever the execution's state: afterExecution and everything below."""
    inherited_retry: Retry | None
    """The retry of the nearest task above that has one, or of the flow."""
    names: Names | None
    """What its expressions name; None: everything."""
    aliases: Mapping[str, str]
    """What the template it stands in calls other tasks, where that is not their id."""
    needs: tuple[int, ...] = ()
    """Dag: for each child, the children it waits for, as bits."""
    dependents: tuple[tuple[int, ...], ...] = ()
    """Dag: for each child, the places of those that wait for it."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The tasks of one listener: from this place in afterExecution on, up to that one."""

    first: int
    end: int
    conditions: tuple[Condition, ...] | None
    """None: they make no sense and never hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowContext:
    """A revision of a flow with everything that deciding needs to know about it."""

    flow: Flow
    revision: int
    tenant: str
    world: World
    around: tuple[Bound, ...]
    """Limits of concurrency that the installation sets to all flows of its namespace."""
    nodes: Mapping[str, Node]
    blocks: Blocks
    """The flow's own lists."""
    outputs: tuple[Output, ...]
    """What the execution gives at its end."""
    listening: tuple[Listening, ...]
    """1.x: which part of afterExecution runs only where its conditions hold."""
    iterations: Mapping[str, "FlowContext"]
    """By the id of each Loop what its iterations run: its lists as those of a flow."""
    names: Names | None
    """What all expressions of the flow together name."""
    kept: frozenset[str]
    """Tasks whose outputs or states expressions name: the working set remembers them after their end."""
    templates: Mapping[str, int]
    """Which revisions of stored templates stand in it, by `namespace/id`."""

    @classmethod
    def of(
        cls,
        flow: Flow,
        *,
        revision: int,
        tenant: str,
        world: World,
        around: tuple[Bound, ...] = (),
        instant: frozenset[str] = frozenset(),
        templates: Mapping[str, int] = NO_TEMPLATES,
    ) -> "FlowContext":
        """Make a flow ready. `instant` are the names of types that run inside the executor."""
        nodes = {node.task.id: node for node in _nodes(flow, instant)}
        paths = paths_of_flow(flow).union(*map(_paths_of_node, nodes.values()))
        named = {path[:2] for path in paths}
        iterations: dict[str, FlowContext] = {}
        context = cls(
            flow=flow,
            revision=revision,
            tenant=tenant,
            world=world,
            around=around,
            nodes=nodes,
            blocks=_enabled(_root_lists(flow)),
            outputs=flow.outputs,
            listening=tuple(_listening(flow)),
            iterations=iterations,
            names=names_of(paths),
            kept=frozenset(node.task.id for node in nodes.values() if _is_kept(node, named)),
            templates=templates,
        )
        for node in nodes.values():
            if isinstance(node.task, Loop):
                iterations[node.task.id] = _within(context, node, node.task)
        return context

    def of_iteration(self, iteration: Iteration | None) -> "FlowContext":
        """What an execution runs: an iteration of a Loop nothing but the loop's own lists."""
        return self if iteration is None else self.iterations[iteration.task_id]

    def in_full(self) -> "FlowContext":
        """The same for somebody who may ask for anything: nothing that is over is forgotten."""
        everything = frozenset(self.nodes)
        within: dict[str, FlowContext] = {}
        for task_id, inner in self.iterations.items():
            within[task_id] = replace(inner, names=None, kept=everything, iterations=within)
        return replace(self, names=None, kept=everything, iterations=within)

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


def _within(context: FlowContext, node: Node, loop: Loop) -> FlowContext:
    outputs = tuple(Output.model_validate(output.model_dump()) for output in loop.outputs)
    return replace(context, blocks={**node.blocks, "afterExecution": ()}, outputs=outputs)


def _paths_of_node(node: Node) -> frozenset[Path]:
    """What its expressions name, tasks by their ids."""
    paths = paths_of_task(node.task)
    if not node.aliases:
        return paths
    return frozenset((*path[:1], node.aliases.get(path[1], path[1]), *path[2:]) if path[1:] else path for path in paths)


def _is_kept(node: Node, named: set[Path]) -> bool:
    """An expression names it, or a step of a ForEachItem that comes after it reads its outputs."""
    task_id = node.task.id
    if node.task.type in (SPLIT, BatchExecutions.types[0]):
        return True
    return not named.isdisjoint({(), ("tasks",), ("outputs",), ("outputs", task_id), ("tasks", task_id)})


def _root_lists(flow: Flow) -> dict[str, tuple[Task, ...]]:
    return {
        "tasks": flow.tasks,
        "errors": flow.errors,
        "finally": flow.finally_,
        "afterExecution": (*(task for listener in flow.listeners for task in listener.tasks), *flow.after_execution),
    }


def _listening(flow: Flow) -> Iterator[Listening]:
    first = 0
    for listener in flow.listeners:
        end = first + sum(not task.disabled for task in listener.tasks)
        yield Listening(first, end, conditions_of(listener))
        first = end


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
        case Approval():
            return {"onWait": task.on_wait, "onApprove": task.on_approve, "onDeny": task.on_deny, **ends}
        case ForEachItem():
            return {"tasks": task.steps(), **ends}
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
    is_directory: bool = False
    aliases: Mapping[str, str] = field(default_factory=lambda: NO_ALIASES)


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
        aliases = {**above.aliases, **task.aliases} if isinstance(task, Template) else above.aliases
        retry, is_directory = task.retry or above.retry, isinstance(task, WorkingDirectory)
        below = _Above(task.id, retry, above.is_forced, is_directory, aliases)
        for name, children in lists.items():
            known = _OWN_BLOCKS.get(name, "tasks")
            yield from _list_nodes(children, known, below, instant)


_OWN_BLOCKS = {"errors": "errors", "finally": "finally", "onPause": "onPause", "onWait": "onPause"}
"""Lists whose tasks do not decide the state; the others are branches."""


def _node(task: Task, block: str, place: int, blocks: Blocks, above: _Above, instant: frozenset[str]) -> Node:
    needs = _needs(task, blocks["tasks"]) if isinstance(task, Dag) else ()
    is_part = above.is_directory and block == "tasks"
    return Node(
        task=task,
        parent=above.parent,
        block=block,
        place=place,
        blocks=blocks,
        is_leaf=not isinstance(task, Flowable) or isinstance(task, Loop | WorkingDirectory),
        is_runnable=isinstance(task, WorkingDirectory) or not (isinstance(task, Structural) or is_part),
        is_directory=isinstance(task, WorkingDirectory),
        is_part=is_part,
        is_instant=task.type in instant,
        is_forced=above.is_forced,
        inherited_retry=above.retry,
        names=names_of(_paths_of_job(task)),
        aliases=above.aliases,
        needs=needs,
        dependents=_dependents(needs),
    )


def _paths_of_job(task: Task) -> frozenset[Path]:
    """What a task's expressions name, and those of the children that its job runs."""
    own = paths_of_task(task)
    return own.union(*map(paths_of_task, task.tasks)) if isinstance(task, WorkingDirectory) else own


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
