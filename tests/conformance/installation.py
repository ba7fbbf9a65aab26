"""A whole installation in memory for one case: its flows, its secrets and keys, and a clock that moves when all wait.

The clock stands still while anything happens, and jumps to what is due next when nothing does: a case that waits for
ten minutes takes milliseconds, and `until` sees each state the moment it is stored.
"""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.journal import MemoryJournal
from tiercel.cli.run_local import Local, envs, local
from tiercel.definition import read
from tiercel.engine import World
from tiercel.model.execution import Execution, Kind
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.ports.flows import FlowDraft
from tiercel.ports.logs import LogQuery
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.records import read_execution, read_run
from tiercel.settings import Settings

SECRETS = {
    "MY_SECRET": '{"secretKey":"secretValue"}',
    "NEW_LINE": "a text whose base64 form is broken over several lines, which must not matter",
    "WEBHOOK_KEY": "secretKey",
    "PASSWORD": "mypassword",
}
ENVIRONMENT = {"ENV_TEST1": "true", "ENV_TEST2": "Pass by env", "KESTRA_TEST1": "true", "KESTRA_TEST2": "Pass by env"}
GLOBALS = {"string": "string", "int": 1, "bool": True, "nested": {"int": 2}}
URL = "http://localhost:8081"
KEY_BYTES = bytes(range(32))
KEY = AesCipher(KEY_BYTES)

BEGIN = START + timedelta(microseconds=123_456)
"""An instant that shows all its digits."""
TURN = 0.001
"""Seconds between two looks at what happened."""
QUIET, QUIET_AT_WORK = 4, 400
"""So many looks without news mean that all wait for the clock; more of them while a task runs on a worker."""
LONGEST = timedelta(days=2)
IDLE = timedelta(minutes=2)
"""How far the clock goes while nothing is set that it could bring."""


class NeverCame(Exception):
    """What a case waits for will not happen."""


@dataclass(frozen=True)
class Seen:
    """An execution as it is stored."""

    execution: Execution
    runs: list[TaskRun]
    live: bool

    @property
    def id(self) -> str:
        return self.execution.id

    @property
    def state(self) -> State:
        return self.execution.state.current

    @property
    def states(self) -> list[State]:
        return [moment.state for moment in self.execution.state.histories]


