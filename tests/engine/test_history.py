"""Every decision is taken again from the history alone, and comes to the same (design: executor.md §9, invariant 14)."""

import random
from collections import defaultdict
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.flows import flows
from tests.engine.test_properties import CHILD, FILES, STEPS, few, moody, seeds
from tests.engine.test_scenarios import Scenario, play, scenarios
from tests.engine.world import BEGIN, JobKey, Result, Simulation, context_of, key_of

from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.engine.history import Diverged, Retelling, as_created
from tiercel.model.execution import Execution, Label, settled
from tiercel.model.states import State

Commit = tuple[list[engine_events.Recorded], dict[int, int]]


class Recording(Simulation):
    """A world that keeps the history as the executor does: what was decided, by commit, results inside left out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.results: dict[tuple[JobKey, str], Result] = {}
        self.asked = self.script
        self.script = self._result_of
        self.first: dict[str, Execution] = {}
        self.open: dict[str, Commit] = defaultdict(lambda: ([], {}))
        self.closed: dict[str, list[Commit]] = defaultdict(list)

    def _result_of(self, job: engine_commands.Job) -> Result:
        """A script may count how often it is asked; a task gives the same again."""
        key = (key_of(job), job.task_id)
        if key not in self.results:
            self.results[key] = self.asked(job)
        return self.results[key]

    def adopt(self, execution: Execution) -> None:
        self.first[execution.id] = execution
        super().adopt(execution)

    def _record(self, id: str, before: Execution, after: Execution, event: engine_events.AnyEvent) -> None:
        """Before its commands are carried out: a limit answers at once."""
        super()._record(id, before, after, event)
        _, decision = self.decisions[-1]
        if decision.ignored is None:
            events, slices = self.open[id]
            if decision.unfinished:
                slices[len(events)] = self.limit
            events.append(self._recorded(before, event))

    def _recorded(self, before: Execution, event: engine_events.AnyEvent) -> engine_events.Recorded:
        run = before.runs.get(event.ord) if isinstance(event, engine_events.Done) else None
        if (
            run is None
            or not isinstance(event, engine_events.Done)
            or not self.context(before.id).nodes[run.task_id].is_instant
        ):
            return event
        return engine_events.Ran(at=event.at, seed=event.seed, ord=event.ord, attempt=event.attempt)

    def commit(self) -> None:
        super().commit()
        for id, commit in self.open.items():
            self.closed[id].append(commit)
        self.open.clear()

    def crash(self) -> None:
        super().crash()
        self.open.clear()

    def again(self, id: str) -> Execution:
        """The execution that its history comes to."""
        retelling, last = Retelling(self.context(id), self.first[id], run=self.rerun), self.first[id]
        for events, slices in self.closed[id]:
            last = retelling.commit(events, slices).execution
        return msgspec.structs.replace(settled(last), next_seq=self.executions[id].next_seq)

    def rerun(self, job: engine_commands.Job) -> engine_events.Done:
        state, outputs = self.script(job)
        return engine_events.Done(
            at=job.at, seed=job.seed, ord=job.ord, attempt=job.attempt, state=state, outputs=outputs
        )


def recording(flow: dict[str, Any], seed: int = 0, *, failing: float = 0.25, limit: int = 1024) -> Recording:
    contexts = {"parent": context_of(flow), "child": context_of(CHILD)}
    return Recording(contexts, script=moody(seed, failing), answers=FILES, limit=limit)


@few
@given(flow=flows(), seed=seeds, limit=st.integers(1, 4) | st.just(1024))
def test_the_history_comes_to_what_is_stored(flow: dict[str, Any], seed: int, limit: int) -> None:
    world = recording(flow, seed, limit=limit)
    world.create("parent")
    world.commit()
    dice = random.Random(seed)
    for _ in range(STEPS):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
        if dice.random() < 0.3:
            world.commit()
        if dice.random() < 0.03:
            world.crash()
    world.commit()
    for id, execution in world.executions.items():
        if world.closed[id]:
            assert world.again(id) == execution


@pytest.mark.parametrize("scenario", scenarios())
def test_the_history_of_every_scenario_comes_to_what_is_stored(scenario: Scenario) -> None:
    world = play(scenario, kind=Recording)
    world.commit()
    told = [id for id in world.executions if id in world.first]
    assert told
    for id in told:
        assert world.again(id) == world.executions[id]


@few
@given(flow=flows(), seed=seeds, restarts=st.integers(1, 3))
def test_restarts_and_kills_are_told_again_too(flow: dict[str, Any], seed: int, restarts: int) -> None:
    world = recording(flow, seed)
    id = world.create("parent")
    dice = random.Random(seed)
    for _ in range(restarts):
        for _ in range(dice.randrange(60)):
            actions = world.possible()
            if not actions:
                break
            dice.choice(actions)()
        world.commit()
        world.kill(id)
        world.run()
        world.commit()
        world.restart(id)
    world.run()
    world.commit()
    assert world.again(id) == world.executions[id]


WORK = {"id": "parent", "tasks": [{"id": "a", "type": "test.Instant"}, {"id": "b", "type": "test.Work"}]}


def test_an_execution_begins_with_the_labels_and_breakpoints_it_was_created_with() -> None:
    world = recording(WORK, failing=0)
    id = world.create("parent", labels=(Label("a", "1"),), breakpoints=("b",))
    created = engine_events.Created(at=BEGIN, seed=1, labels=(Label("a", "1"),), breakpoints=("b",))
    later = msgspec.structs.replace(world.executions[id], labels=(Label("b", "2"),), breakpoints=(), next_ord=4)
    assert as_created(later, created) == world.first[id]


def test_what_ran_and_is_not_under_way_when_told_again_is_refused() -> None:
    world = recording(WORK, failing=0)
    id = world.create("parent")
    retelling = Retelling(world.context(id), world.first[id], run=world.rerun)
    with pytest.raises(Diverged, match="attempt 1 of task run 0 ran"):
        retelling.commit([engine_events.Ran(at=BEGIN, seed=1, ord=0, attempt=1)], {})


def test_a_chapter_says_what_was_decided_about_each_event() -> None:
    world = recording(WORK, failing=0)
    id = world.create("parent")
    world.run()
    world.commit()
    [(events, slices)] = world.closed[id]
    chapter = Retelling(world.context(id), world.first[id], run=world.rerun).commit(events, slices)
    assert [type(told.event).__name__ for told in chapter.told] == ["Created", "Ran", "Started", "Done"]
    assert [type(command).__name__ for command in chapter.told[1].decision.commands] == ["Dispatch"]
    assert chapter.execution.state.current is State.SUCCESS
    assert chapter.execution.changes.created
