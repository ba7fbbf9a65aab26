"""A cluster while it is drawn: where its chains begin, where they lead to, and what stands in it."""

from collections.abc import Sequence

from tiercel.definition.graph.runs import Pair, Runs
from tiercel.definition.graph.shape import (
    ROOT,
    TRIGGERS,
    Branch,
    Cluster,
    Node,
    NodeKind,
    Relation,
    structural_uid,
)
from tiercel.model.task import Task

NO_RUNS = Runs(())


class Area:
    """One cluster, or the flow itself, which is none."""

    def __init__(
        self,
        path: str,
        *,
        name: str,
        runs: Runs,
        relation: Relation | None = None,
        branch: Branch | None = None,
        task: Node | None = None,
        parents: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.relation = relation
        self.branch = branch
        self.task = task
        self.parents = parents
        self.members: list[str] = []
        self.finally_: str | None = None
        self.after_execution: str | None = None
        self.root = self.place("root")
        self.end = self.place("end")
        self.runs = runs
        self._name = name
        """What the node of `finally` is named after where it is not drawn."""

    def place(self, role: str) -> str:
        """The uid of a node that belongs to the cluster and to none of its tasks."""
        return structural_uid(self.path, role)

    def rounds(self, tasks: Sequence[Task]) -> list[list[Pair]]:
        """Tasks that stand in it, with their runs."""
        return self.runs.rounds(tasks, None if self.task is None else self.task.run)

    @property
    def flowable(self) -> Task | None:
        return None if self.task is None else self.task.task

    @property
    def start(self) -> str:
        """Where the body begins."""
        return self.root if self.task is None else self.task.uid

    @property
    def next(self) -> str:
        """Where the body and the errors lead to."""
        return self.finally_ or self.after_finally

    @property
    def after_finally(self) -> str:
        return self.after_execution or self.end

    @property
    def within(self) -> tuple[str, ...]:
        """The clusters around what stands in it."""
        return self.parents if self.path == ROOT else (*self.parents, self.uid)

    @property
    def uid(self) -> str:
        return f"cluster_{self.path}"

    def cluster(self) -> Cluster:
        """The finished cluster."""
        finally_ = self.finally_ or structural_uid(self._name, "finally", place=self.path)
        return Cluster(
            uid=self.uid,
            relation=self.relation,
            branch=self.branch,
            task=self.task,
            finally_=Node(uid=finally_, kind=NodeKind.FINALLY, branch=self.branch if self.finally_ else None),
            nodes=tuple(self.members),
            parents=self.parents,
            start=self.root,
            end=self.end,
        )


def area_of_flow(runs: Runs) -> Area:
    return Area(ROOT, name=ROOT, runs=runs)


def area_of_triggers(around: Area) -> Area:
    path = f"{around.path}.{TRIGGERS}"
    return Area(path, name=path, runs=NO_RUNS, parents=around.within)


def area_of_flowable(around: Area, node: Node) -> Area:
    name = node.uid.removeprefix(f"{around.path}.")
    return Area(
        node.uid,
        name=name,
        runs=around.runs,
        relation=node.relation,
        branch=node.branch,
        task=node,
        parents=around.within,
    )


def area_of_subflow(around: Area, node: Node) -> Area:
    """The flow that a task calls: its task runs are those of another execution."""
    return Area(
        node.uid,
        name=node.uid,
        runs=NO_RUNS,
        relation=Relation.SEQUENTIAL,
        branch=node.branch,
        task=node,
        parents=around.within,
    )
