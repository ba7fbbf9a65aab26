"""Triggers for tests that workers look at: they find, and stream, what a test puts into a box of this process."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from tiercel.sdk import Output, PollingTrigger, Raw, RealtimeTrigger, TriggerContext

BOX = "io.test.Box"
PIPE = "io.test.Pipe"
TYPES = {BOX: "tests.services.polls:Box", PIPE: "tests.services.polls:Pipe"}


class Found(Output, frozen=True):
    value: Any


class Place:
    """What a trigger of that name looks at, and what it did."""

    def __init__(self) -> None:
        self.contents: asyncio.Queue[Any] = asyncio.Queue()
        self.looks = 0
        self.acknowledged: list[Any] = []
        self.began, self.stopped = asyncio.Semaphore(0), asyncio.Semaphore(0)
        self.is_patient = False
        """Whether a look waits until there is something."""


places: dict[str, Place] = {}


def place(name: str) -> Place:
    return places.setdefault(name, Place())


async def _taken(found: Any) -> Found:
    if isinstance(found, Exception):
        raise found
    return Found(value=found)


class Box(PollingTrigger[Found], type=BOX):
    """Finds what lies there."""

    name: str
    note: Raw[str] = ""

    async def evaluate(self, ctx: TriggerContext) -> Found | None:
        here = place(self.name)
        here.looks += 1
        here.began.release()
        try:
            if here.contents.empty() and not here.is_patient:
                return None
            ctx.log.info(f"found something after {ctx.last_triggered}, due {ctx.date:%H:%M}")
            return await _taken(await here.contents.get())
        finally:
            here.stopped.release()


class Pipe(RealtimeTrigger[Found], type=PIPE):
    """Streams what comes; None is its end."""

    name: str

    async def events(self, ctx: TriggerContext) -> AsyncGenerator[Found]:
        here = place(self.name)
        here.looks += 1
        here.began.release()
        try:
            while (event := await here.contents.get()) is not None:
                yield await _taken(event)
                here.acknowledged.append(event)
        finally:
            here.stopped.release()
