"""Expressions as closures: every node becomes a function of the rendering. Statements are left to `body`."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from tiercel.expression import syntax
from tiercel.expression.access import attribute, call_method, subscript
from tiercel.expression.callables import Arguments, Filter, Function
from tiercel.expression.errors import ExpressionError, Kind, UndefinedError
from tiercel.expression.filters import FILTERS
from tiercel.expression.functions import FUNCTIONS
from tiercel.expression.macros import call_macro
from tiercel.expression.names import describe, static_path
from tiercel.expression.operators import BINARY, BURYING, UNARY, is_truthy
from tiercel.expression.parser import Dialect
from tiercel.expression.rendering import Rendering
from tiercel.expression.syntax import ArgumentList, Expression
from tiercel.expression.tests import TESTS
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, is_list, is_map

Evaluate: TypeAlias = Callable[[Rendering], Value]
Bound: TypeAlias = Callable[[Rendering], dict[str, Value]]

_RECURSIVE_ONLY_ONCE = {"render", "renderOnce"}


class ExpressionCompiler:
    """Compiles expressions of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        hidden = _RECURSIVE_ONLY_ONCE if dialect.is_recursive else ()
        self._functions = {name: function for name, function in FUNCTIONS.items() if name not in hidden}

    def compile(self, node: Expression) -> Evaluate:
        match node:
            case syntax.Literal(value):
                return lambda rendering: value
            case syntax.Name() | syntax.Attribute() | syntax.Subscript() | syntax.MethodCall():
                return self._access(node)
            case syntax.Filter():
                return self.filter(node, self.compile(node.target))
            case syntax.Call():
                return self._call(node)
            case syntax.Test():
                return self._test(node)
            case syntax.Unary():
                return self._unary(node)
            case syntax.Binary():
                return self._binary(node)
            case syntax.Concatenation(parts):
                return _concatenation(list(map(self.compile, parts)))
            case syntax.Ternary():
                return self._ternary(node)
            case syntax.ListDisplay(elements):
                return _list_display(list(map(self.compile, elements)))
            case syntax.MapDisplay(entries):
                return _map_display([(self.compile(key), self.compile(value)) for key, value in entries])

    def _access(self, node: syntax.Name | syntax.Attribute | syntax.Subscript | syntax.MethodCall) -> Evaluate:
        path = static_path(node)
        if path is not None:
            return _static_access(path, node.offset)
        match node:
            case syntax.Attribute(target, name, offset):
                return _attribute(self.compile(target), name, describe(node), offset)
            case syntax.Subscript(target, key, offset):
                return _subscript(self.compile(target), self.compile(key), describe(target), offset)
            case syntax.MethodCall(target, name, arguments, offset):
                compiled = list(map(self.compile, arguments))
                return _method_call(self.compile(target), name, compiled, describe(node), offset)
            case syntax.Name(name, offset):
                return _static_access((name,), offset)

    def filter(self, node: syntax.Filter, target: Evaluate) -> Evaluate:
        """A filter on a compiled target."""
        found = FILTERS.get(node.name)
        if found is None:
            return _fail(_unknown("unknown_filter", "filter", node.name, FILTERS), node.offset)
        if node.name == "default":
            target = _null_if_undefined(target)
        return _filtered(found, target, node.name, self._bind(node.name, found.parameters, node.arguments), node.offset)

    def _call(self, node: syntax.Call) -> Evaluate:
        function = self._functions.get(node.name)
        if function is None:
            return self._macro_call(node)
        if function.is_variadic:
            positional = list(map(self.compile, node.arguments.positional))
            name = function.parameters[0]
            return _called(
                function, node.name, lambda rendering: {name: [item(rendering) for item in positional]}, node.offset
            )
        return _called(function, node.name, self._bind(node.name, function.parameters, node.arguments), node.offset)

    def _macro_call(self, node: syntax.Call) -> Evaluate:
        positional = list(map(self.compile, node.arguments.positional))
        named = [(name, self.compile(value)) for name, value in node.arguments.named]
        unknown = _unknown("unknown_function", "function", node.name, self._functions)

        def call(rendering: Rendering) -> Value:
            macro = rendering.template.program.macros.get(node.name)
            try:
                if macro is None:
                    raise unknown()
                values = [value(rendering) for value in positional]
                return call_macro(macro, rendering, values, {name: value(rendering) for name, value in named})
            except ExpressionError as error:
                error.at(node.offset)
                raise

        return call

    def _bind(self, owner: str, parameters: Sequence[str], arguments: ArgumentList) -> Bound:
        """The arguments by name. What cannot be bound fails when it is called, not when it is read."""
        if not parameters:
            return lambda rendering: {}
        if len(arguments.positional) > len(parameters):
            return _fail(_argument_error(f"`{owner}` takes {len(parameters)} arguments: {', '.join(parameters)}"))
        for name, _ in arguments.named:
            if name not in parameters:
                return _fail(_argument_error(f"`{owner}` has no argument `{name}`; it has {', '.join(parameters)}"))
        written = [*zip(parameters, arguments.positional, strict=False), *arguments.named]
        pairs = [(name, self.compile(value)) for name, value in written]
        return lambda rendering: {name: value(rendering) for name, value in pairs}

    def _test(self, node: syntax.Test) -> Evaluate:
        test = TESTS.get(node.name)
        if test is None:
            return _fail(_unknown("unknown_test", "test", node.name, TESTS), node.offset)
        target = self.compile(node.target)
        if node.name == "defined":
            target = _null_if_undefined(target)
        return _tested(test, target, node.is_negated, node.offset)

    def _unary(self, node: syntax.Unary) -> Evaluate:
        operate = UNARY[node.operator]
        operand = self.compile(node.operand)

        def unary(rendering: Rendering) -> Value:
            try:
                return operate(operand(rendering))
            except ExpressionError as error:
                error.at(node.offset)
                raise

        return unary

    def _binary(self, node: syntax.Binary) -> Evaluate:
        left, right = self.compile(node.left), self.compile(node.right)
        match node.operator:
            case "and" | "or":
                return _logical(left, right, node.operator == "or", node.offset)
            case "??":
                return _coalesce(_null_if_undefined(left), right)
            case "???":
                return _or_if_undefined(left, right)
            case "..":
                pair: Bound = lambda rendering: {"start": left(rendering), "end": right(rendering)}  # noqa: E731
                return _called(FUNCTIONS["range"], "..", pair, node.offset)
            case _:
                return _operation(node.operator, left, right, node.offset)

    def _ternary(self, node: syntax.Ternary) -> Evaluate:
        condition = self.compile(node.condition)
        then, otherwise = self.compile(node.then), self.compile(node.otherwise)

        def ternary(rendering: Rendering) -> Value:
            value = condition(rendering)
            try:
                holds = value is not None and is_truthy(value)
            except ExpressionError as error:
                error.at(node.offset)
                raise
            return then(rendering) if holds else otherwise(rendering)

        return ternary


