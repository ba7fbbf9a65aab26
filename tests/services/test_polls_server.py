"""Triggers that workers look at, on a whole server and on a clock that is moved: polls, streams, what people do with them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.adapters.postgres.samples import until
from tests.adapters.postgres.server import open_folder
from tests.plugins.http.server import a_server
from tests.server import served, settings_for
from tests.services.polls import BOX, PIPE, TYPES, place, places

from tiercel.adapters.memory.clock import ManualClock
from tiercel.app import running
from tiercel.app.foundation import Foundation
from tiercel.services.catalog import PluginCatalog
from tiercel.services.trigger_worker import BEAT_EVERY

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = 30
ONE = "/triggers/test/watching/watch"
LOG = "  - {id: log, type: io.kestra.plugin.core.log.Log, message: '{{ trigger.value }}'}"
NAMED = {"namespace": "test", "flowId": "watching", "triggerId": "watch"}
PAUSE = "  - {id: pause, type: io.kestra.plugin.core.flow.Pause}"


def a_flow(written: str, *, kind: str = BOX, tasks: str = LOG, top: str = "") -> str:
    trigger = f"  - id: watch\n    type: {kind}\n{written}"
    return f"id: watching\nnamespace: test\n{top}\ntasks:\n{tasks}\ntriggers:\n{trigger}"


class Watched:
    """A server as its clients see it."""

    def __init__(self, base: Foundation, http: httpx2.AsyncClient, clock: ManualClock) -> None:
        self.base, self.http, self.clock, self.here = base, http, clock, place("box")

    async def save(self, flow: str) -> None:
        known = await self.http.get("/flows/test/watching")
        method, path = ("PUT", "/flows/test/watching") if known.status_code == 200 else ("POST", "/flows")
        answer = await self.http.request(method, path, content=flow, headers={"Content-Type": "application/x-yaml"})
        assert answer.status_code == 200, answer.text

    async def state(self) -> dict[str, Any]:
        found = await self.http.get("/triggers/search", params={"filters[flowId][EQUALS]": "watching"})
        return found.json()["results"][0]["state"]

    async def executions(self) -> list[dict[str, Any]]:
        found = await self.http.get("/executions/search", params={"size": 100, "sort": "state.startDate:asc"})
        return found.json()["results"]

    async def lines(self) -> list[tuple[str, str]]:
        """The log of the trigger itself."""
        found = await self.http.get("/logs/search", params={"filters[triggerId][EQUALS]": "watch", "size": 100})
        return [(line["level"], line["message"]) for line in found.json()["results"] if "executionId" not in line]

    async def ended(self, execution_id: str) -> None:
        async def holds() -> bool:
            return not await self.base.database.fetchval("SELECT live FROM executions WHERE id = $1", execution_id)

        await within(until(holds))

    async def values(self) -> list[Any]:
        """What all executions there are were started with."""
        return await self.base.database.fetch(
            "SELECT convert_from(given, 'UTF8')::jsonb #>> '{trigger,variables,value}' AS value FROM executions"
        )

    async def drained(self) -> None:
        """Everything that was to come has been taken, and the last of it is stored."""
        while len(self.here.acknowledged) < 1000:  # noqa: ASYNC110 – the server has to come to its turn
            await asyncio.sleep(0)

    async def verb(self, method: str, path: str, **given: Any) -> None:
        answer = await self.http.request(method, path, **given)
        assert answer.status_code in (200, 204), answer.text

    async def has_state(self, **wanted: Any) -> dict[str, Any]:
        """The trigger's state as soon as it is like this."""

        async def holds() -> bool:
            state = await self.state()
            return all(state.get(name) == value for name, value in wanted.items())

        await within(until(holds))
        return await self.state()

    async def has_executions(self, number: int) -> list[dict[str, Any]]:
        async def holds() -> bool:
            return len(await self.executions()) >= number

        await within(until(holds))
        return await self.executions()


