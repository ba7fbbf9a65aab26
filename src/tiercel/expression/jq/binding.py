"""`as`, `reduce`, `foreach`: the values of a program bound to names, by patterns."""

from collections.abc import Callable, Iterator
from typing import Any

from tiercel.expression.jq import syntax
from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, kind_of
from tiercel.expression.jq.scope import Pair, Path, Run, Scope, computed, values
from tiercel.expression.jq.syntax import Node, Pattern
from tiercel.expression.jq.values import index


def variables(patterns: tuple[Pattern, ...]) -> frozenset[str]:
    """The names that patterns bind, as the compiler knows them."""
    return frozenset(name for pattern in patterns for name in _names(pattern))


def _names(pattern: Pattern) -> Iterator[str]:
    match pattern:
        case syntax.Variable(name):
            yield f"${name}"
        case syntax.ListPattern(items):
            for item in items:
                yield from _names(item)
        case syntax.MapPattern(entries):
            for _, bound, inner in entries:
                if bound:
                    yield f"${bound}"
                if inner is not None:
                    yield from _names(inner)


class Binder:
    """Binds a value to one of several patterns; the names of the other ones are null then."""

    def __init__(self, pattern: Pattern, every: frozenset[str], compile_key: Callable[[Node], Run]) -> None:
        self._pattern = pattern
        self._others = every - frozenset(_names(pattern))
        self._compile_key = compile_key
        self._keys: dict[int, Run] = {}

    def scopes(self, scope: Scope, value: Json) -> Iterator[Scope]:
        for name in self._others:
            scope = scope.bind(name, None)
        yield from self._bound(self._pattern, scope, value)

    def _bound(self, pattern: Pattern, scope: Scope, value: Json) -> Iterator[Scope]:
        match pattern:
            case syntax.Variable(name):
                yield scope.bind(f"${name}", value)
            case syntax.ListPattern(items):
                if value is not None and not is_array(value):
                    raise JqError(f"Cannot index {kind_of(value)} with number")
                yield from self._in_turn([(item, index(value, place)) for place, item in enumerate(items)], scope)
            case syntax.MapPattern(entries):
                yield from self._entries(entries, scope, value)

    def _key(self, key: Node) -> Run:
        return self._keys.setdefault(id(key), self._compile_key(key))

    def _in_turn(self, parts: list[tuple[Pattern, Json]], scope: Scope) -> Iterator[Scope]:
        if not parts:
            yield scope
            return
        (pattern, value), *rest = parts
        for inner in self._bound(pattern, scope, value):
            yield from self._in_turn(rest, inner)

    def _entries(self, entries: tuple[Any, ...], scope: Scope, value: Json) -> Iterator[Scope]:
        if not entries:
            yield scope
            return
        (key, bound, pattern), *rest = entries
        run = self._key(key)
        for name in values(run, scope, value):
            found = index(value, name)
            inner = scope.bind(f"${bound}", found) if bound else scope
            for bound_scope in [inner] if pattern is None else self._bound(pattern, inner, found):
                yield from self._entries(tuple(rest), bound_scope, value)


def bind(source: Run, binders: list[Binder], body: Run) -> Run:
    """The first pattern that fits, and with which the body works."""

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for result in values(source, scope, value):
            yield from _first_that_works(scope, result, value, path)

    def _first_that_works(scope: Scope, result: Json, value: Json, path: Path) -> Iterator[Pair]:
        for binder in binders[:-1]:
            try:
                for inner in binder.scopes(scope, result):
                    yield from body(inner, value, path)
                return
            except JqError:
                continue
        for inner in binders[-1].scopes(scope, result):
            yield from body(inner, value, path)

    return run


def reduce(source: Run, binders: list[Binder], start: Run, update: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for state, place in start(scope, value, path):
            for item in values(source, scope, value):
                for inner in binders[0].scopes(scope, item):
                    scope.spend()
                    state, place = _last(update(inner, state, place), computed(path))
            yield state, place

    return run


def _last(results: Iterator[Pair], path: Path) -> Pair:
    last: Pair = (None, path)
    for result in results:
        last = result
    return last


def foreach(source: Run, binders: list[Binder], start: Run, update: Run, extract: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for state, place in start(scope, value, path):
            for item in values(source, scope, value):
                for inner in binders[0].scopes(scope, item):
                    scope.spend()
                    for updated in update(inner, state, place):
                        state, place = updated
                        yield from extract(inner, state, place)

    return run
