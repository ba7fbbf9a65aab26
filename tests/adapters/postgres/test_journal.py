"""The commit on PostgreSQL: whole or not at all, fenced, by partition, and refused rather than half done."""

import asyncio
from datetime import timedelta

import pytest
from tests.adapters.postgres.samples import (
    NOW,
    a_job,
    a_journal,
    a_look,
    a_run,
    an_event,
    an_execution,
    an_id,
    ended,
    new_journal,
    stored,
    until,
    value,
)

from tiercel.model.states import State
from tiercel.ports.journal import (
    Batch,
    CountRow,
    Fenced,
    FreedRow,
    JournalError,
    LabelRow,
    LogRow,
    MessageRow,
    Refused,
    TimerRow,
)
from tiercel.services.shards import Pace


async def test_everything_of_a_batch_is_stored(dsn: str) -> None:
    execution = an_execution(labels=["team:data", "system.from:api"], given=b'{"inputs":{"a":1}}')
    batch = Batch(
        created=[execution],
        runs_created=[a_run(execution), a_run(execution, 1, value="grün", outputs=b'{"a":1}')],
        events=[an_event(execution)],
        logs=[LogRow(NOW, 0, 1, execution.id, 0, "run", "t0", 0, None, 2, "main", "hello")],
        labels=[LabelRow(-5, execution.id)],
        messages=[MessageRow(1, 0, execution.id, b"{}")],
        jobs=[a_job(execution)],
        timers=[TimerRow(execution.id, "retry:0:1", execution.shard, NOW)],
        counts=[CountRow(NOW, 1, 9, 1, 30)],
    )
    async with a_journal(dsn) as journal:
        await journal.commit(batch)
        [loaded] = await journal.load([execution.id])
        assert await journal.due_timers(NOW + timedelta(seconds=1)) == batch.timers
    assert loaded.execution == execution
    assert loaded.runs == batch.runs_created
    for table in ("logs", "execution_labels", "messages", "jobs", "counts", "events"):
        assert await value(dsn, f"SELECT count(*) FROM {table}") == 1, table


async def test_a_label_that_went_is_gone(dsn: str) -> None:
    execution, other = an_execution(1), an_execution(2)
    kept = [LabelRow(-5, other.id), LabelRow(7, execution.id)]
    async with a_journal(dsn) as journal:
        await journal.commit(Batch(created=[execution, other], labels=[LabelRow(-5, execution.id), kept[0]]))
        await journal.commit(Batch(labels=kept[1:], labels_gone=[LabelRow(-5, execution.id)]))
    async with a_look(dsn) as look:
        rows = await look.fetch("SELECT label, execution_id FROM execution_labels ORDER BY label")
    assert [LabelRow(*row) for row in rows] == kept


async def test_an_empty_batch_is_a_commit_too(dsn: str) -> None:
    async with a_journal(dsn) as journal:
        await journal.commit(Batch())


async def test_rows_of_known_months_lie_in_their_partition_and_others_apart(dsn: str) -> None:
    foreign = an_execution(id="7fZ" + "x" * 19)
    async with a_journal(dsn) as journal:
        await stored(journal, an_execution())
        await stored(journal, foreign, a_run(foreign))
        await journal.commit(Batch(updated=[ended(foreign)], runs_updated=[a_run(foreign, ended=NOW)]))
    assert await value(dsn, f"SELECT count(*) FROM executions_{NOW:%Y%m}") == 1
    assert await value(dsn, "SELECT state FROM executions_other") == State.SUCCESS.number


async def test_one_commit_updates_executions_of_several_months(dsn: str) -> None:
    now, later = an_execution(1), an_execution(2, at=NOW + timedelta(days=32))
    async with a_journal(dsn) as journal:
        await stored(journal, now)
        await stored(journal, later)
        await journal.commit(Batch(updated=[ended(now), ended(later)]))
    assert await value(dsn, "SELECT count(*) FROM executions WHERE NOT live AND ended IS NOT NULL") == 2


async def test_what_an_update_leaves_out_stays(dsn: str) -> None:
    execution = an_execution(variables=b'{"v":1}', outputs=b'{"o":1}')
    run = a_run(execution, counters=b'{"next":1}', outputs=b'{"$values":[1]}')
    async with a_journal(dsn) as journal:
        await stored(journal, execution, run)
        slim = run._replace(counters=None, outputs=None, record=b'{"n":2}')
        await journal.commit(Batch(updated=[execution._replace(variables=None, outputs=None)], runs_updated=[slim]))
        [loaded] = await journal.load([execution.id])
    assert (loaded.execution.variables, loaded.execution.outputs) == (b'{"v":1}', b'{"o":1}')
    assert loaded.runs == [run._replace(record=b'{"n":2}')]


async def test_an_update_that_finds_no_row_refuses_the_whole_commit(dsn: str) -> None:
    async with a_journal(dsn) as journal:
        with pytest.raises(JournalError, match="missing in _executions_updated"):
            await journal.commit(Batch(created=[an_execution(1)], updated=[an_execution(2)]))
    assert await value(dsn, "SELECT count(*) FROM executions") == 0


