"""One run from the file to the exit code: read, check, start, follow, end. Ctrl+C kills, a second one leaves at once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from pydantic import ValidationError

from tiercel.adapters.memory.journal import MemoryJournal
from tiercel.cli.label import label_of
from tiercel.cli.run_failure import FailureWatch, Started
from tiercel.cli.run_flows import FlowFile, described, drafts, read_beside, read_file
from tiercel.cli.run_local import ROWS, Local, local
from tiercel.cli.run_pause import NobodyResumes, go_on_after_pause
from tiercel.cli.run_secrets import hide_inputs
from tiercel.cli.run_trace import trace_file, tracing
from tiercel.cli.run_view import View, view_for
from tiercel.engine.events import Kill
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Label
from tiercel.model.flow import Flow, InputType
from tiercel.model.log import Level
from tiercel.model.spilled import OutputLimits
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.ports.journal import ExecutionRow
from tiercel.services.broadcaster import Follower, Frame
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher
from tiercel.services.creator import InvalidInputs, Wish
from tiercel.services.locations import execution_folder, stored_name
from tiercel.services.records import read_execution, read_run
from tiercel.services.spill import with_outputs
from tiercel.settings import Settings

ENDED_WELL, ENDED_BADLY, NOT_USABLE, INTERRUPTED = 0, 1, 2, 130
WELL = frozenset({State.SUCCESS, State.WARNING, State.SKIPPED})
NEEDS_SOMEBODY = "the execution is paused and nobody is there to resume it: run it in a terminal, or give the Pause a pauseDuration or a timeout"
IN_THE_TRACE = OutputLimits(inline=sys.maxsize)
"""A trace has all that decisions need, large outputs too: the folder with the files is gone after the run."""


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    file: Path
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    json: bool = False
    trace: Path | None = None
    level: Level = Level.TRACE


class NotUsable(TiercelError):
    """The run cannot begin; the message is for whoever typed the command."""


async def run_once(wanted: Wanted) -> int:
    """Run the flow once and return the exit code."""
    view = view_for(json=wanted.json, level=wanted.level)
    try:
        return await _run(wanted, view)
    except NotUsable as error:
        print(error, file=sys.stderr)
        return NOT_USABLE
    finally:
        view.close()


async def _run(wanted: Wanted, view: View) -> int:
    catalog = PluginCatalog.installed()
    file, flow = read_usable(wanted.file, catalog)
    inputs, labels = pairs("--input", wanted.inputs), labels_of(wanted.labels)
    watch, settings = FailureWatch(), settings_of(os.environ)
    flows = drafts([file, *read_beside(file, catalog)])
    with (
        TemporaryDirectory(prefix="tiercel-", ignore_cleanup_errors=True) as folder,
        _trace_file(wanted.trace) as trace,
    ):
        cipher = AesCipher.passing()
        journal_on = MemoryJournal if trace is None else tracing(trace, flows, cipher=cipher)
        limits = ROWS if trace is None else IN_THE_TRACE
        async with local(
            Path(folder),
            flows=flows,
            catalog=catalog,
            settings=settings,
            cipher=cipher,
            limits=limits,
            journal_on=journal_on,
        ) as here:
            identifier = here.creator.mint()
            wish = Wish(
                namespace=flow.namespace,
                flow_id=flow.id,
                inputs=await _with_files(here, flow, identifier, inputs),
                labels=labels,
                origin="cli",
                id=identifier,
            )
            with here.broadcaster.follow(identifier) as follower, here.broadcaster.listen(follower):
                await _begin(here, wish)
                view.say(f"execution {identifier} of {flow.namespace}.{flow.id}")
                async with _interruptible(here, identifier):
                    ended = await _follow(here, flow, follower, view, watch)
            while (row := _taking_over(here, ended)) is not None:
                ended = await _follow_on(here, flow, row, view, watch)
            ended = await with_outputs(here.stores.storage, ended)
            hide_inputs(ended, here.masker, cipher.decrypt)
    if ended.state.current not in WELL:
        view.say(watch.screen(ended, file, partial(_started_by, here)))
    view.ended(ended, here.masker)
    return ENDED_WELL if ended.state.current in WELL else ENDED_BADLY


def read_usable(path: Path, catalog: PluginCatalog) -> tuple[FlowFile, Flow]:
    """The flow of the file. Raises NotUsable with all that is wrong with it."""
    try:
        file = read_file(path, catalog)
    except OSError as error:
        raise NotUsable(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NotUsable(f"{path} is no text in UTF-8: {error}") from error
    told = [described(file, problem) for problem in file.problems]
    if file.flow is None:
        raise NotUsable("\n".join(told))
    for warning in told:
        print(warning, file=sys.stderr)
    if file.flow.disabled:
        raise NotUsable(f"{path}: the flow is disabled: remove `disabled: true` to run it")
    return file, file.flow


def settings_of(environment: Mapping[str, str]) -> Settings:
    """What a server would be told here. Raises NotUsable."""
    try:
        return Settings.read([], environment)
    except ValidationError as error:
        raise NotUsable(f"the configuration cannot be used: {error}") from error


def _trace_file(path: Path | None) -> AbstractContextManager[BinaryIO | None]:
    if path is None:
        return nullcontext()
    try:
        return trace_file(path)
    except OSError as error:
        raise NotUsable(f"--trace {path} cannot be written: {error.strerror}") from error


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """What stands on both sides of the equals signs. Raises NotUsable."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise NotUsable(f"{option} {text}: write name=value")
        pairs[name] = value
    return pairs


