"""Subflow: what its log says of the execution it waited for."""

from typing import Any

import pytest
from tests.engine.world import Simulation, context_of

from tiercel.model.states import State

CALL = {"id": "call", "type": "io.kestra.plugin.core.flow.Subflow", "namespace": "test", "flowId": "child"}


@pytest.mark.parametrize(
    ("also", "ends", "level", "end_of_task"),
    [
        ({}, State.FAILED, "ERROR", "ends in FAILED state"),
        ({"allowFailure": True}, State.FAILED, "WARN", "ends in FAILED state, and the task in WARNING"),
        ({}, State.WARNING, "WARN", "ends in WARNING state"),
    ],
)
def test_the_log_says_how_the_execution_ended_and_what_the_task_made_of_it(
    also: dict[str, Any], ends: State, level: str, end_of_task: str
) -> None:
    flows = {"parent": {"tasks": [CALL | also]}, "child": {"tasks": [{"id": "work", "type": "test.Work"}]}}
    contexts = {id: context_of({"id": id, **flow}) for id, flow in flows.items()}
    world = Simulation(contexts, script=lambda job: (ends, None))
    world.create("parent")
    world.run()
    line = world.logs[-1]
    assert line.level == level
    assert line.message.partition("]] ")[2].startswith(end_of_task)
    assert ("allows" in line.message) is ("allowFailure" in also)
