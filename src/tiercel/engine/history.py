"""An execution as its history tells it: every decision taken again from what was recorded, without a world.

The history has the events that were decided, commit by commit. What a task inside the executor gave is not in it: the
task is run again, at the recorded instant and with the recorded seed, by a function that is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from immutables import Map

from tiercel.engine.commands import Decision, Job
from tiercel.engine.decide import decide
from tiercel.engine.events import AnyEvent, Created, Done, Ran, Recorded
from tiercel.engine.jobs import job
from tiercel.engine.plan import FlowContext
from tiercel.engine.reopening import with_all_below
from tiercel.engine.turn import replace
from tiercel.engine.verbs import RECALLING
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Metadata, settled
from tiercel.model.history import born
from tiercel.model.task_run import TaskRun

WHOLE = 2**31
"""The slice of an event that left nothing to do: a larger one comes to the same."""

Run = Callable[[Job], Done]
"""Runs a task that asks nobody."""


class Diverged(TiercelError):
    """The decisions come out differently, so much that the rest of the history makes no sense."""


class Told(NamedTuple):
    """One event of the history and what was decided about it."""

    event: Recorded
    decision: Decision


class Chapter(NamedTuple):
    """What one commit stored."""

    told: tuple[Told, ...]
    execution: Execution
    """As it was written down, with `changes` saying what differed from the commit before."""


def as_created(header: Execution, created: Created) -> Execution:
    """An execution before its first event, from its header at any later moment.

    An iteration of a loop and one that replaces a failed one are made by another execution: its commands have them.
    """
    at = header.state.started
    return Execution(
        id=header.id,
        tenant=header.tenant,
        namespace=header.namespace,
        flow_id=header.flow_id,
        flow_revision=header.flow_revision,
        state=born(at),
        metadata=Metadata(attempt_number=1, original_created_date=at),
        kind=header.kind,
        labels=created.labels,
        inputs=header.inputs,
        trigger=header.trigger,
        schedule_date=header.schedule_date,
        original_id=header.id,
        cause_id=header.cause_id,
        waits=header.waits,
        fixtures=header.fixtures,
        templates=header.templates,
        breakpoints=created.breakpoints,
    )


class Retelling:
    """Goes through the history of one execution."""

    def __init__(self, context: FlowContext, execution: Execution, *, run: Run) -> None:
        self._context = context
        self._execution = execution
        self._run = run
        self._runs: dict[int, TaskRun] = {}
        """All task runs, ended ones included: a restart reads them."""

    def commit(self, events: Sequence[Recorded], slices: Mapping[int, int]) -> Chapter:
        """Decide again what one commit brought. `slices` are those of the events that left more to do."""
        told = tuple(self._tell(event, slices.get(place, WHOLE)) for place, event in enumerate(events))
        self._remember()
        stored = replace(self._execution, next_seq=self._execution.next_seq + 1)
        self._execution = settled(stored)
        return Chapter(told, stored)

    def _tell(self, recorded: Recorded, limit: int) -> Told:
        event = self._done(recorded) if isinstance(recorded, Ran) else recorded
        decision = decide(self._context, self._before(event), event, limit=limit)
        self._execution = replace(decision.execution, recalled=None)
        return Told(recorded, decision)

    def _done(self, ran: Ran) -> Done:
        run = self._execution.runs.get(ran.ord)
        if run is None or run.attempt != ran.attempt:
            raise Diverged(f"attempt {ran.attempt} of task run {ran.ord} ran, and is not under way when told again")
        return self._run(job(self._context, self._execution, ran.ord, at=ran.at, seed=ran.seed))

    def _before(self, event: AnyEvent) -> Execution:
        """All task runs are read for what makes an ended execution run again."""
        execution = self._execution
        if type(event) not in RECALLING or execution.live:
            return execution
        self._remember()
        return replace(execution, recalled=Map(self._runs))

    def _remember(self) -> None:
        changes = self._execution.changes
        self._runs |= dict(changes.runs)
        if changes.removed:
            for ord in with_all_below(self._runs, changes.removed):
                self._runs.pop(ord, None)
