"""Tasks that exist only in tests, and a catalog that knows them beside the installed ones."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tiercel.adapters.memory.clock import START
from tiercel.sdk import (
    Duration,
    NoOutput,
    Output,
    Properties,
    Raw,
    RunContext,
    Secret,
    Task,
    TaskFailed,
    TaskKilled,
    Texts,
)
from tiercel.services.catalog import PluginCatalog

PREFIX = "io.test."
SECOND = timedelta(seconds=1)


class Seen(Output, frozen=True):
    seen: Any = None


class Part(Properties):
    name: str
    size: int = 0


class Everything(Task[Seen], type=PREFIX + "Everything", instant=True):
    """Has a property of every sort and gives back what it got."""

    text: str | None = None
    number: int | None = None
    switch: bool = False
    wait: Duration | None = None
    names: list[str] = []
    headers: dict[str, str] = {}
    anything: Any = None
    part: Part | None = None
    parts: list[Part] = []
    raw: Raw[str | None] = None
    texts: Texts = None
    secret: Secret | None = None

    async def run(self, ctx: RunContext) -> Seen:
        if self.secret is not None:
            ctx.log.info(f"the password is {self.secret.get_secret_value()}")
        return Seen(seen={name: getattr(self, name) for name in self.model_fields_set if name != "secret"})


class Patient(Task[NoOutput], type=PREFIX + "Patient"):
    """Waits until it is stopped, and says when it began."""

    async def run(self, ctx: RunContext) -> None:
        ctx.log.info("waiting")
        (ctx.working_dir / "began").touch()
        try:
            await asyncio.Event().wait()
        finally:
            ctx.log.info("cleaned up")


class Careful(Task[Seen], type=PREFIX + "Careful"):
    """Keeps what it has when it is stopped."""

    async def run(self, ctx: RunContext) -> Seen:
        ctx.log.info("waiting")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise TaskKilled("stopped", outputs=Seen(seen="half")) from None
        return Seen()


class Broken(Task[NoOutput], type=PREFIX + "Broken"):
    """Has a mistake in its code."""

    async def run(self, ctx: RunContext) -> None:
        {}["absent"]  # type: ignore[index]


class Partial(Task[Seen], type=PREFIX + "Partial"):
    """Fails with outputs."""

    async def run(self, ctx: RunContext) -> Seen:
        raise TaskFailed("half of it failed", outputs=Seen(seen=1))


class Odd(Task[Seen], type=PREFIX + "Odd"):
    """Gives what JSON cannot hold."""

    async def run(self, ctx: RunContext) -> Seen:
        return Seen(seen=object())


class Talkative(Task[NoOutput], type=PREFIX + "Talkative"):
    """Writes many lines and some numbers."""

    lines: int = 3

    async def run(self, ctx: RunContext) -> None:
        for number in range(self.lines):
            ctx.log.info(f"line {number}")
            await ctx.log.drain()
        ctx.counter("lines", self.lines, kind="test")
        ctx.timer("spent", 1.5)


class Driving(Task[NoOutput], type=PREFIX + "Driving"):
    """Shows what the tool it drives has done, then fails as the tool did."""

    async def run(self, ctx: RunContext) -> None:
        ctx.mask("hidden")
        ctx.add_task_run("model.orders", "SUCCESS", started=START, ended=START + SECOND, outputs={"rows": 7})
        ctx.add_task_run("model.hidden", "FAILED", value="hidden", ended=START)
        raise TaskFailed("a model failed")


class Showing(Task[NoOutput], type=PREFIX + "Showing", instant=True):
    """Shows one thing, told by its properties."""

    state: str
    outputs: Any = None
    times: int = 1
    ended: datetime | None = None

    async def run(self, ctx: RunContext) -> None:
        for _ in range(self.times):
            ctx.add_task_run("a.model", self.state, ended=self.ended, outputs=self.outputs)


class Filing(Task[Seen], type=PREFIX + "Filing"):
    """Reads a file, writes another."""

    source: str | None = None

    async def run(self, ctx: RunContext) -> Seen:
        target = ctx.working_dir / "result.csv"
        text = (await ctx.files.fetch(self.source)).read_text() if self.source else "a,b\n"
        target.write_text(text)
        return Seen(seen=await ctx.files.store(target, "sub/my result.csv"))


class Rendering(Task[Seen], type=PREFIX + "Rendering"):
    """Renders with a variable of its own."""

    template: Raw[str]

    async def run(self, ctx: RunContext) -> Seen:
        return Seen(seen=await ctx.render(self.template, {"mine": "own"}))


class Leaving(Task[NoOutput], type=PREFIX + "Leaving"):
    """Believes it is a program of its own."""

    async def run(self, ctx: RunContext) -> None:
        sys.exit(3)


class Filling(Task[NoOutput], type=PREFIX + "Filling"):
    """Puts something in the place where its log is kept."""

    async def run(self, ctx: RunContext) -> None:
        (ctx.working_dir.parent / "private" / "log").mkdir(parents=True)
        ctx.log.info("lost")


_ALL = (
    Leaving,
    Filling,
    Everything,
    Patient,
    Careful,
    Broken,
    Partial,
    Odd,
    Talkative,
    Driving,
    Showing,
    Filing,
    Rendering,
)


def a_catalog(more: Mapping[str, str] | None = None) -> PluginCatalog:
    """The tasks of this file, as if they came with the server, and `more`."""
    types = {task.type_name: f"{__name__}:{task.__name__}" for task in _ALL}
    return PluginCatalog({**types, **(more or {})}, built_in=types)


def working_folders(folder: Path) -> list[Path]:
    """What runs left behind."""
    return list((folder / "runs").iterdir()) if (folder / "runs").exists() else []
