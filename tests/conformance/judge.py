"""Compares what a case expects of an execution with what is there; what is wrong comes out as sentences.

Names that begin with `$` mean something else than themselves: an execution of the case, an instant near now, any value.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from tests.conformance.installation import Installation, Seen

from tiercel.definition.typed import plain
from tiercel.model.execution import History, TaskRun
from tiercel.model.states import TERMINATED, State

ABSENT = object()


class Judge:
    """Judges executions of one case. `names` are the executions that the case has named."""

    def __init__(self, house: Installation, names: Mapping[str, str]) -> None:
        self.house = house
        self.names = names

    def execution(self, seen: Seen, wanted: Mapping[str, Any]) -> Iterator[str]:
        """What an execution is not, of all that is wanted of it."""
        for name, value in wanted.items():
            judge = EXECUTION.get(name)
            if judge is None:
                yield f"the harness knows no expectation `{name}`"
            else:
                yield from judge(self, seen, value)

    def run(self, run: TaskRun, wanted: Mapping[str, Any]) -> Iterator[str]:
        for name, value in wanted.items():
            judge = RUN.get(name)
            if judge is None:
                yield f"the harness knows no expectation `{name}` of a task run"
            else:
                yield from (f"{run.task_id}: {problem}" for problem in judge(self, run, value))

    # Values ----------------------------------------------------------------------------------------------------------

    def fits(self, found: Any, wanted: Any) -> bool:
        if wanted is None and found is ABSENT:
            return True
        if isinstance(wanted, str):
            return self._fits_text(found, wanted)
        if isinstance(wanted, dict) and isinstance(found, dict):
            return wanted.keys() == found.keys() and all(self.fits(found[key], wanted[key]) for key in wanted)
        if isinstance(wanted, list) and isinstance(found, list):
            return len(wanted) == len(found) and all(map(self.fits, found, wanted))
        return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)

    def _fits_text(self, found: Any, wanted: str) -> bool:
        if near := re.fullmatch(r"\$datetime_near_now\((\d+)s\)", wanted):
            return abs(datetime.fromisoformat(str(found)) - self.house.clock.now()) < timedelta(seconds=int(near[1]))
        if other := re.fullmatch(r"\$not\((.*)\)", wanted):
            return found != other[1]
        if among := re.fullmatch(r"\$in\((.*)\)", wanted):
            return found in among[1].split(",")
        if wanted in ("$notnull", "$random"):
            return found is not None
        if sentence := re.fullmatch(r"list of (\d+)\b.*", wanted, re.DOTALL):
            return isinstance(found, list) and len(found) == int(sentence[1]) and self._fits_sentence(found, wanted)
        return found == self.named(wanted)

    def _fits_sentence(self, found: list[Any], sentence: str) -> bool:
        """Lists that the cases describe in words."""
        if "first entry has outputs.value" in sentence:
            wanted = re.findall(r"== '([^']*)'", sentence)[0]
            return at(found[0], "outputs.value") == wanted
        return True

    def named(self, text: str) -> str:
        """A text with `$e1.id` and the like filled in."""

        def fill(match: re.Match[str]) -> str:
            if match[1] not in self.names:
                return match[0]
            execution = self.house.seen(self.names[match[1]]).execution
            return {"id": execution.id, "flowId": execution.flow_id, "namespace": execution.namespace}[match[2]]

        return re.sub(r"\$(\w+)\.(id|flowId|namespace)", fill, text)


def at(data: Any, path: str) -> Any:
    """What stands at a dotted path; keys may hold dots themselves."""
    if not path:
        return data
    if isinstance(data, dict):
        for end in range(len(path), 0, -1):
            if (end == len(path) or path[end] == ".") and path[:end] in data:
                return at(data[path[:end]], path[end + 1 :])
    return ABSENT


def shown(value: Any) -> Any:
    """A value as JSON shows it."""
    return msgspec.to_builtins(plain(value), enc_hook=str, str_keys=True)


def states_of(history: History) -> list[str]:
    return [moment.state.value for moment in history.histories]


def says(wanted: str, texts: list[str]) -> bool:
    """`exact: x`, `contains: x`, `starts with: x (level …)`, or words that must stand somewhere."""
    how, colon, words = wanted.partition(": ")
    words = re.sub(r" \(level \w+\)$", "", words)
    tests: dict[str, Callable[[str], bool]] = {
        "exact": lambda text: text == words,
        "contains": lambda text: words in text,
        "starts with": lambda text: text.startswith(words),
        "starts": lambda text: text.startswith(words),
    }
    test = tests.get(how) if colon else None
    return any(map(test or (lambda text: wanted in text), texts))


# Executions -----------------------------------------------------------------------------------------------------------


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


def _has_ended_attempt(run: TaskRun, _: Any) -> bool:
    return bool(run.attempts) and not run.attempts[-1].is_open


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


def _loop_iterations(judge: Judge, seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    found = judge.house.iterations(seen)
    for name, value in wanted.items():
        match name:
            case "count":
                if len(found) != value:
                    yield f"there are {len(found)} iterations, not {value}"
            case "all_state":
                yield from (
                    f"iteration {number} is {one.state}" for number, one in enumerate(found) if one.state != value
                )
            case "each_taskrun_count":
                yield from (
                    f"iteration {number} has {len(one.runs)} task runs"
                    for number, one in enumerate(found)
                    if len(one.runs) != value
                )
            case "any_taskrun":
                runs = [run for one in found for run in one.runs if run.task_id == value["task_id"]]
                rest = {key: part for key, part in value.items() if key != "task_id"}
                if not any(not list(judge.run(run, rest)) for run in runs):
                    yield f"no task run of an iteration is {value}: {[shown(run.outputs) for run in runs]}"
            case "taskrun_totals":
                totals = Counter(run.task_id for one in found for run in one.runs)
                yield from (
                    f"{task} ran {totals[task]} times, not {times}"
                    for task, times in value.items()
                    if totals[task] != times
                )
            case "each":
                yield from _each_iteration(judge, seen, found, value)
            case "nested":
                yield from _nested_iterations(judge, found, value)
            case _ if name.startswith("iteration"):
                number = int(name.removeprefix("iteration"))
                if number >= len(found):
                    yield f"there is no {name}"
                else:
                    yield from (f"{name}: {problem}" for problem in judge.execution(found[number], value))
            case _:
                yield f"the harness knows no expectation `{name}` of iterations"


def _each_iteration(judge: Judge, parent: Seen, found: list[Seen], sentence: str) -> Iterator[str]:
    """The cases say it in words: first and last outputs against the item, or the parent's id."""
    for number, one in enumerate(found):
        loop = one.execution.iteration
        first = at(shown(one.runs[0].outputs), "value") if one.runs else None
        if "<index> - <value>" in sentence:
            expected: Any = f"{number} - {loop.item.value if loop else None}"
        elif "<key> - <value>" in sentence:
            expected = f"{loop.item.key if loop else None} - {loop.item.value if loop else None}"
        elif "I'm before the loop" in sentence:
            expected = "I'm before the loop"
            last = at(shown(one.runs[-1].outputs), "value")
            if last != parent.id:
                yield f"iteration {number} sees the execution {last}, not {parent.id}"
        else:
            yield f"the harness does not know what `{sentence}` means"
            return
        if first != expected:
            yield f"iteration {number} gave {first!r}, not {expected!r}"


