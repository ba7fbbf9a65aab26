"""Outputs that are used again: for the same properties, in whichever folder, until they are too old."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.adapters.memory.clock import ManualClock
from tiercel.model.states import State

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def place(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Place]:
    async with a_place(tmp_path, clock=clock) as place:
        yield place


async def written(place: Place, content: str, **given: Any) -> str:
    """The URI of the file that the task writes, which is another one for each run."""
    fields = {"task_cache": {"enabled": True, "ttl": "P1D"}, "task_run_id": f"run{given.pop('number', 1)}"} | given
    outcome = await place.runner.run(a_job("core.storage.Write", {"content": content}, **fields))
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs["uri"]


async def test_the_same_work_is_done_once(place: Place) -> None:
    assert await written(place, "a", number=1) == await written(place, "a", number=2)
    assert ("INFO", "the task is skipped: there is an entry in the cache for what it would do") in await place.lines()


async def test_other_work_is_done(place: Place) -> None:
    assert await written(place, "a", number=1) != await written(place, "b", number=2)


async def test_what_counts_is_what_the_properties_are_rendered_to(place: Place) -> None:
    first = await written(place, "{{ inputs.a }}", number=1, variables={"inputs": {"a": "x"}})
    assert first == await written(place, "{{ inputs.a ~ '' }}", number=2, variables={"inputs": {"a": "x"}})
    assert first != await written(place, "{{ inputs.a }}", number=3, variables={"inputs": {"a": "y"}})


async def test_the_folder_of_the_run_does_not_count(place: Place) -> None:
    assert await written(place, "{{ workingDir }}", number=1) == await written(place, "{{ workingDir }}", number=2)


async def test_flow_task_and_value_count(place: Place) -> None:
    first = await written(place, "a", number=1)
    for number, other in enumerate([{"flow_id": "other"}, {"task_id": "other"}, {"value": "x"}], 2):
        assert first != await written(place, "a", number=number, **other)


async def test_an_entry_that_is_too_old_is_made_anew(place: Place, clock: ManualClock) -> None:
    first = await written(place, "a", number=1)
    clock.move(DAY)
    assert first == await written(place, "a", number=2)
    clock.move(timedelta(seconds=1))
    second = await written(place, "a", number=3)
    assert second != first
    assert second == await written(place, "a", number=4)


async def test_without_a_ttl_an_entry_lasts(place: Place, clock: ManualClock) -> None:
    first = await written(place, "a", number=1, task_cache={"enabled": True})
    clock.move(1000 * DAY)
    assert first == await written(place, "a", number=2, task_cache={"enabled": True})


async def test_a_cache_that_is_off_keeps_nothing(place: Place) -> None:
    off = {"task_cache": {"enabled": False}}
    assert await written(place, "a", number=1, **off) != await written(place, "a", number=2, **off)


async def test_a_failure_is_not_kept(place: Place) -> None:
    for number in (1, 2):
        job = a_job("core.storage.Size", {"uri": "kestra:///absent"}, task_cache={"enabled": True}, attempt=number)
        assert (await place.runner.run(job)).state is State.FAILED


async def test_an_entry_that_cannot_be_read_is_no_hindrance(place: Place) -> None:
    first = await written(place, "a", number=1)
    [entry] = [uri async for uri in place.storage.list("kestra:///company/team/orders-flow/_cache/")]
    await place.storage.put(entry, _broken())
    assert await written(place, "a", number=2) != first


async def _broken() -> AsyncIterator[bytes]:
    yield b"{"
