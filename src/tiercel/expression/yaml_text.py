"""YAML as the original reads and writes it within expressions: times and ratios stay text, an alias is its anchor's name."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import ensure_walkable
from tiercel.expression.json_text import to_json
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, is_list, is_map

_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*)")
_DOUBLE = re.compile(r"[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_STRING_TAG = "tag:yaml.org,2002:str"
_FRAME = StreamStartEvent | StreamEndEvent | DocumentStartEvent | DocumentEndEvent
_LONGEST_NUMBER = 1000

_SPECIAL = re.compile(r"[\[\]{},]|(?:^|[ \t])#|:(?:[ \t]|$)")
_NOT_PLAIN = re.compile(r"^(?:[-?:](?:\s|$)|[,\[\]{}#&*!|>'\"%@`])|^\s|\s$|^(?:---|\.\.\.)")


def read_yaml(text: str, *, spend: Callable[[], None]) -> Value:
    """The first document of a text; `spend` pays for each thing in it. Raises ExpressionError."""
    try:
        return next(_values(_events(text, spend)))
    except StopIteration:
        raise ExpressionError("parse", "the YAML says nothing") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ExpressionError("parse", f"the text is no YAML: {_reason(error)}") from None
    except RecursionError:
        raise ExpressionError("limit", "the YAML has too many lists and maps in one another") from None


def _events(text: str, spend: Callable[[], None]) -> Iterator[Event]:
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if not isinstance(event, _FRAME):
            spend()
            yield event


def _values(events: Iterator[Event]) -> Iterator[Value]:
    """The values up to the end of the collection the events are in."""
    for event in events:
        match event:
            case ScalarEvent():
                yield _scalar(event)
            case AliasEvent():
                yield event.anchor
            case SequenceStartEvent():
                yield list(_values(events))
            case MappingStartEvent():
                yield _mapping(list(_values(events)))
            case SequenceEndEvent() | MappingEndEvent():
                return
            case _:
                continue


def _mapping(flat: list[Value]) -> dict[str, Value]:
    return {to_string(key): value for key, value in zip(flat[::2], flat[1::2], strict=True)}


def _scalar(event: ScalarEvent) -> Value:
    text: str = event.value
    if event.tag == _STRING_TAG or (event.style is not None and event.style != ""):
        return text
    return _plain_scalar(text)


def _plain_scalar(text: str) -> Value:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NOT_A_NUMBER.fullmatch(text):
        raise ValueError(f"`{text}` is no number that can be kept")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    return float(text.replace("_", "")) if _DOUBLE.fullmatch(text) else text


def _integer(text: str) -> int | str:
    """A leading zero means octal; `09` is text."""
    digits = text.replace("_", "").lstrip("+-").lower()
    if len(digits) > _LONGEST_NUMBER or (digits.startswith("0") and digits.isdecimal() and set(digits) & {"8", "9"}):
        return text
    base = {"0x": 16, "0b": 2}.get(digits[:2], 8 if digits.startswith("0") and len(digits) > 1 else 10)
    return -int(digits, base) if text.startswith("-") else int(digits, base)


def _reason(error: yaml.YAMLError | ValueError) -> str:
    problem: Any = getattr(error, "problem", None)
    mark: Any = getattr(error, "problem_mark", None)
    return f"{problem} in line {mark.line + 1}" if problem and mark else str(error)


def write_yaml(value: Value) -> str:
    """The value as one YAML document, with few quotes."""
    ensure_walkable(value)
    if value is None:
        return "null"
    if isinstance(value, str) and not value:
        return '--- ""\n'
    return "".join(_collection(value, 0)) if _is_filled(value) else _inline(value, 0) + "\n"


def _collection(value: Value, indent: int) -> Iterator[str]:
    if is_map(value):
        for key, item in value.items():
            yield from _entry(f"{' ' * indent}{_quoted(to_string(key))}:", item, indent, indent + 2)
    elif is_list(value):
        for item in value:
            yield from _entry(f"{' ' * indent} -", item, indent + 1, indent + 2)


def _entry(head: str, item: Value, indent: int, deeper: int) -> Iterator[str]:
    if _is_filled(item):
        yield head + "\n"
        yield from _collection(item, deeper if is_map(item) or head.endswith("-") else indent)
    else:
        yield f"{head} {_inline(item, deeper)}\n"


def _is_filled(value: Value) -> bool:
    return (is_map(value) or is_list(value)) and bool(value)


def _inline(value: Value, indent: int) -> str:
    if is_map(value):
        return "{}"
    if is_list(value):
        return "[]"
    if isinstance(value, str):
        return _block(value, indent) if "\n" in value else _quoted(value)
    return to_string(value)


def _block(text: str, indent: int) -> str:
    ending = "" if text.endswith("\n") and not text.endswith("\n\n") else "-" if not text.endswith("\n") else "+"
    pad = " " * max(indent, 2)
    lines = [pad + line if line else "" for line in text.removesuffix("\n").split("\n")]
    return "\n".join([f"|{ending}", *lines])


def _quoted(text: str) -> str:
    if not text or text in _TRUE or text in _FALSE or text in _NULL or text in {"y", "Y", "n", "N"}:
        return to_json(text)
    if _SPECIAL.search(text) or not text.isprintable():
        return to_json(text)
    return "'" + text.replace("'", "''") + "'" if _NOT_PLAIN.search(text) else text
