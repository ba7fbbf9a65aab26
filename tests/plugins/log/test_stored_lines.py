"""Tasks on stored log lines: fetched as a file, purged by what they are."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.adapters.memory.clock import START
from tiercel.expression import read_ion_values
from tiercel.model.log import LogEntry

HERE = "0VexecutionexecutionA1"
HOUR = timedelta(hours=1)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path) as place:
        await place.logs.append(
            [
                a_line("hello"),
                a_line("quiet", level="DEBUG"),
                a_line("of another task", task_id="other"),
                a_line("of another execution", execution_id="other", flow_id="other"),
                a_line("of a trigger", execution_id=None, task_id=None, trigger_id="daily"),
                a_line("long ago", timestamp=START - HOUR, namespace="company"),
            ]
        )
        yield place


def a_line(message: str, **given: Any) -> LogEntry:
    facts = {
        "namespace": "company.team",
        "flow_id": "orders_flow",
        "timestamp": START,
        "level": "INFO",
        "execution_id": HERE,
        "task_id": "first",
    }
    return LogEntry(message=message, **facts | given)


async def outputs(place: Place, task: str, **properties: Any) -> dict[str, Any]:
    outcome = await place.runner.run(a_job(f"core.log.{task}", properties))
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["long ago", "hello", "of another task"]),
        ({"level": "DEBUG"}, ["long ago", "hello", "quiet", "of another task"]),
        ({"tasksId": ["other", "nobody"]}, ["of another task"]),
        ({"executionId": "other"}, ["of another execution"]),
        ({"executionId": "nobody"}, []),
    ],
)
async def test_lines_become_a_file(place: Place, wanted: dict[str, Any], found: list[str]) -> None:
    given = await outputs(place, "Fetch", **wanted)
    text = b"".join([chunk async for chunk in place.storage.read(given["uri"])]).decode()
    assert [record["message"] for record in read_ion_values(text)] == found
    assert given["size"] == len(found)


@pytest.mark.parametrize(
    ("wanted", "of_executions", "of_triggers"),
    [
        ({}, 5, 1),
        ({"endDate": START.isoformat()}, 1, 0),
        ({"startDate": START.isoformat()}, 4, 1),
        ({"purgeExecutionLogs": False}, 0, 1),
        ({"purgeNonExecutionLogs": False}, 5, 0),
        ({"logLevels": ["DEBUG"]}, 1, 0),
        ({"namespace": "company.team"}, 4, 1),
        ({"namespace": "company.team", "flowId": "other"}, 1, 0),
        ({"executionId": HERE}, 4, 0),
    ],
)
async def test_lines_are_purged_by_what_they_are(
    place: Place, wanted: dict[str, Any], of_executions: int, of_triggers: int
) -> None:
    given = await outputs(place, "PurgeLogs", **{"endDate": (START + HOUR).isoformat()} | wanted)
    assert given == {
        "count": of_executions + of_triggers,
        "executionLogsCount": of_executions,
        "nonExecutionLogsCount": of_triggers,
    }
