"""Executions as the API shows them."""

import msgspec
from tests.engine.world import Simulation, context_of

from tiercel.api.shapes import inner, light

NESTED = {
    "id": "nested",
    "tasks": [
        {
            "id": "outer",
            "type": "io.kestra.plugin.core.flow.Loop",
            "values": {"k": "x"},
            "tasks": [
                {
                    "id": "inner",
                    "type": "io.kestra.plugin.core.flow.Loop",
                    "values": ["y"],
                    "tasks": [{"id": "a", "type": "test.Instant"}],
                }
            ],
        }
    ],
}


def test_an_iteration_shows_where_it_belongs() -> None:
    world = Simulation({"nested": context_of(NESTED)})
    root = world.create("nested")
    world.run()
    _, middle, deepest = world.executions.values()
    shown = msgspec.json.decode(msgspec.json.encode(light(deepest)))
    assert shown["kind"] == "LOOP"
    assert shown["parentId"] == middle.id
    assert shown["loopRun"] == {
        "parent": {"id": middle.id, "namespace": "test", "flowId": "nested", "flowRevision": 1},
        "taskId": "inner",
        "taskRunId": deepest.iteration.task_run_id if deepest.iteration else "",
        "index": 0,
        "value": "y",
        "parents": [{"index": 0, "value": "x", "key": "k"}],
    }
    assert "loopRun" not in msgspec.to_builtins(inner(world.executions[root], ()))
