"""What is being written at a position: a name, or the value of a name, and how much of it stands there already."""

import re
from typing import Literal

import msgspec

from tiercel.definition.editing.node import Node
from tiercel.definition.editing.sketch import Sketch

_WORD = re.compile(r"(?:[\w.$][\w.$-]*)?\Z")
_REST = re.compile(r"[\w.$-]*")


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Lines and columns count from 0."""

    kind: Literal["name", "value"]
    node: Node
    """Of a name: what it belongs to. Of a value: the node that has it."""
    on: Node | None = None
    """Of a name: its own node, where it is written already."""
    line: int
    start: int
    """Where the word begins that stands at the position."""
    end: int
    """Where it ends."""
    word: str
    """The part of it before the position."""
    before: str = ""
    """Of a value: all of it before the position."""
    after: str = ""
    """Of a value: the rest of its line."""


def spot_at(sketch: Sketch, line: int, column: int) -> Spot:
    """What stands at a position; positions beyond the text are taken as its end."""
    line = max(0, min(line, len(sketch.lines) - 1))
    written = sketch.lines[line].rstrip("\r")
    column = max(0, min(column, len(written)))
    node = _valued(sketch, line, column)
    if node is not None:
        outer = [each for each in node.around() if each.is_bracketed]
        return _value(sketch, outer[-1] if outer else node, line, column)
    on = next((each for each in reversed(sketch.by_line[line]) if each.column <= column and not each.is_item), None)
    owner = on.parent if on is not None and on.parent is not None else _owner(sketch, line, column)
    start, end = (on.column, on.name_end) if on is not None else _word_at(written, column)
    return Spot(kind="name", node=owner, on=on, line=line, start=start, end=end, word=written[start:column])


def _valued(sketch: Sketch, line: int, column: int) -> Node | None:
    """The node in whose value the position lies."""
    for node in reversed(sketch.by_line[line]):
        if node.colon >= 0 and node.colon < column:
            return node
        if node.is_item and node.value and node.value_line == line and column >= node.value_column:
            return node
    above = sketch.node_at(line) if not sketch.by_line[line] else None
    if above is None:
        return None
    return above if not above.is_block or column > above.column else None


def _owner(sketch: Sketch, line: int, column: int) -> Node:
    """What a name at this column would belong to."""
    last = sketch.root
    for number in range(line, -1, -1):
        nodes = [each for each in sketch.by_line[number] if number < line or each.column < column]
        if nodes:
            last = nodes[-1]
            break
    for node in last.around():
        if node.column < column and not node.is_loose and not (node.value and not node.is_item):
            return node
    return sketch.root


def _value(sketch: Sketch, node: Node, line: int, column: int) -> Spot:
    written = sketch.lines[line].rstrip("\r")
    start, end = _word_at(written, column)
    if node.is_bracketed:
        node = _within_brackets(sketch, node, line, start)
        if _opening(sketch, node) == "{":
            on = next((each for each in node.children if (each.line, each.column) == (line, start)), None)
            return Spot(kind="name", node=node, on=on, line=line, start=start, end=end, word=written[start:column])
    floor = node.colon + 1 if line == node.line else 0
    return Spot(
        kind="value",
        node=node,
        line=line,
        start=max(start, floor),
        end=max(end, floor),
        word=written[max(start, floor) : column],
        before=_before(sketch, node, line, column),
        after=written[column:],
    )


def _within_brackets(sketch: Sketch, node: Node, line: int, start: int) -> Node:
    """What a word belongs to that begins here: an entry of a list, the value of a name, or a mapping that is to get one."""
    inner = _innermost(node, line, start)
    if not inner.is_bracketed and inner.is_item and (inner.line, inner.column) == (line, start):
        return inner
    sign = sketch.lines[line][:start].rstrip()[-1:]
    if sign not in (",", "[", "{") and not (inner.is_loose and inner.line == line and inner.column == start):
        return inner
    owner = inner if inner.is_bracketed and sign != "," else inner.parent or inner
    if _opening(sketch, owner) == "{":
        return owner
    return Node(len(owner.children), owner, line=line, column=start, name_end=start)


def _innermost(node: Node, line: int, column: int) -> Node:
    """The innermost one that begins before the position."""
    for child in reversed(node.children):
        if (child.line, child.column) <= (line, column):
            return _innermost(child, line, column) if child.is_bracketed else child
    return node


def _opening(sketch: Sketch, node: Node) -> str:
    """The bracket that a node's value begins with, if it is one."""
    return sketch.lines[node.value_line][node.value_column : node.value_column + 1] if node.is_bracketed else ""


def _before(sketch: Sketch, node: Node, line: int, column: int) -> str:
    if line == node.value_line and not node.is_block:
        return sketch.lines[line][min(node.value_column, column) : column]
    first = node.value_line + 1 if node.is_block else node.value_line
    lines = sketch.lines[first:line]
    if lines and not node.is_block:
        lines[0] = lines[0][node.value_column :]
    return "\n".join([*lines, sketch.lines[line][:column]])


def _word_at(written: str, column: int) -> tuple[int, int]:
    before, after = _WORD.search(written[:column]), _REST.match(written, column)
    return (before.start() if before else column), (after.end() if after else column)
