"""The syntax tree of a jq program."""

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Identity:
    """`.`"""


@dataclass(frozen=True, slots=True)
class RecurseAll:
    """`..`"""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text with `\\( )` in it: texts and programs in turn. The format, if any, is applied to what the programs give."""

    parts: tuple["str | Node", ...]
    format: str


@dataclass(frozen=True, slots=True)
class Format:
    """`@name` alone."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`, and `target.name`."""

    target: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Slice:
    """`target[start:end]`."""

    target: "Node"
    start: "Node | None"
    end: "Node | None"


@dataclass(frozen=True, slots=True)
class Iterate:
    """`target[]`."""

    target: "Node"


@dataclass(frozen=True, slots=True)
class Try:
    """`try body catch handler`, and `body?`."""

    body: "Node"
    handler: "Node | None"


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[body]`."""

    body: "Node | None"


@dataclass(frozen=True, slots=True)
class MapOf:
    """`{key: value, …}`."""

    entries: tuple[tuple["Node", "Node"], ...]


@dataclass(frozen=True, slots=True)
class Negative:
    body: "Node"


@dataclass(frozen=True, slots=True)
class Pipe:
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Comma:
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Alternative:
    """`left // right`."""

    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic or comparison."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logical:
    """`and`, `or`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Assign:
    """`=`, `|=`, `+=` and the like."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class If:
    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Bind:
    """`source as pattern ?// pattern | body`."""

    source: "Node"
    patterns: tuple["Pattern", ...]
    body: "Node"


@dataclass(frozen=True, slots=True)
class Reduce:
    source: "Node"
    patterns: tuple["Pattern", ...]
    start: "Node"
    update: "Node"


@dataclass(frozen=True, slots=True)
class Foreach:
    source: "Node"
    patterns: tuple["Pattern", ...]
    start: "Node"
    update: "Node"
    extract: "Node"


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    body: "Node"


@dataclass(frozen=True, slots=True)
class Break:
    name: str


@dataclass(frozen=True, slots=True)
class Define:
    """`def name(parameters): body; rest`. A parameter `$x` is a value, `f` a program."""

    name: str
    parameters: tuple[str, ...]
    body: "Node"
    rest: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class ListPattern:
    items: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class MapPattern:
    """`{key: pattern}`; `$name` as a key is bound too."""

    entries: tuple[tuple["Node", str, "Pattern | None"], ...]


Pattern: TypeAlias = Variable | ListPattern | MapPattern
Node: TypeAlias = (
    Identity
    | RecurseAll
    | Literal
    | Text
    | Format
    | Index
    | Slice
    | Iterate
    | Try
    | Variable
    | ListOf
    | MapOf
    | Negative
    | Pipe
    | Comma
    | Alternative
    | Operation
    | Logical
    | Assign
    | If
    | Bind
    | Reduce
    | Foreach
    | Label
    | Break
    | Define
    | Call
)
