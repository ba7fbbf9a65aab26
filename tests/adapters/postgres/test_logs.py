"""Log lines and metrics: stored in order, found by what they belong to, followed as they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from tests.adapters.postgres.samples import NOW, an_id, until, value

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.logs import PostgresLogStore
from tiercel.model.log import Level, LogEntry, MetricEntry
from tiercel.ports.logs import LogQuery


@asynccontextmanager
async def a_store(dsn: str, *, pace: float = 60) -> AsyncIterator[PostgresLogStore]:
    async with pool(dsn, size=4) as connections:
        store = PostgresLogStore(dsn, connections, pace=pace)
        try:
            yield store
        finally:
            await store.close()


def line(message: str, *, seconds: float = 0, **given: object) -> LogEntry:
    fields = {
        "namespace": "company.team", "flow_id": "hello", "timestamp": NOW + timedelta(seconds=seconds), "level": "INFO",
        "message": message, "execution_id": an_id(1), "task_id": "say", "task_run_id": "run", "attempt_number": 0,
        "thread": "main",
    }  # fmt: skip
    return LogEntry(**{**fields, **given})  # type: ignore[arg-type]


async def messages(store: PostgresLogStore, query: LogQuery) -> list[str]:
    return [entry.message async for entry in store.read(query)]


async def test_a_line_comes_back_whole(dsn: str) -> None:
    entry = line("grün: 100 % {}", trigger_id="every", level="WARN")
    async with a_store(dsn) as store:
        await store.append([entry])
        assert [found async for found in store.read(LogQuery(execution_id=an_id(1)))] == [entry]


async def test_lines_of_one_instant_stay_in_their_order(dsn: str) -> None:
    async with a_store(dsn) as store:
        await store.append([line(str(number)) for number in range(50)])
        await store.append([line("earlier", seconds=-1)])
        assert await messages(store, LogQuery()) == ["earlier", *map(str, range(50))]
        assert (await messages(store, LogQuery(newest_first=True)))[:2] == ["49", "48"]


async def test_what_a_text_column_refuses_does_not_lose_the_line(dsn: str) -> None:
    async with a_store(dsn) as store:
        await store.append([line("a\x00b \udc80")])
        assert await messages(store, LogQuery()) == ["a�b ?"]


async def test_lines_are_found_by_what_they_belong_to(dsn: str) -> None:
    lines = [
        line("first"),
        line("other task", task_id="else", task_run_id="run2", attempt_number=1),
        line("other execution", execution_id=an_id(2)),
        line("other flow", flow_id="bye"),
        line("other namespace", namespace="company.teams"),
        line("loud", level="ERROR", seconds=5),
        line("of a trigger", execution_id=None, trigger_id="every"),
    ]
    async with a_store(dsn) as store:
        await store.append(lines)
        of = {
            "first": LogQuery(execution_id=an_id(1), task_id="say", flow_id="hello", namespace="company.team",
                              end=NOW + timedelta(seconds=1)),
            "other task": LogQuery(task_run_id="run2", attempt=1),
            "other execution": LogQuery(execution_id=an_id(2)),
            "other flow": LogQuery(flow_id="bye", namespace="company"),
            "other namespace": LogQuery(namespace="company.teams"),
            "loud": LogQuery(min_level=Level.WARN),
            "of a trigger": LogQuery(trigger_id="every"),
        }  # fmt: skip
        for message, query in of.items():
            assert await messages(store, query) == [message]
        assert await messages(store, LogQuery(text="OTHER f")) == ["other flow"]
        assert await messages(store, LogQuery(text="100%")) == []
        assert await messages(store, LogQuery(start=NOW + timedelta(seconds=2))) == ["loud"]
        assert await messages(store, LogQuery(tenant="another")) == []


async def test_a_page_comes_with_the_total(dsn: str) -> None:
    async with a_store(dsn) as store:
        await store.append([line(str(number), seconds=number) for number in range(25)])
        entries, total = await store.page(LogQuery(newest_first=True), page=3, size=10)
        assert ([entry.message for entry in entries], total) == (["4", "3", "2", "1", "0"], 25)
        assert await store.page(LogQuery(), page=9, size=10) == ([], 25)


async def test_a_follower_gets_what_is_there_and_then_what_comes_once_each(dsn: str) -> None:
    async with a_store(dsn) as store:
        await store.append([line("one"), line("two", seconds=1)])
        following = store.follow(LogQuery(execution_id=an_id(1)))
        assert [(await anext(following)).message for _ in range(2)] == ["one", "two"]
        next_line = asyncio.ensure_future(anext(following))
        await store.append([line("elsewhere", execution_id=an_id(2))])
        await store.append([line("late", seconds=0.5), line("three", seconds=2)])
        assert [(await next_line).message, (await anext(following)).message] == ["late", "three"]
        await following.aclose()


async def test_a_follower_sees_lines_of_other_processes(dsn: str) -> None:
    async with a_store(dsn, pace=0.01) as store, a_store(dsn) as elsewhere:
        await store.append([line("here")])
        following = store.follow(LogQuery(execution_id=an_id(1)))
        await anext(following)
        await elsewhere.append([line("there", seconds=1)])
        assert (await asyncio.wait_for(anext(following), 5)).message == "there"
        await following.aclose()


async def test_the_store_mends_its_connection(dsn: str) -> None:
    async with a_store(dsn) as store:
        await store.append([line("before")])
        await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name = 'tiercel logs' AND datname = current_database()")  # fmt: skip
        await _until_closed(store)
        await store.append([line("after", seconds=1)])
        assert await messages(store, LogQuery()) == ["before", "after"]


async def test_lines_are_forgotten_by_query_and_by_age(dsn: str) -> None:
    async with a_store(dsn) as store:
        await store.append([line("old", seconds=-60), line("one"), line("two", execution_id=an_id(2))])
        assert await store.delete_before(NOW) == 1
        assert await store.delete(LogQuery(execution_id=an_id(2))) == 1
        assert await messages(store, LogQuery()) == ["one"]


async def test_metrics_of_an_execution_come_in_pages(dsn: str) -> None:
    metrics = [
        MetricEntry("company.team", "hello", an_id(1), "say", "run", "counter", f"m{number}", number / 2,
                    NOW + timedelta(seconds=number), {"k": "v"} if number else {})
        for number in range(3)
    ]  # fmt: skip
    async with a_store(dsn) as store:
        await store.append_metrics(metrics)
        assert await store.metrics(an_id(1), page=1, size=2) == (metrics[:2], 3)
        assert await store.metrics(an_id(2), page=1, size=2) == ([], 0)


async def _until_closed(store: PostgresLogStore) -> None:
    async def is_closed() -> bool:
        return store._writer is None or store._writer.is_closed()

    await until(is_closed)