def labels_of(texts: Iterable[str]) -> tuple[Label, ...]:
    """Raises NotUsable."""
    try:
        return tuple(map(label_of, texts))
    except ValueError as error:
        raise NotUsable(str(error)) from error


async def _with_files(here: Local, flow: Flow, identifier: str, given: dict[str, str]) -> dict[str, Any]:
    """The inputs, local files among them stored."""
    inputs: dict[str, Any] = dict(given)
    for declared in flow.inputs:
        path = given.get(declared.id)
        if declared.type is InputType.FILE and path is not None and "://" not in path:
            inputs[declared.id] = await _store(here, flow, identifier, declared.id, Path(path.removeprefix("@")))
    return inputs


async def _store(here: Local, flow: Flow, identifier: str, name: str, path: Path) -> str:
    folder = execution_folder(flow.namespace, flow.id, identifier)
    uri = f"{folder}inputs/{name}/{stored_name(path.name)}"
    try:
        await here.stores.storage.put_file(uri, path)
    except TiercelError as error:
        raise NotUsable(f"--input {name}: {path} cannot be read: {error}") from error
    return uri


async def _begin(here: Local, wish: Wish) -> None:
    try:
        creation = await here.executor.create(wish)
    except InvalidInputs as error:
        told = [f"input {name}: {each.meaning}" for name, errors in error.by_input.items() for each in errors]
        raise NotUsable("\n".join(told)) from error
    except TiercelError as error:
        raise NotUsable(str(error)) from error
    for name in creation.unknown_inputs:
        print(f"warning: the flow has no input {name!r}", file=sys.stderr)


@asynccontextmanager
async def _interruptible(here: Local, identifier: str) -> AsyncGenerator[None]:
    """The first Ctrl+C kills the execution, the second one the process."""
    loop = asyncio.get_running_loop()
    kills: list[asyncio.Future[Any]] = []

    def interrupt() -> None:
        if kills:
            os._exit(INTERRUPTED)
        print("killing the execution; Ctrl+C again leaves at once", file=sys.stderr)
        at, seed = here.executor.moment()
        kills.append(asyncio.ensure_future(here.executor.tell(identifier, Kill(at, seed))))

    loop.add_signal_handler(signal.SIGINT, interrupt)
    loop.add_signal_handler(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)


def _started_by(here: Local, execution: Execution, run: TaskRun) -> Iterator[Started]:
    """The iterations of a Loop, the execution of a Subflow."""
    for row in here.stores.tables.executions.values():
        child = read_execution(row)
        if child.waits is not None and (child.waits.execution_id, child.waits.ord) == (execution.id, run.ord):
            yield Started(child, [read_run(each)[0] for each in here.stores.tables.task_runs[row.id].values()])


def _taking_over(here: Local, ended: Execution) -> ExecutionRow | None:
    """The execution that took the place of one that is retried as a whole."""
    rows = here.stores.tables.executions.values()
    successors = (row for row in rows if row.parent_id == ended.id and read_execution(row).iteration is None)
    return next(successors, None) if ended.state.current is State.RETRIED else None


async def _follow_on(here: Local, flow: Flow, row: ExecutionRow, view: View, watch: FailureWatch) -> Execution:
    """What it has done so far, and then what it does."""
    view.say(f"execution {row.id} takes its place")
    with here.broadcaster.follow(row.id) as follower, here.broadcaster.listen(follower):
        runs = here.stores.tables.task_runs[row.id].values()
        follower.show(Frame(read_execution(row), tuple(read_run(run)[0] for run in runs)))
        async with _interruptible(here, row.id):
            return await _follow(here, flow, follower, view, watch)


async def _follow(here: Local, flow: Flow, follower: Follower, view: View, watch: FailureWatch) -> Execution:
    """Show everything until the execution is over, and return it as it ended."""
    pause: asyncio.Task[None] | None = None
    try:
        async for piece in follower.news():
            if not isinstance(piece, Frame):
                # Those of iterations and subflows too.
                view.line(piece)
                watch.line(piece)
                continue
            view.frame(piece)
            watch.frame(piece)
            if piece.is_last:
                return piece.execution
            if piece.execution.state.current is State.PAUSED and (pause is None or pause.done()):
                pause = asyncio.create_task(_ask(here, flow, piece.execution, view))
    finally:
        if pause is not None:
            pause.cancel()
            await asyncio.wait([pause])
    raise NotUsable("the run ended without an end")


async def _ask(here: Local, flow: Flow, execution: Execution, view: View) -> None:
    try:
        await go_on_after_pause(here, flow, execution, view)
    except NobodyResumes:
        print(NEEDS_SOMEBODY, file=sys.stderr)
        at, seed = here.executor.moment()
        await here.executor.tell(execution.id, Kill(at, seed))
