"""Asks the world what expressions need: at most 32 questions at once, 10 seconds each, off the executor's loop."""

import asyncio
from typing import Any

from tiercel.expression import ExpressionError, Failed, HostCall
from tiercel.sdk import RunInfo
from tiercel.services.rendering import World

AT_ONCE = 32
SECONDS = 10.0


class Evaluator:
    """Answers calls of expressions that the engine or a creation came across."""

    def __init__(self, world: World, *, at_once: int = AT_ONCE, seconds: float = SECONDS) -> None:
        self._world = world
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        """The value, or a `Failed` that says why there is none."""
        async with self._places:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._world.answer(call, info)
            except TimeoutError:
                return Failed(f"{call.function}() gave no answer within {self._seconds:g} s")
            except ExpressionError as error:
                return Failed(error.message, error.kind)
