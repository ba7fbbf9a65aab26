"""Ion text: read as plain data, written compactly. Binary Ion is left to the storage side."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import ensure_walkable
from tiercel.expression.text import to_string
from tiercel.expression.values import Float, Integer, Value, is_list, is_map

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<blob>\{\{\s*[A-Za-z0-9+/=\s]*\}\})
  | (?P<moment>\d{4}-\d\d-\d\d(?:T(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?|\d{4}(?:-\d\d)?T)
  | (?P<float>-?(?:\d[\d_]*(?:\.[\d_]*)?)[eE][+-]?\d+|[+-]inf|nan\b)
  | (?P<decimal>-?\d[\d_]*(?:\.[\d_]*(?:[dD][+-]?\d+)?|[dD][+-]?\d+))
  | (?P<integer>-?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*))
  | (?P<long>'''(?:[^'\\]++|\\.|'(?!''))*+''')
  | (?P<string>"(?:[^"\\]++|\\.)*+")
  | (?P<symbol>'(?:[^'\\]++|\\.)*+'|null\.[a-z]+|[A-Za-z_$][\w$]*)
  | (?P<punctuation>::|[\[\]{}():,])
    """,
    re.VERBOSE | re.DOTALL,
)
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_RESERVED = frozenset({"null", "true", "false", "nan"})
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r\n|.))", re.DOTALL)
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\n": "",
    "\r\n": "",
}
_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SYMBOLS = {"null": None, "true": True, "false": False}


def read_ion(text: str, *, spend: Callable[[], None]) -> Value:
    """The first value of a text; `spend` pays for each token of it. Raises ExpressionError."""
    try:
        return _Reader(_paid(_tokens(text), spend), _SCALARS).value()
    except RecursionError:
        raise ExpressionError("limit", "the Ion text has too many lists and structs in one another") from None


def read_all_ion(text: str, *, spend: Callable[[], None]) -> Iterator[Value]:
    """All values of a text, as `read_ion` gives one. Raises ExpressionError."""
    try:
        reader = _Reader(_paid(_tokens(text), spend), _SCALARS)
        while not reader.is_at_end:
            yield reader.value()
    except RecursionError:
        raise ExpressionError("limit", "the Ion text has too many lists and structs in one another") from None


def read_ion_values(text: str) -> Iterator[Any]:
    """All values of a text, none of them changed: decimals are `Decimal`, blobs `bytes`. Raises ExpressionError."""
    reader = _Reader(_tokens(text), _EXACT_SCALARS)
    while not reader.is_at_end:
        yield reader.value()


class _Reader:
    def __init__(self, tokens: Iterator[tuple[str, str]], scalars: "_Scalars") -> None:
        self._scalars = scalars
        self._tokens = tokens
        self._kind, self._text = next(self._tokens)

    @property
    def is_at_end(self) -> bool:
        return self._kind == "end"

    def value(self) -> Value:
        kind, text = self._kind, self._text
        self._advance()
        if kind in {"symbol", "string"} and self._text == "::":
            self._advance()
            return self.value()
        read = self._scalars.get(kind)
        if read is not None:
            return read(text)
        match text:
            case "[" | "(":
                return self._list("]" if text == "[" else ")")
            case "{":
                return self._struct()
            case _:
                raise _error(text)

    def _list(self, closing: str) -> list[Value]:
        items: list[Value] = []
        while self._text != closing:
            items.append(self.value())
            if self._text == ",":
                self._advance()
            elif closing == "]" and self._text != closing:
                raise _error(self._text)
        self._advance()
        return items

    def _struct(self) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        while self._text != "}":
            name = self._field_name()
            entries[name] = self.value()
            if self._text == ",":
                self._advance()
            elif self._text != "}":
                raise _error(self._text)
        self._advance()
        return entries

    def _field_name(self) -> str:
        kind, text = self._kind, self._text
        self._advance()
        if kind not in {"symbol", "string", "long"} or self._text != ":":
            raise _error(text)
        self._advance()
        return text if kind == "symbol" and text[0] != "'" else _unescaped(text.strip("'\""))

    def _advance(self) -> None:
        self._kind, self._text = next(self._tokens)


