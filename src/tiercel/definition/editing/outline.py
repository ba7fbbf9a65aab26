"""The outline of a flow: its sections, and in them tasks, inputs, triggers, one within the other."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from tiercel.definition.editing import flow_names
from tiercel.definition.editing.node import Node
from tiercel.definition.editing.sketch import Sketch

Kind = Literal["section", "task", "input", "output", "trigger"]
_ENTRIES: dict[str, Kind] = {"inputs": "input", "outputs": "output", "triggers": "trigger"}


class Entry(msgspec.Struct, frozen=True):
    """One thing of the outline. Lines and columns count from 0."""

    name: str
    kind: Kind
    detail: str
    line: int
    start: int
    end: int
    last_line: int
    inner: tuple["Entry", ...] = ()


def outline(sketch: Sketch) -> tuple[Entry, ...]:
    """The sections of a flow in the order of the text."""
    return tuple(
        _entry(node, str(node.name), "section")
        for node in sketch.root.children
        if not node.is_item and not node.is_loose and node.children
    )


def _entry(node: Node, name: str, kind: Kind, detail: str = "") -> Entry:
    named = node.child("id") or node
    start, end = (
        (named.value_column, named.value_column + len(named.value))
        if named is not node
        else (
            node.column,
            node.name_end,
        )
    )
    return Entry(
        name, kind, detail, named.line, start, end, max(named.line, last_line(node)), tuple(_inner(node, kind))
    )


def _inner(node: Node, kind: Kind) -> Iterator[Entry]:
    for child in node.children:
        entry = _kind(child, kind)
        if entry is not None and child.said("id"):
            yield _entry(child, child.said("id"), entry, child.said("type"))
        elif entry is None:
            yield from _inner(child, kind)


def _kind(node: Node, around: Kind) -> Kind | None:
    if flow_names.is_task(node):
        return "task"
    path = node.path
    return _ENTRIES.get(str(path[0])) if node.is_item and (len(path) == 2 or path[-2] == "inputs") else None


def last_line(node: Node) -> int:
    """The last line of all that stands below a node."""
    return max([node.last_line, *(last_line(child) for child in node.children)])
