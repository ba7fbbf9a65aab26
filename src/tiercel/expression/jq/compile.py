"""jq programs read into generators. Names are looked up here, once: a program that calls what is not there is refused
before it runs."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from tiercel.expression.errors import ExpressionError
from tiercel.expression.jq import syntax
from tiercel.expression.jq.binding import Binder, bind, foreach, reduce, variables
from tiercel.expression.jq.errors import BreakOut, JqError, mistake
from tiercel.expression.jq.formats import FORMATS
from tiercel.expression.jq.kinds import Json
from tiercel.expression.jq.library import LIBRARY
from tiercel.expression.jq.natives import BLOCKED, NATIVES
from tiercel.expression.jq.parser import parse
from tiercel.expression.jq.programs import PROGRAMS
from tiercel.expression.jq.runs import (
    alternative,
    assign,
    attempt,
    break_out,
    choose,
    comma,
    each,
    index_of,
    iterate,
    label,
    list_of,
    logical,
    map_of,
    operation,
    pipe,
    slice_of,
    text,
)
from tiercel.expression.jq.scope import Closure, Definition, Pair, Path, Run, Scope, computed, values
from tiercel.expression.jq.syntax import Node, Pattern
from tiercel.expression.jq.values import negative

Known = frozenset[str]

_CALL = 3
"""How many steps a call of a defined function is."""


@lru_cache(256)
def compile_program(program: str) -> Run:
    """Raises ExpressionError of the kind `jq`."""
    return _compile(parse(program), frozenset())


def run_program(program: str, value: Json, scope: Scope) -> Iterator[Json]:
    """All results. Raises ExpressionError."""
    try:
        yield from values(compile_program(program), scope, value)
    except JqError as error:
        raise ExpressionError("jq", f"the jq program `{program[:100]}` ended with an error: {error.message}") from None
    except RecursionError:
        raise ExpressionError("limit", f"the jq program `{program[:100]}` calls itself too deeply") from None
    except BreakOut:
        raise ExpressionError("jq", f"the jq program `{program[:100]}` broke out of nothing") from None


@lru_cache(256)
def _library(name: str) -> Definition:
    parameters, body = LIBRARY[name]
    keys = {_key(parameter) for parameter in parameters} | {_value_key(parameter) for parameter in parameters}
    return Definition(parameters, _compile(parse(body), frozenset(keys)))


def _key(parameter: str) -> str:
    """Under which name a parameter is called: `f` and `$f` are both `f/0`."""
    return f"{parameter.lstrip('$')}/0"


def _value_key(parameter: str) -> str:
    return parameter if parameter.startswith("$") else _key(parameter)


def _compile(node: Node, known: Known) -> Run:
    match node:
        case syntax.Identity():
            return lambda scope, value, path: iter(((value, path),))
        case syntax.Literal(literal):
            return lambda scope, value, path: iter(((literal, computed(path)),))
        case syntax.RecurseAll():
            return _call("recurse", (), known)
        case syntax.Variable(name):
            return _variable(name, known)
        case syntax.Index(target, key):
            return index_of(_compile(target, known), _compile(key, known))
        case syntax.Slice(target, start, end):
            edges = [_compile(edge or syntax.Literal(None), known) for edge in (start, end)]
            return slice_of(_compile(target, known), *edges)
        case syntax.Iterate(target):
            return iterate(_compile(target, known))
        case syntax.Pipe(left, right):
            return pipe(_compile(left, known), _compile(right, known))
        case syntax.Comma(left, right):
            return comma(_compile(left, known), _compile(right, known))
        case syntax.Call(name, arguments):
            return _call(name, tuple(_compile(argument, known) for argument in arguments), known)
        case syntax.Define():
            return _define(node, known)
        case syntax.Operation(operator, left, right):
            return operation(operator, _compile(left, known), _compile(right, known))
        case syntax.Logical(operator, left, right):
            return logical(operator == "or", _compile(left, known), _compile(right, known))
        case syntax.Negative(body):
            return each(_compile(body, known), negative)
        case syntax.Assign(operator, left, right):
            return assign(operator, _compile(left, known), _compile(right, known))
        case syntax.Alternative(left, right):
            return alternative(_compile(left, known), _compile(right, known))
        case syntax.If(condition, then, otherwise):
            return choose(*(_compile(part, known) for part in (condition, then, otherwise)))
        case syntax.Try(body, handler):
            return attempt(_compile(body, known), None if handler is None else _compile(handler, known))
        case syntax.ListOf(body):
            return list_of(None if body is None else _compile(body, known))
        case syntax.MapOf(entries):
            return map_of([(_compile(key, known), _compile(value, known)) for key, value in entries])
        case syntax.Text(parts, format):
            written = [part if isinstance(part, str) else _compile(part, known) for part in parts]
            return text(written, _format(format))
        case syntax.Format(name):
            return each(_compile(syntax.Identity(), known), _format(name))
        case syntax.Bind(source, patterns, body):
            inner = _compile(body, known | variables(patterns))
            return bind(_compile(source, known), _binders(patterns, known), inner)
        case syntax.Reduce() | syntax.Foreach():
            return _fold(node, known)
        case syntax.Label(name, body):
            return label(name, _compile(body, known | {f"*{name}"}))
        case syntax.Break(name):
            if f"*{name}" not in known:
                raise mistake(f"there is no label `${name}` to break out to")
            return break_out(name)


def _variable(name: str, known: Known) -> Run:
    if name == "__loc__":
        return lambda scope, value, path: iter((({"file": "<top-level>", "line": 1}, computed(path)),))
    if name == "ENV" or f"${name}" not in known:
        reason = BLOCKED.get(f"${name}", "nothing binds it")
        raise mistake(f"there is no variable `${name}`: {reason}")

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        yield scope.holder(f"${name}").value, computed(path)

    return run


def _format(name: str) -> Callable[[Json], str]:
    if name not in FORMATS:
        raise mistake(f"there is no format `@{name}`")
    return FORMATS[name]


def _binders(patterns: tuple[Pattern, ...], known: Known) -> list[Binder]:
    """For each pattern what binds a value to it."""
    every = variables(patterns)
    return [Binder(pattern, every, lambda key: _compile(key, known | every)) for pattern in patterns]


def _fold(node: syntax.Reduce | syntax.Foreach, known: Known) -> Run:
    source, start = _compile(node.source, known), _compile(node.start, known)
    inside = known | variables(node.patterns)
    binders, update = _binders(node.patterns, known), _compile(node.update, inside)
    if isinstance(node, syntax.Foreach):
        return foreach(source, binders, start, update, _compile(node.extract, inside))
    return reduce(source, binders, start, update)


def _define(node: syntax.Define, known: Known) -> Run:
    key = f"{node.name}/{len(node.parameters)}"
    keys = {_key(name) for name in node.parameters} | {_value_key(name) for name in node.parameters}
    definition = Definition(node.parameters, _compile(node.body, known | {key} | keys))
    rest = _compile(node.rest, known | {key})
    return lambda scope, value, path: rest(scope.bind(key, definition), value, path)


def _call(name: str, arguments: tuple[Run, ...], known: Known) -> Run:
    key = f"{name}/{len(arguments)}"
    if key in known:
        return _own_call(key, arguments)
    if key in NATIVES:
        return _native_call(key, arguments)
    if key in PROGRAMS:
        program = PROGRAMS[key]
        return lambda scope, value, path: program(arguments, scope, value, path)
    if key in LIBRARY:
        return _library_call(key, arguments)
    reason = f": {BLOCKED[name]}" if name in BLOCKED else ""
    raise mistake(f"{key} is not defined{reason}")


def _own_call(key: str, arguments: tuple[Run, ...]) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        scope.spend(_CALL)
        holder = scope.holder(key)
        match holder.value:
            case Closure(body, around):
                yield from body(around, value, path)
            case definition:
                yield from _applied(definition, holder, arguments, scope, value, path)

    return run


def _library_call(key: str, arguments: tuple[Run, ...]) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        scope.spend(_CALL)
        yield from _applied(_library(key), Scope(scope.rendering), arguments, scope, value, path)

    return run


def _applied(
    definition: Definition, around: Scope, arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path
) -> Iterator[Pair]:
    """The body, in the scope of the definition and the arguments; once for each value of a `$` parameter."""
    for inner in _with_arguments(list(zip(definition.parameters, arguments, strict=True)), around, scope, value):
        yield from definition.body(inner, value, path)


def _with_arguments(pairs: list[tuple[str, Run]], inner: Scope, scope: Scope, value: Json) -> Iterator[Scope]:
    if not pairs:
        yield inner
        return
    (name, argument), *rest = pairs
    if not name.startswith("$"):
        yield from _with_arguments(rest, inner.bind(_key(name), Closure(argument, scope)), scope, value)
        return
    for given in values(argument, scope, value):
        constant = _compile(syntax.Literal(given), frozenset())
        bound = inner.bind(name, given).bind(_key(name), Closure(constant, scope))
        yield from _with_arguments(rest, bound, scope, value)


def _native_call(key: str, arguments: tuple[Run, ...]) -> Run:
    native, name = NATIVES[key], key.partition("/")[0]

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for given in _given(len(arguments), scope, value):
            scope.spend()
            scope.rendering.weigh(value, name)
            yield scope.rendering.admit(native(scope.rendering, value, *given)), computed(path)

    def _given(count: int, scope: Scope, value: Json) -> Iterator[tuple[Json, ...]]:
        if count == 0:
            yield ()
            return
        for last in values(arguments[count - 1], scope, value):
            for before in _given(count - 1, scope, value):
                yield (*before, last)

    return run