def _paid(tokens: Iterator[tuple[str, str]], spend: Callable[[], None]) -> Iterator[tuple[str, str]]:
    for token in tokens:
        spend()
        yield token


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _error(text[position : position + 20])
        position = found.end()
        if found.lastgroup != "skip":
            yield found.lastgroup or "", found.group()
    while True:
        yield "end", ""


def _error(found: str) -> ExpressionError:
    if not found:
        return ExpressionError("parse", "the Ion text ends too early")
    return ExpressionError("parse", f"the text is no Ion: `{found}` cannot stand there")


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        digits = found[1] or found[2] or found[3]
        return chr(int(digits, 16) % 0x110000) if digits else _ESCAPES.get(found[4], found[4])

    return _ESCAPE.sub(character, text)


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    if len(digits) > 1000:
        raise _error(digits[:20])
    try:
        return int(digits, 0) if digits.lstrip("-")[:2].lower() in {"0x", "0b"} else int(digits)
    except ValueError:
        raise _error(text) from None


def _symbol(text: str) -> Value:
    if text[0] == "'":
        return _unescaped(text[1:-1])
    return None if text.startswith("null.") else _SYMBOLS.get(text, text)


def _float(text: str) -> float:
    return float(text.replace("_", "").lower())


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s", "", text[2:-2]), validate=True)
    except ValueError:
        raise _error(text) from None


_Scalars = Mapping[str, Callable[[str], Any]]
_SCALARS: _Scalars = {
    "string": lambda text: _unescaped(text[1:-1]),
    "long": lambda text: _unescaped(text[3:-3]),
    "symbol": _symbol,
    "integer": _integer,
    "float": _float,
    "decimal": lambda text: _float(re.sub("[dD]", "e", text)),
    "moment": lambda text: text,
    "blob": lambda text: _blob(text).decode("utf-8", "replace"),
}
_EXACT_SCALARS: _Scalars = {
    **_SCALARS,
    "decimal": lambda text: Decimal(re.sub("[dD]", "e", text).replace("_", "")),
    # An offset of -00:00 says that nobody knows it.
    "moment": lambda text: text.removesuffix("-00:00"),
    "blob": _blob,
}


def write_ion(value: Value) -> str:
    """The value as compact Ion text. Entries that are null stay."""
    ensure_walkable(value)
    return _written(value)


def _written(value: Value) -> str:
    if isinstance(value, str):
        return '"' + "".join(_QUOTED.get(character, character) for character in value) + '"'
    writer = _WRITERS.get(value.__class__)
    if writer is not None:
        return writer(value)
    if is_map(value):
        return "{" + ",".join(f"{_field(to_string(key))}:{_written(item)}" for key, item in value.items()) + "}"
    if is_list(value):
        return "[" + ",".join(map(_written, value)) + "]"
    return _written(to_string(value))


def _field(name: str) -> str:
    if _IDENTIFIER.fullmatch(name) and name not in _RESERVED:
        return name
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write_float(value: float) -> str:
    text = repr(value)
    return {"inf": "+inf", "-inf": "-inf", "nan": "nan"}.get(text, text if "e" in text else f"{text}e0")


def _write_datetime(value: datetime) -> str:
    if value.tzinfo is None:
        return f'LocalDateTime::"{to_string(value)}"'
    if value.tzinfo is UTC:
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f'ZonedDateTime::"{to_string(value)}"'


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _write_float,
    Float: lambda value: _write_float(float(value)),
    Integer: int.__repr__,
    Decimal: lambda value: format(value, "f") if "." in format(value, "f") else f"{value:f}.",
    datetime: _write_datetime,
    date: date.isoformat,
    time: lambda value: f'LocalTime::"{to_string(value)}"',
    timedelta: lambda value: f'Duration::"{to_string(value)}"',
}
