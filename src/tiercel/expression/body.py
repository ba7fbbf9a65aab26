"""Statements as closures that append what they print to a list: text, or values that keep their type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tiercel.expression import syntax
from tiercel.expression.compile import Evaluate, ExpressionCompiler
from tiercel.expression.errors import ExpressionError
from tiercel.expression.macros import MacroProgram
from tiercel.expression.operators import is_truthy
from tiercel.expression.parser import Dialect
from tiercel.expression.rendering import Rendering
from tiercel.expression.syntax import Body, Statement
from tiercel.expression.values import Value, is_list, is_map, name_of_type

Write: TypeAlias = Callable[[Rendering, list[Value]], None]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled template. `lone` is there when the template is one `{{ }}` and nothing else."""

    write: Write
    lone: Evaluate | None
    macros: Mapping[str, MacroProgram]
    blocks: Mapping[str, Write]


def compile_body(body: Body, dialect: Dialect) -> Program:
    compiler = _BodyCompiler(dialect)
    match body:
        case [syntax.Print(expression)]:
            lone = compiler.expressions.compile(expression)
            return Program(_print(lone), lone, {}, {})
        case _:
            return Program(compiler.body(body), None, compiler.macros, compiler.blocks)


def literal_program(text: str) -> Program:
    """The program of a template without any `{`."""
    return Program(_text(text), None, {}, {})


class _BodyCompiler:
    def __init__(self, dialect: Dialect) -> None:
        self.expressions = ExpressionCompiler(dialect)
        self.macros: dict[str, MacroProgram] = {}
        self.blocks: dict[str, Write] = {}

    def body(self, body: Body) -> Write:
        writes = [self._statement(statement) for statement in body]
        if len(writes) == 1:
            return writes[0]

        def write(rendering: Rendering, out: list[Value]) -> None:
            for statement in writes:
                statement(rendering, out)

        return write

    def _statement(self, statement: Statement) -> Write:
        match statement:
            case syntax.Text(text, is_raw):
                return _raw(text) if is_raw else _text(text)
            case syntax.Print(expression):
                return _print(self.expressions.compile(expression))
            case syntax.Set(variable, expression):
                return _set(variable, self.expressions.compile(expression))
            case syntax.If():
                return self._if(statement)
            case syntax.For():
                return self._for(statement)
            case syntax.Macro():
                return self._macro(statement)
            case syntax.Block(name, body):
                self.blocks[name] = self.body(body)
                return lambda rendering, out: rendering.template.program.blocks[name](rendering, out)
            case syntax.FilterBlock():
                return self._filter_block(statement)

    def _if(self, statement: syntax.If) -> Write:
        branches = [(self.expressions.compile(condition), self.body(body)) for condition, body in statement.branches]
        otherwise = self.body(statement.otherwise)

        def write(rendering: Rendering, out: list[Value]) -> None:
            for condition, body in branches:
                if _holds(condition, rendering, statement.offset):
                    return body(rendering, out)
            return otherwise(rendering, out)

        return write

    def _for(self, statement: syntax.For) -> Write:
        iterable = self.expressions.compile(statement.iterable)
        body = self.body(statement.body)
        otherwise = None if statement.otherwise is None else self.body(statement.otherwise)

        def write(rendering: Rendering, out: list[Value]) -> None:
            items = _items(iterable(rendering), statement.offset)
            if items:
                _loop(rendering, statement.variable, items, lambda: body(rendering, out))
            elif items is not None and otherwise is not None:
                otherwise(rendering, out)

        return write

    def _macro(self, statement: syntax.Macro) -> Write:
        if statement.name in self.macros:
            raise ExpressionError("syntax", f"there are two macros named `{statement.name}`", statement.offset)
        defaults = {
            name: None if default is None else self.expressions.compile(default)
            for name, default in statement.parameters
        }
        self.macros[statement.name] = MacroProgram(statement.name, defaults, self.body(statement.body))
        return _nothing

    def _filter_block(self, statement: syntax.FilterBlock) -> Write:
        body = self.body(statement.body)

        def captured(rendering: Rendering) -> Value:
            written: list[Value] = []
            body(rendering, written)
            return rendering.join(written)

        evaluate: Evaluate = captured
        for name, arguments, offset in statement.filters:
            node = syntax.Filter(syntax.Literal(None, offset), name, arguments, offset)
            evaluate = self.expressions.filter(node, evaluate)
        return _print(evaluate)


def _nothing(rendering: Rendering, out: list[Value]) -> None:
    """A macro prints nothing where it is defined."""


def _text(text: str) -> Write:
    return lambda rendering, out: out.append(text)


def _raw(text: str) -> Write:
    return lambda rendering, out: out.append(rendering.protect(text))


def _print(evaluate: Evaluate) -> Write:
    return lambda rendering, out: out.append(evaluate(rendering))


def _set(variable: str, evaluate: Evaluate) -> Write:
    return lambda rendering, out: rendering.assign(variable, evaluate(rendering))


def _holds(condition: Evaluate, rendering: Rendering, offset: int) -> bool:
    try:
        return is_truthy(condition(rendering))
    except ExpressionError as error:
        error.at(offset)
        raise


def _items(value: Value, offset: int) -> list[Value] | None:
    """What a loop goes through; None for null, which skips even the `else`."""
    if value is None:
        return None
    if is_map(value):
        return [{"key": key, "value": item} for key, item in value.items()]
    if is_list(value):
        return list(value)
    raise ExpressionError("type", f"`for` goes through a list or a map; it got {name_of_type(value)}", offset)


def _loop(rendering: Rendering, variable: str, items: list[Value], turn: Callable[[], None]) -> None:
    scope: dict[str, Value] = {}
    rendering.enter(scope)
    try:
        for item, state in zip(items, _states(len(items)), strict=True):
            rendering.spend()
            scope[variable] = item
            scope["loop"] = state
            turn()
    finally:
        rendering.leave()


def _states(length: int) -> Iterable[dict[str, Value]]:
    for index in range(length):
        yield {
            "index": index,
            "length": length,
            "revindex": length - 1 - index,
            "first": index == 0,
            "last": index == length - 1,
        }