async def test_a_second_writer_breaks_on_the_number_of_its_event(dsn: str) -> None:
    execution = an_execution()
    async with a_journal(dsn) as journal:
        await stored(journal, execution)
        with pytest.raises(JournalError, match="two writers"):
            await journal.commit(Batch(updated=[ended(execution)], events=[an_event(execution, 0)]))
    assert await value(dsn, "SELECT live FROM executions") is True


async def test_what_text_columns_refuse_is_replaced_and_stored(dsn: str) -> None:
    execution = an_execution(labels=["odd:a\x00b\x1fc"])
    odd = LogRow(NOW, 0, 1, execution.id, 0, "run", "t0", 0, None, 2, None, "before\x00after \ud800")
    async with a_journal(dsn) as journal:
        await journal.commit(Batch(created=[execution], runs_created=[a_run(execution, value="v\x00")], logs=[odd]))
    assert await value(dsn, "SELECT message FROM logs") == "before�after ?"
    assert await value(dsn, "SELECT labels FROM executions") == ["odd:a�b c"]
    assert await value(dsn, "SELECT value FROM task_runs") == "v�"


async def test_removed_runs_go_with_all_below_them(dsn: str) -> None:
    execution = an_execution()
    tree = [a_run(execution, ord, parent=parent) for ord, parent in ((0, -1), (1, 0), (2, 1), (3, -1), (4, 3))]
    async with a_journal(dsn) as journal:
        await stored(journal, execution, *tree)
        await journal.commit(Batch(runs_removed=[(execution.id, 0)]))
        [loaded] = await journal.load([execution.id])
    assert [run.ord for run in loaded.runs] == [3, 4]


async def test_only_open_runs_are_loaded_and_ended_ones_by_task(dsn: str) -> None:
    execution = an_execution()
    over = [a_run(execution, ord, task_id=task, ended=NOW, outputs=b"{}") for ord, task in enumerate(("a", "b", "a"))]
    async with a_journal(dsn) as journal:
        await stored(journal, execution, *over, a_run(execution, 3))
        [loaded] = await journal.load([execution.id, an_id(99)])
        assert [run.ord for run in loaded.runs] == [3]
        assert await journal.ended_runs(execution.id, ["a", "c"]) == [over[0], over[2]]


async def test_marked_executions_are_pending_until_the_mark_is_gone(dsn: str) -> None:
    execution = an_execution(marked=True)
    async with a_journal(dsn) as journal:
        await stored(journal, execution)
        assert await journal.pending() == [execution.id]
        await journal.commit(Batch(updated=[execution._replace(marked=False)]))
        assert await journal.pending() == []


async def test_a_timer_of_the_same_name_is_replaced(dsn: str) -> None:
    timer = TimerRow(an_id(1), "resume:0", 1, NOW + timedelta(hours=1))
    async with a_journal(dsn) as journal:
        await journal.commit(Batch(timers=[timer, timer._replace(name="sleep:1", due=NOW)]))
        await journal.commit(Batch(timers=[timer._replace(due=NOW - timedelta(hours=1))]))
        assert [row.name for row in await journal.due_timers(NOW + timedelta(minutes=1))] == ["resume:0", "sleep:1"]
        await journal.commit(Batch(timers_gone=[(timer.execution_id, "resume:0")]))
        assert [row.name for row in await journal.due_timers(NOW + timedelta(days=1))] == ["sleep:1"]


async def test_counts_of_one_hour_are_added_up(dsn: str) -> None:
    async with a_journal(dsn) as journal:
        for _ in range(2):
            await journal.commit(Batch(counts=[CountRow(NOW, 1, 9, 2, 30), CountRow(NOW, 1, 14, 1, 5)]))
    assert await value(dsn, "SELECT array_agg((n, milliseconds)::text ORDER BY state) FROM counts") == [
        "(4,60)",
        "(2,10)",
    ]


async def test_jobs_end_are_killed_and_are_orphaned_with_their_worker(dsn: str) -> None:
    execution = an_execution()
    async with a_journal(dsn) as journal:
        jobs = [a_job(execution, 0), a_job(execution, 1, worker=journal.lease.epoch), a_job(execution, 2, worker=999)]
        await journal.commit(Batch(created=[execution], jobs=jobs))
        assert await journal.orphaned_jobs() == [jobs[2]]
        await journal.commit(Batch(jobs_killed=[(execution.id, 1, 1)], jobs_ended=[(execution.id, 0, 1)]))
    assert await value(dsn, "SELECT array_agg((ord, killed)::text ORDER BY ord) FROM jobs") == ["(1,t)", "(2,f)"]
    assert await value(dsn, "SELECT array_agg(claimed IS NOT NULL ORDER BY ord) FROM jobs") == [True, True]


async def test_live_children_get_a_message_without_being_read(dsn: str) -> None:
    parent = an_execution(1)
    children = [an_execution(2, cause_id=parent.id), ended(an_execution(3, cause_id=parent.id))]
    async with a_journal(dsn) as journal:
        await journal.commit(Batch(created=[parent, *children]))
        assert await journal.children([parent.id]) == [children[0].id]
        await journal.commit(Batch(kill_children_of=[(parent.id, b'{"kill":1}')]))
    assert await value(dsn, "SELECT array_agg(target || convert_from(body, 'UTF8')) FROM messages") == [
        children[0].id + '{"kill":1}'
    ]


