"""What can be called by name, and the arguments it gets: filters, functions, tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tiercel.expression.errors import ExpressionError, Kind
from tiercel.expression.rendering import Rendering
from tiercel.expression.values import Value, is_integer, name_of_type

Path: TypeAlias = tuple[str, ...]

EVERYTHING: tuple[Path, ...] = ((),)
"""The path of the whole context: what `render()` reads cannot be known beforehand."""


class Arguments:
    """The arguments of one call by name; those not written are absent."""

    __slots__ = ("_values", "owner", "rendering")

    def __init__(self, owner: str, values: dict[str, Value], rendering: Rendering) -> None:
        self.owner = owner
        self.rendering = rendering
        self._values = values

    def get(self, name: str, default: Value = None) -> Value:
        """The argument; the default when it is absent or null."""
        value = self._values.get(name)
        return default if value is None else value

    def has(self, name: str) -> bool:
        return name in self._values

    def written(self) -> Mapping[str, Value]:
        """All arguments that were written."""
        return self._values

    def needed(self, name: str, kind: Kind = "argument") -> Value:
        """The argument, which must be written and not be null."""
        value = self._values.get(name)
        if value is None:
            raise ExpressionError(kind, f"`{self.owner}` needs the argument `{name}`")
        return value

    def text(self, name: str, kind: Kind = "argument") -> str:
        """The argument, which must be a text."""
        value = self.needed(name, kind)
        if not isinstance(value, str):
            raise self.refused(name, "a text", kind)
        return value

    def optional_text(self, name: str, kind: Kind = "argument") -> str | None:
        return None if self._values.get(name) is None else self.text(name, kind)

    def integer(self, name: str, kind: Kind = "argument") -> int:
        """The argument, which must be an integer."""
        value = self.needed(name, kind)
        if not is_integer(value):
            raise self.refused(name, "an integer", kind)
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise self.refused(name, "a boolean", "argument")
        return value

    def refused(self, name: str, wanted: str, kind: Kind) -> ExpressionError:
        found = name_of_type(self._values.get(name))
        return ExpressionError(kind, f"the argument `{name}` of `{self.owner}` must be {wanted}; it is {found}")


@dataclass(frozen=True, slots=True)
class Filter:
    """`run(value, arguments)`. A filter that declares no parameters ignores what it is given."""

    run: Callable[[Value, Arguments], Value]
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """`run(arguments)`. `reads` are paths of the context it looks at by itself."""

    run: Callable[[Arguments], Value]
    parameters: tuple[str, ...] = ()
    reads: tuple[Path, ...] = ()
    is_variadic: bool = False
    """All positional arguments are one list, under the only parameter."""


def plain(run: Callable[[Value], Value]) -> Filter:
    """A filter of a function that takes the value alone."""
    return Filter(lambda value, _: run(value))


def wrong_input(owner: str, value: Value, wanted: str) -> ExpressionError:
    """The error of a filter that got what it cannot work on."""
    return ExpressionError("type", f"`{owner}` works on {wanted}; it got {name_of_type(value)}")
