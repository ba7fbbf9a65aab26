"""Compares what a case expects of an execution with what is there; what is wrong comes out as sentences."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.conformance.installation import Seen
from tests.conformance.judge_iterations import loop_iterations
from tests.conformance.judge_runs import has_ended_attempt, judge_run
from tests.conformance.values import ABSENT, Values, at, shown

from tiercel.model.states import TERMINATED, State
from tiercel.model.task_run import TaskRun


class Judge(Values):
    """Judges executions of one case."""

    def execution(self, seen: Seen, wanted: Mapping[str, Any]) -> Iterator[str]:
        """What an execution is not, of all that is wanted of it."""
        for name, value in wanted.items():
            judge = EXECUTION.get(name)
            if judge is None:
                yield f"the harness knows no expectation `{name}`"
            else:
                yield from judge(self, seen, value)

    def run(self, run: TaskRun, wanted: Mapping[str, Any]) -> Iterator[str]:
        """The same of a task run."""
        return judge_run(self, run, wanted)


def _is(name: str, of: Callable[["Judge", Seen], Any]) -> Callable[["Judge", Seen, Any], Iterator[str]]:
    def judge(judge: Judge, seen: Seen, wanted: Any) -> Iterator[str]:
        found = shown(of(judge, seen))
        if not judge.fits(found, wanted):
            yield f"{name} is {found!r}, not {wanted!r}"

    return judge


def _state(judge: Judge, seen: Seen, wanted: str) -> Iterator[str]:
    if seen.state != wanted:
        yield f"the state is {' '.join(seen.states)}, not {wanted}; {_runs_shown(seen)}"


def _count(judge: Judge, seen: Seen, wanted: int) -> Iterator[str]:
    if len(seen.runs) != wanted:
        yield f"there are {len(seen.runs)} task runs, not {wanted}: {_runs_shown(seen)}"


def _runs_shown(seen: Seen) -> str:
    return ", ".join(
        f"{run.task_id}{'' if run.value is None else f'[{run.value}]'} {run.state.current}" for run in seen.runs
    )


def _task_runs(judge: Judge, seen: Seen, wanted: list[dict[str, Any]]) -> Iterator[str]:
    for each in wanted:
        rest = {name: value for name, value in each.items() if name not in ("task_id", "index", "value", "count")}
        found = _picked(seen, each)
        if "count" in each:
            if len(found) != each["count"]:
                yield f"there are {len(found)} task runs of {each.get('task_id')}, not {each['count']}"
        elif not found:
            yield f"there is no task run {each}: {_runs_shown(seen)}"
        if found:
            yield from judge.run(found[0], rest)


def _picked(seen: Seen, wanted: Mapping[str, Any]) -> list[TaskRun]:
    """The task runs an expectation is about."""
    if "index" in wanted:
        index = wanted["index"]
        return [seen.runs[index]] if -len(seen.runs) <= index < len(seen.runs) else []
    found = [run for run in seen.runs if run.task_id == wanted["task_id"]]
    return [run for run in found if has_value(seen, run, wanted["value"])] if "value" in wanted else found


def has_value(seen: Seen, run: TaskRun, wanted: Any) -> bool:
    """A value, or the values of all loops around, outermost first."""
    values = list(run.place)
    return values == wanted if isinstance(wanted, list) else values[-1:] == [wanted]


def _error(judge: Judge, seen: Seen, wanted: Any) -> Iterator[str]:
    yield from ()


def _all_runs(fits: Callable[[TaskRun, Any], bool], words: str) -> Callable[["Judge", Seen, Any], Iterator[str]]:
    def judge(judge: Judge, seen: Seen, wanted: Any) -> Iterator[str]:
        wrong = [run for run in seen.runs if not fits(run, wanted)]
        if wrong:
            yield f"not all task runs are {words} {wanted}: {_runs_shown(seen)}"

    return judge


def _labels_contain(judge: Judge, seen: Seen, wanted: dict[str, str]) -> Iterator[str]:
    labels = _labels(seen)
    for key, value in wanted.items():
        if labels.get(key) != judge.named(str(value)):
            yield f"the label {key} is {labels.get(key)!r}, not {value!r}"


def _labels_exact(judge: Judge, seen: Seen, wanted: dict[str, str]) -> Iterator[str]:
    found, named = _labels(seen), {key: _of_run(seen, judge.named(str(value))) for key, value in wanted.items()}
    found = {key: value for key, value in found.items() if key in named or key != "system.from"}
    if found != named:
        yield f"the labels are {found}, not {named}"


def _of_run(seen: Seen, text: str) -> str:
    """`$taskrun(id).id` filled in."""
    ids = {run.task_id: run.id for run in seen.runs}
    return re.sub(r"\$taskrun\((.*?)\)\.id", lambda match: ids.get(match[1], match[0]), text)


def _labels(seen: Seen) -> dict[str, str]:
    return {label.key: label.value for label in seen.execution.labels}


def _children(judge: Judge, seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    found = judge.house.of_flow(wanted["flow_id"])
    if len(found) != wanted["count"]:
        yield f"there are {len(found)} executions of {wanted['flow_id']}, not {wanted['count']}"
    if "all_state" in wanted and any(one.state != wanted["all_state"] for one in found):
        yield f"executions of {wanted['flow_id']} are {[one.state.value for one in found]}"
    last = dict(wanted.get("last", {}))
    matches = last.pop("inputs_match", {})
    if found and last:
        yield from judge.execution(found[-1], last)
    for name, pattern in matches.items():
        value = str(found[-1].execution.inputs.get(name)) if found else ""
        if not re.search(pattern, value):
            yield f"the input {name} is {value}"


def _order(judge: Judge, seen: Seen, wanted: list[dict[str, Any]]) -> Iterator[str]:
    for each in wanted:
        later, earlier = next(iter(each.values()))
        began, ended = _span(seen, later)[0], _span(seen, earlier)[1]
        if began is None or ended is None or began < ended:
            yield f"{later} does not start after the end of {earlier}"


def _span(seen: Seen, name: Any) -> tuple[datetime | None, datetime | None]:
    if name == "$execution":
        ends = [moment.date for moment in seen.execution.state.histories if moment.state in TERMINATED]
        return seen.execution.state.started, ends[0] if ends else None
    if isinstance(name, str) and (place := re.fullmatch(r"index(\d+)", name)):
        run = seen.runs[int(place[1])] if int(place[1]) < len(seen.runs) else None
    else:
        task = name["task_id"] if isinstance(name, dict) else name
        run = next((run for run in seen.runs if run.task_id == task), None)
    return (None, None) if run is None else (run.state.started, run.state.ended)


def _values(judge: Judge, seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    inputs = shown(seen.execution.inputs)
    for name, value in wanted.items():
        if not judge.fits(at(inputs, name), value):
            yield f"the input {name} is {at(inputs, name)!r}, not {value!r}"


def _variables(judge: Judge, seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    found = shown(seen.execution.variables or {})
    yield from (f"vars.{name} is {found.get(name)!r}" for name, value in wanted.items() if found.get(name) != value)


def _relations(judge: Judge, seen: Seen, wanted: list[str]) -> Iterator[str]:
    for sentence in wanted:
        match = re.fullmatch(r"value of (\S+?)(\[.*?\])? contains (?:'(.*)' \+ )?value of (\S+?)(\[.*\])?", sentence)
        if match is None:
            yield f"the harness does not know what `{sentence}` means"
        elif (match[3] or "") + _value(seen, match[4], match[5]) not in _value(seen, match[1], match[2]):
            yield f"not so: {sentence}"


def _value(seen: Seen, task: str, values: str | None) -> str:
    wanted = values[1:-1].split(",") if values else []
    runs = [run for run in seen.runs if run.task_id == task and list(run.place) == wanted]
    return str(at(shown(runs[0].outputs), "value")) if runs else "(there is no such task run)"


def _history(fits: Callable[[list[str], Any], bool], words: str) -> Callable[["Judge", Seen, Any], Iterator[str]]:
    def judge(judge: Judge, seen: Seen, wanted: Any) -> Iterator[str]:
        if not fits([state.value for state in seen.states], wanted):
            yield f"the history {' '.join(seen.states)} {words} {wanted}"

    return judge


def _trigger(judge: Judge, seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    variables = {} if seen.execution.trigger is None else seen.execution.trigger.variables
    for name, value in wanted.items():
        if not judge.fits(shown(variables.get(name)), value):
            yield f"trigger.{name} is {variables.get(name)!r}, not {value!r}"


def _succeeded(judge: Judge, seen: Seen, wanted: bool) -> Iterator[str]:
    if (seen.state is State.SUCCESS) != wanted:
        yield f"the execution is {' '.join(seen.states)}"


def _trigger_outputs(judge: Judge, seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    outputs = {} if seen.execution.trigger is None else seen.execution.trigger.variables.get("outputs", {})
    yield from (f"trigger.outputs.{name} is missing in {outputs}" for name in wanted if at(outputs, name) is ABSENT)


EXECUTION: dict[str, Callable[[Judge, Seen, Any], Iterator[str]]] = {
    "state": _state,
    "taskrun_count": _count,
    "taskruns": _task_runs,
    "taskruns_empty": lambda judge, seen, wanted: _count(judge, seen, 0),
    "taskrun_count_min": lambda judge, seen, least: (
        iter(()) if len(seen.runs) >= least else iter([f"there are only {len(seen.runs)} task runs"])
    ),
    "failed_taskruns_min": lambda judge, seen, least: (
        iter(())
        if sum(run.state.current is State.FAILED for run in seen.runs) >= least
        else iter([f"fewer than {least} task runs failed: {_runs_shown(seen)}"])
    ),
    "all_taskruns_terminated": _all_runs(lambda run, _: not run.is_open, "terminated:"),
    "all_last_attempts_terminated": _all_runs(lambda run, _: has_ended_attempt(run), "with an ended attempt:"),
    "all_taskruns_state": _all_runs(lambda run, state: run.state.current == state, ""),
    "all_taskruns_state_in": _all_runs(lambda run, states: run.state.current in states, "in"),
    "execution_is_success": _succeeded,
    "labels_contain": _labels_contain,
    "labels_exact": _labels_exact,
    "labels_not_contain": lambda judge, seen, wanted: (
        f"the label {key} is there" for key in wanted if key in _labels(seen)
    ),
    "labels_count": lambda judge, seen, wanted: (
        iter(()) if len(_labels(seen)) == wanted else iter([f"the labels are {_labels(seen)}, not {wanted} of them"])
    ),
    "loop_iterations": loop_iterations,
    "child_executions": _children,
    "order": _order,
    "inputs_resolved": _values,
    "variables_contain": _variables,
    "relations": _relations,
    "parentId": _is("parentId", lambda judge, seen: seen.execution.parent_id),
    "outputs": _is("outputs", lambda judge, seen: seen.execution.outputs),
    "attempt_number": _is("attemptNumber", lambda judge, seen: seen.execution.metadata.attempt_number),
    "trigger_type": _is(
        "the trigger's type", lambda judge, seen: seen.execution.trigger and seen.execution.trigger.type
    ),
    "trigger_variables": _trigger,
    "trigger_outputs_contain": _trigger_outputs,
    "state_history_len": _history(lambda states, wanted: len(states) == wanted, "has not the length"),
    "state_history_prefix": _history(lambda states, wanted: states[: len(wanted)] == wanted, "does not begin with"),
    "state_history_contains": _history(lambda states, wanted: set(wanted) <= set(states), "does not hold"),
    "state_history_not_contains": _history(lambda states, wanted: not set(wanted) & set(states), "holds"),
    "first_taskrun_attempts": lambda judge, seen, wanted: judge.run(seen.runs[0], {"attempts": wanted}),
    "taskruns_restarted_min": lambda judge, seen, least: _at_least(seen, State.RESTARTED, least),
    "taskruns_running_min": lambda judge, seen, least: _at_least(seen, State.RUNNING, least),
}


def _at_least(seen: Seen, state: State, least: int) -> Iterator[str]:
    if sum(run.state.current is state for run in seen.runs) < least:
        yield f"fewer than {least} task runs are {state}: {_runs_shown(seen)}"
