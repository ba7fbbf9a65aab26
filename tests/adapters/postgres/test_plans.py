"""The plans of hot queries, over tables large enough for the planner to care: which index, and no scan of a whole table."""

import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.adapters.postgres.samples import NOW, a_job, a_journal, a_look, a_run, an_event, an_execution, an_id, ended
from tests.adapters.postgres.test_reader import is_

from tiercel.adapters.postgres.commit import parts_of, statement, updated_numbers
from tiercel.adapters.postgres.connection import ROWS_BY_KEY, connect
from tiercel.adapters.postgres.listing import Listing
from tiercel.adapters.postgres.partitions import read_partitions
from tiercel.adapters.postgres.sql import query
from tiercel.model.states import State
from tiercel.ports.filters import Operator
from tiercel.ports.journal import Batch, TimerRow
from tiercel.ports.reader import ExecutionQuery

MONTH = f"{NOW:%Y%m}"
ROWS = 20_000
FILL = f"""
INSERT INTO tenants (name) VALUES ('main');
INSERT INTO namespaces (tenant, name) SELECT 1, 'n' || g FROM generate_series(1, 20) AS g;
INSERT INTO flows (tenant, namespace, id, revision, disabled, deleted, labels, updated)
SELECT 1, 1 + g % 20, 'f' || g, 1, false, false, '{{}}', now() FROM generate_series(1, 200) AS g;
INSERT INTO executions
SELECT left('{an_id(0)}', 8) || lpad(to_hex(g), 14, '0'), 1, 1 + g % 20, 1 + g % 200, 1, 1,
  CASE WHEN g % 500 = 0 THEN 14 ELSE 9 END, 0, 0, false, false, now(), now(), NULL, 'x',
  CASE WHEN g % 1000 = 0 THEN 'cause' || g END, NULL, NULL, '{{}}', '{{}}', '{{}}', NULL, NULL
FROM generate_series(1, {ROWS}) AS g;
INSERT INTO task_runs
SELECT left('{an_id(0)}', 8) || lpad(to_hex(g), 14, '0'), 0, 'r' || g, 't', -1, NULL, NULL, 9, now(), now(), '{{}}'
FROM generate_series(1, {ROWS}) AS g;
INSERT INTO execution_labels
SELECT g % 100, left('{an_id(0)}', 8) || lpad(to_hex(g), 14, '0') FROM generate_series(1, {ROWS}) AS g;
INSERT INTO logs
SELECT now(), g, 1, left('{an_id(0)}', 8) || lpad(to_hex(g % 500), 14, '0'), 'r', 't', 0, NULL, 2, 'main', 'hello'
FROM generate_series(1, {ROWS}) AS g;
INSERT INTO jobs (shard, execution_id, ord, attempt, queue, priority, worker, body)
SELECT 1, 'e' || g, 0, 1, 0, 0, CASE WHEN g % 2 = 0 THEN g % 7 END, '' FROM generate_series(1, 5000) AS g;
INSERT INTO timers SELECT 'e' || g, 'sleep:0', 1, now() + make_interval(mins => g) FROM generate_series(1, 5000) AS g;
INSERT INTO triggers (flow, trigger_id, kind, shard, definition, next_at, updated)
SELECT 1 + g % 200, 't' || g, 'POLLING', 1, '', now(), now() FROM generate_series(1, 5000) AS g;
INSERT INTO trigger_jobs (trigger_key, since, worker, body)
SELECT key, now(), CASE WHEN key % 100 > 0 THEN key % 7 END, '' FROM triggers;
ANALYZE;
"""


@pytest.fixture
async def full(dsn: str) -> str:
    async with a_look(dsn) as look:
        await look.execute(FILL)
    return dsn


async def explained(connection: asyncpg.Connection, text: str, *arguments: Any) -> str:
    """The plan. Arguments of any number: it is that of a statement that was prepared."""
    rows = await connection.fetch(f"EXPLAIN {text}", *arguments)
    return "\n".join(row[0] for row in rows)


def scanned(plan: str) -> set[str]:
    """Tables that are read whole; small ones, and partitions that are empty here, may be."""
    tables = set(re.findall(r"Seq Scan on (\w+)", plan)) - {"tenants", "namespaces", "flows", "leases", "shards"}
    return {table for table in tables if not re.search(r"_(?:\d{6}|other)$", table) or table.endswith(MONTH)}


