"""The values of loops, rendered once: a list, a map, text that is JSON of either, or the file that holds them."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from tiercel.engine.rendering import render_text, render_value
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError, to_json, to_text
from tiercel.model.task_run import TaskRun

STORED = "kestra://"


class Values(msgspec.Struct, frozen=True):
    """What a loop goes over."""

    texts: tuple[str, ...] = ()
    keys: tuple[str, ...] | None = None
    """Where the values are those of a map."""
    uri: str | None = None
    """Where the values are the lines of a file: they are read as they are needed."""


def listed_values(turn: Turn, run: TaskRun, written: Any, *, name: str = "values") -> tuple[str, ...]:
    """The values as texts, duplicates left out. Raises ExpressionError where they are no list."""
    listed = _decoded(render_text(turn, run, written), name) if isinstance(written, str) else written
    if not isinstance(listed, list | tuple):
        raise ExpressionError("type", f"`{name}` must be a list, or text that renders to a JSON list, not {listed!r}")
    _require_no_null(cast(list[Any], listed))
    return _listed(turn, run, cast(list[Any], listed), name, is_rendered=isinstance(written, str))


def _require_no_null(entries: list[Any]) -> None:
    """In the words that the loops of 1.x had for it."""
    number = sum(entry is None for entry in entries)
    if number:
        raise ExpressionError("null", f"Found '{number}' null values on Each, with values={_as_java(entries)}")


def _as_java(value: Any) -> str:
    match value:
        case dict():
            entries = cast(dict[Any, Any], value).items()
            return "{" + ", ".join(f"{key}={_as_java(item)}" for key, item in entries) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_as_java, cast(list[Any], value))) + "]"
        case _:
            return to_text(value) if value is not None else "null"


def values_of_loop(turn: Turn, run: TaskRun, written: Any) -> Values:
    """The values of a Loop: a map and a file are allowed too."""
    if not isinstance(written, str):
        return _of_data(turn, run, written, is_rendered=False)
    text = render_text(turn, run, written).strip()
    if text.startswith(STORED):
        return Values(uri=text)
    return _of_data(turn, run, _decoded(text, "values"), is_rendered=True)


def _of_data(turn: Turn, run: TaskRun, data: Any, *, is_rendered: bool) -> Values:
    match data:
        case dict():
            entries = cast(dict[Any, Any], data)
            keys = entries if is_rendered else [render_text(turn, run, key) for key in entries]
            return Values(_texts(turn, run, entries.values(), "values", is_rendered), tuple(map(str, keys)))
        case list() | tuple():
            return Values(_listed(turn, run, cast(list[Any], data), "values", is_rendered=is_rendered))
        case _:
            raise ExpressionError(
                "type", f"`values` must be a list, a map, JSON text of either, or the URI of a file, not {data!r}"
            )


def _listed(turn: Turn, run: TaskRun, entries: list[Any], name: str, *, is_rendered: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_texts(turn, run, entries, name, is_rendered)))


def _texts(turn: Turn, run: TaskRun, entries: Iterable[Any], name: str, is_rendered: bool) -> tuple[str, ...]:
    rendered = entries if is_rendered else (render_value(turn, run, entry) for entry in entries)
    return tuple(_text(value, name) for value in rendered)


def _decoded(text: str, name: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ExpressionError("parse", f"`{name}` renders to {text!r}, which is no JSON list: {error}") from error


def _text(value: Any, name: str) -> str:
    if value is None:
        raise ExpressionError(
            "null", f"Found a null value inside the iteration values: every entry of `{name}` must be something"
        )
    return value if isinstance(value, str) else to_json(value)
