"""Values of classes that expressions do not know by name: those of a kind with ours are written so, others never."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value, name_of_type

Writers: TypeAlias = Mapping[type, Callable[[Any], str]]


def find_writer(writers: Writers, value: Value) -> Callable[[Any], str] | None:
    """The writer of the value's class, or of the first of its bases that there is one for."""
    writer = writers.get(value.__class__)
    if writer is not None:
        return writer
    return next((write for kind, write in writers.items() if isinstance(value, kind)), None)


def understood(value: Value) -> Value:
    """The value of the language that one stands for. What Python would say of all others is not for flows to see."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Enum):
        return value.value
    raise ExpressionError("type", f"{name_of_type(value)} of the server is no value that expressions know")
