"""Reading: executions by id and by search on every access path, outputs, history, numbers, deletion."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.adapters.postgres.samples import NOW, a_journal, a_look, a_run, an_event, an_execution, an_id, ended, value

from tiercel.adapters.postgres import listing
from tiercel.adapters.postgres.audit import audit
from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.reader import PostgresReader
from tiercel.model.states import State
from tiercel.ports.filters import AllOf, AnyOf, BadFilters, Condition, Filter, Operator
from tiercel.ports.journal import Batch, CountRow, EventRow, ExecutionRow, LabelRow
from tiercel.ports.reader import CountLine, ExecutionQuery, OutputsOf, Total
from tiercel.services.records import label_key

FLOWS = {1: ("company.team", "hello"), 2: ("company.team", "bye"), 3: ("company", "other"), 4: ("system", "purge")}


@asynccontextmanager
async def a_reader(dsn: str, executions: Sequence[ExecutionRow] = (), **more: Any) -> AsyncIterator[PostgresReader]:
    async with a_look(dsn) as look:
        await look.execute("INSERT INTO tenants (name) VALUES ('main')")
        for number, (namespace, flow) in FLOWS.items():
            await look.execute("INSERT INTO namespaces (tenant, name) VALUES (1, $1) ON CONFLICT DO NOTHING", namespace)
            await look.execute(
                "INSERT INTO flows (tenant, namespace, id, revision, disabled, deleted, labels, updated) "
                "SELECT 1, key, $2, 1, false, false, '{}', now() FROM namespaces WHERE name = $1", namespace, flow,
            )  # fmt: skip
            assert await look.fetchval("SELECT max(key) FROM flows") == number
    async with a_journal(dsn) as journal:
        await journal.commit(Batch(created=list(executions), labels=labels_of(executions), **more))
    async with pool(dsn, size=3) as connections:
        yield PostgresReader(connections)


def of_flow(number: int, flow: int, **given: Any) -> ExecutionRow:
    namespace = {"company.team": 1, "company": 3, "system": 4}[FLOWS[flow][0]]
    return an_execution(number, at=NOW + timedelta(seconds=number), flow=flow, namespace=namespace, **given)


def labels_of(rows: Sequence[ExecutionRow]) -> list[LabelRow]:
    pairs = [(label.partition(":"), row.id) for row in rows for label in row.labels if not label.startswith("system.")]
    return [LabelRow(label_key(1, key, word), identifier) for (key, _, word), identifier in pairs]


def is_(field: str, word: Any, operator: Operator = Operator.EQUALS) -> Filter:
    return Filter(field, operator, word)


SOME = [
    of_flow(0, 1, labels=["team:data", "tier:1"], given=b'{"trigger":{"id":"hook","type":"x"}}'),
    ended(of_flow(1, 1, labels=["team:data", "system.correlationId:x"], correlation_id="x")),
    of_flow(2, 2, state=State.FAILED.number, live=False, ended=NOW + timedelta(seconds=9), labels=["team:ops"]),
    of_flow(3, 3, state=State.PAUSED.number, cause_id=an_id(77)),
    of_flow(4, 4, revision=3, parent_id=an_id(88)),
    of_flow(5, 1, kind=3, parent_id=an_id(0)),
    of_flow(6, 2, kind=1),
]
NUMBERS = {row.id: number for number, row in enumerate(SOME)}


async def found(reader: PostgresReader, *filters: Condition, **given: Any) -> list[int]:
    rows, total = await reader.search(ExecutionQuery(filters=filters, **{"size": 50, **given}))
    assert total == Total(len(rows), False)
    return [NUMBERS[each.row.id] for each in rows]


async def test_an_execution_comes_with_the_names_of_its_numbers(dsn: str) -> None:
    async with a_reader(dsn, SOME) as reader:
        read = await reader.execution("main", SOME[0].id)
        assert read is not None
        assert (read.tenant, read.namespace, read.flow_id, read.row) == ("main", "company.team", "hello", SOME[0])
        assert await reader.execution("another", SOME[0].id) is None
        assert await reader.execution("main", "nothing") is None


async def test_several_come_in_the_order_asked_for(dsn: str) -> None:
    wanted = [SOME[2].id, "nothing", SOME[0].id]
    async with a_reader(dsn, SOME) as reader:
        assert [each.row.id for each in await reader.executions("main", wanted)] == [SOME[2].id, SOME[0].id]


SEARCHES: list[tuple[tuple[Condition, ...], list[int]]] = [
    ((), [6, 4, 3, 2, 1, 0]),
    ((is_("flowId", "hello"),), [1, 0]),
    ((is_("flowId", "hello"), is_("namespace", "company")), []),
    ((is_("flowId", "hello"), is_("namespace", "company", Operator.PREFIX)), [1, 0]),
    ((is_("flowId", ("hello", "bye"), Operator.IN),), [6, 2, 1, 0]),
    ((is_("flowId", "L", Operator.CONTAINS),), [1, 0]),
    ((is_("flowId", "^(h|o)", Operator.REGEX),), [3, 1, 0]),
    ((is_("flowId", "hello", Operator.NOT_EQUALS),), [6, 4, 3, 2]),
    ((is_("namespace", "company"),), [3]),
    ((is_("namespace", "company", Operator.PREFIX),), [6, 3, 2, 1, 0]),
    ((is_("namespace", "team", Operator.ENDS_WITH),), [6, 2, 1, 0]),
    ((is_("namespace", ("company", "system"), Operator.NOT_IN),), [6, 2, 1, 0]),
    ((is_("namespace", "nowhere"),), []),
    ((is_("state", "failed"),), [2]),
    ((is_("state", ("FAILED", "PAUSED"), Operator.IN),), [3, 2]),
    ((is_("state", ("SUCCESS", "FAILED"), Operator.IN),), [2, 1]),
    ((is_("state", "RUNNING", Operator.NOT_EQUALS),), [3, 2, 1]),
    ((is_("state", "PAUSED"), is_("namespace", "company")), [3]),
    ((is_("labels", {"team": "data"}),), [1, 0]),
    ((is_("labels", {"team": "data", "tier": "1"}),), [0]),
    ((is_("labels", {"team": "data"}, Operator.NOT_EQUALS),), [6, 4, 3, 2]),
    ((is_("labels", {"team": "PS"}, Operator.CONTAINS),), [2]),
    ((is_("labels", {"team": "data"}), is_("state", "SUCCESS")), [1]),
    ((is_("labels", {"system.correlationId": "x"}),), [1]),
    ((is_("labels", {"team": "nobody"}),), []),
    ((is_("kind", "LOOP"),), [5]),
    ((is_("kind", "NORMAL"),), [4, 3, 2, 1, 0]),
    ((is_("parentId", an_id(0)),), [5]),
    ((is_("triggerExecutionId", an_id(77)),), [3]),
    ((is_("childFilter", "CHILD"),), [3]),
    ((is_("childFilter", "MAIN"), is_("flowId", "other")), []),
    ((is_("scope", "SYSTEM"),), [4]),
    ((is_("scope", "SYSTEM", Operator.NOT_EQUALS),), [6, 3, 2, 1, 0]),
    ((is_("flowRevision", "3"),), [4]),
    ((is_("triggerId", "hook"),), [0]),
    ((is_("id", SOME[5].id),), [5]),
    ((is_("q", "HELL"),), [1, 0]),
    ((is_("q", "syst"),), [4]),
    ((is_("startDate", NOW + timedelta(seconds=2), Operator.GREATER_THAN_OR_EQUAL_TO),), [6, 4, 3, 2]),
    ((is_("startDate", NOW + timedelta(seconds=2), Operator.LESS_THAN),), [1, 0]),
    ((is_("endDate", NOW + timedelta(seconds=9), Operator.EQUALS),), [2]),
    ((is_("timeRange", "PT1H"),), [6, 4, 3, 2, 1, 0]),
    ((AnyOf((is_("state", "FAILED"), is_("flowId", "other"))),), [3, 2]),
    ((AnyOf((AllOf((is_("flowId", "hello"), is_("state", "SUCCESS"))), is_("namespace", "system"))),), [4, 1]),
]


async def test_every_way_to_search_finds_what_it_names(dsn: str) -> None:
    async with a_reader(dsn, SOME) as reader:
        for filters, expected in SEARCHES:
            assert await found(reader, *filters) == expected, filters


async def test_the_ids_of_all_matches_are_streamed(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiercel.adapters.postgres.reader._PAGE", 2)
    async with a_reader(dsn, SOME) as reader:
        for filters, expected in SEARCHES:
            query = ExecutionQuery(filters=filters, size=1, page=3)
            assert [NUMBERS[each] async for each in reader.ids(query)] == expected, filters


async def test_pages_follow_one_another_and_know_the_total(dsn: str) -> None:
    async with a_reader(dsn, SOME) as reader:
        for filters in ((), (is_("namespace", "c", Operator.STARTS_WITH),)):
            query = ExecutionQuery(filters=filters, page=2, size=2)
            rows, total = await reader.search(query)
            assert [NUMBERS[each.row.id] for each in rows] == ([3, 2] if not filters else [2, 1])
            assert total.n == (6 if not filters else 5)
        assert await found(reader, before=SOME[3].id) == [2, 1, 0]
        assert (await reader.search(ExecutionQuery(page=9)))[0] == []


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        ("id", False, [0, 1, 2, 3, 4, 6]),
        ("state.startDate", False, [0, 1, 2, 3, 4, 6]),
        ("state.current", True, [2, 1, 3, 6, 4, 0]),
        ("state.endDate", False, [1, 2, 0, 3, 4, 6]),
        ("namespace", False, [3, 0, 1, 2, 6, 4]),
        ("flowId", True, [4, 3, 1, 0, 6, 2]),
    ],
)
async def test_other_orders_sort_what_was_found(dsn: str, order: str, descending: bool, expected: list[int]) -> None:
    async with a_reader(dsn, SOME) as reader:
        assert await found(reader, order=order, descending=descending) == expected


async def test_a_label_that_was_set_twice_finds_its_execution_once(dsn: str) -> None:
    async with a_reader(dsn, SOME) as reader:
        async with a_journal(dsn) as journal:
            await journal.commit(Batch(labels=labels_of(SOME[:1])))
        assert await found(reader, is_("labels", {"tier": "1"})) == [0]


async def test_bad_filters_are_told_all_at_once(dsn: str) -> None:
    bad = (
        is_("colour", "red"), is_("state", "DONE"), is_("startDate", "yesterday"), is_("scope", "ALL"),
        is_("state", "FAILED", Operator.CONTAINS), is_("labels", "team"), is_("timeRange", "soon"),
    )  # fmt: skip
    async with a_reader(dsn) as reader:
        with pytest.raises(BadFilters) as refused:
            await reader.search(ExecutionQuery(filters=bad))
        assert len(refused.value.problems) == len(bad)
        with pytest.raises(BadFilters, match="sort by"):
            await reader.search(ExecutionQuery(order="colour"))
        with pytest.raises(BadFilters, match="regular expression"):
            await reader.search(ExecutionQuery(filters=(is_("flowId", "(", Operator.REGEX),)))


async def test_a_long_list_is_counted_up_to_a_point_and_then_estimated(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED_AT_MOST", 5)
    monkeypatch.setattr("tiercel.adapters.postgres.reader.COUNTED_AT_MOST", 5)
    async with a_reader(dsn, SOME) as reader:
        _, total = await reader.search(ExecutionQuery())
        assert total.is_estimate
        assert total.n >= 6


async def test_what_people_write_never_becomes_sql(dsn: str) -> None:
    evil = "'); DROP TABLE executions; -- %_{}\\"
    async with a_reader(dsn, SOME) as reader:
        for field in ("q", "flowId", "namespace", "id", "parentId", "triggerId"):
            for operator in (Operator.EQUALS, Operator.CONTAINS, Operator.STARTS_WITH):
                assert await found(reader, is_(field, evil, operator)) == []
        assert await found(reader, is_("labels", {evil: evil})) == []
        assert await found(reader, is_("labels", {evil: evil}, Operator.CONTAINS)) == []
        assert len(await found(reader)) == 6


async def test_task_runs_are_streamed_without_their_outputs(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiercel.adapters.postgres.reader._PAGE", 2)
    runs = [a_run(SOME[0], ord, outputs=b'{"a":1}') for ord in range(5)]
    async with a_reader(dsn, SOME[:1], runs_created=runs) as reader:
        assert [row async for row in reader.task_runs(SOME[0].id)] == [run._replace(outputs=None) for run in runs]
        assert [row async for row in reader.task_runs("nothing")] == []


async def test_outputs_are_listed_and_read_one_by_one_but_none_that_a_restart_took_away(dsn: str) -> None:
    runs = [
        a_run(SOME[0], 0, outputs=b'{"a":1}'), a_run(SOME[0], 1), a_run(SOME[0], 2, outputs=b'{"$values":[1,2]}'),
        a_run(SOME[0], 3, outputs=b"{}", value="x", iteration=1),
        a_run(SOME[0], 4, outputs=b'{"$ref":"kestra:///a/_outputs/b.json","size":9}'),
        a_run(SOME[0], 5, outputs=b"null"),
    ]  # fmt: skip
    async with a_reader(dsn, SOME[:1], runs_created=runs) as reader:
        assert await reader.outputs(SOME[0].id) == [
            OutputsOf("t0", runs[0].id, None, None, is_inline=True),
            OutputsOf("t3", runs[3].id, "x", 1, is_inline=True),
            OutputsOf("t4", runs[4].id, None, None, is_inline=False),
        ]  # fmt: skip
        assert await reader.outputs_of(SOME[0].id, runs[0].id) == b'{"a":1}'
        assert await reader.outputs_of(SOME[0].id, runs[1].id) is None
        assert await reader.outputs_of(SOME[0].id, runs[2].id) is None
        assert await reader.outputs_of(SOME[0].id, runs[5].id) is None


async def test_history_comes_in_order(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiercel.adapters.postgres.reader._PAGE", 2)
    rows = [EventRow(SOME[0].id, seq, NOW, b"{}") for seq in range(5)]
    async with a_reader(dsn, SOME[:1], events=rows) as reader:
        assert [row async for row in reader.history(SOME[0].id)] == rows


async def test_the_newest_of_each_flow_comes_in_the_order_asked_for(dsn: str) -> None:
    async with a_reader(dsn, SOME) as reader:
        latest = await reader.latest("main", [("company.team", "bye"), ("company.team", "hello"), ("no", "flow")])
        assert [NUMBERS[each.row.id] for each in latest] == [6, 1]


async def test_counts_are_added_up_over_owners(dsn: str) -> None:
    hour = datetime(2026, 3, 1, 12, tzinfo=UTC)
    rows = [CountRow(hour, 1, 9, 2, 30), CountRow(hour, 3, 14, 1, 5)]
    async with a_reader(dsn, counts=rows) as reader:
        async with a_journal(dsn) as journal:
            await journal.commit(Batch(counts=rows[:1]))
        day: dict[str, Any] = {"start": hour + timedelta(minutes=20), "end": hour + timedelta(hours=1)}
        assert await reader.counts("main", **day) == [
            CountLine(hour, "company", "other", 14, 1, 5), CountLine(hour, "company.team", "hello", 9, 4, 60),
        ]  # fmt: skip
        assert [line.n for line in await reader.counts("main", **day, namespace="company.team")] == [4]
        assert [line.n for line in await reader.counts("main", **day, flow_id="other")] == [1]
        assert await reader.counts("main", start=hour + timedelta(hours=1), end=hour + timedelta(hours=2)) == []


async def test_what_is_not_over_is_counted_by_state(dsn: str) -> None:
    async with a_reader(dsn, SOME) as reader:
        assert await reader.live("main") == {State.RUNNING.number: 3, State.PAUSED.number: 1}
        assert await reader.live("main", namespace="company", flow_id="other") == {State.PAUSED.number: 1}


async def test_those_who_hold_a_slot_are_counted_by_flow(dsn: str) -> None:
    async with a_reader(dsn, [*SOME, of_flow(7, 3, state=State.QUEUED.number)]) as reader:
        running = await reader.running("main")
        assert sum(running.values()) == 4, "neither those that are over or wait nor the iterations of a loop"
        assert running["company", "other"] == 1
        assert await reader.running("nobody") == {}


async def test_executions_that_are_over_are_deleted_with_everything_of_theirs(dsn: str) -> None:
    over = SOME[1]
    more = {"runs_created": [a_run(over, ended=NOW)], "events": [an_event(over)]}
    async with a_reader(dsn, SOME, **more) as reader:
        assert await reader.delete("another", [over.id]) == 0
        assert await reader.delete("main", [over.id, SOME[0].id, "nothing"]) == 1
        assert await reader.execution("main", over.id) is None
        assert await reader.execution("main", SOME[0].id) is not None
    for table in ("events", "task_runs"):
        assert await value(dsn, f"SELECT count(*) FROM {table}") == 0
    assert await value(dsn, "SELECT count(*) FROM execution_labels WHERE execution_id = $1", over.id) == 0
    async with a_look(dsn) as look:
        assert "ends_once" not in await audit(look)
