"""The state store of 1.x: kept by flow, name and value of a loop, merged, forgotten."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.services.outcome import Outcome


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path) as place:
        yield place


async def run(place: Place, task: str, properties: dict[str, Any] | None = None, **fields: Any) -> Outcome:
    return await place.runner.run(a_job(f"core.state.{task}", properties, **fields))


async def outputs(place: Place, task: str, properties: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    outcome = await run(place, task, properties, **fields)
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


async def data(place: Place, properties: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return (await outputs(place, "Get", properties, **fields))["data"]


async def test_what_is_set_is_got_and_a_literal_keeps_its_type(place: Place) -> None:
    given = await outputs(place, "Set", {"data": {"a": 1, "b": "{{ 1 + 1 }}"}})
    assert given == {"count": 2, "key": "orders_flow_states_default"}
    assert await outputs(place, "Get") == {"count": 2, "data": {"a": 1, "b": "2"}}


async def test_the_data_may_be_one_expression(place: Place) -> None:
    assert (await outputs(place, "Set", {"data": "{{ {'a': 1} }}"}))["count"] == 1
    assert await data(place) == {"a": 1}
    assert "`data` must be a map" in str((await run(place, "Set", {"data": "{{ 1 }}"})).error)


async def test_what_was_there_stays_beside_what_is_new(place: Place) -> None:
    await run(place, "Set", {"data": {"a": 1, "b": 1}})
    assert (await outputs(place, "Set", {"data": {"b": 2}}))["count"] == 2
    assert await data(place) == {"a": 1, "b": 2}


async def test_states_are_apart_by_name_flow_and_value(place: Place) -> None:
    await run(place, "Set", {"data": {"a": 1}})
    assert await data(place, {"name": "other"}) == {}
    assert await data(place, flow_id="other") == {}
    assert await data(place, value="x") == {}
    assert await data(place, {"taskrunValue": False}, value="x") == {"a": 1}


async def test_a_state_of_the_namespace_is_shared_by_its_flows(place: Place) -> None:
    await run(place, "Set", {"data": {"a": 1}, "namespace": True})
    assert await data(place, {"namespace": True}, flow_id="other") == {"a": 1}


async def test_a_deleted_state_is_gone(place: Place) -> None:
    await run(place, "Set", {"data": {"a": 1}})
    assert await outputs(place, "Delete") == {"deleted": True}
    assert await outputs(place, "Delete") == {"deleted": False}
    assert await data(place) == {}


@pytest.mark.parametrize("task", ["Get", "Delete"])
async def test_a_missing_state_fails_where_that_is_wanted(place: Place, task: str) -> None:
    assert "nothing is kept under the name `default`" in str((await run(place, task, {"errorOnMissing": True})).error)