async def test_triggers_of_executions_that_are_over_are_unlocked(dsn: str) -> None:
    async with a_look(dsn) as look:
        await look.execute(
            "INSERT INTO tenants (name) VALUES ('main'); INSERT INTO namespaces (tenant, name) VALUES (1, 'n')"
        )
        await look.execute("INSERT INTO flows (tenant, namespace, id, revision, disabled, deleted, labels, updated) "
                           "VALUES (1, 1, 'f', 1, false, false, '{}', now())")  # fmt: skip
        await look.execute("INSERT INTO triggers (flow, trigger_id, kind, shard, definition, execution_id, updated) "
                           "VALUES (1, 'every', 'SCHEDULE', 1, 'x', $1, now())", an_id(1))  # fmt: skip
    async with a_journal(dsn) as journal:
        await journal.commit(Batch(triggers_freed=[FreedRow(an_id(1), NOW)]))
    assert await value(dsn, "SELECT (execution_id IS NULL, version)::text FROM triggers") == "(t,1)"


async def test_nobody_is_woken_by_a_commit_that_failed(dsn: str) -> None:
    heard: list[str] = []
    async with a_look(dsn) as look, a_journal(dsn) as journal:
        await look.add_listener("changes", lambda *notice: heard.append(str(notice[3])))
        with pytest.raises(JournalError):
            await journal.commit(Batch(updated=[an_execution()], notices=[("changes", "failed")]))
        await journal.register()
        await journal.commit(Batch(notices=[("changes", "stored")]))
        await look.fetchval("SELECT 1")
    assert heard == ["stored"]


STILL = Pace(beat=timedelta(hours=1))
"""Nothing else is done on the writer's connection."""


class TestFencing:
    async def test_a_zombie_stores_nothing(self, dsn: str) -> None:
        async with a_journal(dsn) as zombie, a_look(dsn) as look:
            await look.execute("DELETE FROM leases WHERE id = $1", zombie.lease.epoch)
            with pytest.raises(Fenced):
                await zombie.commit(Batch(created=[an_execution()]))
        assert await value(dsn, "SELECT count(*) FROM executions") == 0

    async def test_a_take_over_waits_for_the_commit_in_flight(self, dsn: str) -> None:
        async with a_journal(dsn, pace=STILL) as journal, a_look(dsn) as look:
            async with journal.lease.connection.transaction():
                await journal.commit(Batch(created=[an_execution()]))
                fencing = asyncio.ensure_future(look.execute("DELETE FROM leases WHERE id = $1", journal.lease.epoch))
                await self._blocked(dsn)
                assert not fencing.done()
            await fencing
        assert await value(dsn, "SELECT count(*) FROM executions") == 1

    async def test_a_beat_does_not_wait_for_a_commit(self, dsn: str) -> None:
        async with a_journal(dsn, pace=STILL) as journal, a_look(dsn) as look, journal.lease.connection.transaction():
            await journal.commit(Batch(created=[an_execution()]))
            assert await look.execute("UPDATE leases SET beat = now() WHERE id = $1", journal.lease.epoch) == "UPDATE 1"

    async def test_a_lost_connection_is_a_failed_commit_and_a_new_epoch_follows(self, dsn: str) -> None:
        async with a_journal(dsn) as journal:
            first = journal.lease.epoch
            await stored(journal, an_execution(1))
            await self._end_sessions(dsn)
            with pytest.raises(JournalError) as failure:
                await journal.commit(Batch(created=[an_execution(2)]))
            assert not isinstance(failure.value, Refused)
            assert await journal.register() > first
            await stored(journal, an_execution(2))
        assert await value(dsn, "SELECT count(*) FROM executions") == 2

    async def test_who_reads_while_it_registers_anew_is_answered_afterwards(self, dsn: str) -> None:
        async with a_journal(dsn) as journal, a_look(dsn) as look:
            await stored(journal, an_execution(1))
            await look.execute("BEGIN; LOCK TABLE executions IN ACCESS EXCLUSIVE MODE")
            under_way = asyncio.ensure_future(journal.load([an_id(1)]))
            await self._blocked(dsn)
            registering = asyncio.ensure_future(journal.register())
            await look.execute("ROLLBACK")
            later = asyncio.ensure_future(journal.load([an_id(1)]))
            await registering
            assert [len(await each) for each in (under_way, later)] == [1, 1]

    async def test_after_a_failure_nothing_is_stored_until_it_registers_anew(self, dsn: str) -> None:
        journal = new_journal(dsn)
        with pytest.raises(Fenced):
            await journal.commit(Batch(created=[an_execution()]))

    async def _blocked(self, dsn: str) -> None:
        question = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )

        async def is_blocked() -> bool:
            return await value(dsn, question) > 0

        await until(is_blocked)

    async def _end_sessions(self, dsn: str) -> None:
        await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name = 'tiercel executor' AND datname = current_database()")  # fmt: skip
