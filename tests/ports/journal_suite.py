"""What every Journal must do.

A test module of an adapter subclasses `JournalSuite` and gives two fixtures: `journal`, registered, on an empty store;
`rival`, another writer's session on the same store, not registered yet, which need not wait for the first one.
"""

import asyncio
from datetime import timedelta

import pytest
from tests.ports.journal_rows import NOW, a_job, a_run, a_timer, an_event, an_execution

from tiercel.model.execution import Kind
from tiercel.model.states import State
from tiercel.ports.journal import Batch, Fenced, Journal, Refused, WindowRow

SOON = timedelta(seconds=1)
LOOP = Kind.LOOP.number


class JournalSuite:
    async def test_what_was_committed_is_loaded(self, journal: Journal) -> None:
        execution = an_execution(labels=["team:data"], given=b'{"inputs":{}}', variables=b"{}")
        runs = [a_run(execution), a_run(execution, 1, value="grün", counters=b"{}")]
        await journal.commit(Batch(created=[execution], runs_created=runs, events=[an_event(execution)]))
        assert await journal.load([execution.id]) == [(execution, runs)]

    async def test_ids_without_a_row_are_left_out(self, journal: Journal) -> None:
        execution = an_execution()
        await journal.commit(Batch(created=[execution]))
        assert [loaded.execution.id for loaded in await journal.load(["nobody", execution.id])] == [execution.id]

    async def test_a_window_is_replaced_by_what_it_has_become(self, journal: Journal) -> None:
        assert await journal.window(7, "listen") is None
        window = WindowRow(7, "listen", NOW, NOW + timedelta(days=1), b'{"a":1}')
        await journal.commit(Batch(windows=[window]))
        assert await journal.window(7, "listen") == window
        later = window._replace(starts=NOW + timedelta(days=1), ends=NOW + timedelta(days=2), satisfied=b"{}")
        await journal.commit(Batch(windows=[later, window._replace(flow=8)]))
        assert await journal.window(7, "listen") == later
        assert await journal.window(7, "other") is None

    async def test_ended_runs_are_loaded_only_when_asked_for(self, journal: Journal) -> None:
        execution = an_execution()
        ended, other = a_run(execution, 0, ended=NOW, outputs=b'{"a":1}'), a_run(execution, 1, ended=NOW)
        await journal.commit(Batch(created=[execution], runs_created=[ended, other, a_run(execution, 2)]))
        [loaded] = await journal.load([execution.id])
        assert [run.ord for run in loaded.runs] == [2]
        assert await journal.ended_runs(execution.id, ["t0", "t2"]) == [ended]
        assert await journal.ended_runs(execution.id) == [ended, other]

    async def test_an_update_keeps_what_it_leaves_out(self, journal: Journal) -> None:
        execution = an_execution(given=b'{"a":1}', variables=b'{"v":1}')
        run = a_run(execution, counters=b'{"c":1}', outputs=b'{"o":1}')
        await journal.commit(Batch(created=[execution], runs_created=[run]))
        changed = execution._replace(given=b"", variables=None, outputs=b'{"x":1}', progress=b'{"p":2}')
        await journal.commit(
            Batch(updated=[changed], runs_updated=[run._replace(counters=None, outputs=None, record=b'{"r":2}')])
        )
        [loaded] = await journal.load([execution.id])
        assert loaded.execution == execution._replace(outputs=b'{"x":1}', progress=b'{"p":2}')
        assert loaded.runs == [run._replace(record=b'{"r":2}')]

    async def test_a_commit_that_cannot_be_done_whole_is_not_done_at_all(self, journal: Journal) -> None:
        first, second = an_execution(1), an_execution(2)
        await journal.commit(Batch(created=[first], events=[an_event(first)]))
        with pytest.raises(Refused):
            await journal.commit(Batch(created=[second], events=[an_event(first)]))
        await journal.register()
        assert await journal.load([second.id]) == []

    async def test_an_update_of_nothing_refuses_the_whole_commit(self, journal: Journal) -> None:
        first, second = an_execution(1), an_execution(2)
        with pytest.raises(Refused):
            await journal.commit(Batch(created=[first], updated=[second]))
        await journal.register()
        assert await journal.load([first.id]) == []

    async def test_runs_go_with_all_below_them(self, journal: Journal) -> None:
        execution = an_execution()
        runs = [a_run(execution, 0), a_run(execution, 1, parent=0), a_run(execution, 2, parent=1), a_run(execution, 3)]
        await journal.commit(Batch(created=[execution], runs_created=runs))
        await journal.commit(Batch(runs_removed=[(execution.id, 0)]))
        [loaded] = await journal.load([execution.id])
        assert [run.ord for run in loaded.runs] == [3]

    async def test_marked_executions_are_pending_until_the_mark_is_gone(self, journal: Journal) -> None:
        execution = an_execution(marked=True)
        await journal.commit(Batch(created=[execution, an_execution(2)]))
        assert await journal.pending() == [execution.id]
        await journal.commit(Batch(updated=[execution._replace(marked=False)]))
        assert await journal.pending() == []

    async def test_live_children_are_found_by_their_cause(self, journal: Journal) -> None:
        parent = an_execution(1)
        children = [an_execution(2, cause_id=parent.id), an_execution(3, cause_id=parent.id, live=False, ended=NOW)]
        await journal.commit(Batch(created=[parent, *children, an_execution(4)]))
        assert await journal.children([parent.id]) == [children[0].id]

    async def test_live_executions_of_a_flow_are_found_without_the_iterations_of_its_loops(
        self, journal: Journal
    ) -> None:
        running, other = an_execution(1, progress=b'{"life":1}'), an_execution(2)._replace(flow=77, namespace=7)
        over, iteration = an_execution(3, live=False, ended=NOW), an_execution(4)._replace(kind=LOOP)
        await journal.commit(Batch(created=[running, other, over, iteration]))
        found = [(running.id, running.state, running.progress, running.cause_id)]
        assert await journal.live(running.flow) == found
        assert await journal.live_in([running.namespace]) == found
        assert [row.id for row in await journal.live_in([running.namespace, 7])] == [running.id, other.id]

    async def test_those_who_wait_for_a_slot_are_found(self, journal: Journal) -> None:
        state = State.QUEUED.number
        waiting, over = an_execution(1, state=state), an_execution(2, state=state, live=False, ended=NOW)
        await journal.commit(Batch(created=[waiting, over, an_execution(3)]))
        assert await journal.queued() == [waiting]

    async def test_what_was_over_may_be_open_again(self, journal: Journal) -> None:
        execution = an_execution(live=False, ended=NOW, labels=["a:b"])
        runs = [a_run(execution, 0, ended=NOW), a_run(execution, 1, ended=NOW)]
        await journal.commit(Batch(created=[execution], runs_created=runs))
        again = execution._replace(live=True, ended=None, labels=["a:b", "c:d"])
        opened = runs[0]._replace(ended=None, record=b'{"r":2}', iteration=3)
        await journal.commit(Batch(updated=[again], runs_updated=[opened], runs_removed=[(execution.id, 1)]))
        assert await journal.load([execution.id]) == [(again, [opened])]
        assert await journal.ended_runs(execution.id, ["t0", "t1"]) == []

    async def test_iterations_are_found_with_their_parent_live_or_not(self, journal: Journal) -> None:
        parent = an_execution(1)
        first, second, replay = (an_execution(number, parent_id=parent.id) for number in (2, 3, 4))
        loops = [first._replace(kind=LOOP, live=False, ended=NOW), second._replace(kind=LOOP)]
        await journal.commit(Batch(created=[parent, *loops, replay]))
        assert await journal.iterations(parent.id) == loops

    async def test_timers_are_due_in_order_until_they_are_gone(self, journal: Journal) -> None:
        execution = an_execution()
        late, early = a_timer(execution, "late", NOW + 2 * SOON), a_timer(execution, "early", NOW + SOON)
        await journal.commit(Batch(created=[execution], timers=[late, early]))
        assert await journal.due_timers(NOW + SOON) == []
        assert await journal.due_timers(NOW + 3 * SOON) == [early, late]
        await journal.commit(Batch(timers_gone=[(execution.id, "early")]))
        assert await journal.due_timers(NOW + 3 * SOON) == [late]

    async def test_a_timer_of_the_same_name_is_replaced(self, journal: Journal) -> None:
        execution = an_execution()
        await journal.commit(Batch(created=[execution], timers=[a_timer(execution, "retry:0:1", NOW)]))
        later = a_timer(execution, "retry:0:1", NOW + SOON)
        await journal.commit(Batch(timers=[later]))
        assert await journal.due_timers(NOW + 2 * SOON) == [later]

    async def test_a_fenced_writer_stores_nothing(self, journal: Journal, rival: Journal) -> None:
        execution = an_execution()
        await rival.register()
        with pytest.raises(Fenced):
            await journal.commit(Batch(created=[execution]))
        assert await rival.load([execution.id]) == []

    async def test_jobs_of_a_lost_writer_are_orphaned_until_they_end(self, journal: Journal, rival: Journal) -> None:
        execution = an_execution()
        epoch = await journal.register()
        job = a_job(execution, worker=epoch)
        await journal.commit(Batch(created=[execution], jobs=[job]))
        assert await journal.orphaned_jobs() == []
        await rival.register()
        assert [(found.execution_id, found.ord, found.attempt) for found in await rival.orphaned_jobs()] == [job[:3]]
        await rival.commit(Batch(jobs_ended=[job[:3]]))
        assert await rival.orphaned_jobs() == []

    async def test_each_registration_is_a_new_epoch(self, journal: Journal) -> None:
        first = await journal.register()
        assert await journal.register() > first

    async def test_commits_of_two_tasks_do_not_mix(self, journal: Journal) -> None:
        executions = [an_execution(number) for number in range(20)]
        await asyncio.gather(*(journal.commit(Batch(created=[execution])) for execution in executions))
        assert len(await journal.load([execution.id for execution in executions])) == 20
