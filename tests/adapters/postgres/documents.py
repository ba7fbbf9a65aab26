"""The JSON that rows of executions and task runs hold, as far as the audit reads it."""

import json
from typing import Any

from tiercel.model.states import State


def progress(*states: State, next_seq: int = 1, **more: Any) -> bytes:
    """Of an execution that has gone through these states and been written down once."""
    return _bytes({"state": _history(*states), "nextSeq": next_seq, **more})


def record(*states: State, attempts: list[State] | None = None, **more: Any) -> bytes:
    """Of a task run; attempts by their current state."""
    made = [{"state": _history(state)} for state in attempts or []]
    return _bytes({"state": _history(*states), "attempts": made, **more})


def counters(**counted: Any) -> bytes:
    return _bytes(counted)


def given(**what: Any) -> bytes:
    return _bytes(what)


def iteration(task_run: str, index: int) -> bytes:
    """What an iteration of a loop was given."""
    return given(waits=WAITS, iteration={"taskRunId": task_run, "item": {"index": index, "value": "\x00"}})


WAITS = {"executionId": "parent", "ord": 0, "attempt": 1}


def waits(execution: str, *, ord: int = 0, attempt: int = 1) -> dict[str, Any]:
    return {"executionId": execution, "ord": ord, "attempt": attempt}


def _history(*states: State) -> dict[str, Any]:
    return {"current": states[-1], "histories": [{"state": state} for state in states]}


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