def _nested_iterations(judge: Judge, found: list[Seen], sentence: str) -> Iterator[str]:
    """`3 nested, each with 3 more` and `1 nested, 1 more nested`."""
    counts = [int(number) for number in re.findall(r"\b(\d+)\b(?= nested| more)", sentence)]
    level = found
    for count in counts:
        below = [judge.house.iterations(one) for one in level]
        if any(len(iterations) != count for iterations in below):
            yield f"iterations hold {[len(iterations) for iterations in below]} iterations, not {count} each"
        level = [one for iterations in below for one in iterations]
    if "innermost" in sentence:
        for one in level:
            item = next((run for run in one.runs if run.task_id == "item"), None)
            loop = one.execution.iteration
            if (
                item is None
                or loop is None
                or at(shown(item.outputs), "value") != f"{loop.item.index} - {loop.item.value}"
            ):
                yield f"an innermost iteration gave {item and shown(item.outputs)}"


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
    "all_last_attempts_terminated": _all_runs(_has_ended_attempt, "with an ended attempt:"),
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
    "loop_iterations": _loop_iterations,
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


# Task runs ------------------------------------------------------------------------------------------------------------


def _run_is(name: str, of: Callable[[TaskRun], Any]) -> Callable[[Judge, TaskRun, Any], Iterator[str]]:
    def judge(judge: Judge, run: TaskRun, wanted: Any) -> Iterator[str]:
        found = shown(of(run))
        if found != wanted:
            yield f"{name} is {found!r}, not {wanted!r}"

    return judge


