"""The closures that expressions become, one maker a kind of node. Which node becomes which is left to `compile`."""

from collections.abc import Callable
from copy import copy
from typing import NoReturn, TypeAlias

from tiercel.expression.access import attribute, call_method, subscript
from tiercel.expression.callables import Arguments, Filter, Function, Test
from tiercel.expression.errors import ExpressionError, UndefinedError
from tiercel.expression.macros import run_macro
from tiercel.expression.meter import LIGHT
from tiercel.expression.operators import BINARY, BURYING, UNARY, is_truthy
from tiercel.expression.rendering import Rendering
from tiercel.expression.values import HashMap, Value, is_scalar, name_of_type

Evaluate: TypeAlias = Callable[[Rendering], Value]
Bound: TypeAlias = Callable[[Rendering], dict[str, Value]]


def static_access(path: tuple[str, ...], offset: int) -> Evaluate:
    """`a.b.c`, the commonest expression of all: plain look-ups, and an explanation only when one of them fails."""
    root, *names = path

    def access(rendering: Rendering) -> Value:
        try:
            value = rendering.find(root) if rendering.scopes else rendering.context[root]
            for name in names:
                if value.__class__ is not dict:
                    return slowly(rendering)
                value = value[name]
            return value
        except KeyError:
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


def attribute_of(target: Evaluate, name: str, path: str, offset: int) -> Evaluate:
    def access(rendering: Rendering) -> Value:
        value = target(rendering)
        try:
            return attribute(value, name, path)
        except ExpressionError as error:
            error.at(offset)
            raise

    return access


def subscript_of(target: Evaluate, key: Evaluate, path: str, offset: int) -> Evaluate:
    def access(rendering: Rendering) -> Value:
        value = target(rendering)
        wanted = key(rendering)
        try:
            return subscript(value, wanted, path)
        except ExpressionError as error:
            error.at(offset)
            raise

    return access


def method_call(target: Evaluate, name: str, arguments: list[Evaluate], path: str, offset: int) -> Evaluate:
    def call(rendering: Rendering) -> Value:
        value = target(rendering)
        values = [argument(rendering) for argument in arguments]
        try:
            rendering.weigh(value, name)
            return rendering.admit(call_method(value, name, values, path, make_room=rendering.make_room))
        except ExpressionError as error:
            error.at(offset)
            raise

    return call


def filtered(found: Filter, target: Evaluate, name: str, bound: Bound, offset: int) -> Evaluate:
    run = found.run

    def apply(rendering: Rendering) -> Value:
        try:
            value = rendering.weigh(target(rendering), name)
            result = run(value, Arguments(name, bound(rendering), rendering))
            return result if result is value else rendering.admit(result)
        except ExpressionError as error:
            error.at(offset)
            raise

    return apply


def called(function: Function, name: str, bound: Bound, offset: int) -> Evaluate:
    def call(rendering: Rendering) -> Value:
        try:
            values = bound(rendering)
            for value in values.values():
                rendering.weigh(value, name)
            return rendering.admit(function.run(Arguments(name, values, rendering)))
        except ExpressionError as error:
            error.at(offset)
            raise

    return call


def tested(test: Test, target: Evaluate, is_negated: bool, offset: int) -> Evaluate:
    holds = test.run

    def ask(rendering: Rendering) -> bool:
        try:
            return holds(target(rendering)) is not is_negated
        except ExpressionError as error:
            error.at(offset)
            raise

    return ask


def operation(operator: str, left: Evaluate, right: Evaluate, offset: int) -> Evaluate:
    operate = BINARY[operator]
    buries = operator in BURYING

    def operation(rendering: Rendering) -> Value:
        try:
            operands = left(rendering), right(rendering)
            if operands[0].__class__ in LIGHT and operands[1].__class__ in LIGHT:
                return operate(*operands)
            for operand in operands:
                rendering.weigh(operand, operator)
            if operator == "+" and str in (operands[0].__class__, operands[1].__class__):
                return rendering.joined([rendering.string_of(operand) for operand in operands])
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


def logical(left: Evaluate, right: Evaluate, stops_at: bool, offset: int) -> Evaluate:
    def logical(rendering: Rendering) -> bool:
        try:
            return stops_at if is_truthy(left(rendering)) is stops_at else is_truthy(right(rendering))
        except ExpressionError as error:
            error.at(offset)
            raise

    return logical


def null_if_undefined(target: Evaluate) -> Evaluate:
    def evaluate(rendering: Rendering) -> Value:
        try:
            return target(rendering)
        except UndefinedError as error:
            if error.is_buried:
                raise
            return None

    return evaluate


def coalesce(left: Evaluate, right: Evaluate) -> Evaluate:
    def coalesce(rendering: Rendering) -> Value:
        value = left(rendering)
        return right(rendering) if value is None else value

    return coalesce


def or_if_undefined(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(rendering: Rendering) -> Value:
        try:
            return left(rendering)
        except UndefinedError as error:
            if error.is_buried:
                raise
        return right(rendering)

    return evaluate


def concatenation(parts: list[Evaluate], offset: int) -> Evaluate:
    def concatenate(rendering: Rendering) -> str:
        values = [part(rendering) for part in parts]
        try:
            return rendering.joined([rendering.string_of(value) for value in values if value is not None])
        except ExpressionError as error:
            error.at(offset)
            raise

    return concatenate


def unary(operator: str, operand: Evaluate, offset: int) -> Evaluate:
    operate = UNARY[operator]

    def apply(rendering: Rendering) -> Value:
        try:
            return operate(operand(rendering))
        except ExpressionError as error:
            error.at(offset)
            raise

    return apply


def ternary(condition: Evaluate, then: Evaluate, otherwise: Evaluate, offset: int) -> Evaluate:
    """Null is false here, and nowhere else."""

    def choose(rendering: Rendering) -> Value:
        value = condition(rendering)
        try:
            holds = value is not None and is_truthy(value)
        except ExpressionError as error:
            error.at(offset)
            raise
        return then(rendering) if holds else otherwise(rendering)

    return choose


def macro_call(name: str, positional: list[Evaluate], named: list[tuple[str, Evaluate]], offset: int) -> Evaluate:
    """The macro is looked up when it is called: it may be defined further down."""

    def call(rendering: Rendering) -> Value:
        values = [value(rendering) for value in positional]
        try:
            macro = rendering.template.program.macros[name]
            return run_macro(macro, rendering, values, {name: value(rendering) for name, value in named})
        except ExpressionError as error:
            error.at(offset)
            raise

    return call


def list_display(elements: list[Evaluate]) -> Evaluate:
    return lambda rendering: [element(rendering) for element in elements]


def map_display(entries: list[tuple[Evaluate, Evaluate]]) -> Evaluate:
    def display(rendering: Rendering) -> dict[Value, Value]:
        return HashMap((_hashable(key(rendering)), value(rendering)) for key, value in entries)

    return display


def _hashable(key: Value) -> Value:
    if not is_scalar(key):
        raise ExpressionError("type", f"{name_of_type(key)} cannot be the key of a map")
    return key


def fail(error: ExpressionError) -> Callable[[Rendering], NoReturn]:
    """What can never work: a new error each time, for an error is changed on its way up."""

    def raise_copy(rendering: Rendering) -> NoReturn:
        raise copy(error)

    return raise_copy
