"""A task whose definition is rendered runs as that task, and refuses what it cannot be."""

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


async def run(place: Place, spec: str, **variables: Any) -> Outcome:
    return await place.runner.run(a_job("core.templating.TemplatedTask", {"spec": spec}, variables=variables))


async def test_the_rendered_task_is_run_and_its_outputs_are_the_tasks_own(place: Place) -> None:
    spec = "type: io.kestra.plugin.core.debug.{{ inputs.word }}\nformat: It is {{ inputs.word }}"
    assert (await run(place, spec, inputs={"word": "Return"})).outputs == {"value": "It is Return"}


async def test_a_task_without_outputs_gives_none(place: Place) -> None:
    outcome = await run(place, "id: any\ntype: io.kestra.plugin.core.log.Log\nmessage: hello")
    assert outcome.outputs is None
    assert ("INFO", "hello") in await place.lines()


async def test_files_of_the_rendered_task_are_those_of_the_run(place: Place) -> None:
    outcome = await run(place, "type: io.kestra.plugin.core.storage.Write\ncontent: text")
    assert outcome.outputs is not None
    assert "/tasks/work/taskrun1/" in outcome.outputs["uri"]


async def test_what_the_engine_decides_has_no_effect_and_that_is_told(place: Place) -> None:
    spec = "type: io.kestra.plugin.core.debug.Return\nformat: x\ntimeout: PT1S\nallowFailure: true"
    assert (await run(place, spec)).outputs == {"value": "x"}
    assert ("WARN", "`timeout` has no effect in `spec`: write it beside `spec`") in await place.lines()


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("[", "is no YAML"),
        ("format: x", "with its `type`"),
        ("type: io.kestra.plugin.core.templating.TemplatedTask\nspec: x", "cannot be the task"),
        ("type: io.kestra.plugin.core.flow.Sequential\ntasks: []", "decided by the engine"),
        ("type: io.nobody.Knows", "unknown type"),
        ("type: io.kestra.plugin.core.log.Log", "message"),
    ],
)
async def test_what_is_no_task_is_refused(place: Place, spec: str, why: str) -> None:
    assert why in str((await run(place, spec)).error)
