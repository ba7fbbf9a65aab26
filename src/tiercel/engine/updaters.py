"""Tasks that change their own execution: Labels, SetVariables, UnsetVariables, Exit. Each ends within its decision."""

from collections.abc import Callable
from functools import reduce
from typing import Any, cast

import msgspec

from tiercel.engine.interrupts import halt, kill_children
from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_plain, render_text, render_truth
from tiercel.engine.runs import end
from tiercel.engine.subflows import pairs
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError, to_text
from tiercel.model.execution import Label
from tiercel.model.flowable import Exit, Labels, SetVariables, UnsetVariables
from tiercel.model.merging import merged
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun, begun

Variables = dict[str, Any]


def add_labels(turn: Turn, run: TaskRun, node: Node) -> None:
    written = render_plain(turn, run, cast(Labels, node.task).labels)
    entries = _decoded(written, "labels") if isinstance(written, str) else written
    labels = tuple(_label(to_text(key), to_text(value)) for key, value in pairs(entries))
    run = _run(turn, run)
    turn.add_labels(labels)
    end(turn, run, State.SUCCESS)


def _label(key: str, value: str) -> Label:
    if not key or not value:
        raise ExpressionError("value", f"a label needs a key and a value; here it is {key!r} with {value!r}")
    if key.startswith("system."):
        raise ExpressionError("value", f"the label {key!r} belongs to the system; use another key")
    return Label(key, value)


def set_variables(turn: Turn, run: TaskRun, node: Node) -> None:
    task = cast(SetVariables, node.task)
    given = _mapping(render_plain(turn, run, task.variables))
    known = _variables(turn)
    there = sorted(given.keys() & known.keys())
    if there and not render_truth(turn, run, task.overwrite):
        raise ExpressionError("value", f"`overwrite` is false and there is already {', '.join(there)}")
    run = _run(turn, run)
    turn.change(variables=merged(known, given))
    end(turn, run, State.SUCCESS)


def unset_variables(turn: Turn, run: TaskRun, node: Node) -> None:
    task = cast(UnsetVariables, node.task)
    written = render_plain(turn, run, task.variables)
    names = [str(name) for name in (_decoded(written, "variables") if isinstance(written, str) else written)]
    known = _variables(turn)
    missing = [name for name in names if not _has(known, name)]
    if missing and not render_truth(turn, run, task.ignore_missing):
        raise ExpressionError(
            "missing", f"there is no variable {', '.join(missing)}; `ignoreMissing: true` lets it pass"
        )
    run = _run(turn, run)
    turn.change(variables=reduce(_without, names, known))
    end(turn, run, State.SUCCESS)


def leave(turn: Turn, run: TaskRun, node: Node) -> None:
    """Exit: the task run and all above it take the state, what runs beside is killed, and the execution is over."""
    state = _exit_state(render_text(turn, run, cast(Exit, node.task).state))
    run = _run(turn, run)
    kill_children(turn, turn.runs.values(), reason=f"the task `{run.task_id}` ended the execution")
    above = {run.ord, *(other.ord for other in turn.ancestors(run))}
    halt(turn, state, state_of=lambda other: state if other.ord in above else State.KILLED)


def _exit_state(text: str) -> State:
    word = text.strip().upper().replace("CANCELED", "CANCELLED")
    if word not in ("SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELLED"):
        raise ExpressionError("value", f"an execution cannot exit in {text!r}")
    return State(word)


def _run(turn: Turn, run: TaskRun) -> TaskRun:
    return turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)))


def _variables(turn: Turn) -> Variables:
    """The execution's own copy, at first the flow's."""
    own = turn.execution.variables
    return turn.context.flow.variables if own is None else own


def _has(known: Variables, path: str) -> bool:
    """Whether there is a variable of this name, or a value at this path of names with dots between them."""
    first, dot, rest = path.partition(".")
    inner = known.get(first)
    return path in known or (bool(dot) and isinstance(inner, dict) and _has(cast(Variables, inner), rest))


def _without(known: Variables, path: str) -> Variables:
    first, dot, rest = path.partition(".")
    if path in known or not dot or not isinstance(known.get(first), dict):
        return {name: value for name, value in known.items() if name != path}
    return {**known, first: _without(cast(Variables, known[first]), rest)}


def _mapping(rendered: Any) -> Variables:
    found = _decoded(rendered, "variables") if isinstance(rendered, str) else rendered
    if not isinstance(found, dict):
        raise ExpressionError("type", f"`variables` must be a map, not {found!r}")
    return cast(Variables, found)


def _decoded(text: str, property: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ExpressionError("parse", f"`{property}` renders to {text!r}, which is no JSON: {error}") from error


UPDATERS: dict[type, Callable[[Turn, TaskRun, Node], None]] = {
    Labels: add_labels,
    SetVariables: set_variables,
    UnsetVariables: unset_variables,
    Exit: leave,
}
