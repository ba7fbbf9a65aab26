"""Asks the world what expressions need: at most 32 questions at once, 10 seconds each, off the executor's loop.

What starts executions of its own is answered apart: it waits as long as it says, and holds no place meanwhile, for those
executions have questions too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tiercel.expression import ExpressionError, Failed, HostCall
from tiercel.sdk import RunInfo
from tiercel.services.rendering import World

AT_ONCE = 32
SECONDS = 10.0

Answer = Callable[[Mapping[str, Any], RunInfo], Awaitable[Any]]


class Evaluator:
    """Answers calls of expressions that the engine or a creation came across."""

    def __init__(self, world: World, *, at_once: int = AT_ONCE, seconds: float = SECONDS) -> None:
        self._world = world
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._patient: dict[str, Answer] = {}

    def add(self, function: str, answer: Answer) -> None:
        """Answer a function by something that waits for as long as it says itself. Raises ExpressionError."""
        self._patient[function] = answer

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        """The value, or a `Failed` that says why there is none."""
        patient = self._patient.get(call.function)
        try:
            if patient is not None:
                return await patient(call.arguments, info)
            async with self._places, asyncio.timeout(self._seconds):
                return await self._world.answer(call, info)
        except TimeoutError:
            return Failed(f"{call.function}() gave no answer within {self._seconds:g} s")
        except ExpressionError as error:
            return Failed(error.message, error.kind)
