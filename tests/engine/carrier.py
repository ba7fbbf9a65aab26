"""Carries out what the engine commands in a world of tests: what it leads to waits there until it is told."""

from typing import TYPE_CHECKING, Any

import msgspec

from tiercel.engine import batch_execution, job, new_execution
from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.model.execution import Execution, merged_labels
from tiercel.model.iteration import Iteration
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun

if TYPE_CHECKING:
    from tests.engine.world import Simulation

PAGE = 2
"""So many values of a file are read at a time."""


class Carrier:
    """Works for one world."""

    def __init__(self, world: "Simulation") -> None:
        self._world = world

    def carry_out(self, id: str, command: engine_commands.AnyCommand) -> None:
        world = self._world
        match command:
            case engine_commands.RunInstant(ord, attempt):
                made = self._job(id, ord)
                assert made.attempt == attempt
                state, outputs = world.workers.script(made)
                done = engine_events.Done(
                    at=world.now, seed=world.seed(), ord=ord, attempt=attempt, state=state, outputs=outputs
                )
                world.inside.append((id, done))
            case engine_commands.Evaluate(key, function, arguments):
                answer = self._answer(id, key, function, arguments)
                world.inside.append(
                    (id, engine_events.Evaluated(at=world.now, seed=world.seed(), key=key, value=answer))
                )
            case engine_commands.CreateExecution():
                self._create_child(id, command)
            case engine_commands.Replace(execution):
                world.adopt(execution)
            case engine_commands.Acquire(is_forced):
                world.gate.acquire(world.executions[id], is_forced=is_forced)
            case engine_commands.Release():
                world.gate.release(world.executions[id])
            case engine_commands.StartIteration(execution):
                assert execution.id not in world.executions, "an iteration was started twice"
                world.adopt(execution)
            case engine_commands.TellExecutions(children, event):
                world.inside.extend((child, event) for child in children)
            case engine_commands.TellPause(link, index, is_paused):
                paused = engine_events.ChildPaused(
                    at=world.now, seed=world.seed(), ord=link.ord, index=index, is_paused=is_paused
                )
                world.inside.append((link.execution_id, paused))
            case engine_commands.TellParent(link, state, outputs, item):
                ended = engine_events.ChildEnded(
                    at=world.now,
                    seed=world.seed(),
                    ord=link.ord,
                    attempt=link.attempt,
                    state=state,
                    child=id,
                    outputs=outputs,
                    item=item,
                )
                world.inside.append((link.execution_id, ended))
            case engine_commands.KillChildren(target, children, reason, by):
                about = {"target": target, "reason": reason, "by": by, "parent": id}
                for child in self._children(id, children):
                    world.inside.append((child, engine_events.Kill(at=world.now, seed=world.seed(), **about)))
            case engine_commands.Write(entry):
                assert "please report" not in entry.message, entry.message
                world.logs.append(entry)
            case engine_commands.Dispatch(ord, attempt):
                world.jobs[(id, ord, attempt)] = self._job(id, ord)
            case engine_commands.StartTimer(name, due):
                world.timers[(id, name)] = due
            case engine_commands.CancelTimer(name):
                world.timers.pop((id, name), None)
            case engine_commands.DropJobs(jobs):
                for ord, attempt in jobs:
                    world.jobs.pop((id, ord, attempt), None)
            case engine_commands.KillJobs(jobs):
                world.workers.bench.killed |= {(id, ord, attempt) for ord, attempt in jobs}

    def _answer(self, id: str, key: str, function: str, arguments: dict[str, Any]) -> Any:
        world = self._world
        match function:
            case "iterations":
                return [
                    [*msgspec.structs.astuple(one.item), *self._state(child)]
                    for child, one in self._iterations(id)
                    if one.task_run_id == arguments["taskRun"]
                ]
            case "execution":
                child = world.executions.get(arguments["id"])
                return None if child is None else [child.state.current.value, child.live, child.outputs]
            case "batches":
                run = world.executions[id].runs[arguments["ord"]]
                indexes = range(arguments["first"], arguments["first"] + arguments["count"])
                return [self._batch(world.executions[id], run, index) for index in indexes]
            case "gatherOutputs":
                return f"kestra:///{arguments['count']}.ion"
            case "storeOutputs":
                return f"kestra:///{id}.ion"
            case "readPage":
                first = arguments["offset"]
                lines = world.answers[arguments["uri"]]
                further = first + PAGE if first + PAGE < len(lines) else None
                return {"values": lines[first : first + PAGE], "further": further}
            case _:
                return world.answers.get(key, key)

    def _state(self, id: str) -> tuple[Any, ...]:
        world = self._world
        execution = world.executions[id]
        return execution.outputs, execution.state.current.value, execution.live

    def _batch(self, execution: Execution, run: TaskRun, index: int) -> list[Any] | None:
        """Attempt, state and liveness of the latest execution for a batch."""
        for attempt in range(len(run.attempts), 0, -1):
            child = self._world.executions.get(batch_execution(execution, run, index, attempt=attempt))
            if child is not None:
                return [attempt, child.state.current.value, child.live]
        return None

    def _iterations(self, id: str) -> list[tuple[str, Iteration]]:
        """All iterations of the loops of an execution, by index."""
        world = self._world
        found = [(other.id, other.iteration) for other in world.executions.values() if other.parent_id == id]
        return sorted([(child, one) for child, one in found if one is not None], key=lambda pair: pair[1].item.index)

    def _job(self, id: str, ord: int) -> engine_commands.Job:
        world = self._world
        made = job(world.context(id), world.executions[id], ord, at=world.now, seed=world.seed())
        assert msgspec.json.decode(msgspec.json.encode(made), type=engine_commands.Job) == made
        return made

    def _children(self, id: str, children: tuple[str, ...]) -> list[str]:
        world = self._world
        mine = [child for child, execution in world.executions.items() if execution.cause_id == id and execution.live]
        return [child for child in mine if not children or child in children]

    def _create_child(self, id: str, command: engine_commands.CreateExecution) -> None:
        world = self._world
        link, context = command.waits, world.flows.get(command.flow_id)
        about = {"at": world.now, "seed": world.seed(), "ord": link.ord, "attempt": link.attempt}
        if context is None:
            refused = engine_events.ChildEnded(**about, state=State.FAILED, error=f"there is no flow {command.flow_id}")
            world.inside.appendleft((id, refused))
            return
        world.inside.appendleft((id, engine_events.ChildStarted(**about, child=command.id)))
        assert command.id not in world.executions, "a child was created twice"
        world.adopt(
            new_execution(
                context,
                id=command.id,
                at=world.now,
                inputs=command.inputs,
                labels=merged_labels(command.inherited, command.labels),
                trigger=command.trigger,
                cause_id=command.cause_id,
                waits=link if command.wait else None,
            )
        )
