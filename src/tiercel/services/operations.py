"""Verbs over many things, in the background: so many at a time, counted, and what went wrong kept to be asked for.

An operation lives in the process that began it; what it has done is done, whatever happens to the process.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, NamedTuple

import msgspec

from tiercel.model.errors import TiercelError
from tiercel.model.ids import base62
from tiercel.ports.dice import Dice

log = logging.getLogger(__name__)

AT_ONCE = 64
KEPT = 1000
"""Operations that can be asked for after they have ended; the oldest go first."""
MOST_ERRORS = 100


class Step(NamedTuple):
    """One of the things, and how it is asked."""

    id: str
    ask: Callable[[], Awaitable[str | None]]
    """Answers with why it was refused; None where it was done."""


class Refused(msgspec.Struct, frozen=True):
    """What a verb could not be asked of."""

    id: str
    reason: str


class Operation(msgspec.Struct, rename="camel"):
    """How far a verb over many things has come."""

    operation_id: str
    verb: str
    total_items: int
    """How many are meant; an estimate above ten thousand."""
    done: int = 0
    refused: int = 0
    errors: list[Refused] = []
    """The first of those that were refused."""
    is_over: bool = False
    failure: str | None = None
    """Why it ended before it had come to all of them."""


class Operations:
    """All operations of a process."""

    def __init__(self, *, spawn: Callable[[Coroutine[Any, Any, None]], object], dice: Dice) -> None:
        self._spawn = spawn
        self._dice = dice
        self._known: OrderedDict[str, Operation] = OrderedDict()

    def begin(self, verb: str, steps: AsyncIterator[Step], *, total: int) -> Operation:
        """Take all the steps, as they come."""
        operation = Operation(base62(self._dice.roll(), length=22), verb, total)
        self._known[operation.operation_id] = operation
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        self._spawn(_carried_out(operation, steps))
        return operation

    def get(self, operation_id: str) -> Operation | None:
        return self._known.get(operation_id)


async def _carried_out(operation: Operation, steps: AsyncIterator[Step]) -> None:
    """To its end, whatever becomes of it: nobody waits for it, so nobody would hear of an error."""
    try:
        await _asked_all(operation, steps)
    except Exception as error:
        log.error("the operation %s broke off", operation.operation_id, exc_info=error)
        operation.failure = str(error)
    operation.is_over = True


async def _asked_all(operation: Operation, steps: AsyncIterator[Step]) -> None:
    room = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        async for step in steps:
            await room.acquire()
            asked = group.create_task(_asked(operation, step))
            asked.add_done_callback(lambda _: room.release())


async def _asked(operation: Operation, step: Step) -> None:
    try:
        reason = await step.ask()
    except TiercelError as error:
        reason = str(error)
    if reason is None:
        operation.done += 1
        return
    operation.refused += 1
    if len(operation.errors) < MOST_ERRORS:
        operation.errors.append(Refused(step.id, reason))
