"""What a running jq program knows: names bound so far, and the rendering that counts its steps.

A program runs on a value together with the path that led to it, where anybody asked for paths: None where nobody did,
NOWHERE where the value was computed and has none.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, shown
from tiercel.expression.rendering import Rendering

Path: TypeAlias = tuple[Any, ...] | None
Pair: TypeAlias = tuple[Json, Path]

NOWHERE: tuple[Any, ...] = ("a value that was computed has no path",)


_STEPS_AN_OPERATION = 3


class Scope:
    """One binding, and those around it."""

    __slots__ = ("around", "name", "rendering", "value")

    def __init__(self, rendering: Rendering, name: str = "", value: Any = None, around: "Scope | None" = None) -> None:
        self.rendering = rendering
        self.name = name
        self.value = value
        self.around = around

    def bind(self, name: str, value: Any) -> "Scope":
        return Scope(self.rendering, name, value, self)

    def holder(self, name: str) -> "Scope":
        """The scope that binds a name; the compiler has seen that one does."""
        scope: Scope = self
        while scope.name != name and scope.around is not None:
            scope = scope.around
        return scope

    def spend(self, steps: int = 1) -> None:
        """Pay for operations: one of jq, with its streams of results, is as much work as some of a template."""
        self.rendering.spend(_STEPS_AN_OPERATION * steps)


Run: TypeAlias = Callable[[Scope, Json, Path], Iterator[Pair]]


class Closure(NamedTuple):
    """A program given as an argument, to be run where it was written."""

    run: Run
    scope: Scope


class Definition(NamedTuple):
    parameters: tuple[str, ...]
    body: Run


def values(run: Run, scope: Scope, value: Json) -> Iterator[Json]:
    """The results alone."""
    return (result for result, _ in run(scope, value, None))


def paths(run: Run, scope: Scope, value: Json) -> Iterator[tuple[Any, ...]]:
    """Where the results lie in the value. Raises JqError for one that lies nowhere."""
    for result, path in run(scope, value, ()):
        if path is None or path is NOWHERE:
            raise JqError(f"Invalid path expression with result {shown(result)}")
        yield path


def computed(path: Path) -> Path:
    """The path of a value that was computed."""
    return None if path is None else NOWHERE


def further(value: Json, path: Path, key: Json) -> Path:
    """The path one step further down. Raises JqError where there is none."""
    if path is None:
        return None
    if path is NOWHERE:
        raise JqError(f"Invalid path expression: there is no path to {shown(value)}")
    return (*path, key)


Native: TypeAlias = Callable[..., Json]
"""`native(rendering, value, *arguments)`: a function that takes values and gives one."""


def of_value(change: Callable[[Json], Json]) -> Native:
    def native(_: Rendering, value: Json) -> Json:
        return change(value)

    return native


def of_two(change: Callable[[Json, Json], Json]) -> Native:
    def native(_: Rendering, value: Json, other: Json) -> Json:
        return change(value, other)

    return native
