"""How other executions stand, in memory or in rows: asked by the engine of those that its task runs have started."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tiercel.engine import batch_execution
from tiercel.model.execution import Execution
from tiercel.model.task_run import TaskRun
from tiercel.ports.journal import Journal
from tiercel.services.records import read_execution

ITERATIONS, EXECUTION, BATCHES, GATHER = "iterations", "execution", "batches", "gatherOutputs"
"""The names of the questions, which no expression can put."""

Known = Callable[[str], Execution | None]
"""An execution that is in memory."""


async def found_iterations(
    journal: Journal, known: Iterable[Execution], parent_id: str, arguments: Mapping[str, Any]
) -> list[list[Any]]:
    """Index, value, key, outputs, state and liveness of each, by index.

    `known` are those in memory. They are taken before anything is read: what is missing among them is stored. Nothing is
    read where all are there, as many as `count` says.
    """
    found = {execution.id: execution for execution in known if _is_of(execution, arguments["taskRun"])}
    if arguments["count"] is None or len(found) < arguments["count"]:
        stored = [read_execution(row) for row in await journal.iterations(parent_id)]
        found = {one.id: one for one in stored if _is_of(one, arguments["taskRun"])} | found
    return sorted((_shown(execution) for execution in found.values()), key=lambda shown: shown[0])


def _is_of(execution: Execution, task_run: str) -> bool:
    return execution.iteration is not None and execution.iteration.task_run_id == task_run


def _shown(execution: Execution) -> list[Any]:
    iteration = execution.iteration
    if iteration is None:
        raise TypeError(f"execution {execution.id} is no iteration of a loop")
    item = iteration.item
    return [item.index, item.value, item.key, execution.outputs, execution.state.current.value, execution.live]


async def found_execution(journal: Journal, known: Execution | None, identifier: str) -> list[Any] | None:
    """State, liveness and outputs; None where there is no such execution."""
    if known is None:
        known = next((read_execution(found.execution) for found in await journal.load([identifier])), None)
    return None if known is None else [known.state.current.value, known.live, known.outputs]


class Batch(NamedTuple):
    """The execution that stands for a batch of a ForEachItem."""

    attempt: int
    """The attempt of the step that started it."""
    execution: Execution


async def found_batches(
    journal: Journal, known: Known, execution: Execution, run: TaskRun, *, first: int, count: int
) -> list[Batch | None]:
    """For each of these batches the execution that the latest attempt has started for it, if there is one."""
    found: dict[int, Batch] = {}
    wanted = range(first, first + count)
    for attempt in range(len(run.attempts), 0, -1):
        missing = [index for index in wanted if index not in found]
        ids = [batch_execution(execution, run, index, attempt=attempt) for index in missing]
        there = await _there(journal, known, ids)
        found |= {index: Batch(attempt, there[id]) for index, id in zip(missing, ids, strict=True) if id in there}
    return [found.get(index) for index in wanted]


async def _there(journal: Journal, known: Known, ids: Sequence[str]) -> dict[str, Execution]:
    """Those of these executions that exist. What is in memory is taken before anything is read."""
    found = {id: execution for id in ids if (execution := known(id)) is not None}
    missing = [id for id in ids if id not in found]
    stored = [read_execution(row.execution) for row in await journal.load(missing)] if missing else []
    return {execution.id: execution for execution in stored} | found


def shown_batch(batch: Batch | None) -> list[Any] | None:
    """Attempt, state and liveness."""
    if batch is None:
        return None
    return [batch.attempt, batch.execution.state.current.value, batch.execution.live]
