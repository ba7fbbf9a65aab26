"""`tiercel replay TRACE`: take every decision of a run again, and say whether each comes to the same."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from cyclopts import Parameter
from msgspec.structs import replace

from tiercel.cli.flow_files import GOOD, NOT_USABLE, unreadable
from tiercel.cli.run_local import Local, local
from tiercel.engine import FlowContext, World
from tiercel.model.errors import TiercelError
from tiercel.model.record import Record
from tiercel.ports.flows import FlowDraft
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher, UnusableKey
from tiercel.services.entries import Entry, Screen, retold
from tiercel.services.history import InstantRuns
from tiercel.services.retracing import Retraced, Retracing
from tiercel.services.trace import FORMAT, Difference, Head, Page, differences

DIFFERENT = 1


class NoTrace(TiercelError):
    """The file is none that this release can read."""


class Verdict(Record, frozen=True):
    """What a replay has found."""

    decisions: int = 0
    executions: int = 0
    different: int = 0
    """Commits that come to something else."""
    first: dict[str, Any] | None = None
    """Where the first of them is."""
    broken_off: str | None = None
    """Why the rest could not be decided again."""


def replay(trace: Path, /, *, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Take every decision of a traced run again, without running a task, and say whether each comes to the same.

    The exit code is 0 when all do, 1 when one differs, 2 when the file is no trace.

    Parameters
    ----------
    trace
        What `tiercel run --trace` has written.
    json
        Print one JSON document a line: each event with what was decided, and the verdict at the end.
    """
    try:
        file = trace.open("rb")
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
    try:
        with file:
            return asyncio.run(_replay(file, _printed_json if json else _printed))
    except (NoTrace, msgspec.DecodeError) as error:
        why = f"{error}; `tiercel run --trace` writes one"
        print(f"{trace} is no trace that can be replayed: {why}", file=sys.stderr)
    return NOT_USABLE


async def _replay(file: BinaryIO, printed: "Printed") -> int:
    head = _head(file.readline())
    if head.release != version("tiercel"):
        told = f"the trace was written by release {head.release}, and this is {version('tiercel')}"
        print(f"warning: {told}: a difference may be a change on purpose", file=sys.stderr)
    verdict, screen = Verdict(), Screen(None)
    async with _world(head) as here:
        retracing = Retracing(_contexts(here), run=InstantRuns(here.runner))
        try:
            for page in _pages(file):
                for retraced in retracing.tell(page):
                    verdict = _judged(verdict, retraced)
                    for entry in retold(retraced.page.seq, retraced.page.handled, retraced.chapter, screen):
                        printed(retraced.page.execution_id, entry)
            if left := retracing.left():
                verdict = replace(verdict, broken_off=f"the trace does not say how {', '.join(left)} came to be")
        except TiercelError as error:
            verdict = replace(verdict, broken_off=str(error))
    printed(None, verdict)
    return DIFFERENT if verdict.different or verdict.broken_off else GOOD


def _judged(verdict: Verdict, retraced: Retraced) -> Verdict:
    found = next(differences(*retraced), None)
    first = verdict.first
    if found is not None and first is None:
        first = _described(retraced.page, found)
    return Verdict(
        decisions=verdict.decisions + len(retraced.chapter.told),
        executions=verdict.executions + (retraced.page.seq == 0),
        different=verdict.different + (found is not None),
        first=first,
    )


def _described(page: Page, found: Difference) -> dict[str, Any]:
    return {"executionId": page.execution_id, "seq": page.seq, **found._asdict()}


# The trace -------------------------------------------------------------------------------------------------------------


def _head(line: bytes) -> Head:
    head = msgspec.json.decode(line, type=Head)
    if head.trace != FORMAT:
        raise NoTrace(f"it is written in format {head.trace}, and this release reads {FORMAT}")
    return head


def _pages(file: BinaryIO) -> Iterator[Page]:
    decoder = msgspec.json.Decoder(Page)
    return (decoder.decode(line) for line in file)


@asynccontextmanager
async def _world(head: Head) -> AsyncGenerator[Local]:
    """What the run had, for the flows and tasks of it. Nothing of it is asked to do anything."""
    try:
        cipher = None if head.key is None else AesCipher.of(head.key)
        world = World(zone=ZoneInfo(head.zone), dialect=head.dialect, envs=head.envs, cipher=cipher)
    except ZoneInfoNotFoundError as error:
        raise NoTrace(f"this machine does not know the time zone {head.zone}") from error
    except UnusableKey as error:
        raise NoTrace(str(error)) from error
    at = datetime.now(UTC)
    flows = [FlowDraft(namespace=flow.namespace, id=flow.id, source=flow.source, at=at) for flow in head.flows]
    with TemporaryDirectory(prefix="tiercel-", ignore_cleanup_errors=True) as folder:
        async with local(Path(folder), flows=flows, catalog=PluginCatalog.installed(), world=world) as here:
            yield here


def _contexts(here: Local) -> dict[tuple[str, str], FlowContext]:
    return {(stored.namespace, stored.id): here.registry.deployed(stored).context for stored in here.registry.all()}


# What is shown ---------------------------------------------------------------------------------------------------------


class Printed(Protocol):
    """Shows an event of an execution, or the verdict."""

    def __call__(self, execution_id: str | None, told: Entry | Verdict, /) -> None: ...


def _printed_json(execution_id: str | None, told: Entry | Verdict) -> None:
    about = {} if execution_id is None else {"executionId": execution_id}
    print(msgspec.json.encode({**about, **msgspec.to_builtins(told)}, enc_hook=str).decode())


def _printed(execution_id: str | None, told: Entry | Verdict) -> None:
    if isinstance(told, Verdict):
        print("\n".join(_sentences(told)))
        return
    print(f"{execution_id} {told.at:%H:%M:%S.%f} {_event(told.event)} → {told.state}")
    for change in told.task_runs:
        value = "" if change.value is None else f" [{change.value}]"
        print(f"    {change.task_id}{value}  {change.state}")
    for command in told.commands:
        print(f"    ▸ {command['command']}{_arguments(command)}")


def _event(event: dict[str, Any]) -> str:
    about = {name: value for name, value in event.items() if name in ("ord", "attempt", "state", "name", "key")}
    return " ".join([event["event"], *(f"{name}={value}" for name, value in about.items())])


def _arguments(command: dict[str, Any]) -> str:
    plain = {name: value for name, value in command.items() if isinstance(value, str | int) and name != "command"}
    return "".join(f" {name}={value}" for name, value in plain.items())


def _sentences(verdict: Verdict) -> Iterator[str]:
    executions = "1 execution" if verdict.executions == 1 else f"{verdict.executions} executions"
    taken = f"{verdict.decisions} decisions of {executions} taken again"
    if first := verdict.first:
        yield f"✗ {taken}: {verdict.different} commits differ, the first in {first['executionId']}, commit {first['seq']}:"
        yield f"    {first['place']}"
        yield f"    recorded: {first['recorded']}"
        yield f"    now:      {first['again']}"
    elif verdict.broken_off is None:
        yield f"✓ {taken}: all the same"
    if verdict.broken_off is not None:
        yield f"✗ {taken}, the rest cannot be: {verdict.broken_off}"
