"""Expressions compiled: every node becomes a function of the rendering. Statements are left to `body`.

A call that can never work (an unknown name, arguments that do not fit) fails when it is reached, not before: `?:` may
never reach it. It is told among the faults all the same, so that a flow can be checked before it runs.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeAlias

from tiercel.expression import removed, syntax
from tiercel.expression.callables import About, Filter, Function
from tiercel.expression.closures import (
    Bound,
    Evaluate,
    attribute_of,
    called,
    coalesce,
    concatenation,
    fail,
    filtered,
    list_display,
    logical,
    macro_call,
    map_display,
    method_call,
    null_if_undefined,
    operation,
    or_if_undefined,
    static_access,
    subscript_of,
    ternary,
    tested,
    unary,
)
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError, UnknownError
from tiercel.expression.filters import FILTERS
from tiercel.expression.functions import FUNCTIONS
from tiercel.expression.names import describe, static_path
from tiercel.expression.syntax import ArgumentList, Expression
from tiercel.expression.tests import TESTS

Link: TypeAlias = syntax.Attribute | syntax.Subscript | syntax.MethodCall | syntax.Filter | syntax.Binary
"""What works on all that stands before it."""
_RECURSIVE_ONLY_ONCE = {"render", "renderOnce"}


@dataclass(frozen=True, slots=True)
class OldName:
    """A name the original has removed, where a template uses it, and what to write instead."""

    name: str
    offset: int
    about: About


@dataclass(frozen=True, slots=True)
class Findings:
    """What was noticed on the way: calls that can never work, and names that were removed."""

    faults: list[ExpressionError] = field(default_factory=list[ExpressionError])
    old_names: list[OldName] = field(default_factory=list[OldName])


class ExpressionCompiler:
    """Compiles expressions of one dialect, in a template that defines these macros."""

    def __init__(self, dialect: Dialect, macros: Collection[str] = ()) -> None:
        hidden = _RECURSIVE_ONLY_ONCE if dialect.is_recursive else ()
        self._functions = {name: function for name, function in FUNCTIONS.items() if name not in hidden}
        self._macros = macros
        self.nodes = 0
        """How many nodes were compiled so far: what stands in a loop is paid for at each turn."""
        self.findings = Findings()

    def compile(self, node: Expression) -> Evaluate:
        """A chain like `a + b | c …` link by link, from its beginning: it may be longer than calls may be deep."""
        links: list[Link] = []
        while isinstance(node, Link) and static_path(node) is None:
            links.append(node)
            node = node.left if isinstance(node, syntax.Binary) else node.target
        self.nodes += 1 + len(links)
        evaluate = self._first(node)
        for link in reversed(links):
            evaluate = self._next(link, evaluate)
        return evaluate

    def _next(self, link: Link, target: Evaluate) -> Evaluate:
        """What a link does with what stands before it."""
        match link:
            case syntax.Attribute(_, name, offset):
                return attribute_of(target, name, describe(link), offset)
            case syntax.Subscript(value, key, offset):
                return subscript_of(target, self.compile(key), describe(value), offset)
            case syntax.MethodCall(_, name, arguments, offset):
                return method_call(target, name, list(map(self.compile, arguments)), describe(link), offset)
            case syntax.Filter():
                return self.filter(link, target)
            case syntax.Binary():
                return self._binary(link, target)

    def _first(self, node: Expression) -> Evaluate:
        match node:
            case syntax.Literal(value):
                return lambda rendering: value
            case syntax.Call():
                return self._call(node)
            case syntax.Test():
                return self._test(node)
            case syntax.Unary(operator, operand, offset):
                return unary(operator, self.compile(operand), offset)
            case syntax.Concatenation(parts, offset):
                return concatenation(list(map(self.compile, parts)), offset)
            case syntax.Ternary(condition, then, otherwise, offset):
                return ternary(self.compile(condition), self.compile(then), self.compile(otherwise), offset)
            case syntax.ListDisplay(elements):
                return list_display(list(map(self.compile, elements)))
            case syntax.MapDisplay(entries):
                return map_display([(self.compile(key), self.compile(value)) for key, value in entries])
            case _:  # a path that is written out: what else is a link stands in the chain
                return static_access(static_path(node) or (), node.offset)

    def filter(self, node: syntax.Filter, target: Evaluate) -> Evaluate:
        """A filter on a compiled target."""
        found = FILTERS.get(node.name)
        if found is None:
            return self._fault(_unknown_filter(node.name), node.offset)
        self._note_age(node.name, found.about, node.offset)
        if node.name == "default":
            target = null_if_undefined(target)
        bound = self._bind(node.name, found, node.arguments, node.offset)
        return filtered(found, target, node.name, bound, node.offset)

    def _call(self, node: syntax.Call) -> Evaluate:
        function = self._functions.get(node.name)
        if function is None:
            return self._macro_call(node)
        self._note_age(node.name, function.about, node.offset)
        return called(function, node.name, self._bind(node.name, function, node.arguments, node.offset), node.offset)

    def _macro_call(self, node: syntax.Call) -> Evaluate:
        if node.name not in self._macros:
            return self._fault(self._unknown_function(node.name), node.offset)
        positional = list(map(self.compile, node.arguments.positional))
        named = [(name, self.compile(value)) for name, value in node.arguments.named]
        return macro_call(node.name, positional, named, node.offset)

    def _bind(self, owner: str, callee: Filter | Function, arguments: ArgumentList, offset: int) -> Bound:
        """The arguments by name. What takes none ignores what it is given."""
        if not callee.signature:
            return lambda rendering: {}
        if callee.is_variadic:
            return self._bind_all(callee.parameters[0].name, arguments)
        mistake = _mistake(owner, callee, arguments)
        if mistake is not None:
            return self._fault(mistake, offset)
        names = [parameter.name for parameter in callee.parameters]
        written = [*zip(names, arguments.positional, strict=False), *arguments.named]
        pairs = [(name, self.compile(value)) for name, value in written]
        return lambda rendering: {name: value(rendering) for name, value in pairs}

    def _bind_all(self, name: str, arguments: ArgumentList) -> Bound:
        values = list(map(self.compile, arguments.positional))
        return lambda rendering: {name: [value(rendering) for value in values]}

    def _test(self, node: syntax.Test) -> Evaluate:
        test = TESTS.get(node.name)
        if test is None:
            return self._fault(UnknownError("unknown_test", node.name, TESTS), node.offset)
        target = self.compile(node.target)
        if node.name == "defined":
            target = null_if_undefined(target)
        return tested(test, target, node.is_negated, node.offset)

    def _binary(self, node: syntax.Binary, left: Evaluate) -> Evaluate:
        right = self.compile(node.right)
        match node.operator:
            case "and" | "or":
                return logical(left, right, node.operator == "or", node.offset)
            case "??":
                return coalesce(null_if_undefined(left), right)
            case "???":
                return or_if_undefined(left, right)
            case "..":
                pair: Bound = lambda rendering: {"start": left(rendering), "end": right(rendering)}  # noqa: E731
                return called(FUNCTIONS["range"], "..", pair, node.offset)
            case _:
                return operation(node.operator, left, right, node.offset)

    def _unknown_function(self, name: str) -> UnknownError:
        hint = removed.FUNCTIONS.get(name, "")
        if name in FILTERS:
            hint = f"it is a filter: write `… | {name}`"
        return UnknownError("unknown_function", name, [*self._functions, *self._macros], hint)

    def _fault(self, error: ExpressionError, offset: int) -> Evaluate:
        self.findings.faults.append(error.at(offset))
        return fail(error)

    def _note_age(self, name: str, about: About, offset: int) -> None:
        if about.until:
            self.findings.old_names.append(OldName(name, offset, about))


def _unknown_filter(name: str) -> UnknownError:
    hint = removed.FILTERS.get(name, "")
    if name in FUNCTIONS:
        hint = f"it is a function: write `{name}(…)`"
    return UnknownError("unknown_filter", name, FILTERS, hint)


def _mistake(owner: str, callee: Filter | Function, arguments: ArgumentList) -> ExpressionError | None:
    """What is wrong with the arguments as they are written."""
    names = [parameter.name for parameter in callee.parameters]
    if len(arguments.positional) > len(names):
        return ExpressionError("argument", f"`{owner}` takes {_count(len(names))}: {', '.join(names)}")
    surplus = [name for name, _ in arguments.named if name not in names]
    if surplus:
        return ExpressionError("argument", f"`{owner}` has no argument `{surplus[0]}`; it has {', '.join(names)}")
    written = {*names[: len(arguments.positional)], *(name for name, _ in arguments.named)}
    for parameter in callee.parameters:
        if parameter.is_needed and parameter.name not in written:
            return ExpressionError(callee.missing, f"`{owner}` needs the argument `{parameter.name}`")
    return None


def _count(number: int) -> str:
    return "one argument" if number == 1 else f"{number} arguments"
