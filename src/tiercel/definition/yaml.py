"""YAML as the original reads it: the nodes with their places, and the scalars that are not texts.

Values `yes` and `off` are booleans, `010` is 8, `1e3` a number; dates and `1:30` stay texts; keys always are texts.
What can be read with two eyes shut is not: tabs, duplicate keys and the like are told with line and column.
"""

import re
from typing import Any

from yaml import CSafeLoader, Node, ScalarNode
from yaml.error import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

DEPTH_LIMIT = 100
NODE_LIMIT = 200_000
LONGEST_NUMBER = 1000

TEXT, NULL, BOOL, INT, FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("str", "null", "bool", "int", "float"))
MAP, SEQ = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset(cased for word in ("yes", "on", "true") for cased in (word, word.title(), word.upper()))
_FALSE = frozenset(cased for word in ("no", "off", "false") for cased in (word, word.title(), word.upper()))
_INT = re.compile(r"[-+]?(?:0b[01_]+|0[0-7_]*|0[xX][0-9a-fA-F_]+|[1-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_NUMERIC_START = frozenset("0123456789+-.")


class TooMuch(YAMLError):
    """The document is nested deeper or holds more nodes than any flow does."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class _Parser(CSafeLoader):
    """The C parser with our table of scalars; counts nodes and depth while they are composed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.nodes = 0

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        self.depth += 1
        self.nodes += 1
        if self.depth > DEPTH_LIMIT:
            raise TooMuch(f"nested deeper than {DEPTH_LIMIT} levels")
        if self.nodes > NODE_LIMIT:
            raise TooMuch(f"more than {NODE_LIMIT} values")

    def ascend_resolver(self) -> None:
        self.depth -= 1

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return tag_of(value) if implicit[0] else TEXT
        return MAP if kind.__name__ == "MappingNode" else SEQ


def compose(text: str) -> Node | None:
    """The one document of a text; None where there is nothing in it. Raises YAMLError."""
    parser = _Parser(text)
    try:
        return parser.get_single_node()
    finally:
        parser.dispose()


def tag_of(plain: str) -> str:
    """What a scalar without quotes is."""
    if plain in _NULLS:
        return NULL
    if plain[0] in _NUMERIC_START:
        return INT if _INT.fullmatch(plain) else FLOAT if _FLOAT.fullmatch(plain) else TEXT
    return BOOL if plain in _TRUE or plain in _FALSE else TEXT


def value_of(tag: str, text: str) -> Any:
    """The value of a scalar. Raises ValueError for a number that JSON cannot carry, or that the tag is not."""
    match tag:
        case "tag:yaml.org,2002:null":
            return None
        case "tag:yaml.org,2002:bool":
            return text in _TRUE
        case "tag:yaml.org,2002:int":
            return _int(text.replace("_", ""))
        case "tag:yaml.org,2002:float":
            return _float(text.replace("_", ""))
        case _:
            return text


def _int(digits: str) -> int:
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("more digits than any number has")
    if digits.lower().startswith(("0x", "0b")):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if len(digits) > 1 and digits.startswith("0") else 10)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")) or number != number:
        raise ValueError("not a finite number")
    return number


def place_of(error: YAMLError) -> tuple[int, int]:
    """Line and column of what the parser complained of, from 1; (0, 0) where it does not say."""
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    return (0, 0) if mark is None else (mark.line + 1, mark.column + 1)


def unreadable_character(error: YAMLError) -> tuple[int, str] | None:
    """The offset and the name of a character that no YAML may hold."""
    if not isinstance(error, ReaderError):
        return None
    return error.position, f"U+{ord(error.character):04X}" if isinstance(
        error.character, str
    ) else f"U+{error.character:04X}"
