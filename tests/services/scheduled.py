"""A scheduler on a real database and on a clock that is moved by hand; executions end when a test says so.

A second `Scheduled` on the same database is the process after a crash, or another one beside it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from tests.adapters.postgres.samples import QUICK, new_journal
from tests.services import polls
from tests.services.house import Answers

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.postgres.connection import Pool, pool
from tiercel.adapters.postgres.flows import PostgresFlowStore
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.rows import execution_row as row_of
from tiercel.adapters.postgres.trigger_journal import PostgresTriggerJournal
from tiercel.adapters.postgres.triggers import PostgresTriggerStore
from tiercel.engine import World
from tiercel.engine.triggers import Missed
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.model.trigger import TriggerId, TriggerState
from tiercel.plugins import TYPES
from tiercel.ports.journal import Batch, FreedRow
from tiercel.ports.leases import Role
from tiercel.ports.triggers import TriggerJournal
from tiercel.sdk import SchedulableTrigger
from tiercel.services.backfills import Backfills
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import Creator
from tiercel.services.deployment import Deployment, Saved
from tiercel.services.enrolment import Enrolment
from tiercel.services.evaluator import Evaluator
from tiercel.services.firings import Firings
from tiercel.services.records import execution_row, read_execution
from tiercel.services.registry import Registry
from tiercel.services.scheduler import Scheduler
from tiercel.services.schedules import Schedules
from tiercel.services.shards import Shards
from tiercel.services.switches import Switches

EVERY = TriggerId("test", "daily", "every")
MOODY = "io.test.MoodySchedule"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_flow(written: str = "", *, cron: str = "0 2 * * *", top: str = "", id: str = "daily", kind: str = "") -> str:
    """A flow with one trigger. `written` is added to the trigger, `top` to the flow."""
    return f"""
id: {id}
namespace: test
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: hello
{top}
triggers:
  - id: every
    type: {kind or "io.kestra.plugin.core.trigger.Schedule"}
    cron: "{cron}"
{written}"""


class Moody(SchedulableTrigger, type=MOODY):
    """Knows the next full hour, until it is one."""

    cron: str

    def next_date(self, after: datetime, *, zone: ZoneInfo) -> datetime | None:
        hour = after.replace(minute=0, second=0, microsecond=0)
        if hour == after:
            raise ZeroDivisionError("no mood for it")
        return hour + HOUR

    def variables(self, date: datetime, *, zone: ZoneInfo) -> dict[str, Any]:
        return {"date": date.isoformat()}


class Scheduled:
    """Everything, wired."""

    def __init__(
        self,
        dsn: str,
        database: Pool,
        listener: Listener,
        *,
        clock: ManualClock,
        zone: ZoneInfo,
        missed: Missed = "ALL",
        journal: TriggerJournal | None = None,
    ) -> None:
        self.dsn = dsn
        self.database = database
        self.listener = listener
        self.clock = clock
        self.world = Answers()
        self.dice = dice = CountedDice()
        ours = {MOODY: "tests.services.scheduled:Moody", **polls.TYPES}
        catalog = PluginCatalog({**TYPES, **ours}, built_in=TYPES)
        self.flows = PostgresFlowStore(database, listener)
        self.triggers = PostgresTriggerStore(database, listener)
        self.registry = Registry(self.flows, world=World(zone=zone), is_instant=catalog.is_instant)
        self.deployment = Deployment(store=self.flows, registry=self.registry, catalog=catalog, clock=clock)
        self.evaluator = evaluator = Evaluator(self.world)
        self.creator = creator = Creator(registry=self.registry, evaluator=evaluator, clock=clock, dice=dice)
        self.schedules = schedules = Schedules(
            registry=self.registry, flows=self.flows, catalog=catalog, zone=zone, missed=missed
        )
        self.journal = journal or a_trigger_journal(dsn)
        self.scheduler = Scheduler(
            journal=self.journal,
            firings=Firings(schedules=schedules, creator=creator, evaluator=evaluator, clock=clock, dice=dice),
            changes=self.triggers.changes,
            clock=clock,
        )
        self.enrolment = Enrolment(self.triggers, registry=self.registry, catalog=catalog, clock=clock)
        self.backfills = Backfills(self.triggers, dates=schedules, clock=clock)
        self.switches = Switches(self.triggers, dates=schedules, clock=clock)

    async def save(self, source: str) -> Saved:
        return await self.deployment.save(source, tenant="main")

    async def trigger(self, trigger: TriggerId = EVERY) -> TriggerState:
        state = await self.triggers.get("main", trigger)
        assert state is not None
        return state

    async def turn(self) -> None:
        """What the scheduler does when it was told to look at everything again."""
        self.scheduler.note(0)
        await self.scheduler.turn()

    async def turn_at(self, instant: datetime) -> None:
        self.clock.move_to(instant)
        await self.turn()

    async def executions(self) -> list[Execution]:
        """Oldest first."""
        records = await self.database.fetch("SELECT * FROM executions ORDER BY started, id")
        return [read_execution(row_of(record)) for record in records]

    async def dates(self) -> list[str]:
        """The dates for which there are executions, once for each."""
        return sorted(each.trigger.variables["date"] for each in await self.executions() if each.trigger is not None)

    async def end(self, execution: Execution, state: State = State.SUCCESS) -> None:
        """What an executor's last commit of an execution does."""
        moment = replace(execution.state.histories[-1], state=state)
        over = replace(execution, live=False, state=replace(execution.state, current=state, histories=(moment,)))
        place = await self.flows.get(
            tenant="main", namespace=execution.namespace, flow_id=execution.flow_id, deleted=True
        )
        assert place is not None
        journal = new_journal(self.dsn)
        await journal.register()
        await journal.commit(
            Batch(
                updated=[execution_row(over, place.place, marked=False)],
                triggers_freed=[FreedRow(execution.id, self.clock.now())],
            )
        )
        await journal.close()

    async def run_all(self) -> None:
        """Turn until nothing is due, ending every execution at once."""
        before = -1
        while before != (before := len(await self.dates())):
            await self.turn()
            for execution in await self.executions():
                if execution.live:
                    await self.end(execution)


@asynccontextmanager
async def scheduled(
    dsn: str,
    *,
    clock: ManualClock | None = None,
    zone: str = "UTC",
    missed: Missed = "ALL",
    journal: TriggerJournal | None = None,
    begins: bool = True,
) -> AsyncIterator[Scheduled]:
    """A process whose scheduler has begun."""
    async with pool(dsn, size=4) as database, Listener(dsn) as listener:
        house = Scheduled(
            dsn,
            database,
            listener,
            clock=clock or ManualClock(START),
            zone=ZoneInfo(zone),
            missed=missed,
            journal=journal,
        )
        await house.registry.load()
        try:
            if begins:
                await house.scheduler.begin()
            yield house
        finally:
            if isinstance(house.journal, PostgresTriggerJournal):
                await house.journal.close()


def a_trigger_journal(dsn: str) -> PostgresTriggerJournal:
    shards = Shards(PostgresLeases(dsn, version="test"), Role.SCHEDULER, clock=SystemClock(), pace=QUICK)
    return PostgresTriggerJournal(dsn, shards)