class Installation:
    """One installation, and what a case may see of it."""

    def __init__(self, server: Local, clock: ManualClock, folder: Path) -> None:
        self.server = server
        self.clock = clock
        self.folder = folder

    # Flows -----------------------------------------------------------------------------------------------------------

    async def deploy(self, source: str) -> FlowDraft:
        """Save a flow, as a new revision where there is one of its name."""
        draft = draft_of(source, self.clock)
        await self.server.stores.flows.save(draft)
        await self.server.registry.load()
        return draft

    # Looking ---------------------------------------------------------------------------------------------------------

    def seen(self, execution_id: str) -> Seen:
        tables = self.server.stores.tables
        row, runs = tables.executions[execution_id], tables.task_runs[execution_id]
        return Seen(read_execution(row), [read_run(runs[ord])[0] for ord in sorted(runs)], row.live)

    def all(self) -> list[Seen]:
        """All executions in order of creation."""
        return [self.seen(identifier) for identifier in self.server.stores.tables.executions]

    def of_flow(self, flow_id: str) -> list[Seen]:
        found = (seen for seen in self.all() if seen.execution.flow_id == flow_id)
        return [seen for seen in found if seen.execution.kind is not Kind.LOOP]

    def iterations(self, parent: Seen) -> list[Seen]:
        """Of all Loops of an execution, in order."""
        mine = (seen for seen in self.all() if seen.execution.kind is Kind.LOOP)
        return [seen for seen in mine if seen.execution.parent_id == parent.id]

    def text(self, uri: Any) -> str | None:
        """What a file of internal storage holds."""
        path = self.folder / "storage" / str(uri).removeprefix("kestra:///")
        return path.read_text() if path.is_file() else None

    async def lines(self, execution_id: str) -> list[LogEntry]:
        query = LogQuery(tenant="main", execution_id=execution_id)
        return [entry async for entry in self.server.stores.logs.read(query)]

    # Waiting ---------------------------------------------------------------------------------------------------------

    async def until(self, fits: Callable[[], bool], what: str) -> None:
        """Wait, letting the clock move as far as needed."""
        quiet, before, since = 0, self._stamp(), self.clock.now()
        while not fits():
            await asyncio.sleep(TURN)
            stamp = self._stamp()
            if stamp != before:
                quiet, before, since = 0, stamp, self.clock.now()
                continue
            quiet += 1
            if quiet >= (QUIET_AT_WORK if self._is_at_work else QUIET):
                quiet = 0
                self._move_on(since + IDLE, what)

    async def rest(self) -> None:
        """Wait until nothing more will happen by itself, lines on their way included."""
        try:
            await self.until(lambda: False, "")
        except NeverCame:
            return

    def _move_on(self, limit: Any, what: str) -> None:
        timers = [row.due for row in self.server.stores.tables.timers.values()]
        due = min(timers) if timers and not self._is_at_work else self.clock.next_due()
        if due is None or due > BEGIN + LONGEST or (not timers and due > limit):
            raise NeverCame(f"{what} never came: {self._described()}")
        self.clock.move_to(due)

    @property
    def _is_at_work(self) -> bool:
        return self.server.worker.running > 0

    def _stamp(self) -> tuple[int, ...]:
        tables = self.server.stores.tables
        events = sum(map(len, tables.events.values()))
        return events, len(tables.logs), len(tables.executions), self.server.worker.running, len(tables.timers)

    def _described(self) -> str:
        return "; ".join(
            f"{seen.execution.flow_id} {' '.join(seen.states)} "
            f"[{', '.join(f'{run.task_id} {run.state.current}' for run in seen.runs)}]"
            for seen in self.all()[:6]
        )


@asynccontextmanager
async def installation(
    folder: Path,
    *,
    sources: list[str],
    secrets: Mapping[str, str],
    types: PluginCatalog,
    has_key: bool = True,
    journal_on: Any = MemoryJournal,
    ignoring: Ignoring = NOTHING,
) -> AsyncIterator[Installation]:
    """An installation with these flows, secrets and types."""
    clock, environment = ManualClock(BEGIN), environment_of(secrets)
    world = World(
        zone=ZoneInfo("UTC"),
        envs=envs(environment),
        globals=GLOBALS,
        environment=None,
        url=URL,
        cipher=KEY if has_key else None,
    )
    drafts = [draft_of(source, clock) for source in sources]
    async with local(
        folder,
        flows=drafts,
        catalog=types,
        clock=clock,
        environment=environment,
        settings=Settings(home=str(folder)),
        world=world,
        journal_on=journal_on,
        ignoring=ignoring,
    ) as server:
        yield Installation(server, clock, folder)


def environment_of(secrets: Mapping[str, str]) -> dict[str, str]:
    encoded = {f"SECRET_{key.upper()}": _base64(text) for key, text in {**SECRETS, **secrets}.items()}
    # As a shell's base64 writes it: in lines.
    encoded["SECRET_NEW_LINE"] = "\n".join(re.findall(".{1,60}", encoded["SECRET_NEW_LINE"]))
    return {**ENVIRONMENT, **encoded}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def draft_of(source: str, clock: ManualClock) -> FlowDraft:
    reading = read(source)
    if reading.flow is None:
        problems = "; ".join(problem.message for problem in reading.problems)
        raise ValueError(f"the flow cannot be read: {problems}")
    return FlowDraft(
        namespace=reading.flow.namespace,
        id=reading.flow.id,
        source=source,
        disabled=reading.flow.disabled,
        at=clock.now(),
    )