async def within(work: Awaitable[Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await work


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """The types of these tests are installed."""
    installed = PluginCatalog.installed

    def with_ours() -> PluginCatalog:
        made = installed()
        made._targets.update(TYPES)  # pyright: ignore[reportPrivateUsage]
        return made

    monkeypatch.setattr(PluginCatalog, "installed", staticmethod(with_ours))


@asynccontextmanager
async def watched(dsn: str, clock: ManualClock | None = None) -> AsyncGenerator[Watched]:
    clock = clock or ManualClock(NOON)
    with open_folder() as home:
        settings = settings_for(dsn, home)
        async with (
            served(settings, clock=clock) as server,
            httpx2.AsyncClient(base_url=f"{server.url}/api/v1/main", timeout=PATIENCE) as http,
        ):
            yield Watched(server.base.foundation, http, clock)
            if place("box").is_patient:
                # Whoever still looks has its answer: a server that stops waits for it.
                place("box").contents.put_nowait("the end")


@pytest.fixture(autouse=True)
def empty() -> None:
    places.clear()


@pytest.mark.usefixtures("catalog")
class TestAPoll:
    async def test_starts_an_execution_with_what_it_found_and_waits_for_its_end(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.contents.put_nowait("egg")
            await server.save(a_flow("    name: box", tasks=PAUSE))
            (execution,) = await server.has_executions(1)
            assert execution["trigger"] == {"id": "watch", "type": BOX, "variables": {"value": "egg"}}
            state = await server.has_state(locked=True, executionId=execution["id"])
            assert (state["kind"], state["nextEvaluationDate"]) == ("POLLING", "2026-07-01T12:01:00Z")
            assert await server.lines() == [("INFO", "found something after None, due 12:00")]
            server.here.contents.put_nowait("nut")
            server.clock.move(2 * MINUTE)
            await server.verb("POST", f"/executions/{execution['id']}/resume")
            assert len(await server.has_executions(2)) == 2
            assert server.here.looks == 2

    async def test_that_found_something_has_its_lines_in_a_file_where_the_flow_wants_that(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.contents.put_nowait("egg")
            await server.save(a_flow("    name: box\n    logToFile: true"))
            (execution,) = await server.has_executions(1)
            path = {"path": execution["trigger"]["logFile"]}
            text = (await server.http.get(f"/executions/{execution['id']}/file", params=path)).text
            assert "INFO found something after None" in text
            assert await server.lines() == []

    async def test_that_breaks_has_its_line_in_the_log_all_the_same(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.contents.put_nowait(ValueError("the lid is stuck"))
            await server.save(a_flow("    name: box\n    logToFile: true"))
            await server.has_state(nextEvaluationDate="2026-07-01T12:01:00Z", locked=False)
            assert "the lid is stuck" in (await server.lines())[0][1]

    async def test_finds_nothing_and_looks_again_after_its_interval(self, dsn: str) -> None:
        async with watched(dsn) as server:
            await server.save(a_flow("    name: box\n    interval: PT5M"))
            await server.has_state(nextEvaluationDate="2026-07-01T12:05:00Z", locked=False)
            server.clock.move(5 * MINUTE)
            await server.has_state(nextEvaluationDate="2026-07-01T12:10:00Z", locked=False)
            assert (server.here.looks, await server.executions()) == (2, [])


@pytest.mark.slow
@pytest.mark.usefixtures("catalog")
class TestMoreOfAPoll:
    async def test_that_breaks_leaves_a_line_and_goes_on(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.contents.put_nowait(ValueError("the box is shut"))
            await server.save(a_flow("    name: box"))
            await server.has_state(nextEvaluationDate="2026-07-01T12:01:00Z", locked=False)
            assert ("ERROR", "ValueError: the box is shut") in await server.lines()
            assert await server.executions() == []

    async def test_that_breaks_is_a_failed_execution_where_the_flow_asks_for_it(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.contents.put_nowait(ValueError("the box is shut"))
            await server.save(a_flow("    name: box\n    failOnTriggerError: true"))
            (execution,) = await server.has_executions(1)
            assert execution["state"]["current"] == "FAILED"
            found = await server.http.get(f"/logs/{execution['id']}")
            assert [line["message"] for line in found.json()] == ["ValueError: the box is shut"]
            assert not (await server.state())["locked"]

    async def test_whose_condition_is_false_asks_no_worker(self, dsn: str) -> None:
        async with watched(dsn) as server:
            when = "{{ (trigger.date | date('HH:mm')) != '12:00' }}"
            await server.save(a_flow(f'    name: box\n    when: "{when}"'))
            await server.has_state(nextEvaluationDate="2026-07-01T12:01:00Z")
            assert server.here.looks == 0
            server.clock.move(MINUTE)
            await server.has_state(nextEvaluationDate="2026-07-01T12:02:00Z", locked=False)
            assert server.here.looks == 1

    async def test_ends_when_its_trigger_is_switched_off_and_looks_again_when_on(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.is_patient = True
            await server.save(a_flow("    name: box"))
            await within(server.here.began.acquire())
            state = await server.has_state(locked=True)
            assert state["workerId"]
            await server.verb("PUT", "/triggers/set-disabled", json={**NAMED, "disabled": True})
            await within(server.here.stopped.acquire())
            assert not (await server.state())["locked"]
            await server.verb("PUT", "/triggers/set-disabled", json={**NAMED, "disabled": False})
            await within(server.here.began.acquire())

    @pytest.mark.parametrize("verb", ["unlock", "restart"])
    async def test_is_begun_anew_by(self, dsn: str, verb: str) -> None:
        async with watched(dsn) as server:
            server.here.is_patient = True
            await server.save(a_flow("    name: box"))
            await within(server.here.began.acquire())
            await server.verb("POST", f"{ONE}/{verb}")
            await within(server.here.stopped.acquire())
            await within(server.here.began.acquire())
            server.here.contents.put_nowait("egg")
            assert len(await server.has_executions(1)) == 1

    @pytest.mark.parametrize(
        "change",
        [
            a_flow("    name: box\n    interval: PT2M"),
            a_flow("    name: box", top="disabled: true"),
            a_flow("    name: box").partition("triggers:")[0],
        ],
        ids=["another definition", "a disabled flow", "no trigger"],
    )
    async def test_ends_with(self, dsn: str, change: str) -> None:
        async with watched(dsn) as server:
            server.here.is_patient = True
            await server.save(a_flow("    name: box"))
            await within(server.here.began.acquire())
            await server.save(change)
            await within(server.here.stopped.acquire())

    async def test_that_was_due_while_no_server_ran_is_made_up_for_once(self, dsn: str) -> None:
        clock = ManualClock(NOON)
        async with watched(dsn, clock) as server:
            await server.save(a_flow("    name: box"))
            await server.has_state(nextEvaluationDate="2026-07-01T12:01:00Z", locked=False)
        clock.move(60 * MINUTE)
        async with watched(dsn, clock) as server:
            await server.has_state(nextEvaluationDate="2026-07-01T13:01:00Z", locked=False)
            assert server.here.looks == 2

    async def test_of_a_worker_that_was_given_up_for_lost_is_begun_anew_and_counts_once(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.is_patient = True
            await server.save(a_flow("    name: box"))
            await within(server.here.began.acquire())
            await server.base.database.execute("DELETE FROM leases WHERE role = 3")
            server.clock.move(BEAT_EVERY)
            await within(server.here.stopped.acquire())
            await within(server.here.began.acquire())
            server.here.contents.put_nowait("egg")
            assert len(await server.has_executions(1)) == 1


@pytest.mark.usefixtures("catalog")
class TestAStream:
    async def test_is_one_job_that_stays_with_its_worker(self, dsn: str) -> None:
        async with watched(dsn) as server:
            await server.save(a_flow("    name: box", kind=PIPE))
            await within(server.here.began.acquire())
            state = await server.has_state(kind="REALTIME", locked=True)
            assert state["workerId"]
            assert "nextEvaluationDate" not in state
            mine = await server.http.get("/triggers/search", params={"filters[workerId][EQUALS]": state["workerId"]})
            assert mine.json()["total"] == 1
            server.clock.move(60 * MINUTE)
            server.here.contents.put_nowait("egg")
            await server.has_executions(1)
            assert server.here.looks == 1


@pytest.mark.slow
@pytest.mark.usefixtures("catalog")
class TestMoreOfAStream:
    async def test_starts_an_execution_for_each_event_and_asks_for_the_next_when_it_is_stored(self, dsn: str) -> None:
        async with watched(dsn) as server:
            for number in range(1000):
                server.here.contents.put_nowait(number)
            await server.save(a_flow("    name: box", kind=PIPE))
            await within(server.drained())
            found = [row["value"] for row in await server.values()]
            assert sorted(found) == sorted(str(number) for number in range(1000))
            assert server.here.acknowledged == list(range(1000))

    async def test_starts_only_what_its_condition_holds_for(self, dsn: str) -> None:
        async with watched(dsn) as server:
            when = "{{ trigger.value != 'nut' }}"
            await server.save(a_flow(f'    name: box\n    when: "{when}"', kind=PIPE))
            for value in ("nut", "egg"):
                server.here.contents.put_nowait(value)
            (execution,) = await server.has_executions(1)
            assert execution["trigger"]["variables"] == {"value": "egg"}

    async def test_whose_event_does_not_fit_the_inputs_starts_an_execution_that_fails_and_goes_on(
        self, dsn: str
    ) -> None:
        async with watched(dsn) as server:
            given = '    name: box\n    inputs: {n: "{{ trigger.value }}"}'
            await server.save(a_flow(given, kind=PIPE, top="inputs: [{id: n, type: INT}]"))
            for value in ("many", 3):
                server.here.contents.put_nowait(value)
            for execution in await server.has_executions(2):
                await server.ended(execution["id"])
            # Both may begin in one millisecond, whose executions are in no order.
            found = {execution["state"]["current"]: execution["id"] for execution in await server.executions()}
            assert found.keys() == {"FAILED", "SUCCESS"}
            (line,) = (await server.http.get(f"/logs/{found['FAILED']}")).json()
            assert (line["level"], "the inputs do not fit" in line["message"]) == ("ERROR", True)

    async def test_that_broke_begins_again_later_and_later_and_fails_once(self, dsn: str) -> None:
        async with watched(dsn) as server:
            for _ in range(3):
                server.here.contents.put_nowait(ValueError("the pipe is shut"))
            await server.save(a_flow("    name: box", kind=PIPE))
            for looks, due in ((1, "12:00:01"), (2, "12:00:03"), (3, "12:00:07")):
                await server.has_state(nextEvaluationDate=f"2026-07-01T{due}Z", locked=False)
                assert server.here.looks == looks
                server.clock.move_to(datetime.fromisoformat(f"2026-07-01T{due}Z"))
            server.here.contents.put_nowait("egg")
            first, second = await server.has_executions(2)
            assert (first["state"]["current"], second["trigger"]["variables"]) == ("FAILED", {"value": "egg"})

    async def test_that_ended_begins_again(self, dsn: str) -> None:
        async with watched(dsn) as server:
            server.here.contents.put_nowait(None)
            await server.save(a_flow("    name: box", kind=PIPE))
            await server.has_state(nextEvaluationDate="2026-07-01T12:00:01Z", locked=False)
            server.clock.move(MINUTE)
            server.here.contents.put_nowait("egg")
            assert len(await server.has_executions(1)) == 1

    async def test_begins_anew_with_every_revision_of_its_flow(self, dsn: str) -> None:
        async with watched(dsn) as server:
            await server.save(a_flow("    name: box", kind=PIPE))
            await within(server.here.began.acquire())
            await server.save(a_flow("    name: box", kind=PIPE, top="description: another"))
            await within(server.here.stopped.acquire())
            await within(server.here.began.acquire())
            server.here.contents.put_nowait("egg")
            (execution,) = await server.has_executions(1)
            assert execution["flowRevision"] == 2

    async def test_ends_when_its_trigger_is_switched_off_and_begins_when_on(self, dsn: str) -> None:
        async with watched(dsn) as server:
            await server.save(a_flow("    name: box", kind=PIPE))
            await within(server.here.began.acquire())
            await server.verb("PUT", "/triggers/set-disabled", json={**NAMED, "disabled": True})
            await within(server.here.stopped.acquire())
            await server.verb("PUT", "/triggers/set-disabled", json={**NAMED, "disabled": False})
            await within(server.here.began.acquire())

    async def test_is_switched_off_by_an_execution_that_ends_in_a_state_of_stop_after(self, dsn: str) -> None:
        async with watched(dsn) as server:
            await server.save(a_flow("    name: box\n    stopAfter: [KILLED]", kind=PIPE, tasks=PAUSE))
            server.here.contents.put_nowait("egg")
            (execution,) = await server.has_executions(1)

            async def is_acknowledged() -> bool:
                return server.here.acknowledged == ["egg"]

            await within(until(is_acknowledged))
            await server.verb("DELETE", f"/executions/{execution['id']}/kill")
            await server.has_state(disabled=True, locked=False)
            server.clock.move(BEAT_EVERY)
            await within(server.here.stopped.acquire())

    async def test_ends_with_its_flow(self, dsn: str) -> None:
        async with watched(dsn) as server:
            await server.save(a_flow("    name: box", kind=PIPE))
            await within(server.here.began.acquire())
            await server.verb("DELETE", "/flows/test/watching")
            await within(server.here.stopped.acquire())

    async def test_goes_on_after_a_restart_of_the_server(self, dsn: str) -> None:
        clock = ManualClock(NOON)
        async with watched(dsn, clock) as server:
            await server.save(a_flow("    name: box", kind=PIPE))
            await within(server.here.began.acquire())
        server.here.contents.put_nowait("egg")
        async with watched(dsn, clock) as server:
            assert len(await server.has_executions(1)) == 1


async def test_an_address_is_asked_and_its_answer_starts_an_execution(dsn: str) -> None:
    condition = "{{ response.statusCode == 200 and fromJson(response.body).method == 'POST' }}"
    with a_server() as address:
        async with watched(dsn) as server:
            await server.save(
                a_flow(
                    f'    uri: {address}/echo\n    method: POST\n    responseCondition: "{condition}"',
                    kind="io.kestra.plugin.fs.http.Trigger",
                    tasks="  - {id: log, type: io.kestra.plugin.core.log.Log, message: '{{ trigger.code }}'}",
                )
            )
            (execution,) = await server.has_executions(1)
            variables = execution["trigger"]["variables"]
            assert (variables["code"], variables["uri"]) == (200, f"{address}/echo")
            assert set(variables) == {"uri", "code", "headers", "body", "encryptedBody"}


@pytest.mark.slow
@pytest.mark.usefixtures("catalog")
async def test_a_worker_alone_looks_and_streams_for_the_others(dsn: str) -> None:
    clock, here = ManualClock(NOON), place("box")
    here.contents.put_nowait("egg")
    with open_folder() as one, open_folder() as two, open_folder() as three:
        async with (
            running(settings_for(dsn, one), "executor", clock=clock),
            running(settings_for(dsn, two), "worker", clock=clock),
            running(settings_for(dsn, three), "scheduler", clock=clock) as scheduler,
        ):
            base = scheduler.foundation
            await base.deployment.save(a_flow("    name: box", kind=PIPE), tenant="main")
            await within(here.began.acquire())

            async def is_over() -> bool:
                return await base.database.fetchval("SELECT count(*) FROM executions WHERE state = 9 AND NOT live") == 1

            await within(until(is_over))
            assert here.acknowledged == ["egg"]
