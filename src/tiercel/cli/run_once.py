"""One run from the file to the exit code: read, check, start, follow, end. Ctrl+C kills, a second one leaves at once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from tiercel.adapters.memory.journal import MemoryJournal
from tiercel.cli.run_failure import FailureWatch
from tiercel.cli.run_flows import FlowFile, described, drafts, read_beside, read_file
from tiercel.cli.run_local import ROWS, Local, local
from tiercel.cli.run_pause import NobodyResumes, go_on_after_pause
from tiercel.cli.run_trace import trace_file, tracing
from tiercel.cli.run_view import View, view_for
from tiercel.engine.events import Kill
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Label
from tiercel.model.flow import Flow, InputType
from tiercel.model.spilled import OutputLimits
from tiercel.model.states import State
from tiercel.services.broadcaster import Follower, Frame
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import InvalidInputs, Wish
from tiercel.services.locations import execution_folder, stored_name
from tiercel.services.spill import with_outputs

ENDED_WELL, ENDED_BADLY, NOT_USABLE, INTERRUPTED = 0, 1, 2, 130
WELL = frozenset({State.SUCCESS, State.WARNING, State.SKIPPED})
NEEDS_SOMEBODY = (
    "the execution is paused and nobody is there to resume it: run it in a terminal, or give the Pause a pauseDuration"
)
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


class NotUsable(TiercelError):
    """The run cannot begin; the message is for whoever typed the command."""


async def run_once(wanted: Wanted) -> int:
    """Run the flow once and return the exit code."""
    view = view_for(json=wanted.json)
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
    inputs, labels = pairs("--input", wanted.inputs), pairs("--label", wanted.labels)
    watch = FailureWatch()
    flows = drafts([file, *read_beside(file, catalog)])
    with (
        TemporaryDirectory(prefix="tiercel-", ignore_cleanup_errors=True) as folder,
        _trace_file(wanted.trace) as trace,
    ):
        journal_on = MemoryJournal if trace is None else tracing(trace, flows)
        limits = ROWS if trace is None else IN_THE_TRACE
        async with local(Path(folder), flows=flows, catalog=catalog, limits=limits, journal_on=journal_on) as here:
            identifier = here.creator.mint()
            wish = Wish(
                namespace=flow.namespace,
                flow_id=flow.id,
                inputs=await _with_files(here, flow, identifier, inputs),
                labels=tuple(Label(key, value) for key, value in labels.items()),
                origin="cli",
                id=identifier,
            )
            with here.broadcaster.follow(identifier) as follower, here.broadcaster.listen(follower):
                await _begin(here, wish)
                view.say(f"execution {identifier} of {flow.namespace}.{flow.id}")
                async with _interruptible(here, identifier):
                    ended = await _follow(here, flow, follower, view, watch)
            ended = await with_outputs(here.stores.storage, ended)
    if ended.state.current not in WELL:
        view.say(watch.screen(ended, file))
    view.ended(ended)
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


async def _with_files(here: Local, flow: Flow, identifier: str, given: dict[str, str]) -> dict[str, Any]:
    """The inputs, local files among them stored."""
    inputs: dict[str, Any] = dict(given)
    for declared in flow.inputs:
        path = given.get(declared.id)
        if declared.type is InputType.FILE and path is not None and "://" not in path:
            inputs[declared.id] = await _store(here, flow, identifier, declared.id, Path(path))
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
