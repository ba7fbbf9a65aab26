"""The syntax tree: what the parser makes and the compiler reads. Every node knows where it stands in the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tiercel.expression.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    offset: int


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target.name`."""

    target: "Expression"
    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Subscript:
    """`target[key]`."""

    target: "Expression"
    key: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class MethodCall:
    """`target.name(…)`."""

    target: "Expression"
    name: str
    arguments: tuple["Expression", ...]
    offset: int


@dataclass(frozen=True, slots=True)
class ArgumentList:
    """Positional arguments, then named ones."""

    positional: tuple["Expression", ...] = ()
    named: tuple[tuple[str, "Expression"], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """`name(…)`: a function, or a macro of the template."""

    name: str
    arguments: ArgumentList
    offset: int


@dataclass(frozen=True, slots=True)
class Filter:
    """`target | name(…)`."""

    target: "Expression"
    name: str
    arguments: ArgumentList
    offset: int


@dataclass(frozen=True, slots=True)
class Test:
    """`target is name`, or `is not`."""

    target: "Expression"
    name: str
    is_negated: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: "Expression"
    right: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class Concatenation:
    """`a ~ b ~ c`, and text with `#{}` in it: one node for the whole chain."""

    parts: tuple["Expression", ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Ternary:
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class ListDisplay:
    elements: tuple["Expression", ...]
    offset: int


@dataclass(frozen=True, slots=True)
class MapDisplay:
    entries: tuple[tuple["Expression", "Expression"], ...]
    offset: int


Expression: TypeAlias = (
    Literal
    | Name
    | Attribute
    | Subscript
    | MethodCall
    | Call
    | Filter
    | Test
    | Unary
    | Binary
    | Concatenation
    | Ternary
    | ListDisplay
    | MapDisplay
)


@dataclass(frozen=True, slots=True)
class Text:
    """Text between tags, printed as it stands; `is_raw` text is never rendered again either."""

    text: str
    is_raw: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Print:
    """`{{ expression }}`."""

    expression: Expression
    offset: int


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Expression, "Body"], ...]
    otherwise: "Body"
    offset: int


@dataclass(frozen=True, slots=True)
class For:
    variable: str
    iterable: Expression
    body: "Body"
    otherwise: "Body | None"
    offset: int


@dataclass(frozen=True, slots=True)
class Set:
    variable: str
    expression: Expression
    offset: int


@dataclass(frozen=True, slots=True)
class Macro:
    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: "Body"
    offset: int


@dataclass(frozen=True, slots=True)
class Block:
    name: str
    body: "Body"
    offset: int


@dataclass(frozen=True, slots=True)
class FilterBlock:
    """`{% filter a | b %}…{% endfilter %}`: the filters in the order they are applied."""

    filters: tuple[tuple[str, ArgumentList, int], ...]
    body: "Body"
    offset: int


Statement: TypeAlias = Text | Print | If | For | Set | Macro | Block | FilterBlock
Body: TypeAlias = Sequence[Statement]
