"""ForEach: the children once for each value. A group is the children of one value, one after the other.

A group has exactly one open child, so its place needs no counter: the child that ended says what comes next.
"""

from typing import Any, cast

import msgspec

from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_text, render_value
from tiercel.engine.runs import create
from tiercel.engine.sequences import WINDOW
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError, to_json
from tiercel.model.execution import Scope, Step, TaskRun
from tiercel.model.flowable import ForEach


def values_of(turn: Turn, run: TaskRun, node: Node) -> tuple[str, ...]:
    """The values as texts, rendered once, duplicates left out. Raises ExpressionError where they are no list."""
    written = cast(ForEach, node.task).values
    listed: Any = _listed(render_text(turn, run, written)) if isinstance(written, str) else written
    if not isinstance(listed, list | tuple):
        raise ExpressionError("type", f"`values` must be a list, or text that renders to a JSON list, not {listed!r}")
    entries = cast(list[Any], listed)
    rendered = entries if isinstance(written, str) else [render_value(turn, run, entry) for entry in entries]
    return tuple(dict.fromkeys(_text(value) for value in rendered))


def _listed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ExpressionError("parse", f"`values` renders to {text!r}, which is no JSON list: {error}") from error


def _text(value: Any) -> str:
    if value is None:
        raise ExpressionError("null", "`values` holds a null; every value must be something")
    return value if isinstance(value, str) else to_json(value)


def follow(turn: Turn, step: Step, scope: Scope, owner: Node) -> None:
    """The next task of the group whose child ended, whatever happened to other groups."""
    tasks, place = owner.blocks["tasks"], step.position + 1
    if place < len(tasks):
        values = turn.runs[step.ord].values or ()
        create(turn, step.ord, tasks[place], value=values[step.iteration], iteration=step.iteration)


def start_groups(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """As many groups as may be open at a time."""
    tasks, values = owner.blocks["tasks"], turn.runs[ord].values or ()
    limit = cast(ForEach, owner.task).concurrency_limit or WINDOW
    last = min(len(values), scope.next + min(limit, WINDOW) - scope.open) if tasks else 0
    for index in range(scope.next, last):
        if turn.room <= 0:
            return turn.later("advance", ord)
        create(turn, ord, tasks[0], value=values[index], iteration=index, next=index + 1)
    return None
