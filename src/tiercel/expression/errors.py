"""What can go wrong in an expression.

TiercelError
└── ExpressionError       a kind, a message and the place: template, line, column
    └── UndefinedError    a name that is not there, with the names that are
"""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, Literal, Self

from tiercel.model.errors import TiercelError

Kind = Literal[
    "undefined",
    "syntax",
    "unknown_filter",
    "unknown_function",
    "unknown_test",
    "type",
    "argument",
    "null",
    "arith",
    "value",
    "parse",
    "access",
    "limit",
    "missing",
    "jq",
    "host",
]
_SHOWN_NAMES = 20
_LISTED_NAMES = 500
_SHOWN_TEMPLATE = 500


class ExpressionError(TiercelError):
    """An expression that cannot be read or rendered. The place is filled in on the way up, innermost first."""

    def __init__(self, kind: Kind, message: str, offset: int | None = None) -> None:
        super().__init__(kind, message)
        self.kind: Kind = kind
        self.template = ""
        self.offset = offset
        self._message = message

    @property
    def message(self) -> str:
        """What is wrong and what to do about it, without the place."""
        return self._message

    @property
    def line(self) -> int:
        """The line of the template, from 1."""
        return self.template.count("\n", 0, self.offset or 0) + 1

    @property
    def column(self) -> int:
        """The column within the line, from 1."""
        offset = self.offset or 0
        return offset - self.template.rfind("\n", 0, offset)

    def at(self, offset: int) -> Self:
        """Say where in the template, unless someone further in already did."""
        if self.offset is None:
            self.offset = offset
        return self

    def within(self, template: str) -> Self:
        """Say in which template, unless a template rendered by this one already did."""
        if not self.template:
            self.template = template
            self.at(0)
        return self

    def __str__(self) -> str:
        if not self.template:
            return self.message
        return f"{self.message} (line {self.line}, column {self.column} of `{self._shown_template()}`)"

    def _shown_template(self) -> str:
        return self.template if len(self.template) <= _SHOWN_TEMPLATE else self.template[:_SHOWN_TEMPLATE] + "…"


class UndefinedError(ExpressionError):
    """A name, key or index that is not there. `??`, `???`, `default` and `is defined` catch it unless it is buried.

    The names that are there are looked up only when somebody asks: most of these errors are caught.
    """

    def __init__(self, path: str, name: object = "", container: Mapping[Any, Any] | None = None) -> None:
        super().__init__("undefined", path)
        self.path = path
        self.name = name
        self.is_buried = False
        self._container = container

    @property
    def there(self) -> tuple[str, ...]:
        """The names that were there instead."""
        if self._container is None:
            return ()
        return tuple(str(name) for name in islice(self._container, _LISTED_NAMES))

    @property
    def message(self) -> str:
        near = get_close_matches(str(self.name), self.there, n=1)
        if near:
            return f"`{self.path}` is not defined; did you mean `{near[0]}`?"
        return f"`{self.path}` is not defined; {self._what_is_there()}"

    def bury(self) -> Self:
        """Arithmetic and equality hide an undefined operand from an enclosing `??`."""
        self.is_buried = True
        return self

    def _what_is_there(self) -> str:
        shown = ", ".join(f"`{name}`" for name in self.there[:_SHOWN_NAMES])
        return f"there is {shown}" if shown else "write `?? 'something'` for a value that may be absent"
