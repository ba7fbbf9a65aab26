"""What a text that is being written names: its tasks, inputs, variables, labels and triggers, and where."""

from collections.abc import Iterator

from tiercel.definition.editing.node import Node
from tiercel.definition.editing.sketch import Sketch
from tiercel.definition.walk import ALONE, OF_A_TASK, OF_THE_FLOW

_BEFORE_ALL = frozenset({"inputs", "triggers", "checks", "concurrency"})
"""Sections whose expressions are rendered before any task runs."""
_LISTS = frozenset((*OF_THE_FLOW, *OF_A_TASK))


def tasks(sketch: Sketch) -> Iterator[Node]:
    """Every task that has an id, wherever it stands."""
    for node in sketch.nodes():
        if is_task(node) and node.said("id"):
            yield node


def is_task(node: Node) -> bool:
    """An entry of a list of tasks, or what stands in for one."""
    if node.parent is None or node.path[0] not in (*OF_THE_FLOW, "listeners"):
        return False
    if not node.is_item:
        return node.name in ALONE or (node.name == "task" and node.parent.is_item)
    owner = node.parent
    if owner.name in _LISTS:
        return node.child("task") is None
    return owner.parent is not None and owner.parent.name == "cases"


def task_around(node: Node) -> Node | None:
    """The innermost task that a node is in."""
    return next((each for each in node.around() if is_task(each)), None)


def tasks_before(sketch: Sketch, node: Node) -> list[Node]:
    """The tasks whose outputs can be there: those that end before the node's own task begins.

    Tasks of `errors`, `finally` and `afterExecution`, and the outputs of the flow, come after all of `tasks`.
    """
    own = task_around(node)
    section = node.path[0] if node.path else ""
    if section in _BEFORE_ALL:
        return []
    if own is None or section != "tasks":
        place = own.line if own is not None else None
        return [
            each
            for each in tasks(sketch)
            if each is not own and (place is None or each.path[0] == "tasks" or each.line < place)
        ]
    above = set(map(id, own.around()))
    return [
        each for each in tasks(sketch) if each.path[0] == "tasks" and each.line < own.line and id(each) not in above
    ]


def inputs(sketch: Sketch) -> dict[str, Node]:
    """The inputs by the name that expressions call them, those of forms too."""
    found: dict[str, Node] = {}
    for node in _entries(sketch, "inputs"):
        name = node.said("id") or node.said("name")
        group = node.child("inputs")
        if group is None:
            found[name] = node
        else:
            found |= {f"{name}.{inner.said('id')}": inner for inner in group.children}
    return {name: node for name, node in found.items() if name}


def variables(sketch: Sketch) -> Node | None:
    return sketch.root.child("variables")


def labels(sketch: Sketch) -> dict[str, Node]:
    """The flow's own labels by their keys, whichever way they are written."""
    section = sketch.root.child("labels")
    nodes = [] if section is None else section.children
    return {str(each.said("key") if each.is_item else each.name): each for each in nodes}


def triggers(sketch: Sketch) -> list[Node]:
    return _entries(sketch, "triggers")


def _entries(sketch: Sketch, name: str) -> list[Node]:
    section = sketch.root.child(name)
    return [] if section is None else [each for each in section.children if each.is_item]
