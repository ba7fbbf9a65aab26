"""Stored histories told again: from rows to what was decided, with a task inside the executor run once more."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import msgspec

from tiercel import engine
from tiercel.engine import FlowContext
from tiercel.engine.commands import Dispatch, Job, Replace, RunInstant, StartIteration
from tiercel.engine.events import Created, Done, Evaluated, Recorded
from tiercel.engine.history import Chapter, Retelling, Told, as_created
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.sealed import Cipher
from tiercel.ports.journal import EventRow
from tiercel.ports.reader import Reader
from tiercel.ports.storage import FileMissing, Storage
from tiercel.services.creator import NoSuchFlow
from tiercel.services.entries import Entry, Screen, plain, retold
from tiercel.services.records import Handled, read_events, read_execution
from tiercel.services.registry import Registry
from tiercel.services.run_task import TaskRunner
from tiercel.services.spill import recall


class NotTold(TiercelError):
    """Why the decisions of a history cannot be taken again; its events can still be read."""


class InstantRuns:
    """Runs tasks again that ran inside the executor."""

    def __init__(self, runner: TaskRunner) -> None:
        self._runner = runner

    def __call__(self, job: Job) -> Done:
        outcome = self._runner.run_instant(job, at=job.at)
        if outcome is None:
            raise NotTold(f"task {job.task_id} asks the world now, and did not when it ran")
        return outcome.done(job, at=job.at, seed=job.seed)


def made_by(chapter: Chapter) -> Iterator[Execution]:
    """The executions that were complete when these decisions made them: iterations, and those in place of failed ones."""
    for told in chapter.told:
        for command in told.decision.commands:
            if isinstance(command, StartIteration | Replace):
                yield command.execution


def _asked(told: Told, ord: int, attempt: int) -> bool:
    """Whether a decision asked for an attempt at a task."""
    asked = (command for command in told.decision.commands if isinstance(command, Dispatch | RunInstant))
    return any((command.ord, command.attempt) == (ord, attempt) for command in asked)


class Histories:
    """Tells what happened to stored executions."""

    def __init__(
        self,
        *,
        reader: Reader,
        registry: Registry,
        runner: TaskRunner,
        storage: Storage,
        cipher: Cipher | None = None,
    ) -> None:
        self._reader = reader
        self._storage = storage
        self._registry = registry
        self._run = InstantRuns(runner)
        self._cipher = cipher

    async def entries(self, header: Execution) -> AsyncIterator[Entry]:
        """The history of an execution event by event; without decisions from where on they cannot be taken again."""
        screen, retelling, reason = Screen(self._cipher), None, ""
        screen.open(header.inputs)
        async for row, handled in self._rows(header.id):
            chapter = None
            try:
                if not reason:
                    retelling = retelling or await self._begun(header, handled)
                    chapter = retelling.commit([await self._known(event) for event in handled.events], handled.slices)
            except TiercelError as error:
                reason = str(error)
            told = (
                plain(row.seq, handled, screen, reason=reason)
                if chapter is None
                else retold(row.seq, handled, chapter, screen)
            )
            for entry in told:
                yield entry
            # Others get their turn between two commits.
            await asyncio.sleep(0)

    async def job(self, header: Execution, ord: int, attempt: int) -> Job:
        """An attempt at a task as it was asked for. Raises TiercelError where the decisions cannot be taken again."""
        retelling: Retelling | None = None
        async for _, handled in self._rows(header.id):
            retelling = retelling or await self._begun(header, handled)
            for told in retelling.commit(handled.events, handled.slices).told:
                if _asked(told, ord, attempt):
                    context = (await self._context(header)).of_iteration(told.decision.execution.iteration)
                    return engine.job(context, told.decision.execution, ord, at=told.event.at, seed=told.event.seed)
            await asyncio.sleep(0)
        raise NotTold(f"the history does not tell of attempt {attempt} of task run {ord}")

    async def _rows(self, execution_id: str) -> AsyncIterator[tuple[EventRow, Handled]]:
        async for row in self._reader.history(execution_id):
            yield row, read_events(row)

    async def _known(self, event: Recorded) -> Recorded:
        """An event as it was decided. What the world answered at length lies in internal storage."""
        if not isinstance(event, Evaluated) or event.source is None:
            return event
        try:
            return msgspec.structs.replace(event, value=await recall(self._storage, event.source))
        except FileMissing as error:
            raise NotTold(f"the answer to {event.key} was purged: {error}") from error

    async def _begun(self, header: Execution, handled: Handled) -> Retelling:
        context, first = await self._context(header), handled.events[0]
        if not isinstance(first, Created):
            raise NotTold("the history does not begin with a creation: its first part is another execution's, or gone")
        made = as_created(header, first) if first.labels else await self._made(header)
        return Retelling(context.of_iteration(made.iteration), made, run=self._run)

    async def _context(self, header: Execution) -> FlowContext:
        found = await self._registry.of_execution(header)
        if found is None:
            raise NoSuchFlow(header.namespace, header.flow_id, header.flow_revision)
        return found.context

    async def _made(self, header: Execution) -> Execution:
        """An execution as the one above it made it, whose own history is told for that as far as it takes."""
        above = None if header.parent_id is None else await self._reader.execution(header.tenant, header.parent_id)
        if above is None:
            raise NotTold("the execution that made this one is gone")
        parent, retelling = read_execution(above.row), None
        async for _, handled in self._rows(parent.id):
            retelling = retelling or await self._begun(parent, handled)
            events = [await self._known(event) for event in handled.events]
            for made in made_by(retelling.commit(events, handled.slices)):
                if made.id == header.id:
                    return made
        raise NotTold("the history of the execution that made this one does not tell of it")
