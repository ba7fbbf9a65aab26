"""The examples on the pages of triggers start executions: by other executions, by a call, by the clock."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.api.client import YAML, Api, good
from tests.conformance.installation import installation
from tests.documentation.compared import differences
from tests.documentation.examples import Example, examples
from tests.documentation.played import outcome, play
from tests.services.scheduled import scheduled

from tiercel.adapters.memory.clock import ManualClock
from tiercel.sdk import FlowTrigger, SchedulableTrigger, WebhookTrigger
from tiercel.services.catalog import PluginCatalog


def started_by(deed: str) -> list[Any]:
    """The examples whose execution is started so."""
    return [one for one in examples("triggers") if deed in one.values[0].gives["after"]]


@pytest.mark.parametrize("example", started_by("run"))
async def test_executions_of_other_flows_start_it(example: Example, tmp_path: Path) -> None:
    types = PluginCatalog.installed()
    async with installation(tmp_path, sources=list(example.flows), secrets={}, types=types) as house:
        seen = await play(house, example)
        assert differences(example.gives, await outcome(house, seen)) == []


@pytest.mark.slow
@pytest.mark.parametrize("example", started_by("call"))
def test_a_call_starts_it(example: Example, api: Api) -> None:
    for source in example.flows:
        good(api.ask("POST", "/flows", content=source, headers=YAML))
    answer = called(api, example.started, **example.gives["after"]["call"])
    (found,) = api.get("/executions/search", **{"filters[flowId][EQUALS]": example.started["id"]})["results"]
    assert differences(example.gives, seen_by_the_api(api, found["id"], answer)) == []


def called(api: Api, flow: dict[str, Any], **content: Any) -> httpx2.Response:
    key = flow["triggers"][0]["key"]
    return api.ask("POST", f"/executions/webhook/{flow['namespace']}/{flow['id']}/{key}", **content)


def seen_by_the_api(api: Api, execution_id: str, answer: httpx2.Response) -> dict[str, Any]:
    ended = api.over(execution_id)
    return {
        "status": answer.status_code,
        "answer": answer.json(),
        "state": ended["state"]["current"],
        "trigger": ended["trigger"]["variables"],
        "outputs": ended.get("outputs"),
        "log": [line["message"] for line in api.get(f"/logs/{execution_id}")],
    }


@pytest.mark.slow
@pytest.mark.parametrize("example", started_by("clock"))
async def test_the_clock_starts_it(example: Example, dsn: str) -> None:
    begin, end = example.gives["after"]["clock"]
    async with scheduled(dsn, clock=ManualClock(begin)) as house:
        for source in example.flows:
            await house.save(source)
        house.clock.move_to(end)
        await house.run_all()
        assert differences(example.gives, await fired(house.executions)) == []


async def fired(executions: Any) -> dict[str, Any]:
    """The dates for which there are executions, and what the last of them knows."""
    triggers = [each.trigger.variables for each in await executions()]
    return {
        "dates": [variables["date"] for variables in triggers],
        "trigger": max(triggers, key=lambda variables: datetime.fromisoformat(variables["date"])),
    }


def test_each_trigger_that_needs_nothing_else_has_an_example_that_starts_an_execution() -> None:
    shown = {trigger["type"] for one in examples("triggers") for trigger in one.values[0].started["triggers"]}
    catalog = PluginCatalog.installed()
    known = {name for name in catalog.names() if catalog.kind(name) == "trigger"}
    by_ourselves = {
        name for name in known if issubclass(catalog.plugin(name), SchedulableTrigger | WebhookTrigger | FlowTrigger)
    }
    assert len(by_ourselves) >= 4
    assert by_ourselves - shown == set()
