"""An execution as a flow sees it that listens to it: the states it enters, and the variables of the trigger."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from tiercel.engine import variables
from tiercel.engine.conditions import Heard
from tiercel.engine.events import Note
from tiercel.engine.firing import left_out, while_evaluated
from tiercel.engine.listening import Listening
from tiercel.engine.restore import remembered
from tiercel.engine.variables import instant_text, nested_labels
from tiercel.expression import ExpressionError, Surroundings, compile, render_typed, to_text
from tiercel.model.dynamic import of_the_flow
from tiercel.model.execution import Execution, Label
from tiercel.model.history import History, Moment
from tiercel.model.results import Results
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.services.listeners import Listener
from tiercel.services.records import CORRELATION
from tiercel.services.residents import Resident


class Entered(NamedTuple):
    """An execution and a state that it has just entered."""

    resident: Resident
    execution: Execution
    moment: Moment
    place: int
    """Of the state in its history: with it, a decision that is made twice starts the same execution."""


def entered(before: History, after: History) -> Iterator[tuple[int, Moment]]:
    """States entered since, each with its place. A history that was shortened lost entries of its middle alone."""
    new = len(after.histories) - len(before.histories)
    if new < 0 or after.histories[: len(before.histories)] != before.histories:
        new = sum(moment.date > before.histories[-1].date for moment in after.histories)
    first = len(after.histories) - new
    yield from (
        (first + place, moment)
        for place, moment in enumerate(after.histories[first:])
        if moment.state is not State.CREATED
    )


def at_hand(execution: Execution) -> Mapping[int, TaskRun]:
    """The task runs of the flow's own tasks that are in memory."""
    return of_the_flow({**dict(execution.runs), **dict(execution.changes.runs)})


def heard(entered: Entered, runs: Mapping[int, TaskRun]) -> Heard:
    execution = entered.execution
    tried_again = (run for run in runs.values() if len(run.attempts) > 1)
    return Heard(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        state=entered.moment.state,
        labels=execution.labels,
        outputs=execution.outputs,
        retried=tuple(attempt.state.current for run in tried_again for attempt in run.attempts),
    )


def names(
    entered: Entered, listener: Listener, runs: Mapping[int, TaskRun], trigger: dict[str, Any]
) -> Mapping[str, Any]:
    """The variables of the execution that is heard; `flow` and `trigger` are the listener's."""
    context, execution = entered.resident.context, entered.execution
    own, named = listener.deployed, outputs_named(listener.listening)
    if context is not None and named:
        results, _ = remembered(context, [run for _, run in sorted(runs.items()) if run.task_id in named], Results())
        execution = msgspec.structs.replace(execution, results=results)
    also = {
        "trigger": while_evaluated(listener.listening.trigger, trigger),
        "flow": {
            "id": own.flow.id,
            "namespace": own.flow.namespace,
            "revision": own.stored.revision,
            "tenantId": own.stored.tenant,
        },
    }
    return also if context is None else variables(context, execution, also=also)


def trigger_variables(entered: Entered, runs: Mapping[int, TaskRun], *, outputs: Mapping[str, Any]) -> dict[str, Any]:
    execution, moment = entered.execution, entered.moment
    ended = sorted((run for run in runs.values() if not run.is_open), key=lambda run: run.state.histories[-1].date)
    failed = [run.task_id for run in ended if run.state.current is State.FAILED]
    labels = tuple(label for label in execution.labels if label.key != CORRELATION)
    optional = {
        "endDate": instant_text(execution.state.ended) if execution.is_over and execution.state.ended else None,
        "firstFailedTaskId": failed[0] if failed else None,
        "lastTaskId": ended[-1].task_id if ended else None,
    }
    return {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.flow_revision,
        "state": moment.state.value,
        "startDate": instant_text(execution.state.started),
        "executionLabels": nested_labels(labels),
        "outputs": dict(outputs),
        **{name: value for name, value in optional.items() if value is not None},
    }


def rendered_labels(
    listener: Listener, names: Mapping[str, Any], surroundings: Surroundings
) -> tuple[list[Label], tuple[Note, ...]]:
    """One that cannot be rendered is left out, as with every trigger; the log of the execution says so."""
    labels: list[Label] = []
    notes: list[Note] = []
    for written in listener.listening.trigger.labels:
        try:
            labels.append(Label(written.key, to_text(render_typed(written.value, names, surroundings))))
        except ExpressionError as error:
            notes.append(left_out(written.key, error))
    return labels, tuple(notes)


def outputs_named(listening: Listening) -> frozenset[str]:
    """Tasks of the upstream flow whose outputs the trigger's own expressions name."""
    trigger = listening.trigger
    return frozenset(_tasks_in([trigger.inputs, trigger.when, [label.value for label in trigger.labels]]))


def _tasks_in(value: Any) -> Iterator[str]:
    match value:
        case str() if "{{" in value or "{%" in value:
            try:
                yield from (str(path[1]) for path in compile(value).names if len(path) > 1 and path[0] == "outputs")
            except ExpressionError:
                return
        case dict():
            for inner in value.values():  # pyright: ignore[reportUnknownVariableType]
                yield from _tasks_in(inner)
        case list() | tuple():
            for inner in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _tasks_in(inner)
        case _:
            return
