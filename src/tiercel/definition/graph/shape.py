"""What a graph consists of. Its uids are derived from the places in the flow: equal flows give equal graphs."""

import hashlib
from enum import StrEnum

import msgspec

from tiercel.model.flow import Trigger
from tiercel.model.ids import ID_LENGTH, base62
from tiercel.model.task import Task
from tiercel.model.task_run import TaskRun

ROOT = "root"
"""The path of the flow itself."""
TRIGGERS = "Triggers"


class Relation(StrEnum):
    """How tasks of one list follow each other."""

    SEQUENTIAL = "SEQUENTIAL"
    CHOICE = "CHOICE"
    PARALLEL = "PARALLEL"
    DYNAMIC = "DYNAMIC"
    ERROR = "ERROR"
    FINALLY = "FINALLY"
    AFTER_EXECUTION = "AFTER_EXECUTION"


class Branch(StrEnum):
    """The list beside the body that a task stands in."""

    ERROR = "ERROR"
    FINALLY = "FINALLY"
    AFTER_EXECUTION = "AFTER_EXECUTION"


class NodeKind(StrEnum):
    """What a node stands for; the words are those of the wire."""

    TASK = "GraphTask"
    SUBFLOW = "SubflowGraphTask"
    EXPANDED = "SubflowGraphTask$1"
    """A Subflow whose flow is drawn too."""
    TRIGGER = "GraphTrigger"
    ROOT = "GraphClusterRoot"
    FINALLY = "GraphClusterFinally"
    AFTER_EXECUTION = "GraphClusterAfterExecution"
    END = "GraphClusterEnd"


class Node(msgspec.Struct, frozen=True, kw_only=True):
    uid: str
    kind: NodeKind
    branch: Branch | None = None
    relation: Relation | None = None
    """A task: how it stands among its siblings; a flowable: how its children do."""
    task: Task | None = None
    run: TaskRun | None = None
    trigger: Trigger | None = None
    error: str | None = None
    """Why a Subflow that should be expanded is not."""


class Edge(msgspec.Struct, frozen=True):
    source: str
    target: str
    relation: Relation | None = None
    value: str | None = None
    """The branch that is taken, or the value of the loop."""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks that stand together: a flowable with its children, the triggers, an expanded subflow."""

    uid: str
    relation: Relation | None
    branch: Branch | None
    task: Node | None
    finally_: Node
    """Named even where nothing is done finally, and no such node is drawn."""
    nodes: tuple[str, ...]
    parents: tuple[str, ...]
    start: str
    end: str

    @property
    def is_subflow(self) -> bool:
        """Does it stand for a flow that a task calls?"""
        return self.task is not None and self.task.kind is NodeKind.EXPANDED


class Graph(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]

    def node(self, uid: str) -> Node | None:
        return next((node for node in self.nodes if node.uid == uid), None)


def structural_uid(path: str, role: str, *, place: str | None = None) -> str:
    """`root.seq.end-4hF9f7…`: the digits keep it apart from a task that is called `end`."""
    digest = hashlib.blake2b(f"{place or path}\x1f{role}".encode(), digest_size=16).digest()
    digits = base62(int.from_bytes(digest, "big") % 62**ID_LENGTH, length=ID_LENGTH)
    return f"{path}.{role}-{digits}"
