"""Draws a flow: nodes in the order of the text, each flowable a cluster, edges from what ends to what begins then."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tiercel.definition.graph.area import (
    Area,
    area_of_flow,
    area_of_flowable,
    area_of_subflow,
    area_of_triggers,
)
from tiercel.definition.graph.kinds import branches, calls_a_flow, is_cluster, is_one_by_one, relation_of
from tiercel.definition.graph.runs import Runs
from tiercel.definition.graph.shape import Branch, Edge, Graph, Node, NodeKind, Relation
from tiercel.model.flow import Flow, Trigger
from tiercel.model.flowable import Approval, Dag, EachParallel, Flowable, If, Parallel, Switch
from tiercel.model.task import Task
from tiercel.model.task_run import TaskRun

Expanded = Mapping[str, Flow | str]
"""What is known of the flows that Subflow tasks call, by the uid of the task: the flow, or why there is none."""


def graph_of(flow: Flow, *, runs: Iterable[TaskRun] = (), expanded: Expanded | None = None) -> Graph:
    """The graph of a flow; with task runs that of an execution of it."""
    drawing = _Drawing(expanded or {})
    drawing.flow(area_of_flow(Runs(runs)), flow)
    return drawing.graph()


class _Passage(NamedTuple):
    """Where edges enter a task, and where they leave it."""

    entry: str
    exit: str


class _Label(NamedTuple):
    relation: Relation | None = None
    value: str | None = None


_PLAIN = _Label()


class _Line(NamedTuple):
    """How a list of tasks is strung between two nodes."""

    source: str
    target: str
    first: _Label
    further: _Label
    nodes: Relation
    branch: Branch | None = None


class _Drawing:
    def __init__(self, expanded: Expanded) -> None:
        self._expanded = expanded
        self._nodes: list[Node] = []
        self._edges: list[Edge] = []
        self._areas: list[Area] = []

    def graph(self) -> Graph:
        clusters = tuple(area.cluster() for area in self._areas)
        return Graph(tuple(self._nodes), tuple(self._edges), clusters)

    def flow(self, area: Area, flow: Flow) -> None:
        """A flow, in an area of its own."""
        self._open(area, has_finally=bool(flow.finally_), has_after_execution=bool(flow.after_execution))
        if flow.triggers:
            self._triggers(area, flow.triggers)
        further = _Label(Relation.SEQUENTIAL)
        first = _Label(area.relation)
        self._chain(area, flow.tasks, _Line(area.start, area.next, first, further, Relation.SEQUENTIAL))
        self._beside(area, flow.errors, flow.finally_, flow.after_execution)

    def _open(self, area: Area, *, has_finally: bool, has_after_execution: bool = False) -> None:
        """The nodes that every cluster has, and the edge into it."""
        self._structural(area, area.root, NodeKind.ROOT)
        if has_finally:
            area.finally_ = area.place("finally")
            self._structural(area, area.finally_, NodeKind.FINALLY)
        if has_after_execution:
            area.after_execution = area.place("after-execution")
            self._structural(area, area.after_execution, NodeKind.AFTER_EXECUTION)
        self._structural(area, area.end, NodeKind.END)
        if area.task is not None:
            self._add(area, area.task)
            self._edge(area.root, area.task.uid)

    def _structural(self, area: Area, uid: str, kind: NodeKind) -> None:
        self._add(area, Node(uid=uid, kind=kind, branch=area.branch))

    def _add(self, area: Area, node: Node) -> None:
        self._nodes.append(node)
        area.members.append(node.uid)

    def _edge(self, source: str, target: str, label: _Label = _PLAIN, run: TaskRun | None = None) -> None:
        value = label.value or (None if run is None else run.value)
        self._edges.append(Edge(source, target, label.relation, value))

    def _enter(self, around: Area, area: Area) -> None:
        """A cluster is drawn within another."""
        self._areas.append(area)
        around.members += (area.uid, area.root, area.end)

    def _triggers(self, around: Area, triggers: Sequence[Trigger]) -> None:
        area = area_of_triggers(around)
        self._enter(around, area)
        self._open(area, has_finally=False)
        for trigger in triggers:
            node = Node(uid=f"{area.path}.{trigger.id}", kind=NodeKind.TRIGGER, trigger=trigger)
            self._add(area, node)
            self._edge(area.root, node.uid)
            self._edge(node.uid, area.end)
        self._edge(area.end, around.root)

    # The lists of a cluster ---------------------------------------------------------------------------------------------

    def _body(self, area: Area, task: Flowable) -> None:
        match task:
            case Parallel() | EachParallel():
                self._fan(area, task.tasks)
            case Dag():
                self._dag(area, task)
            case If() | Switch() | Approval():
                for name, tasks in branches(task).items():
                    first, further = _Label(Relation.CHOICE, name), _Label(Relation.SEQUENTIAL, name)
                    self._chain(area, tasks, _Line(area.start, area.next, first, further, Relation.SEQUENTIAL))
            case _:
                first = _Label(area.relation)
                self._chain(area, task.children(), _Line(area.start, area.next, first, first, Relation.SEQUENTIAL))

    def _beside(
        self, area: Area, errors: Sequence[Task], finally_: Sequence[Task], after_execution: Sequence[Task] = ()
    ) -> None:
        """The lists beside the body: each a chain of its own."""
        label = _Label(Relation.ERROR)
        self._chain(area, errors, _Line(area.root, area.next, label, label, Relation.ERROR, Branch.ERROR))
        self._last(area, finally_, area.finally_, area.after_finally, Branch.FINALLY)
        self._last(area, after_execution, area.after_execution, area.end, Branch.AFTER_EXECUTION)

    def _last(self, area: Area, tasks: Sequence[Task], source: str | None, target: str, branch: Branch) -> None:
        if source is None:
            return
        relation = Relation(branch)
        further = area.relation if area.relation is Relation.DYNAMIC else relation
        self._chain(area, tasks, _Line(source, target, _Label(area.relation), _Label(further), relation, branch))

    def _chain(self, area: Area, tasks: Sequence[Task], line: _Line) -> None:
        """One after the other; in a loop that has run, once for each value."""
        if not tasks:
            return
        rounds = area.rounds(tasks)
        if is_one_by_one(area.flowable):
            rounds = [[pair for each in rounds for pair in each]]
        for each in rounds:
            before, label = line.source, line.first
            for task, run in each:
                passage = self._task(area, task, run, relation=line.nodes, branch=line.branch)
                self._edge(before, passage.entry, label, run)
                before, label = passage.exit, line.further
            self._edge(before, line.target)

    def _fan(self, area: Area, tasks: Sequence[Task]) -> None:
        """All at the same time."""
        for task, run in (pair for each in area.rounds(tasks) for pair in each):
            passage = self._task(area, task, run, relation=Relation.PARALLEL)
            self._edge(area.start, passage.entry, _Label(area.relation), run)
            self._edge(passage.exit, area.next)

    def _dag(self, area: Area, dag: Dag) -> None:
        """Each after all that it depends on."""
        passages = {
            task.id: self._task(area, task, run, relation=Relation.SEQUENTIAL, is_in_dag=True)
            for each in area.rounds(dag.children())
            for task, run in each
        }
        label = _Label(Relation.PARALLEL)
        for entry in dag.tasks:
            sources = [passages[name].exit for name in entry.depends_on if name in passages]
            for source in sources or [area.start]:
                self._edge(source, passages[entry.task.id].entry, label)
        needed = {name for entry in dag.tasks for name in entry.depends_on}
        for name, passage in passages.items():
            if name not in needed:
                self._edge(passage.exit, area.next)

    # One task -----------------------------------------------------------------------------------------------------------

    def _task(
        self,
        around: Area,
        task: Task,
        run: TaskRun | None,
        *,
        relation: Relation,
        branch: Branch | None = None,
        is_in_dag: bool = False,
    ) -> _Passage:
        uid = "_".join((f"{around.path}.{task.id}", *(run.place if run is not None else ())))
        own = relation_of(task) if isinstance(task, Flowable) else relation
        kind = NodeKind.SUBFLOW if calls_a_flow(task) and not is_in_dag else NodeKind.TASK
        node = Node(uid=uid, kind=kind, branch=branch, relation=own, task=task, run=run)
        if isinstance(task, Flowable) and is_cluster(task):
            return self._flowable(around, node, task)
        if kind is NodeKind.SUBFLOW and uid in self._expanded:
            return self._subflow(around, node, self._expanded[uid])
        self._add(around, node)
        return _Passage(uid, uid)

    def _flowable(self, around: Area, node: Node, task: Flowable) -> _Passage:
        area = area_of_flowable(around, node)
        self._enter(around, area)
        self._open(area, has_finally=bool(task.finally_))
        self._body(area, task)
        self._beside(area, task.errors, task.finally_)
        return _Passage(area.root, area.end)

    def _subflow(self, around: Area, node: Node, found: Flow | str) -> _Passage:
        """The flow that is called, in place of the task; a plain task that says why, where there is none."""
        if isinstance(found, str):
            self._add(around, msgspec.structs.replace(node, error=found))
            return _Passage(node.uid, node.uid)
        area = area_of_subflow(around, msgspec.structs.replace(node, kind=NodeKind.EXPANDED))
        self._enter(around, area)
        self.flow(area, found)
        return _Passage(area.root, area.end)