def _static_access(path: tuple[str, ...], offset: int) -> Evaluate:
    """`a.b.c`, the commonest expression of all: plain look-ups, and an explanation only when one of them fails."""
    root, *names = path

    def access(rendering: Rendering) -> Value:
        try:
            value = rendering.find(root) if rendering.scopes else rendering.context[root]
            for name in names:
                value = value[name]
            return value
        except (KeyError, TypeError, IndexError):
            return slowly(rendering)
        except ExpressionError as error:
            error.at(offset)
            raise

    def slowly(rendering: Rendering) -> Value:
        try:
            value = rendering.find(root)
            for length, name in enumerate(names, start=2):
                value = attribute(value, name, ".".join(path[:length]))
            return value
        except ExpressionError as error:
            error.at(offset)
            raise

    return access


def _attribute(target: Evaluate, name: str, path: str, offset: int) -> Evaluate:
    def access(rendering: Rendering) -> Value:
        value = target(rendering)
        try:
            return attribute(value, name, path)
        except ExpressionError as error:
            error.at(offset)
            raise

    return access


def _subscript(target: Evaluate, key: Evaluate, path: str, offset: int) -> Evaluate:
    def access(rendering: Rendering) -> Value:
        value = target(rendering)
        wanted = key(rendering)
        try:
            return subscript(value, wanted, path)
        except ExpressionError as error:
            error.at(offset)
            raise

    return access


