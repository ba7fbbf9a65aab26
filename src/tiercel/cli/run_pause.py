"""A paused execution under `tiercel run`: asks in the terminal, or waits for the pause's own end, or says that it cannot."""

import asyncio
import sys
import termios
from collections.abc import Iterator, Sequence
from typing import Any

from tiercel.cli.run_local import Local
from tiercel.cli.run_view import View
from tiercel.definition.inputs import read_inputs
from tiercel.engine.events import Kill, Resume
from tiercel.model.execution import Execution
from tiercel.model.flow import Flow, Input, InputType
from tiercel.model.flowable import Pause
from tiercel.model.states import State
from tiercel.services.creator import InvalidInputs
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import tasks_of

END_BY_THEMSELVES = ("resume", "timeout")
"""Timers that end a pause or an approval: `resume:3`, `timeout:3:0` for the task run of ord 3."""
NO = ("n", "no")
LOCAL_FLAGS = 3
"""The place of the flags that hold the echo, among the attributes of a terminal."""


class NobodyResumes(Exception):
    """The execution waits for a person, and there is none."""


async def go_on_after_pause(here: Local, flow: Flow, execution: Execution, view: View) -> None:
    """Resume or kill a paused execution as somebody says; let it wait where its pause ends by itself."""
    if not sys.stdin.isatty():
        if ends_by_itself(here, execution):
            return
        raise NobodyResumes
    with view.hidden():
        inputs = await _asked(here, flow, execution)
    at, seed = here.executor.moment()
    wanted = Kill(at, seed) if inputs is None else Resume(at, seed, inputs=inputs)
    await here.executor.tell(execution.id, wanted)


def ends_by_itself(here: Local, execution: Execution) -> bool:
    """Whether all that an execution waits for, in its iterations too, comes to an end without a person."""
    iterations = list(_paused_iterations(here, execution))
    loops = {each.iteration.task_id for each in iterations if each.iteration is not None}
    timed = {_ord(name) for holder, name in here.stores.tables.timers if holder == execution.id}
    runs = (read_run(row)[0] for row in here.stores.tables.task_runs[execution.id].values())
    waiting = [run.ord for run in runs if run.state.current is State.PAUSED and run.task_id not in loops]
    return timed.issuperset(waiting) and all(ends_by_itself(here, each) for each in iterations)


def _paused_iterations(here: Local, execution: Execution) -> Iterator[Execution]:
    for row in here.stores.tables.executions.values():
        if row.parent_id == execution.id:
            child = read_execution(row)
            if child.iteration is not None and child.state.current is State.PAUSED:
                yield child


def _ord(timer: str) -> int | None:
    """The task run that a timer lets go on."""
    kind, *rest = timer.split(":")
    return int(rest[0]) if kind in END_BY_THEMSELVES and rest else None


async def _asked(here: Local, flow: Flow, execution: Execution) -> dict[str, Any] | None:
    """What somebody gives to resume with; None when it is not to be resumed."""
    answer = await _answer("paused: resume? [Y/n] ")
    if answer.lower() in NO:
        return None
    while True:
        given = {declared.id: text for declared in _wanted(flow, execution) if (text := await _ask(declared))}
        try:
            return await here.resuming.inputs(execution, execution.runs.values(), given)
        except InvalidInputs as error:
            print(error, file=sys.stderr)


def _wanted(flow: Flow, execution: Execution) -> Sequence[Input]:
    """The inputs that the waiting pause asks for."""
    waiting = {run.task_id for run in execution.runs.values() if run.state.current is State.PAUSED}
    pauses = (task for task in tasks_of(flow) if isinstance(task, Pause) and task.id in waiting)
    pause = next(pauses, None)
    return () if pause is None else read_inputs(pause.on_resume)


async def _ask(declared: Input) -> str:
    default = "" if declared.defaults is None else f", {declared.defaults} when left empty"
    question = f"{declared.id} ({declared.type}{default}): "
    return await (_hidden_answer(question) if declared.type is InputType.SECRET else _answer(question))


async def _hidden_answer(question: str) -> str:
    """The same, without showing what is typed."""
    terminal = sys.stdin.fileno()
    shown = termios.tcgetattr(terminal)
    hidden = [*shown[:LOCAL_FLAGS], shown[LOCAL_FLAGS] & ~termios.ECHO, *shown[LOCAL_FLAGS + 1 :]]
    termios.tcsetattr(terminal, termios.TCSADRAIN, hidden)
    try:
        return await _answer(question)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, shown)
        print()


async def _answer(question: str) -> str:
    """A line from the terminal. No thread waits for it, or Ctrl+C could not end the process."""
    print(question, end="", flush=True)
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sys.stdin.fileno(), _note, typed)
    try:
        await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip()


def _note(typed: asyncio.Future[None]) -> None:
    if not typed.done():
        typed.set_result(None)
