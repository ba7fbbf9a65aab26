"""Which runner a task gets, and what it is told when it does not get the one it asks for."""

from pathlib import Path
from typing import Any

import pytest
from tests.plugins_scripts.scripts import SHELL, Shop, a_shop

from tiercel.model.states import State

PROCESS = "io.kestra.plugin.core.runner.Process"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"taskRunner": {"type": PROCESS}},
        {"taskRunner": {"type": "core.runner.Process"}, "containerImage": "alpine"},
        {"taskRunner": {"type": "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner"}},
        {"runner": "PROCESS", "docker": {"image": "alpine"}},
    ],
)
async def test_a_process_runs_without_a_word(shop: Shop, properties: dict[str, Any]) -> None:
    assert (await shop.run(SHELL, script="true", **properties)).state is State.SUCCESS
    assert await shop.lines() == []


@pytest.mark.parametrize(
    ("properties", "wish"),
    [
        ({"containerImage": "alpine"}, "image alpine"),
        ({"docker": {"image": "alpine"}}, "image alpine"),
        ({"runner": "DOCKER"}, "runner DOCKER"),
        (
            {"taskRunner": {"type": DOCKER, "pullPolicy": "NEVER"}, "containerImage": "alpine"},
            f"taskRunner {DOCKER} with image alpine",
        ),
    ],
)
async def test_a_container_that_cannot_be_had_is_told(
    shop: Shop, tmp_path: Path, properties: dict[str, Any], wish: str
) -> None:
    assert (await shop.run(SHELL, script="true", **properties)).state is State.SUCCESS
    told = f"{wish} cannot be had: no container engine can be used yet; the task runs as a process"
    assert await shop.lines() == [("WARN", told)]
    async with a_shop(tmp_path / "strict", strict_images=True) as strict:
        outcome = await strict.run(SHELL, script="true", **properties)
        assert outcome.state is State.FAILED
        assert str(outcome.error).startswith(f"{wish} cannot be had")


async def test_the_setting_may_ask_for_a_container(tmp_path: Path) -> None:
    async with a_shop(tmp_path, default_runner="docker") as shop:
        await shop.run(SHELL, script="true")
        assert [level for level, _ in await shop.lines()] == ["WARN"]


async def test_the_process_runner_has_no_properties(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="true", taskRunner={"type": PROCESS, "image": "alpine"})
    assert "the Process runner has no property 'image'" in str(outcome.error)
