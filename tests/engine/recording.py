"""A world of tests that keeps the history as the executor does, and can tell it again."""

from collections import defaultdict
from typing import Any

import msgspec
from tests.engine.workers import JobKey, Result, key_of
from tests.engine.world import Simulation

from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.engine.history import Retelling
from tiercel.model.execution import Execution, settled

Commit = tuple[list[engine_events.Recorded], dict[int, int]]


class Recording(Simulation):
    """What was decided, by commit; results inside are left out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.results: dict[tuple[JobKey, str], Result] = {}
        self.asked = self.workers.script
        self.workers.script = self._result_of
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
        state, outputs = self.workers.script(job)
        return engine_events.Done(
            at=job.at, seed=job.seed, ord=job.ord, attempt=job.attempt, state=state, outputs=outputs
        )
