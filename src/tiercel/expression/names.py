"""What a template reads and calls, known without rendering it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from tiercel.expression import syntax
from tiercel.expression.callables import Path
from tiercel.expression.functions import FUNCTIONS
from tiercel.expression.syntax import Body, Expression


@dataclass(frozen=True, slots=True)
class Reads:
    """`names` are paths from the root, as far as they are written out; the empty path means the whole context."""

    names: frozenset[Path]
    calls: frozenset[str]
    filters: frozenset[str]
    bound: frozenset[str]
    """Names that the template makes for itself somewhere: of loops, of `set`, of macros' arguments."""


def reads_of(body: Body) -> Reads:
    """The paths and the functions that statements name."""
    nodes = list(_walk(body))
    macros = macros_of(body)
    calls = {node.name for node in nodes if isinstance(node, syntax.Call)}
    bound = frozenset(name for node in nodes for name in _bound_by(node))
    names = {path for node in nodes if (path := _longest_path(node)) is not None}
    for call in calls & FUNCTIONS.keys():
        names.update(FUNCTIONS[call].reads)
    if any(path[:1] == ("_context",) for path in names):
        names.add(())
    return Reads(frozenset(names), frozenset(calls - (macros - FUNCTIONS.keys())), frozenset(_filters(nodes)), bound)


def _bound_by(node: object) -> tuple[str, ...]:
    match node:
        case syntax.For():
            return (node.variable, "loop")
        case syntax.Set():
            return (node.variable,)
        case syntax.Macro():
            return tuple(name for name, _ in node.parameters)
        case _:
            return ()


def _filters(nodes: list[object]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, syntax.Filter):
            yield node.name
        elif isinstance(node, syntax.FilterBlock):
            yield from (name for name, _, _ in node.filters)


def macros_of(body: Body) -> frozenset[str]:
    """The names of the macros that statements define, at any depth."""
    return frozenset(node.name for node in _walk(body) if isinstance(node, syntax.Macro))


def static_path(node: Expression) -> Path | None:
    """The names of `a.b.c`; None where anything else is in it."""
    match node:
        case syntax.Name(name):
            return (name,)
        case syntax.Attribute(target, name):
            path = static_path(target)
            return None if path is None else (*path, name)
        case _:
            return None


def describe(node: Expression) -> str:
    """An access as it reads in a message."""
    match node:
        case syntax.Name(name):
            return name
        case syntax.Attribute(target, name) | syntax.MethodCall(target, name):
            return f"{describe(target)}.{name}"
        case syntax.Subscript(target, syntax.Literal(value)):
            return f"{describe(target)}[{value!r}]"
        case syntax.Subscript(target):
            return f"{describe(target)}[…]"
        case syntax.Call(name):
            return f"{name}()"
        case _:
            return "(…)"


def _walk(node: object) -> Iterator[object]:
    """The outermost node of each access and everything that is no access."""
    if isinstance(node, tuple | list):
        for child in node:  # pyright: ignore[reportUnknownVariableType]
            yield from _walk(child)  # pyright: ignore[reportUnknownArgumentType]
    elif is_dataclass(node):
        yield node
        for child in _children(node):
            yield from _walk(child)


def _children(node: object) -> Iterator[object]:
    match node:
        case syntax.Name():
            return
        case syntax.Attribute() | syntax.Subscript() | syntax.MethodCall():
            yield from _keys(node)
        case _:
            for field in fields(node):  # pyright: ignore[reportArgumentType]
                yield getattr(node, field.name)


def _keys(target: Expression) -> Iterator[object]:
    """What is left to visit below an access: computed keys and arguments, and a root that is no name."""
    while isinstance(target, syntax.Attribute | syntax.Subscript | syntax.MethodCall):
        if isinstance(target, syntax.Subscript):
            yield target.key
        elif isinstance(target, syntax.MethodCall):
            yield target.arguments
        target = target.target
    if not isinstance(target, syntax.Name):
        yield target


def _longest_path(node: object) -> Path | None:
    if not isinstance(node, syntax.Name | syntax.Attribute | syntax.Subscript | syntax.MethodCall):
        return None
    path, _ = _written_out(node)
    return path


def _written_out(node: Expression) -> tuple[Path | None, bool]:
    """The path from the root, and whether it goes on to the end of the access."""
    match node:
        case syntax.Name(name):
            return (name,), True
        case syntax.Attribute(target, name) | syntax.Subscript(target, syntax.Literal(str() as name)):
            path, goes_on = _written_out(target)
            return ((*path, name), True) if path is not None and goes_on else (path, False)
        case syntax.Subscript(target) | syntax.MethodCall(target):
            return _written_out(target)[0], False
        case _:
            return None, False
