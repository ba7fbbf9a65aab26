"""A WorkingDirectory on a worker: one folder for all children, each told as it goes, files in and out."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.jobs import Place, a_job, a_place
from tests.services.tasks import PREFIX, a_catalog

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import Tables
from tiercel.engine.commands import JobPart
from tiercel.engine.events import Part
from tiercel.model.states import State
from tiercel.services.outcome import Outcome

DIRECTORY = "io.kestra.plugin.core.flow.WorkingDirectory"
SEEN = PREFIX + "Everything"
FLOW = """
id: directory
namespace: test
tasks:
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - {id: one, type: io.kestra.plugin.core.debug.Return, format: "{{ task.id }} {{ taskrun.attemptsCount }}"}
      - {id: never, type: io.kestra.plugin.core.debug.Return, runIf: "{{ outputs.one.value == 'two' }}"}
      - {id: two, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.one.value }} {{ tasks.never.state }}"}
      - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0S}
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.two.value }}"}
outputs: [{id: o, type: STRING, value: "{{ outputs.after.value }}"}]
"""


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        yield place


def part(task_id: str, type: str = SEEN, **fields: Any) -> JobPart:
    properties = fields.pop("properties", {})
    return JobPart(task_id=task_id, task_run_id=f"run-{task_id}", type=type, properties=properties, **fields)


async def run(place: Place, *parts: JobPart, **properties: Any) -> tuple[Outcome, list[Part]]:
    told: list[Part] = []

    async def tell(one: Part) -> None:
        told.append(one)

    return await place.runner.begin(a_job(DIRECTORY, properties, parts=parts), tell=tell).outcome(), told


def shown(told: list[Part]) -> list[str]:
    return [f"{one.place} {one.number} {one.state}{' again' if one.is_tried_again else ''}" for one in told]


async def test_children_run_one_after_the_other_and_know_what_those_before_gave(place: Place) -> None:
    second = part("b", properties={"text": "{{ outputs.a.seen.text }}!"})
    outcome, told = await run(place, part("a", properties={"text": "one"}), second)
    assert outcome.state is State.SUCCESS
    assert shown(told) == ["0 1 RUNNING", "0 1 SUCCESS", "1 1 RUNNING", "1 1 SUCCESS"]
    assert told[-1].outputs == {"seen": {"text": "one!"}}


async def test_a_failed_child_ends_it_and_one_that_may_fail_does_not(place: Place) -> None:
    broken = {"type": PREFIX + "Broken"}
    outcome, told = await run(place, part("a", **broken, allow_failure=True), part("b", **broken), part("c"))
    assert (outcome.state, outcome.error) == (State.FAILED, "`b` failed")
    assert shown(told) == ["0 1 RUNNING", "0 1 FAILED", "1 1 RUNNING", "1 1 FAILED"]


async def test_a_child_is_tried_again_as_its_policy_says(place: Place) -> None:
    retry = {"type": "constant", "interval": "PT0S", "maxAttempts": 2}
    outcome, told = await run(place, part("a", PREFIX + "Broken", retry=retry))
    assert outcome.state is State.FAILED
    assert shown(told) == ["0 1 RUNNING", "0 1 FAILED again", "0 2 RUNNING", "0 2 FAILED"]


async def test_a_condition_that_says_no_skips_a_child_and_one_that_cannot_be_rendered_ends_all(place: Place) -> None:
    outcome, told = await run(place, part("a", run_if="{{ 1 == 2 }}"), part("b", run_if="{{ nothing }}"))
    assert outcome.state is State.FAILED
    assert "`when` of `b`" in (outcome.error or "")
    assert shown(told) == ["0 1 SKIPPED"]


async def test_files_lie_in_the_folder_before_the_first_child_and_are_kept_after_the_last(place: Place) -> None:
    files = {"data/in.txt": "hello", "none.txt": None, "map.json": {"a": 1}}
    outcome, _ = await run(place, part("a"), inputFiles=files, outputFiles=["**/*.txt", "*.json", "missing.csv"])
    kept = (outcome.outputs or {})["outputFiles"]
    assert sorted(kept) == ["data/in.txt", "map.json"]
    assert b"".join([chunk async for chunk in place.storage.read(kept["map.json"])]) == b'{"a": 1}'
    assert ("WARN", "output file missing.csv is not there: no such file in the working folder") in await place.lines()


async def test_a_name_that_leads_out_of_the_folder_is_refused(place: Place) -> None:
    outcome, told = await run(place, part("a"), inputFiles={"../x": "no"})
    assert (outcome.state, told) == (State.FAILED, [])
    assert "outside of the folder" in (outcome.error or "")


async def test_files_of_the_namespace_lie_there_too(place: Place) -> None:
    for path in ("a.txt", "sub/b.txt", "ignored/c.txt"):
        await place.namespace_files.write(_text(path), tenant="main", namespace="company.team", path=path)
    wanted = {"enabled": True, "exclude": ["/ignored/**"]}
    outcome, _ = await run(place, part("a"), namespaceFiles=wanted, outputFiles=["**"])
    assert sorted((outcome.outputs or {})["outputFiles"]) == ["a.txt", "sub/b.txt"]


async def _text(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


async def test_cached_files_are_there_the_next_time_unless_they_are_too_old(place: Place) -> None:
    cache = {"patterns": ["kept/**"]}
    await run(place, part("a"), inputFiles={"kept/x": "1", "other": "2"}, cache=cache)
    outcome, _ = await run(place, part("a"), cache=cache, outputFiles=["**"])
    assert sorted((outcome.outputs or {})["outputFiles"]) == ["kept/x"]
    outcome, _ = await run(place, part("a"), cache={**cache, "ttl": "PT0S"}, outputFiles=["**"])
    assert (outcome.outputs or {})["outputFiles"] == {}


async def test_a_kill_reaches_the_child_that_runs_and_says_so(place: Place) -> None:
    told: list[Part] = []

    async def tell(one: Part) -> None:
        told.append(one)
        if one.state is State.RUNNING:
            attempt.kill()

    attempt = place.runner.begin(a_job(DIRECTORY, {}, parts=(part("a", PREFIX + "Patient"), part("b"))), tell=tell)
    assert (await attempt.outcome()).state is State.KILLED
    assert shown(told) == ["0 1 RUNNING", "0 1 KILLED"]


async def test_the_executor_makes_task_runs_of_what_the_worker_tells(tmp_path: Path) -> None:
    tables = Tables()
    house = House(tmp_path, tables=tables, flows=await with_flows(FLOW), clock=ManualClock())
    async with house.running():
        ended = await house.run("directory")
        states = house.states(ended.id)
    assert ended.outputs == {"o": "one 0 SKIPPED"}
    assert states == {
        "dir": State.SUCCESS,
        "one": State.SUCCESS,
        "never": State.SKIPPED,
        "two": State.SUCCESS,
        "nap": State.SUCCESS,
        "after": State.SUCCESS,
    }
    assert at_rest(tables) == []