def _method_call(target: Evaluate, name: str, arguments: list[Evaluate], path: str, offset: int) -> Evaluate:
    def call(rendering: Rendering) -> Value:
        value = target(rendering)
        values = [argument(rendering) for argument in arguments]
        try:
            return rendering.admit(call_method(value, name, values, path))
        except ExpressionError as error:
            error.at(offset)
            raise

    return call


def _filtered(found: Filter, target: Evaluate, name: str, bound: Bound, offset: int) -> Evaluate:
    run = found.run

    def apply(rendering: Rendering) -> Value:
        try:
            value = rendering.weigh(target(rendering))
            result = run(value, Arguments(name, bound(rendering), rendering))
            return result if result is value else rendering.admit(result)
        except ExpressionError as error:
            error.at(offset)
            raise

    return apply


def _called(function: Function, name: str, bound: Bound, offset: int) -> Evaluate:
    def call(rendering: Rendering) -> Value:
        try:
            return rendering.admit(function.run(Arguments(name, bound(rendering), rendering)))
        except ExpressionError as error:
            error.at(offset)
            raise

    return call


def _tested(test: Callable[[Value], bool], target: Evaluate, is_negated: bool, offset: int) -> Evaluate:
    def ask(rendering: Rendering) -> bool:
        try:
            return test(target(rendering)) is not is_negated
        except ExpressionError as error:
            error.at(offset)
            raise

    return ask


def _operation(operator: str, left: Evaluate, right: Evaluate, offset: int) -> Evaluate:
    operate = BINARY[operator]
    buries = operator in BURYING

    def operation(rendering: Rendering) -> Value:
        try:
            operands = rendering.weigh(left(rendering)), rendering.weigh(right(rendering))
            return rendering.admit(operate(*operands))
        except UndefinedError as error:
            if buries:
                error.bury()
            error.at(offset)
            raise
        except ExpressionError as error:
            error.at(offset)
            raise

    return operation


def _logical(left: Evaluate, right: Evaluate, stops_at: bool, offset: int) -> Evaluate:
    def logical(rendering: Rendering) -> bool:
        try:
            return stops_at if is_truthy(left(rendering)) is stops_at else is_truthy(right(rendering))
        except ExpressionError as error:
            error.at(offset)
            raise

    return logical


def _null_if_undefined(target: Evaluate) -> Evaluate:
    def evaluate(rendering: Rendering) -> Value:
        try:
            return target(rendering)
        except UndefinedError as error:
            if error.is_buried:
                raise
            return None

    return evaluate


def _coalesce(left: Evaluate, right: Evaluate) -> Evaluate:
    def coalesce(rendering: Rendering) -> Value:
        value = left(rendering)
        return right(rendering) if value is None else value

    return coalesce


def _or_if_undefined(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(rendering: Rendering) -> Value:
        try:
            return left(rendering)
        except UndefinedError as error:
            if error.is_buried:
                raise
        return right(rendering)

    return evaluate


def _concatenation(parts: list[Evaluate]) -> Evaluate:
    def concatenate(rendering: Rendering) -> str:
        values = [part(rendering) for part in parts]
        return rendering.admit("".join([to_string(value) for value in values if value is not None]))

    return concatenate


def _list_display(elements: list[Evaluate]) -> Evaluate:
    return lambda rendering: [element(rendering) for element in elements]


def _map_display(entries: list[tuple[Evaluate, Evaluate]]) -> Evaluate:
    def display(rendering: Rendering) -> dict[Value, Value]:
        return {_hashable(key(rendering)): value(rendering) for key, value in entries}

    return display


def _hashable(key: Value) -> Value:
    if is_list(key) or is_map(key):
        raise ExpressionError("type", f"{to_string(key)} cannot be the key of a map")
    return key


def _fail(make: Callable[[], ExpressionError], offset: int | None = None) -> Callable[[Rendering], Value]:
    def fail(rendering: Rendering) -> Value:
        error = make()
        raise error if offset is None else error.at(offset)

    return fail


def _argument_error(message: str) -> Callable[[], ExpressionError]:
    return lambda: ExpressionError("argument", message)


def _unknown(kind: Kind, noun: str, name: str, known: Mapping[str, object]) -> Callable[[], ExpressionError]:
    def make() -> ExpressionError:
        near = get_close_matches(name, known, n=1)
        advice = f"; did you mean `{near[0]}`?" if near else ""
        return ExpressionError(kind, f"there is no {noun} `{name}`{advice}")

    return make
