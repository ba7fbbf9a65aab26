"""Task types that exist only in the cases: plugins of the original's own tests, behaving as those tests need it."""

import fnmatch
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from pydantic import ConfigDict

from tiercel.engine.plan import Node
from tiercel.engine.scopes import BODIES
from tiercel.engine.sequences import start_next
from tiercel.engine.starts import STARTERS
from tiercel.engine.turn import Turn
from tiercel.model.flowable import FLOWABLES, Sequential
from tiercel.model.structural import Structural
from tiercel.model.task_run import Scope, TaskRun
from tiercel.plugins import TYPES
from tiercel.sdk import NoOutput, Output, RunContext, Task, TaskFailed
from tiercel.services.catalog import PluginCatalog

TEST = "io.kestra.core.tasks.test."
COUNTER = "io.kestra.core.runners.TaskCacheTest$CounterTask"
LOCAL_FILES = "io.kestra.plugin.core.flow.WorkingDirectoryTest$LocalFiles"
TOO_LARGE = "io.kestra.core.runners.test.WorkerTaskResultTooLarge"
LISTENER = "io.kestra.core.runners.ListenersTestTask"
LARGE = 1_100_000


class ValueOutput(Output, frozen=True):
    value: Any = None


class CountOutput(Output, frozen=True):
    counter: int = 0


class FilesOutput(Output, frozen=True):
    uris: dict[str, str] = {}


class MessageOutput(Output, frozen=True):
    message: str = ""


class Encrypted(Task[ValueOutput], type=TEST + "Encrypted"):
    """Gives its text back encrypted."""

    format: str = ""

    async def run(self, ctx: RunContext) -> ValueOutput:
        return ValueOutput(value=ctx.encrypt(self.format))


class Read(Task[ValueOutput], type=TEST + "Read"):
    """Gives the text of a file of the working directory."""

    path: str

    async def run(self, ctx: RunContext) -> ValueOutput:
        return ValueOutput(value=(ctx.working_dir / self.path.lstrip("/")).read_text())


class LocalFiles(Task[FilesOutput], type=LOCAL_FILES):
    """Creates files from texts, and stores those that fit a pattern."""

    inputs: Any = None
    outputs: list[str] = []

    async def run(self, ctx: RunContext) -> FilesOutput:
        for name, text in (self.inputs or {}).items():
            await _create(ctx, name, text)
        found = sorted(path for path in ctx.working_dir.rglob("*") if path.is_file() and self._is_wanted(ctx, path))
        return FilesOutput(
            uris={path.relative_to(ctx.working_dir).as_posix(): await ctx.files.store(path) for path in found}
        )

    def _is_wanted(self, ctx: RunContext, path: Path) -> bool:
        name = path.relative_to(ctx.working_dir).as_posix()
        return any(fnmatch.fnmatch(name, pattern) for pattern in self.outputs)


async def _create(ctx: RunContext, name: str, text: str) -> None:
    path = ctx.working_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if text.startswith("kestra://"):
        await ctx.files.fetch(text, path)
    else:
        path.write_text(text)


class NullOutputTask(Task[ValueOutput], type=TEST + "NullOutputTask"):
    """Gives an output that is null."""

    async def run(self, ctx: RunContext) -> ValueOutput:
        return ValueOutput(value=None)


class TaskThatFail(Task[MessageOutput], type=TEST + "TaskThatFail"):
    """Fails, and has outputs all the same."""

    async def run(self, ctx: RunContext) -> MessageOutput:
        raise TaskFailed("it fails", outputs=MessageOutput(message="This is a message"))


class CounterTask(Task[CountOutput], type=COUNTER):
    """Counts how often it ran in one installation."""

    made: ClassVar[int] = 0
    working_dir: str | None = None

    async def run(self, ctx: RunContext) -> CountOutput:
        CounterTask.made += 1
        return CountOutput(counter=CounterTask.made)


class DynamicTask(Task[NoOutput], type=TEST + "DynamicTask"):
    """Adds a task run below its own, which ends as it does."""

    fail: bool = False

    async def run(self, ctx: RunContext) -> None:
        ctx.add_task_run(uuid4().hex, "FAILED" if self.fail else "SUCCESS", value=ctx.info.task_run_id)
        if self.fail:
            raise TaskFailed("what it added failed")


class WorkerTaskResultTooLarge(Task[ValueOutput], type=TOO_LARGE):
    """Gives more than a mebibyte."""

    async def run(self, ctx: RunContext) -> ValueOutput:
        return ValueOutput(value="a" * LARGE)


class ListenersTestTask(Task[ValueOutput], type=LISTENER):
    """Says which execution it listened to."""

    async def run(self, ctx: RunContext) -> ValueOutput:
        return ValueOutput(value=f"flowId={ctx.info.flow_id}")


STUBS = (
    Encrypted,
    Read,
    LocalFiles,
    NullOutputTask,
    TaskThatFail,
    CounterTask,
    DynamicTask,
    WorkerTaskResultTooLarge,
    ListenersTestTask,
)


class BadExecutable(Structural):
    """Stands for an execution, and cannot create it."""

    model_config = ConfigDict(extra="allow")
    types = (TEST + "BadExecutable",)


class BadSequential(Sequential):
    """Breaks when it is to go on after its first child."""

    types = (TEST + "BadSequential",)


def _cannot_create(turn: Turn, run: TaskRun, node: Node) -> None:
    raise TaskFailed("An error!")


def _cannot_go_on(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    if scope.next and not scope.open:
        raise TaskFailed("the state of the task cannot be resolved")
    start_next(turn, ord, scope, owner)


for _kind in (BadExecutable, BadSequential):
    FLOWABLES.update(dict.fromkeys(_kind.types, _kind))
STARTERS[BadExecutable] = _cannot_create
STARTERS[BadSequential] = STARTERS[Sequential]
BODIES[BadSequential] = _cannot_go_on

ALIASES = {
    "io.kestra.core.runners.test.task.Alias": "io.kestra.plugin.core.debug.Return",
    "io.kestra.core.runners.test.trigger.Alias": "io.kestra.plugin.core.trigger.Webhook",
}


def catalog() -> PluginCatalog:
    """The built-in types and those of the cases. What they count begins anew."""
    CounterTask.made = 0
    own = {stub.type_name: f"{stub.__module__}:{stub.__name__}" for stub in STUBS}
    return PluginCatalog({**TYPES, **own, **ALIASES}, built_in=TYPES)
