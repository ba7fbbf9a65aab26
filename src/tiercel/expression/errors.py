"""What can go wrong in an expression.

TiercelError
└── ExpressionError       a kind, a message and the place: template, line, column
    ├── UndefinedError    a name that is not there, with the names that are
    └── UnknownError      a filter, function or test that does not exist, with the one that may be meant
"""

from collections.abc import Callable, Collection, Iterable, Mapping
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
UnknownKind = Literal["unknown_filter", "unknown_function", "unknown_test"]
_NOUNS: Mapping[UnknownKind, str] = {
    "unknown_filter": "filter",
    "unknown_function": "function",
    "unknown_test": "test",
}
_SHOWN_NAMES = 20
_LISTED_NAMES = 500
_SHOWN_TEMPLATE = 500
_LONGEST_NAME = 100
_LONGEST_MESSAGE = 1000


def shortened(text: str, length: int) -> str:
    """What is shown of a text that somebody else has chosen: messages are read by people and kept in logs."""
    return text if len(text) <= length else text[:length] + "…"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that may be meant. Names that nobody types are not compared: it takes the square of their length."""
    if len(name) > _LONGEST_NAME:
        return None
    near = get_close_matches(name, [one for one in known if len(one) <= _LONGEST_NAME], n=1)
    return near[0] if near else None


class ExpressionError(TiercelError):
    """An expression that cannot be read or rendered. The place is filled in on the way up, innermost first."""

    def __init__(self, kind: Kind, message: str, offset: int | None = None) -> None:
        super().__init__(kind, message)
        self.kind: Kind = kind
        self.template = ""
        self.offset = offset
        self._message = message
        self._hide: Callable[[str], str] = str

    @property
    def message(self) -> str:
        """What is wrong and what to do about it, without the place, and without secrets."""
        return shortened(self._hide(self._words()), _LONGEST_MESSAGE)

    def _words(self) -> str:
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

    def knowing(self, left_out: Mapping[str, Collection[str]]) -> Self:
        """What an undefined name makes use of."""
        return self

    def within(self, template: str) -> Self:
        """Say in which template, unless a template rendered by this one already did."""
        if not self.template:
            self.template = template
            self.at(0)
        return self

    def hiding(self, hide: Callable[[str], str]) -> Self:
        """Let nobody see the secrets that the expression has worked with."""
        self._hide = hide
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __str__(self) -> str:
        if not self.template:
            return self.message
        return f"{self.message} (line {self.line}, column {self.column} of `{self._shown_template()}`)"

    def _shown_template(self) -> str:
        return shortened(self._hide(self.template), _SHOWN_TEMPLATE)


class UnknownError(ExpressionError):
    """A filter, function or test that does not exist. `meant` is the name that comes near, if one does."""

    def __init__(self, kind: UnknownKind, name: str, known: Iterable[str] = (), hint: str = "") -> None:
        super().__init__(kind, f"there is no {_NOUNS[kind]} `{name}`")
        self.name = name
        self._known = () if hint else known
        self._hint = hint

    @property
    def meant(self) -> str | None:
        """Looked up only when somebody asks: that takes longer than reading the whole template."""
        return nearest(self.name, self._known)

    def _words(self) -> str:
        meant = self.meant
        advice = self._hint or (f"did you mean `{meant}`?" if meant else "")
        return self._message + (f"; {advice}" if advice else "")


class UndefinedError(ExpressionError):
    """A name, key or index that is not there. `??`, `???`, `default` and `is defined` catch it unless it is buried.

    The names that are there are looked up only when somebody asks: most of these errors are caught.
    """

    def __init__(
        self, path: str, name: object = "", container: Mapping[Any, Any] | None = None, *, hint: str = ""
    ) -> None:
        super().__init__("undefined", path)
        self._hint = hint
        self.path = path
        self.name = name
        self.is_buried = False
        self._container = container
        self._left_out: Collection[str] = ()

    @property
    def there(self) -> tuple[str, ...]:
        """The names that were there instead."""
        if self._left_out:
            return tuple(self._left_out)
        if self._container is None:
            return ()
        return tuple(name for name in islice(self._container, _LISTED_NAMES) if isinstance(name, str))

    def _words(self) -> str:
        if self.name in self._left_out:
            return f"`{self.path}` is not defined: `{self.name}` has given nothing so far"
        near = nearest(self.name, self.there) if isinstance(self.name, str) else None
        if near:
            return f"`{self.path}` is not defined; did you mean `{near}`?"
        return f"`{self.path}` is not defined; {self._hint or self._what_is_there()}"

    def knowing(self, left_out: Mapping[str, Collection[str]]) -> Self:
        """Say what else was there: names that the context was not given, by the path of what holds them."""
        holder, _, _ = self.path.replace("['", ".").removesuffix("']").rpartition(".")
        self._left_out = left_out.get(holder, ())
        return self

    def bury(self) -> Self:
        """Arithmetic and equality hide an undefined operand from an enclosing `??`."""
        self.is_buried = True
        return self

    def _what_is_there(self) -> str:
        shown = ", ".join(f"`{name}`" for name in self.there[:_SHOWN_NAMES])
        return f"there is {shown}" if shown else "write `?? 'something'` for a value that may be absent"
