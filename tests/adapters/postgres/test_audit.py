"""The audit finds each kind of row that must not be, and nothing in a tidy database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import pytest
from tests.adapters.postgres.documents import counters, given, iteration, progress, record, waits
from tests.adapters.postgres.samples import NOW, a_job, a_journal, a_look, a_run, an_event, an_execution, ended, stored

from tiercel.adapters.postgres.audit import ALWAYS, AT_REST, audit
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.model.execution import Kind
from tiercel.model.states import State
from tiercel.ports.journal import Batch, ExecutionRow, MessageRow, TaskRunRow, TimerRow

C, R, S, F, Q = State.CREATED, State.RUNNING, State.SUCCESS, State.FAILED, State.QUEUED
LIVING, OVER = progress(C, R), progress(C, R, S)
LIMIT = [[["main", "test", "flow", ""], 1, "QUEUE"]]
LOOP = {"cause_id": "parent", "parent_id": "parent", "kind": Kind.LOOP.number}


class Place(NamedTuple):
    """Where rows are written, and looked at."""

    journal: PostgresJournal
    look: asyncpg.Connection

    async def broken(self, name: str) -> list[str]:
        """What breaks an invariant that is asked for at the right time; nothing else is said of any of these."""
        assert name in AT_REST
        return (await audit(self.look, names=[name])).get(name, [])


@pytest.fixture
async def place(dsn: str) -> AsyncIterator[Place]:
    async with a_journal(dsn) as journal, a_look(dsn) as look:
        yield Place(journal, look)


def living(number: int, **given: object) -> ExecutionRow:
    return an_execution(number, **{"progress": LIVING, **given})


def over(number: int, **given: object) -> ExecutionRow:
    return ended(an_execution(number, **{"progress": OVER, **given}))


def an_open_run(execution: ExecutionRow, ord: int = 0, **given: object) -> TaskRunRow:
    return a_run(execution, ord, **{"record": record(C, R, attempts=[R]), **given})


def a_done_run(execution: ExecutionRow, ord: int = 0, **given: object) -> TaskRunRow:
    done = {"record": record(C, R, S, attempts=[S]), "state": S.number, "ended": NOW}
    return a_run(execution, ord, **{**done, **given})


async def test_a_tidy_database_passes(place: Place) -> None:
    parent = living(1, progress=progress(C, R, root={"open": 1, "ended": {"SUCCESS": 1}}, bounds=LIMIT))
    loop = an_open_run(parent, 1, counters=counters(open=0, laps={"running": [1]}))
    laps = [each._replace(given=iteration(loop.id, number), **(LOOP | {"cause_id": parent.id, "parent_id": parent.id}))
            for number, each in enumerate([over(2), living(3)])]  # fmt: skip
    sub = living(4, cause_id=laps[1].id, given=given(waits=waits(laps[1].id)))
    queued = living(5, state=Q.number, progress=progress(C, Q, bounds=LIMIT))
    paused = living(6, state=State.PAUSED.number, progress=progress(C, R, State.PAUSED))
    replay = living(
        7, parent_id=parent.id, state=State.RESTARTED.number, marked=True, progress=progress(C, State.RESTARTED)
    )
    rows = [parent, *laps, sub, queued, paused, replay]
    await place.journal.commit(
        Batch(
            created=rows,
            events=[an_event(row) for row in rows],
            runs_created=[a_done_run(parent), loop, an_open_run(laps[1]), an_open_run(sub)],
            jobs=[a_job(sub)],
            timers=[TimerRow(paused.id, "pause:0", paused.shard, NOW)],
        )
    )
    assert await audit(place.look) == {}
    assert await audit(place.look, names=ALWAYS) == {}


async def test_what_waits_for_nothing(place: Place) -> None:
    stuck = await stored(place.journal, living(1))
    await stored(place.journal, living(2, marked=True))
    assert await place.broken("ends") == [stuck.id]


async def test_what_is_over_and_not_tidy(place: Place) -> None:
    untidy, endless, busy, timed = over(1), over(2)._replace(ended=None), over(3), over(4)
    await stored(place.journal, untidy, an_open_run(untidy))
    await stored(place.journal, endless)
    await place.journal.commit(
        Batch(created=[busy, timed], jobs=[a_job(busy)], timers=[TimerRow(timed.id, "t", timed.shard, NOW)])
    )
    assert await place.broken("ends_once") == [untidy.id, endless.id, busy.id, timed.id]


async def test_a_state_that_was_left_though_it_is_an_end(place: Place) -> None:
    again = await stored(place.journal, over(1, progress=progress(C, R, State.KILLED, R, S)))
    copy = await stored(place.journal, living(2, parent_id=again.id, progress=progress(C, R, State.KILLED, R)))
    odd = await stored(
        place.journal, over(3), a_done_run("x")._replace(execution_id=over(3).id, record=record(C, State.PAUSED))
    )
    assert await place.broken("execution_moves") == [again.id]
    assert await place.broken("run_moves") == [odd.id]
    assert copy.parent_id == again.id


async def test_a_gap_in_the_history_and_a_number_that_was_not_raised(place: Place) -> None:
    gap, behind = over(1, progress=progress(C, R, S, next_seq=3)), over(2, progress=progress(C, R, S, next_seq=0))
    await stored(place.journal, behind)
    await place.journal.commit(Batch(created=[gap], events=[an_event(gap, 0), an_event(gap, 2)]))
    assert await place.broken("one_writer") == [gap.id]
    assert await place.broken("next_number") == [behind.id]


async def test_a_task_run_that_is_there_twice(place: Place) -> None:
    twice = over(1)
    await stored(place.journal, twice, *(a_done_run(twice, ord, id="same") for ord in (0, 1)))
    assert await place.broken("one_state") == [twice.id]


async def test_columns_that_say_otherwise_than_the_document(place: Place) -> None:
    wrong, run, endless = over(1, progress=progress(C, R, F)), over(2), over(3)
    await stored(place.journal, wrong)
    await stored(place.journal, run, a_done_run(run, record=record(C, R, F)))
    await stored(place.journal, endless, a_done_run(endless, ended=None))
    assert await place.broken("states_agree") == [wrong.id, run.id, endless.id]


async def test_jobs_that_nobody_waits_for(place: Place) -> None:
    good, done, late, twice = living(1), living(2), living(3), living(4)
    runs = [an_open_run(good), a_done_run(done), an_open_run(late), an_open_run(twice, record=record(C))]
    jobs = [a_job(good), a_job(done), a_job(late, attempt=2), a_job(twice), a_job(twice)]
    await place.journal.commit(Batch(created=[good, done, late, twice], runs_created=runs, jobs=jobs))
    assert await place.broken("jobs_wanted") == [done.id, late.id, twice.id]


async def test_scopes_that_miscount(place: Place) -> None:
    root = living(1, progress=progress(C, R, root={"open": 1}))
    many = living(2, progress=progress(C, R, root={"open": 0, "ended": {"SUCCESS": 2}}))
    inner = living(3, progress=progress(C, R, root={"open": 1}))
    await stored(place.journal, root)
    await stored(place.journal, many, a_done_run(many), a_done_run(many, 1, record=record(S, dynamic=True)))
    await stored(place.journal, inner, an_open_run(inner, counters=counters(open=0)), an_open_run(inner, 1, parent=0))
    assert await place.broken("counters") == [root.id, many.id, inner.id]


@asynccontextmanager
async def one_within(place: Place, *others: ExecutionRow) -> AsyncIterator[ExecutionRow]:
    """An execution that has the only slot of a limit."""
    holder = await stored(place.journal, living(1, progress=progress(C, R, bounds=LIMIT)))
    for other in others:
        await stored(place.journal, other)
    yield holder


async def test_more_executions_than_a_limit_allows(place: Place) -> None:
    waiting = living(2, state=Q.number, progress=progress(C, Q, bounds=LIMIT))
    async with one_within(place, waiting, living(3)) as holder:
        assert await place.broken("slots_held") == []
        await stored(place.journal, living(4, progress=progress(C, Q, R, bounds=LIMIT)))
        assert await place.broken("slots_held") == [holder.id]


async def test_one_that_a_person_let_pass_is_within_no_limit(place: Place) -> None:
    forced = living(2, progress=progress(C, Q, R, bounds=LIMIT))
    async with one_within(place):
        event = an_event(forced)._replace(body=b'{"epoch":1,"events":[{"event":"forceRun"}]}')
        await place.journal.commit(Batch(created=[forced], events=[event]))
        assert await place.broken("slots_held") == []


async def test_one_that_is_queued_though_a_slot_is_free(place: Place) -> None:
    waiting = living(2, state=Q.number, progress=progress(C, Q, bounds=LIMIT))
    async with one_within(place, waiting) as holder:
        assert await place.broken("slots_taken") == []
        await place.journal.commit(Batch(updated=[ended(holder)]))
        assert await place.broken("slots_taken") == [waiting.id]


async def test_a_loop_that_knows_of_another_iteration_than_lives(place: Place) -> None:
    loop = living(1)
    run = an_open_run(loop, counters=counters(laps={"running": [0, 1]}))
    await stored(place.journal, loop, run)
    own = LOOP | {"cause_id": loop.id, "parent_id": loop.id}
    first, second = living(2, given=iteration(run.id, 0), **own), over(3, given=iteration(run.id, 1), **own)
    await place.journal.commit(Batch(created=[first, second]))
    assert await place.broken("loops_linked") == [loop.id]
    await place.journal.commit(Batch(runs_updated=[run._replace(counters=counters(laps={"running": [0]}))]))
    assert await place.broken("loops_linked") == []


async def test_a_batch_counts_as_an_iteration_does(place: Place) -> None:
    parent = living(1)
    batch = given(waits=waits(parent.id), trigger={"variables": {"taskRunIteration": 3}})
    await stored(place.journal, parent, an_open_run(parent, counters=counters(laps={"running": [3]})))
    child = await stored(place.journal, living(2, cause_id=parent.id, given=batch))
    assert await place.broken("loops_linked") == []
    await place.journal.commit(Batch(updated=[ended(child)]))
    assert await place.broken("loops_linked") == [parent.id]


async def test_an_end_that_the_parent_has_not_heard(place: Place) -> None:
    deaf, tries_again = living(1), living(2)
    await stored(place.journal, deaf, an_open_run(deaf))
    await stored(place.journal, tries_again, an_open_run(tries_again, record=record(C, R, attempts=[F, R])))
    await stored(place.journal, over(3, cause_id=deaf.id, given=given(waits=waits(deaf.id))))
    await stored(place.journal, over(4, cause_id=tries_again.id, given=given(waits=waits(tries_again.id))))
    assert await place.broken("ends_heard") == [deaf.id]


async def test_a_cause_with_two_executions(place: Place) -> None:
    link = {"cause_id": "parent", "given": given(waits=waits("parent"))}
    await stored(place.journal, over(1, **link)._replace(state=State.RETRIED.number))
    await stored(place.journal, over(2, **link))
    assert await place.broken("once_per_cause") == []
    subflow = await stored(place.journal, over(3, **link))
    await stored(place.journal, over(4, **LOOP, given=iteration("run", 1)))
    await stored(place.journal, over(5, **LOOP, given=iteration("run", 2)))
    lap = await stored(place.journal, over(6, **LOOP, given=iteration("run", 1)))
    assert await place.broken("once_per_cause") == [subflow.id, lap.id]


async def test_a_writer_that_wrote_after_the_next_one(place: Place) -> None:
    zombie = over(1)
    epochs = [an_event(zombie, seq)._replace(body=b'{"epoch":%d}' % epoch) for seq, epoch in enumerate([3, 5, 5, 3])]
    await place.journal.commit(Batch(created=[zombie], events=epochs[:3]))
    assert await place.broken("fenced") == []
    await place.journal.commit(Batch(events=epochs[3:]))
    assert await place.broken("fenced") == [zombie.id]


async def test_rows_in_a_shard_that_the_id_does_not_name(place: Place) -> None:
    moved, timed, foreign = over(1)._replace(shard=9), living(2), over(3, id="ours-it-is-not", shard=9)
    await place.journal.commit(
        Batch(created=[moved, timed, foreign], timers=[TimerRow(timed.id, "t", timed.shard + 1, NOW)])
    )
    assert await place.broken("own_shard") == [moved.id, timed.id]


async def test_rows_of_executions_that_are_gone(place: Place) -> None:
    gone = over(1)
    await place.journal.commit(Batch(events=[an_event(gone)]))
    assert await place.broken("orphans") == [gone.id]


async def test_a_letter_that_nobody_has_read(place: Place) -> None:
    waiting = await stored(place.journal, living(1))
    await place.journal.commit(Batch(messages=[MessageRow(waiting.shard, 0, waiting.id, b"{}")]))
    assert await place.broken("letters") == [waiting.id]


async def test_a_trigger_that_an_execution_locks_which_is_over(place: Place) -> None:
    locking, done = await stored(place.journal, living(1)), await stored(place.journal, over(2))
    await place.look.execute(
        "WITH t AS (INSERT INTO tenants (name) VALUES ('main') RETURNING key), n AS ("
        " INSERT INTO namespaces (tenant, name) SELECT key, 'test' FROM t RETURNING tenant, key), f AS ("
        " INSERT INTO flows (tenant, namespace, id, revision, disabled, deleted, labels, updated)"
        " SELECT tenant, key, 'flow', 1, false, false, '{}', now() FROM n RETURNING key)"
        " INSERT INTO triggers (flow, trigger_id, kind, shard, definition, execution_id, updated)"
        " SELECT key, id, 'SCHEDULE', 0, '', id, now() FROM f, unnest($1::text[]) AS t (id)",
        [locking.id, done.id],
    )
    assert await place.broken("locks") == [done.id]


async def test_a_job_of_a_lost_worker_and_shards_of_a_dead_owner(place: Place) -> None:
    waiting = living(1)
    await place.journal.commit(
        Batch(created=[waiting], runs_created=[an_open_run(waiting)], jobs=[a_job(waiting, worker=1000)])
    )
    assert await place.broken("workers") == [waiting.id]
    assert await place.broken("shards") == []
    await place.look.execute("DELETE FROM leases")
    assert len(await place.broken("shards")) == 1024
