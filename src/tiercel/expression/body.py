"""Statements as closures that append what they print to a list: text, or values that keep their type."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tiercel.expression import syntax
from tiercel.expression.closures import Evaluate
from tiercel.expression.compile import ExpressionCompiler, Findings
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError
from tiercel.expression.macros import MacroProgram
from tiercel.expression.meter import LIGHT
from tiercel.expression.names import macros_of
from tiercel.expression.operators import is_truthy
from tiercel.expression.rendering import Rendering
from tiercel.expression.syntax import Body, Statement
from tiercel.expression.values import Entry, Value, is_list, is_map, name_of_type

Write: TypeAlias = Callable[[Rendering, list[Value]], None]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled template. `lone` is there when the template is one `{{ }}` and nothing else."""

    write: Write
    lone: Evaluate | None
    macros: Mapping[str, MacroProgram]
    blocks: Mapping[str, Write]
    findings: Findings


def compile_body(body: Body, dialect: Dialect) -> Program:
    compiler = _BodyCompiler(dialect, macros_of(body))
    findings = compiler.expressions.findings
    match body:
        case [syntax.Print(expression, offset)]:
            lone = compiler.expressions.compile(expression)
            return Program(_print(lone, offset), lone, {}, {}, findings)
        case _:
            return Program(compiler.body(body), None, compiler.macros, compiler.blocks, findings)


def literal_program(text: str) -> Program:
    """The program of a template without any `{`."""
    return Program(_text(text), None, {}, {}, Findings())


class _BodyCompiler:
    def __init__(self, dialect: Dialect, macros: Collection[str]) -> None:
        self.expressions = ExpressionCompiler(dialect, macros)
        self.macros: dict[str, MacroProgram] = {}
        self.blocks: dict[str, Write] = {}

    def measured(self, body: Body) -> tuple[Write, int]:
        """The body, and how many steps running it once takes: one for each thing that stands in it."""
        before = self.expressions.nodes
        write = self.body(body)
        return write, 1 + self.expressions.nodes - before

    def body(self, body: Body) -> Write:
        writes = [self._statement(statement) for statement in body]
        self.expressions.nodes += len(writes)
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
            case syntax.Print(expression, offset):
                return _print(self.expressions.compile(expression), offset)
            case syntax.Set(variable, expression, offset):
                return _set(variable, self.expressions.compile(expression), offset)
            case syntax.If():
                return self._if(statement)
            case syntax.For():
                return self._for(statement)
            case syntax.Macro():
                return self._macro(statement)
            case syntax.Block(name, body):
                self.blocks[name] = _charged(*self.measured(body), statement.offset)
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
        body, cost = self.measured(statement.body)
        otherwise = None if statement.otherwise is None else self.body(statement.otherwise)

        def write(rendering: Rendering, out: list[Value]) -> None:
            value = iterable(rendering)
            items = _items(value, statement.offset)
            if value:
                try:
                    _loop(rendering, out, _Turns(statement.variable, body, cost), items, len(value))
                except ExpressionError as error:
                    error.at(statement.offset)
                    raise
            elif value is not None and otherwise is not None:
                otherwise(rendering, out)

        return write

    def _macro(self, statement: syntax.Macro) -> Write:
        if statement.name in self.macros:
            raise ExpressionError("syntax", f"there are two macros named `{statement.name}`", statement.offset)
        defaults = {
            name: None if default is None else self.expressions.compile(default)
            for name, default in statement.parameters
        }
        self.macros[statement.name] = MacroProgram(statement.name, defaults, *self.measured(statement.body))
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
        return _print(evaluate, statement.offset)


def _nothing(rendering: Rendering, out: list[Value]) -> None:
    """A macro prints nothing where it is defined."""


def _charged(write: Write, cost: int, offset: int = 0) -> Write:
    """What is written again and again, paid for each time."""

    def charge(rendering: Rendering, out: list[Value]) -> None:
        try:
            rendering.spend(cost)
        except ExpressionError as error:
            error.at(offset)
            raise
        write(rendering, out)

    return charge


def _text(text: str) -> Write:
    return lambda rendering, out: out.append(text)


def _raw(text: str) -> Write:
    return lambda rendering, out: out.append(rendering.protect(text))


def _print(evaluate: Evaluate, offset: int) -> Write:
    def write(rendering: Rendering, out: list[Value]) -> None:
        try:
            value = evaluate(rendering)
            out.append(value if value.__class__ in LIGHT else rendering.keep(value))
        except ExpressionError as error:
            error.at(offset)
            raise

    return write


def _set(variable: str, evaluate: Evaluate, offset: int) -> Write:
    def write(rendering: Rendering, out: list[Value]) -> None:
        try:
            rendering.assign(variable, evaluate(rendering))
        except ExpressionError as error:
            error.at(offset)
            raise

    return write


def _holds(condition: Evaluate, rendering: Rendering, offset: int) -> bool:
    try:
        return is_truthy(condition(rendering))
    except ExpressionError as error:
        error.at(offset)
        raise


def _items(value: Value, offset: int) -> Iterable[Value]:
    """What a loop goes through; null skips even the `else`."""
    if value is None:
        return ()
    if is_map(value):
        return (Entry(key=key, value=item) for key, item in value.items())
    if is_list(value):
        return value
    raise ExpressionError("type", f"`for` goes through a list or a map; it got {name_of_type(value)}", offset)


class _Turns(NamedTuple):
    """What each turn of a loop does, and the steps it takes."""

    variable: str
    write: Write
    cost: int


def _loop(rendering: Rendering, out: list[Value], turns: _Turns, items: Iterable[Value], length: int) -> None:
    variable, write, cost = turns
    spend, scope = rendering.meter.spend, dict[str, Value]()
    rendering.enter(scope)
    try:
        for item, state in zip(items, _states(length), strict=True):
            spend(cost)
            scope[variable] = item
            scope["loop"] = state
            write(rendering, out)
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
