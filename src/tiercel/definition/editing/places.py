"""What a position is on, told to a reader (hover), and where it is defined (go to definition)."""

from collections.abc import Callable

import msgspec

from tiercel.definition.editing import flow_names, wording
from tiercel.definition.editing.expressions import Pointed, pointed
from tiercel.definition.editing.node import Node
from tiercel.definition.editing.scope import Scope
from tiercel.definition.editing.shapes import Shapes
from tiercel.definition.editing.sketch import Sketch
from tiercel.definition.editing.spot import Spot, spot_at
from tiercel.definition.editing.types import Types
from tiercel.definition.input_types import INPUT_TYPES
from tiercel.expression import FILTERS, FUNCTIONS, OPERATORS, TAGS, TESTS
from tiercel.model.flow import InputType


class Range(msgspec.Struct, frozen=True):
    """A part of one line, counted from 0."""

    line: int
    start: int
    end: int


class Told(msgspec.Struct, frozen=True):
    """A text in Markdown, and what it is about."""

    text: str
    range: Range


def hover(sketch: Sketch, line: int, column: int, *, types: Types, shapes: Shapes) -> Told | None:
    """What there is to say of a position."""
    spot = spot_at(sketch, line, column)
    if spot.kind == "name":
        text = _of_name(spot, shapes)
    else:
        here = pointed(spot.before, spot.after)
        text = _of_value(spot, types, shapes) if here is None else _of_pointed(sketch, spot, here, types)
    return Told(text, Range(spot.line, spot.start, spot.end)) if text else None


def definition_of(sketch: Sketch, line: int, column: int, *, types: Types) -> Range | None:
    """Where the thing is defined that a position names: a task, an input, a variable."""
    spot = spot_at(sketch, line, column)
    if spot.kind == "name":
        return None
    here = pointed(spot.before, spot.after)
    if here is None:
        return _of_dependency(sketch, spot)
    if here.kind != "path":
        return None
    scope = Scope(sketch, spot.node, types)
    for length in range(len(here.path), 1, -1):
        found = scope.find(here.path[:length]) or _task_anywhere(sketch, here.path[:length])
        if found is not None and found.node is not None:
            return _range(found.node)
    return None


def _task_anywhere(sketch: Sketch, path: tuple[str, ...]) -> "_Found | None":
    """A task that comes too late is defined all the same."""
    if len(path) != 2 or path[0] not in ("outputs", "tasks"):
        return None
    found = next((each for each in flow_names.tasks(sketch) if each.said("id") == path[1]), None)
    return None if found is None else _Found(found.child("id"))


class _Found(msgspec.Struct, frozen=True):
    node: Node | None


def _of_dependency(sketch: Sketch, spot: Spot) -> Range | None:
    """An entry of `dependsOn`."""
    node = spot.node
    if "dependsOn" not in [each.name for each in node.around()][:3]:
        return None
    if node.path[0] == "inputs":
        found = flow_names.inputs(sketch).get(node.text)
    else:
        found = next((each for each in flow_names.tasks(sketch) if each.said("id") == node.text), None)
    named = None if found is None else found.child("id") or found.child("name")
    return None if named is None else _range(named)


def _range(node: Node) -> Range:
    """The value of an id; of anything else its name."""
    if node.name in ("id", "name") and node.value_line == node.line:
        return Range(node.line, node.value_column, node.value_column + len(node.value))
    return Range(node.line, node.column, node.name_end)


def _of_name(spot: Spot, shapes: Shapes) -> str:
    known = shapes.properties(spot.node).get(str(spot.on.name)) if spot.on is not None else None
    return "" if known is None else wording.of_property(known, shapes)


def _of_value(spot: Spot, types: Types, shapes: Shapes) -> str:
    node = spot.node
    if node.parent is None:
        return ""
    if node.name == "type" and shapes.kind(node.parent) is not None:
        return wording.of_type(node.text, types)
    if node.name in ("type", "itemType") and node.text in InputType.__members__:
        return f"**{node.text}**\n\n{INPUT_TYPES[InputType(node.text)].meaning}"
    return ""


def _of_pointed(sketch: Sketch, spot: Spot, here: Pointed, types: Types) -> str:
    last = here.path[-1]
    if here.kind == "path" and (found := Scope(sketch, spot.node, types).find(here.path)) is not None:
        return wording.of_variable(".".join(here.path), found.meaning, found.kind)
    tell = _TELLERS["call" if here.kind == "path" and len(here.path) == 1 else here.kind]
    return tell(last)


def _filter(name: str) -> str:
    return wording.of_filter(name, FILTERS[name]) if name in FILTERS else ""


def _function(name: str) -> str:
    if name in FUNCTIONS:
        return wording.of_function(name, FUNCTIONS[name])
    return wording.of_word(name, OPERATORS[name]) if name in OPERATORS else ""


def _test(name: str) -> str:
    return wording.of_word(name, TESTS[name].about) if name in TESTS else ""


def _tag(name: str) -> str:
    return wording.of_word(name, TAGS[name]) if name in TAGS else ""


_TELLERS: dict[str, Callable[[str], str]] = {
    "path": lambda _: "",
    "filter": _filter,
    "call": _function,
    "test": _test,
    "tag": _tag,
}
