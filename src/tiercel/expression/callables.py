"""What can be called by name, what it means, and the arguments it gets: filters, functions, tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

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


class Parameter(NamedTuple):
    name: str
    is_needed: bool
    default: str
    """What stands for it when it is not written, as a reader is told."""

    @classmethod
    def read(cls, text: str) -> Self:
        """`name`, which must be written; `name?` and `name=default`, which need not; `name…`, one or more."""
        name, has_default, default = text.strip().partition("=")
        return cls(name.rstrip("?…"), not has_default and not name.endswith("?"), default)


class Example(NamedTuple):
    template: str
    result: str


class About:
    """What a reader is told of anything that has a name in the language. A test runs every example."""

    __slots__ = ("_examples", "instead", "meaning", "since", "until")

    def __init__(self, meaning: str, *examples: str, since: str = "", until: str = "", instead: str = "") -> None:
        """Examples read `template → result`. A version that is not named: since 0.21, and still there."""
        self.meaning = meaning
        self.since = since
        self.until = until
        """The last version of the original that had it."""
        self.instead = instead
        """What to write now, where it was removed."""
        self._examples = examples

    @property
    def examples(self) -> list[Example]:
        return [Example(*text.split(" → ", 1)) for text in self._examples]


class _Signed:
    __slots__ = ()
    signature: str
    """Parameters with commas between them, each as `Parameter.read` takes it."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(Parameter.read(text) for text in self.signature.split(",") if text)

    @property
    def is_variadic(self) -> bool:
        """All positional arguments are one list, under the only parameter."""
        return self.signature.endswith("…")


@dataclass(frozen=True, slots=True)
class Filter(_Signed):
    """`run(value, arguments)`. A filter without a signature ignores what it is given."""

    run: Callable[[Value, Arguments], Value]
    signature: str
    about: About
    missing: Kind = "argument"
    """The kind of error where a needed argument is not written."""


@dataclass(frozen=True, slots=True)
class Function(_Signed):
    """`run(arguments)`. `reads` are paths of the context it looks at by itself."""

    run: Callable[[Arguments], Value]
    signature: str
    about: About
    reads: tuple[Path, ...] = ()
    missing: Kind = "argument"


@dataclass(frozen=True, slots=True)
class Test:
    """What may follow `is`."""

    run: Callable[[Value], bool]
    about: About


def plain(run: Callable[[Value], Value], about: About) -> Filter:
    """A filter of a function that takes the value alone."""
    return Filter(lambda value, _: run(value), "", about)


def wrong_input(owner: str, value: Value, wanted: str) -> ExpressionError:
    """The error of a filter that got what it cannot work on."""
    return ExpressionError("type", f"`{owner}` works on {wanted}; it got {name_of_type(value)}")