def _outputs(judge: Judge, run: TaskRun, wanted: dict[str, Any]) -> Iterator[str]:
    outputs = shown(run.outputs)
    for path, value in wanted.items():
        found = at(outputs, path)
        if not judge.fits(found, value):
            yield f"the output {path} is {'absent' if found is ABSENT else repr(found)}, not {value!r}"


def _output_by(fits: Callable[[Judge, Any, Any], bool], words: str) -> Callable[[Judge, TaskRun, Any], Iterator[str]]:
    def judge(judge: Judge, run: TaskRun, wanted: dict[str, Any]) -> Iterator[str]:
        for path, value in wanted.items():
            found = at(shown(run.outputs), path)
            if found is ABSENT or not fits(judge, found, value):
                yield f"the output {path} is {'absent' if found is ABSENT else repr(found)}: it {words} {value!r}"

    return judge


def _attempt(position: int) -> Callable[[TaskRun], Any]:
    return lambda run: run.attempts[position].state.current if run.attempts else None


def _file_content(judge: Judge, run: TaskRun, wanted: dict[str, str]) -> Iterator[str]:
    for path, text in wanted.items():
        found = judge.house.text(at(shown(run.outputs), path))
        if found != judge.named(text):
            yield f"the file {path} holds {found!r}, not {text!r}"


def _log_file(judge: Judge, run: TaskRun, wanted: dict[str, Any]) -> Iterator[str]:
    found = judge.house.text(run.attempts[0].log_file if run.attempts else None)
    if (
        found is None
        or len(found.splitlines()) != wanted["lines"]
        or any(word not in found for word in wanted["contains"])
    ):
        yield f"the attempt's log file holds {found!r}"


RUN: dict[str, Callable[[Judge, TaskRun, Any], Iterator[str]]] = {
    "state": _run_is("the state", lambda run: run.state.current),
    "is_task": _run_is("the task", lambda run: run.task_id),
    "value": _run_is("the value", lambda run: run.value),
    "iteration": _run_is("the iteration", lambda run: run.iteration),
    "attempts": _run_is("the number of attempts", lambda run: len(run.attempts)),
    "attempts_min": lambda judge, run, least: (
        iter(()) if len(run.attempts) >= least else iter([f"there are {len(run.attempts)} attempts"])
    ),
    "attempts_max": lambda judge, run, most: (
        iter(()) if len(run.attempts) <= most else iter([f"there are {len(run.attempts)} attempts"])
    ),
    "first_attempt_state": _run_is("the first attempt's state", _attempt(0)),
    "last_attempt_state": _run_is("the last attempt's state", _attempt(-1)),
    "attempt_states": _run_is(
        "the states of attempts", lambda run: [attempt.state.current for attempt in run.attempts]
    ),
    "last_attempt_terminated": _run_is("that the last attempt has ended", lambda run: _has_ended_attempt(run, None)),
    "last_attempt_history": _run_is("the last attempt's history", lambda run: states_of(run.attempts[-1].state)),
    "last_attempt_history_len": _run_is(
        "the length of the last attempt's history", lambda run: len(run.attempts[-1].state.histories)
    ),
    "attempt_log_file": _log_file,
    "state_history_len": _run_is("the length of the history", lambda run: len(run.state.histories)),
    "state_history_counts": lambda judge, run, wanted: (
        f"the history is {' '.join(states_of(run.state))}, with {state} {times} times wanted"
        for state, times in wanted.items()
        if states_of(run.state).count(state) != times
    ),
    "outputs": _outputs,
    "outputs_contain": _output_by(
        lambda judge, found, part: (
            judge.named(part) in found if isinstance(found, str) else part in json.dumps(found, separators=(",", ":"))
        ),
        "does not hold",
    ),
    "outputs_start": _output_by(lambda judge, found, start: str(found).startswith(start), "does not begin with"),
    "outputs_match": _output_by(lambda judge, found, pattern: re.search(pattern, str(found)) is not None, "is not"),
    "outputs_gt": _output_by(lambda judge, found, least: found > least, "is not more than"),
    "outputs_json": _output_by(lambda judge, found, wanted: judge.fits(json.loads(found), wanted), "is not"),
    "uri_ends": _output_by(lambda judge, found, end: str(found).endswith(end), "does not end with"),
    "outputs_keys": lambda judge, run, wanted: (
        f"the outputs are {shown(run.outputs)}, without {name}" for name in wanted if name not in (run.outputs or {})
    ),
    "file_content": _file_content,
}
