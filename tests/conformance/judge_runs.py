"""What a case may expect of a task run, by the words that cases use."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.conformance.values import ABSENT, Values, at, shown, states_of

from tiercel.model.task_run import TaskRun


def judge_run(values: Values, run: TaskRun, wanted: Mapping[str, Any]) -> Iterator[str]:
    """What a task run is not, of all that is wanted of it."""
    for name, value in wanted.items():
        judge = RUN.get(name)
        if judge is None:
            yield f"the harness knows no expectation `{name}` of a task run"
        else:
            yield from (f"{run.task_id}: {problem}" for problem in judge(values, run, value))


def has_ended_attempt(run: TaskRun) -> bool:
    return bool(run.attempts) and not run.attempts[-1].is_open


def _run_is(name: str, of: Callable[[TaskRun], Any]) -> Callable[[Values, TaskRun, Any], Iterator[str]]:
    def judge(values: Values, run: TaskRun, wanted: Any) -> Iterator[str]:
        found = shown(of(run))
        if found != wanted:
            yield f"{name} is {found!r}, not {wanted!r}"

    return judge


def _outputs(values: Values, run: TaskRun, wanted: dict[str, Any]) -> Iterator[str]:
    outputs = shown(run.outputs)
    for path, value in wanted.items():
        found = at(outputs, path)
        if not values.fits(found, value):
            yield f"the output {path} is {'absent' if found is ABSENT else repr(found)}, not {value!r}"


def _output_by(fits: Callable[[Values, Any, Any], bool], words: str) -> Callable[[Values, TaskRun, Any], Iterator[str]]:
    def judge(values: Values, run: TaskRun, wanted: dict[str, Any]) -> Iterator[str]:
        for path, value in wanted.items():
            found = at(shown(run.outputs), path)
            if found is ABSENT or not fits(values, found, value):
                yield f"the output {path} is {'absent' if found is ABSENT else repr(found)}: it {words} {value!r}"

    return judge


def _attempt(position: int) -> Callable[[TaskRun], Any]:
    return lambda run: run.attempts[position].state.current if run.attempts else None


def _file_content(values: Values, run: TaskRun, wanted: dict[str, str]) -> Iterator[str]:
    for path, text in wanted.items():
        found = values.house.text(at(shown(run.outputs), path))
        if found != values.named(text):
            yield f"the file {path} holds {found!r}, not {text!r}"


def _log_file(values: Values, run: TaskRun, wanted: dict[str, Any]) -> Iterator[str]:
    found = values.house.text(run.attempts[0].log_file if run.attempts else None)
    if (
        found is None
        or len(found.splitlines()) != wanted["lines"]
        or any(word not in found for word in wanted["contains"])
    ):
        yield f"the attempt's log file holds {found!r}"


RUN: dict[str, Callable[[Values, TaskRun, Any], Iterator[str]]] = {
    "state": _run_is("the state", lambda run: run.state.current),
    "is_task": _run_is("the task", lambda run: run.task_id),
    "value": _run_is("the value", lambda run: run.value),
    "iteration": _run_is("the iteration", lambda run: run.iteration),
    "attempts": _run_is("the number of attempts", lambda run: len(run.attempts)),
    "attempts_min": lambda values, run, least: (
        iter(()) if len(run.attempts) >= least else iter([f"there are {len(run.attempts)} attempts"])
    ),
    "attempts_max": lambda values, run, most: (
        iter(()) if len(run.attempts) <= most else iter([f"there are {len(run.attempts)} attempts"])
    ),
    "first_attempt_state": _run_is("the first attempt's state", _attempt(0)),
    "last_attempt_state": _run_is("the last attempt's state", _attempt(-1)),
    "attempt_states": _run_is(
        "the states of attempts", lambda run: [attempt.state.current for attempt in run.attempts]
    ),
    "last_attempt_terminated": _run_is("that the last attempt has ended", lambda run: has_ended_attempt(run)),
    "last_attempt_history": _run_is("the last attempt's history", lambda run: states_of(run.attempts[-1].state)),
    "last_attempt_history_len": _run_is(
        "the length of the last attempt's history", lambda run: len(run.attempts[-1].state.histories)
    ),
    "attempt_log_file": _log_file,
    "state_history_len": _run_is("the length of the history", lambda run: len(run.state.histories)),
    "state_history_counts": lambda values, run, wanted: (
        f"the history is {' '.join(states_of(run.state))}, with {state} {times} times wanted"
        for state, times in wanted.items()
        if states_of(run.state).count(state) != times
    ),
    "outputs": _outputs,
    "outputs_contain": _output_by(
        lambda values, found, part: (
            values.named(part) in found if isinstance(found, str) else part in json.dumps(found, separators=(",", ":"))
        ),
        "does not hold",
    ),
    "outputs_start": _output_by(lambda values, found, start: str(found).startswith(start), "does not begin with"),
    "outputs_match": _output_by(lambda values, found, pattern: re.search(pattern, str(found)) is not None, "is not"),
    "outputs_gt": _output_by(lambda values, found, least: found > least, "is not more than"),
    "outputs_json": _output_by(lambda values, found, wanted: values.fits(json.loads(found), wanted), "is not"),
    "uri_ends": _output_by(lambda values, found, end: str(found).endswith(end), "does not end with"),
    "outputs_keys": lambda values, run, wanted: (
        f"the outputs are {shown(run.outputs)}, without {name}" for name in wanted if name not in (run.outputs or {})
    ),
    "file_content": _file_content,
}