async def test_a_commit_touches_rows_by_their_keys_and_one_partition_of_each_table(full: str) -> None:
    old, new = an_execution(1), an_execution(2)
    batch = Batch(
        created=[new], updated=[ended(old)], runs_created=[a_run(new)], runs_updated=[a_run(old)],
        runs_removed=[(old.id, 1)], events=[an_event(new)], messages_handled=[1, 2], jobs=[a_job(new)],
        jobs_ended=[(old.id, 0, 1)], jobs_killed=[(old.id, 1, 1)], timers=[TimerRow(new.id, "x", 1, NOW)],
        timers_gone=[(old.id, "y")],
    )  # fmt: skip
    async with a_journal(full) as journal:
        connection = journal.lease.connection
        parts = parts_of(batch, await read_partitions(connection), epoch=journal.epoch)
        text = statement(tuple(part.key for part in parts), notices=False)
        arguments = [argument for part in parts for argument in part.arguments]
        plan = await explained(connection, text, *arguments, *updated_numbers(parts))
    assert scanned(plan) == set()
    assert "Hash" not in plan
    for index in (
        f"executions_{MONTH}_pkey",
        f"task_runs_{MONTH}_pkey",
        "messages_pkey",
        "jobs_execution",
        "timers_pkey",
    ):
        assert index in plan, index
    touched = set(re.findall(r"(?:executions|task_runs)_(?:\d{6}|other)", plan))
    assert touched == {f"executions_{MONTH}", f"task_runs_{MONTH}"}


async def test_what_a_recovery_reads_lies_in_small_indexes(full: str) -> None:
    loader = await connect(full, purpose="test", settings=ROWS_BY_KEY)
    expected = {
        "journal/pending": ((), "marked"),
        "journal/children": (([an_id(1)],), "cause"),
        "journal/due_timers": ((NOW,), "timers_due"),
        "journal/orphaned_jobs": ((), "jobs_"),
        "journal/load": (([an_id(1)],), "pkey"),
        "journal/load_runs": (([an_id(1)],), f"task_runs_{MONTH}_"),
        "journal/ended_runs": ((an_id(1), ["t"]), "pkey"),
        "mailbox/letters": (([1, 2], 500), "messages_pkey"),
    }
    try:
        for name, (arguments, index) in expected.items():
            plan = await explained(loader, query(name).replace("{partition}", MONTH), *arguments)
            assert scanned(plan) == set(), f"{name}\n{plan}"
            assert index in plan, f"{name}\n{plan}"
    finally:
        await loader.close()


async def test_a_claim_takes_jobs_from_the_front_of_their_queue(full: str) -> None:
    async with a_look(full) as look:
        plan = await explained(look, query("jobs/claim"), 1, [0], 100, "2026-01-01T00:00:00+00:00", 5, "worker")
    assert "jobs_waiting" in plan
    assert scanned(plan) == set()


@pytest.mark.parametrize(
    ("name", "arguments", "index"),
    [
        ("claim", (1, 10, "worker"), "trigger_jobs_waiting"),
        ("mine", (8,), "trigger_jobs_worker"),
        ("answer", (1, 2, b""), "trigger_jobs_id_key"),
        ("release", (1, 2), "trigger_jobs_id_key"),
    ],
)
async def test_a_worker_finds_its_triggers_by_index(full: str, name: str, arguments: Any, index: str) -> None:
    async with a_look(full) as look:
        plan = await explained(look, query(f"trigger_jobs/{name}"), *arguments)
    assert index in plan, plan
    assert scanned(plan) == set(), plan


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ((), "tenant_id"),
        ((is_("flowId", "f7"),), "flow_id_idx"),
        ((is_("namespace", "n", Operator.PREFIX),), "namespace_id_idx"),
        ((is_("namespace", "n3"),), "namespace_id_idx"),
        ((is_("state", "FAILED"),), "state_id_idx"),
        ((is_("state", ("FAILED", "RUNNING", "PAUSED"), Operator.IN),), "state_id_idx"),
        ((is_("labels", {"a": "b"}),), "label_execution_id"),
        ((is_("labels", {"a": "b"}), is_("state", "FAILED")), "label_execution_id"),
        ((is_("triggerExecutionId", "cause3000"),), "cause_id_id"),
        ((is_("id", an_id(3)),), "pkey"),
        ((is_("startDate", NOW - timedelta(hours=1), Operator.GREATER_THAN),), "executions"),
    ],
)
async def test_a_list_walks_the_index_of_what_it_asks_for(full: str, filters: Any, index: str) -> None:
    page = Listing(ExecutionQuery(filters=filters, size=25), tenant=1)
    async with a_look(full) as look:
        plan = await explained(look, page.page(), *page.arguments)
    assert scanned(plan) == set(), plan
    assert index in plan, plan


async def test_the_lines_of_an_execution_and_the_newest_lines_come_by_index(full: str) -> None:
    newest_first = query("logs/page").replace("{direction}", "DESC") + " LIMIT 50"
    async with a_look(full) as look:
        one = await explained(look, newest_first.replace("{where}", "l.execution_id = $1"), an_id(1))
        newest = await explained(look, newest_first.replace("{where}", "true"))
    assert "execution_id_at_seq_idx" in one
    assert "at_seq_idx" in newest
    assert scanned(one) | scanned(newest) == set()


async def test_the_common_end_costs_no_entry_in_the_index_of_unusual_states(full: str) -> None:
    async with a_look(full) as look:
        entries = await look.fetchval(
            "SELECT reltuples::int FROM pg_class WHERE relname = $1", f"executions_{MONTH}_state_id_idx"
        )
    assert entries == ROWS // 500
    assert State.SUCCESS.number == 9
