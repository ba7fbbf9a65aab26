"""How other executions stand, in memory or in rows: asked by the engine of those that its task runs have started."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tiercel.model.execution import Execution
from tiercel.ports.journal import Journal
from tiercel.services.records import read_execution

ITERATIONS, EXECUTION, GATHER = "iterations", "execution", "gatherOutputs"
"""The names of the questions, which no expression can put."""


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


async def outputs_of(
    journal: Journal, known: Mapping[str, Execution], identifiers: Sequence[str]
) -> list[dict[str, Any]]:
    """The outputs of these executions, in order; those that gave nothing are left out. `known` are those in memory."""
    missing = [identifier for identifier in identifiers if identifier not in known]
    stored = [read_execution(found.execution) for found in await journal.load(missing)] if missing else []
    found = {**known, **{execution.id: execution for execution in stored}}
    outputs = [found[identifier].outputs for identifier in identifiers if identifier in found]
    return [given for given in outputs if given]
