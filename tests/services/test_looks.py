"""Looks of a worker at a trigger: what it is handed, what it leaves, and how it ends."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.adapters.memory.clock import START
from tiercel.engine.commands import Job, JobTrigger
from tiercel.model.trigger import Finding
from tiercel.plugins import TYPES
from tiercel.ports.logs import LogQuery
from tiercel.sdk import Output, PollingTrigger, RealtimeTrigger, RunInfo, TaskFailed, TriggerContext
from tiercel.services.catalog import PluginCatalog
from tiercel.services.looks import Look, NotStarted

LAST = datetime(2026, 7, 1, tzinfo=UTC)
POLL, STREAM = "io.test.Curious", "io.test.Flowing"


class Seen(Output, frozen=True):
    seen: Any = None


class Curious(PollingTrigger[Seen], type=POLL):
    """Does what it is told."""

    way: str = "nothing"
    secret: str = ""

    async def evaluate(self, ctx: TriggerContext) -> Seen | None:
        match self.way:
            case "look":
                ctx.log.info(f"the password is {self.secret}")
                ctx.counter("looks")
                return Seen(seen=[ctx.info.trigger_id, ctx.date.isoformat(), str(ctx.last_triggered)])
            case "file":
                path = ctx.working_dir / "egg.txt"
                path.write_text("egg")
                return Seen(seen=await ctx.files.store(path, "egg.txt"))
            case "wait":
                await asyncio.Event().wait()
            case "break":
                raise TaskFailed("no way")
            case "exit":
                raise SystemExit
            case _:
                ctx.counter("looks")
        return None


class Flowing(RealtimeTrigger[Seen], type=STREAM):
    """Gives numbers, and breaks or waits behind the last."""

    numbers: int = 0
    way: str = "end"

    async def events(self, ctx: TriggerContext) -> AsyncGenerator[Seen]:
        for number in range(self.numbers):
            yield Seen(seen=number)
            ctx.log.info(f"{number} is stored")
        if self.way == "break":
            raise TaskFailed("no way")
        if self.way == "wait":
            await asyncio.Event().wait()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncGenerator[Place]:
    types = {**TYPES, POLL: f"{__name__}:Curious", STREAM: f"{__name__}:Flowing"}
    async with a_place(
        tmp_path, catalog=PluginCatalog(types, built_in=TYPES), environment={"SECRET_KEY": "dG9w"}
    ) as place:
        yield place


class Starts:
    """Takes events, refuses some."""

    def __init__(self, *, refused: int | None = None) -> None:
        self.values: list[Any] = []
        self.refused = refused

    async def __call__(self, info: RunInfo, variables: Mapping[str, Any]) -> Sequence[str]:
        if variables["seen"] == self.refused:
            raise NotStarted("it does not fit")
        self.values.append(variables["seen"])
        return ["a label is left out"] if variables["seen"] == 0 else ()


def a_look(place: Place, type: str = POLL, starts: Starts | None = None, **properties: Any) -> Look:
    return place.runner.look(the_job(type, properties), start=starts or Starts())


def the_job(type: str, properties: dict[str, Any]) -> Job:
    return a_job(type, properties, task_id="watch", trigger=JobTrigger(id="watch", date=START, last=LAST))


class TestAPoll:
    async def test_knows_its_trigger_its_date_and_when_it_last_started_something(self, here: Place) -> None:
        finding = await a_look(here, way="look").finding()
        assert finding == Finding({"seen": ["watch", START.isoformat(), str(LAST)]})

    async def test_writes_lines_that_belong_to_the_trigger_and_hide_secrets(self, here: Place) -> None:
        await a_look(here, way="look", secret="{{ secret('KEY') }}").finding()
        (line,) = [line async for line in here.logs.read(LogQuery())]
        assert (line.trigger_id, line.execution_id, line.task_id) == ("watch", None, None)
        assert line.message == "the password is ******"

    async def test_stores_files_with_those_of_the_execution_that_it_starts(self, here: Place) -> None:
        finding = await a_look(here, way="file").finding()
        folder = "kestra:///company/team/orders-flow/executions/0VexecutionexecutionA1/trigger/watch"
        assert finding == Finding({"seen": f"{folder}/egg.txt"})

    async def test_that_finds_nothing_leaves_no_numbers(self, here: Place) -> None:
        assert await a_look(here).finding() == Finding()
        assert (await here.logs.metrics("0VexecutionexecutionA1", page=1, size=10))[1] == 0

    @pytest.mark.parametrize(
        ("properties", "error"),
        [
            ({"way": "break"}, "no way"),
            ({"way": "exit"}, "tried to end the worker"),
            ({"way": "{{ nothing.there }}"}, "nothing"),
            ({"wrong": 1}, "wrong"),
        ],
    )
    async def test_that_breaks_says_why(self, here: Place, properties: dict[str, Any], error: str) -> None:
        finding = await a_look(here, **properties).finding()
        assert finding is not None
        assert error in str(finding.error)
        assert "ERROR" in {level for level, _ in await here.lines()}

    async def test_that_is_stopped_has_no_answer(self, here: Place) -> None:
        look = a_look(here, way="wait")
        looking = asyncio.create_task(look.finding())
        await asyncio.sleep(0)
        look.kill()
        assert await looking is None

    async def test_of_a_worker_that_stops_is_cancelled(self, here: Place) -> None:
        looking = asyncio.create_task(a_look(here, way="wait").finding())
        await asyncio.sleep(0)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking

    @pytest.mark.parametrize("type", ["io.kestra.plugin.core.trigger.Schedule", "io.test.Absent"])
    async def test_at_what_is_no_such_trigger_says_so_in_its_log(self, here: Place, type: str) -> None:
        finding = await a_look(here, type).finding()
        assert finding is not None
        assert type in str(finding.error)
        assert [level for level, _ in await here.lines()] == ["ERROR"]


class TestAStream:
    async def test_goes_on_behind_an_event_when_that_is_stored(self, here: Place) -> None:
        starts = Starts()
        finding = await a_look(here, STREAM, starts, numbers=2).finding()
        assert (finding, starts.values) == (Finding(events=2), [0, 1])
        assert await here.lines() == [
            ("WARN", "a label is left out"),
            ("INFO", "0 is stored"),
            ("INFO", "1 is stored"),
        ]

    async def test_goes_on_behind_an_event_that_starts_nothing_and_leaves_a_line(self, here: Place) -> None:
        starts = Starts(refused=0)
        assert await a_look(here, STREAM, starts, numbers=2).finding() == Finding(events=2)
        assert starts.values == [1]
        assert (await here.lines())[0] == ("ERROR", "it does not fit")

    @pytest.mark.parametrize("numbers", [0, 3])
    async def test_that_breaks_says_why_and_how_far_it_came(self, here: Place, numbers: int) -> None:
        finding = await a_look(here, STREAM, Starts(), numbers=numbers, way="break").finding()
        assert finding == Finding(error="no way", events=numbers)

    async def test_that_is_stopped_has_no_answer(self, here: Place) -> None:
        look = a_look(here, STREAM, Starts(), way="wait")
        looking = asyncio.create_task(look.finding())
        await asyncio.sleep(0)
        look.kill()
        assert await looking is None
