"""What a simulation came to: the task runs of every execution in order, each with when it began and how it ended."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec

from tiercel.model.execution import Execution
from tiercel.model.task_run import ROOT, TaskRun
from tiercel.services.simulation import Simulated, Simulation
from tiercel.services.supposed import Suppositions

BROKEN_OFF = "it would go on and on: the simulation was broken off"


def as_text(simulation: Simulation, suppositions: Suppositions) -> str:
    """A tree: below a task run its children, and the executions that it started."""
    return "\n".join(_Tree(simulation).lines(suppositions))


class _Tree:
    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._began = next(iter(simulation.executions.values())).execution.state.started

    def lines(self, suppositions: Suppositions) -> Iterator[str]:
        for one in self._simulation.executions.values():
            if one.execution.waits is None:
                yield from self._execution(one, 0)
        problems = [entry for entry in self._simulation.logs if entry.level in ("WARN", "ERROR")]
        if problems:
            yield "log:"
            yield from (f"  {entry.level} {entry.task_id or ''} {entry.message}" for entry in problems)
        if suppositions.made:
            yield "supposed:"
            yield from (f"  {each}" for each in suppositions.made)
        if self._simulation.is_broken_off:
            yield BROKEN_OFF
        elif self._simulation.outcome.live:
            yield "it waits for somebody: nobody resumes it in a simulation"

    def _execution(self, one: Simulated, depth: int) -> Iterator[str]:
        execution = one.execution
        yield _line(f"{execution.namespace}.{execution.flow_id}{_item(execution)}", self._span(execution), depth)
        yield from self._below(one, ROOT, depth + 1)

    def _below(self, one: Simulated, parent: int, depth: int) -> Iterator[str]:
        for ord, run in sorted(one.runs.items()):
            if run.parent == parent:
                value = "" if run.value is None else f" [{run.value}]"
                yield _line(f"{run.task_id}{value}{_attempts(run)}", self._span(run), depth)
                yield from self._below(one, ord, depth + 1)
                for other in self._started_by(one.execution, ord):
                    yield from self._execution(other, depth + 1)

    def _started_by(self, execution: Execution, ord: int) -> Iterator[Simulated]:
        for other in self._simulation.executions.values():
            waits = other.execution.waits
            if waits is not None and (waits.execution_id, waits.ord) == (execution.id, ord):
                yield other

    def _span(self, thing: Execution | TaskRun) -> str:
        moments = thing.state.histories
        began, ended = (_offset(moment.date - self._began) for moment in (moments[0], moments[-1]))
        return f"{thing.state.current.value}  {began}" + ("" if began == ended else f" … {ended}")


def _line(name: str, span: str, depth: int) -> str:
    return f"{'  ' * depth}{name}  {span}"


def _item(execution: Execution) -> str:
    return "" if execution.iteration is None else f" #{execution.iteration.item.index}"


def _attempts(run: TaskRun) -> str:
    return f" ({len(run.attempts)} attempts)" if len(run.attempts) > 1 else ""


def _offset(span: timedelta) -> str:
    return f"+{span.total_seconds():.3f}".rstrip("0").rstrip(".") + "s"


# JSON ------------------------------------------------------------------------------------------------------------------


def as_json(simulation: Simulation, suppositions: Suppositions) -> str:
    """Everything, with the histories of states."""
    document = {
        "state": simulation.outcome.state.current.value,
        "brokenOff": simulation.is_broken_off,
        "executions": [_shown(one) for one in simulation.executions.values()],
        "logs": [
            {"level": entry.level, "taskId": entry.task_id, "message": entry.message} for entry in simulation.logs
        ],
        "supposed": list(suppositions.made),
    }
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=str)).decode()


def _shown(one: Simulated) -> dict[str, Any]:
    execution, waits = one.execution, one.execution.waits
    return {
        "id": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "iteration": None if execution.iteration is None else execution.iteration.item.index,
        "startedBy": None if waits is None else {"executionId": waits.execution_id, "ord": waits.ord},
        "state": execution.state,
        "outputs": execution.outputs,
        "taskRuns": [_shown_run(run) for _, run in sorted(one.runs.items())],
    }


def _shown_run(run: TaskRun) -> dict[str, Any]:
    return {
        "ord": run.ord,
        "parent": run.parent,
        "taskId": run.task_id,
        "value": run.value,
        "state": run.state,
        "attempts": len(run.attempts),
        "outputs": run.outputs,
    }
