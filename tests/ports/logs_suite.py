"""What every LogStore must do. A test module of an adapter subclasses `LogsSuite` and gives a `logs` fixture, empty."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tiercel.model.log import Level, LogEntry, MetricEntry
from tiercel.ports.logs import LogQuery, LogStore

NOW = datetime.now(UTC).replace(microsecond=0)
EXECUTION = "0Vc1cSFX1DR5iAYDUFajKG"


def a_line(message: str, **given: Any) -> LogEntry:
    facts: dict[str, Any] = {
        "namespace": "company.team",
        "flow_id": "flow",
        "timestamp": NOW,
        "level": "INFO",
        "execution_id": EXECUTION,
        "task_id": "task",
        "task_run_id": "run1",
        "attempt_number": 0,
    }
    return LogEntry(message=message, **{**facts, **given})


async def messages(logs: LogStore, **wanted: Any) -> list[str]:
    return [entry.message async for entry in logs.read(LogQuery(**wanted))]


class LogsSuite:
    async def test_lines_come_back_whole_and_in_order(self, logs: LogStore) -> None:
        lines = [a_line(f"line {number}") for number in range(100)]
        await logs.append(lines[:50])
        await logs.append(lines[50:])
        assert [entry async for entry in logs.read(LogQuery(execution_id=EXECUTION))] == lines

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"min_level": Level.WARN}, ["loud"]),
            ({"task_id": "other"}, ["of another task"]),
            ({"task_run_id": "run2"}, ["of another task"]),
            ({"task_ids": ("other", "nobody")}, ["of another task"]),
            ({"levels": (Level.WARN, Level.ERROR)}, ["loud"]),
            ({"of_execution": False}, []),
            ({"attempt": 1}, ["second attempt"]),
            ({"text": "LOUD"}, ["loud"]),
            ({"start": NOW + timedelta(seconds=1)}, ["later"]),
            ({"end": NOW + timedelta(seconds=1), "text": "later"}, []),
            ({"execution_id": "0000000000000000000000"}, []),
            ({"namespace": "company", "text": "loud"}, ["loud"]),
            ({"namespace": "comp", "text": "loud"}, []),
            ({"flow_id": "nobody"}, []),
            ({"tenant": "other"}, []),
        ],
    )
    async def test_only_what_is_wanted_is_found(self, logs: LogStore, wanted: Any, found: list[str]) -> None:
        await logs.append(
            [
                a_line("loud", level="ERROR"),
                a_line("of another task", task_id="other", task_run_id="run2"),
                a_line("second attempt", attempt_number=1),
                a_line("later", timestamp=NOW + timedelta(seconds=2)),
            ]
        )
        assert await messages(logs, **{"execution_id": EXECUTION, **wanted}) == found

    async def test_pages_count_from_one_and_know_the_total(self, logs: LogStore) -> None:
        await logs.append([a_line(f"{n}", timestamp=NOW + timedelta(seconds=n)) for n in range(5)])
        lines, total = await logs.page(LogQuery(execution_id=EXECUTION), page=2, size=2)
        assert ([line.message for line in lines], total) == (["2", "3"], 5)

    async def test_the_newest_come_first_where_asked(self, logs: LogStore) -> None:
        await logs.append([a_line(f"{n}", timestamp=NOW + timedelta(seconds=n)) for n in range(3)])
        assert await messages(logs, execution_id=EXECUTION, newest_first=True) == ["2", "1", "0"]

    async def test_a_follower_sees_what_is_there_and_what_comes(self, logs: LogStore) -> None:
        await logs.append([a_line("before")])
        following = logs.follow(LogQuery(execution_id=EXECUTION))
        assert (await anext(following)).message == "before"
        coming = asyncio.ensure_future(anext(following))
        await logs.append([a_line("after", timestamp=NOW + timedelta(seconds=1))])
        assert (await asyncio.wait_for(coming, 10)).message == "after"

    async def test_metrics_come_back_by_execution(self, logs: LogStore) -> None:
        metric = MetricEntry("company.team", "flow", EXECUTION, "task", "run1", "counter", "rows", 3.0, NOW, {"a": "b"})
        await logs.append_metrics([metric])
        assert await logs.metrics(EXECUTION, page=1, size=10) == ([metric], 1)
        assert await logs.metrics("0000000000000000000000", page=1, size=10) == ([], 0)

    async def test_deleted_metrics_are_gone(self, logs: LogStore) -> None:
        metric = MetricEntry(
            namespace="a", flow_id="b", execution_id=EXECUTION, task_id="c", task_run_id="d",
            type="counter", name="n", value=1, timestamp=NOW,
        )  # fmt: skip
        await logs.append_metrics([metric, metric])
        assert await logs.delete_metrics(["nobody"]) == 0
        assert await logs.delete_metrics([EXECUTION]) == 2
        assert await logs.metrics(EXECUTION, page=1, size=10) == ([], 0)

    async def test_metrics_are_deleted_by_flow_and_by_when_they_were_reported(self, logs: LogStore) -> None:
        def metric(namespace: str, flow: str, hour: int) -> MetricEntry:
            at = NOW + timedelta(hours=hour)
            return MetricEntry(namespace, flow, EXECUTION, "task", "run1", "counter", f"{flow}{hour}", 1.0, at)

        places = (("company", "a"), ("company.team", "a"), ("company.team", "b"), ("companion", "a"))
        await logs.append_metrics([metric(*place, hour) for place in places for hour in (0, 1, 2)])
        assert await logs.delete_metrics_of(LogQuery(namespace="company", end=NOW)) == 0
        first = NOW + timedelta(hours=1)
        assert await logs.delete_metrics_of(LogQuery(namespace="company", flow_id="a", end=first)) == 2
        assert await logs.delete_metrics_of(LogQuery(namespace="company.team", start=first)) == 4
        assert await logs.delete_metrics_of(LogQuery(execution_id="nobody")) == 0
        left, _ = await logs.metrics(EXECUTION, page=1, size=20)
        assert sorted((each.namespace, each.name) for each in left) == [
            ("companion", "a0"),
            ("companion", "a1"),
            ("companion", "a2"),
            ("company", "a1"),
            ("company", "a2"),
            ("company.team", "b0"),
        ]

    async def test_deleted_lines_are_gone(self, logs: LogStore) -> None:
        await logs.append([a_line("loud", level="ERROR"), a_line("quiet")])
        assert await logs.delete(LogQuery(execution_id=EXECUTION, min_level=Level.ERROR)) == 1
        assert await messages(logs, execution_id=EXECUTION) == ["quiet"]

    async def test_old_lines_are_forgotten(self, logs: LogStore) -> None:
        await logs.append([a_line("old", timestamp=NOW - timedelta(days=2)), a_line("new")])
        assert await logs.delete_before(NOW - timedelta(days=1)) == 1
        assert await messages(logs, execution_id=EXECUTION) == ["new"]
