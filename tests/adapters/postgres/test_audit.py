"""The audit finds each kind of row that must not be, and nothing in a tidy database."""

from tests.adapters.postgres.samples import NOW, a_job, a_journal, a_look, a_run, an_event, an_execution, ended, stored

from tiercel.adapters.postgres.audit import ALWAYS, AT_REST, audit
from tiercel.model.states import State
from tiercel.ports.journal import Batch, TimerRow

WRITTEN = b'{"nextSeq":1}'


async def test_a_tidy_database_passes(dsn: str) -> None:
    over = ended(an_execution(1, progress=WRITTEN))
    waits = {
        "job": an_execution(2, progress=WRITTEN), "timer": an_execution(3, progress=WRITTEN),
        "mark": an_execution(4, progress=WRITTEN, marked=True),
        "pause": an_execution(5, progress=WRITTEN, state=State.PAUSED.number),
        "child": an_execution(6, progress=WRITTEN), "child's job": an_execution(7, progress=WRITTEN),
    }  # fmt: skip
    child = waits["child's job"]._replace(cause_id=waits["child"].id)
    rows = [over, *list(waits.values())[:-1], child]
    async with a_journal(dsn) as journal, a_look(dsn) as look:
        await journal.commit(
            Batch(
                created=rows,
                events=[an_event(row) for row in rows],
                runs_created=[a_run(over, ended=NOW)],
                jobs=[a_job(waits["job"]), a_job(child)],
                timers=[TimerRow(waits["timer"].id, "sleep:0", 1, NOW)],
            )
        )
        assert await audit(look) == {}
        assert await audit(look, names=ALWAYS) == {}


async def test_each_breach_is_found(dsn: str) -> None:
    stuck, untidy, endless = (an_execution(number, progress=WRITTEN) for number in (1, 2, 3))
    async with a_journal(dsn) as journal, a_look(dsn) as look:
        await stored(journal, stuck)
        await stored(journal, ended(untidy), a_run(untidy))
        await stored(journal, ended(endless)._replace(ended=None))
        assert await audit(look) == {"ends": [stuck.id], "ends_once": sorted([untidy.id, endless.id])}


async def test_a_gap_in_the_history_and_a_number_that_was_not_raised_are_found(dsn: str) -> None:
    gap, behind = ended(an_execution(1, progress=b'{"nextSeq":3}')), ended(an_execution(2))
    async with a_journal(dsn) as journal, a_look(dsn) as look:
        await stored(journal, behind)
        await journal.commit(Batch(created=[gap], events=[an_event(gap, 0), an_event(gap, 2)]))
        assert await audit(look) == {"one_writer": [gap.id], "next_number": [behind.id]}


async def test_a_run_twice_and_a_shard_of_a_dead_owner_are_found(dsn: str) -> None:
    twice = ended(an_execution(1, progress=WRITTEN))
    runs = [a_run(twice, ord, id="same", ended=NOW) for ord in (0, 1)]
    async with a_journal(dsn) as journal, a_look(dsn) as look:
        await stored(journal, twice, *runs)
        await look.execute("DELETE FROM leases")
        found = await audit(look, names=AT_REST)
        assert found.pop("one_state") == [twice.id]
        assert len(found.pop("shards")) == 1024
        assert found == {}
