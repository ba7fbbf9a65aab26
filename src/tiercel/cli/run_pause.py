"""A paused execution under `tiercel run`: asks in the terminal, or waits for the pause's own end, or says that it cannot."""

import asyncio
import sys

from tiercel.engine.messages import Kill, Resume
from tiercel.model.execution import Execution
from tiercel.services.executor import Executor

ENDS_BY_ITSELF = "resume:"
"""Timers with this name end a pause."""


class NobodyResumes(Exception):
    """The execution waits for a person, and there is none."""


async def go_on_after_pause(executor: Executor, execution: Execution) -> None:
    """Resume or kill a paused execution as somebody says; let it wait where its pause ends by itself."""
    if not sys.stdin.isatty():
        if any(name.startswith(ENDS_BY_ITSELF) for name in execution.timers):
            return
        raise NobodyResumes
    answer = await asyncio.to_thread(input, "paused: resume? [Y/n] ")
    at, seed = executor.moment()
    wanted = Kill(at, seed) if answer.strip().lower() in ("n", "no") else Resume(at, seed)
    await executor.tell(execution.id, wanted)
