"""The kinds of values that jq knows, and how messages show a value."""

import json
from typing import Any, TypeAlias, TypeGuard

from tiercel.expression.extent import ensure_walkable

Json: TypeAlias = Any
_LONGEST = 100


def is_array(value: Json) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_object(value: Json) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind_of(value: Json) -> str:
    """The name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "array" if is_array(value) else "object" if is_object(value) else "number"


def plain_json(value: Json) -> str:
    ensure_walkable(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def shown(value: Json) -> str:
    """A value with its type, short, as messages show it."""
    text = plain_json(value)
    return f"{kind_of(value)} ({text if len(text) <= _LONGEST else text[:_LONGEST] + '…'})"
