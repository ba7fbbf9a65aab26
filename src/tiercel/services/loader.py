"""Reads an execution's rows into a resident."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from immutables import Map
from msgspec.structs import replace

from tiercel.engine import Above, FlowContext, restore, seen_from_below
from tiercel.engine.reopening import with_all_below
from tiercel.model.execution import Changes, Execution
from tiercel.model.task_run import ROOT, TaskRun
from tiercel.ports.clock import Clock
from tiercel.ports.flows import Place
from tiercel.ports.journal import Journal, Loaded
from tiercel.services.creator import NoSuchFlow
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import Deployed, Registry, UnreadableFlow
from tiercel.services.residents import Resident
from tiercel.services.suspects import Suspects
from tiercel.services.wreck import reason, wrecked


class Whole(NamedTuple):
    """An execution as it is stored, with every task run it has."""

    execution: Execution
    runs: dict[int, TaskRun]


class Loader:
    """Header, open task runs, and those ended ones that expressions of the flow name."""

    def __init__(
        self, journal: Journal, registry: Registry, clock: Clock, suspects: Suspects, ignoring: Ignoring = NOTHING
    ) -> None:
        self._journal = journal
        self._suspects = suspects
        self._ignoring = ignoring
        self._registry = registry
        self._clock = clock

    async def load(self, resident: Resident) -> bool:
        """Fill a resident from its rows. False when there are none. Raises JournalError."""
        found = await self._journal.load([resident.id])
        if not found:
            return False
        row = found[0].execution
        header = read_execution(row)
        resident.place = Place(row.tenant, row.namespace, row.flow)
        resident.labels = header.labels
        resident.live, resident.is_marked = row.live, row.marked
        resident.timed = set(header.timers)
        resident.latest = header.state.histories[-1].date
        if self._ignoring.covers(header):
            # Whatever is wrong with it may be wrong with the rest of its rows.
            resident.execution = header
            return True
        if (verdict := self._suspects.verdict(resident.id)) is not None:
            self._give_up(resident, header, found[0], verdict)
            return True
        try:
            deployed = await self._deployed(header)
        except (NoSuchFlow, UnreadableFlow) as error:
            self._give_up(resident, header, found[0], error)
        else:
            await self._restore(resident, header, found[0], deployed)
        return True

    async def recall(self, resident: Resident) -> Map[int, TaskRun]:
        """All task runs of a resident, whatever of them is stored already. Raises JournalError."""
        runs = await self._all_runs(await self._journal.load([resident.id]))
        for changes in (resident.flying, None if resident.execution is None else resident.execution.changes):
            if changes is not None:
                runs = _overlaid(runs, changes)
        return Map(runs)

    async def whole(self, identifier: str) -> Whole | None:
        """An execution to be read, not to be changed. Raises NoSuchFlow, UnreadableFlow, JournalError."""
        found = await self._journal.load([identifier])
        if not found:
            return None
        header = read_execution(found[0].execution)
        deployed = await self._deployed(header)
        above = await self._above(deployed.context, header)
        if above is not None:
            header = replace(header, inputs=above.inputs, trigger=above.trigger)
        runs = _rooted(await self._all_runs(found))
        # What began since the header was read is here if it has ended: a copy must not give its numbers again.
        return Whole(replace(header, next_ord=max((header.next_ord, *(ord + 1 for ord in runs)))), runs)

    async def _all_runs(self, loaded: Sequence[Loaded]) -> dict[int, TaskRun]:
        """With those that have ended, as they are now. One that has ended since the others were read is in both: that counts."""
        ended = [row for found in loaded for row in await self._journal.ended_runs(found.execution.id)]
        rows = [row for found in loaded for row in found.runs]
        return {run.ord: run for run, _ in map(read_run, (*rows, *ended))}

    async def _restore(self, resident: Resident, header: Execution, loaded: Loaded, deployed: Deployed) -> None:
        kept = deployed.context.kept if header.live else ()
        ended = await self._journal.ended_runs(resident.id, sorted(kept)) if kept else []
        runs = [read_run(run) for run in (*ended, *loaded.runs)]
        context = deployed.context.of_iteration(header.iteration)
        resident.execution = restore(context, header, runs, above=await self._above(deployed.context, header))
        resident.context = context
        resident.valued = {run.ord for run, _ in runs if run.values is not None}

    async def _above(self, context: FlowContext, header: Execution) -> Above | None:
        """What an iteration of a loop knows of the execution above it, which was stored no later than itself."""
        if header.iteration is None or header.parent_id is None:
            return None
        found = await self._journal.load([header.parent_id])
        if not found:
            return None
        parent = read_execution(found[0].execution)
        own = context.of_iteration(parent.iteration)
        ended = await self._journal.ended_runs(parent.id, sorted(own.kept)) if own.kept else []
        rows = [read_run(run) for run in (*ended, *found[0].runs)]
        return seen_from_below(own, parent, rows, at=header.state.started, above=await self._above(context, parent))

    def _give_up(self, resident: Resident, header: Execution, loaded: Loaded, error: Exception) -> None:
        """An execution whose flow is gone, or whose changes cannot be stored, ends here: nothing can be decided."""
        resident.execution = header
        if not header.live:
            return
        at = self._clock.now()
        runs = [read_run(row)[0] for row in loaded.runs]
        resident.execution = wrecked(header, runs, at=at)
        resident.outgoing.lines.append((reason(header, error, at=at), None))
        resident.outgoing.untimed = set(header.timers)
        resident.outgoing.dropped = resident.outgoing.stopped = {(run.ord, run.attempt) for run in runs}

    async def _deployed(self, header: Execution) -> Deployed:
        found = await self._registry.of_execution(header)
        if found is None:
            raise NoSuchFlow(header.namespace, header.flow_id, header.flow_revision)
        return found


def _rooted(runs: Mapping[int, TaskRun]) -> dict[int, TaskRun]:
    """The task runs without those in one that began while they were read, and is not among them."""
    kept: dict[int, TaskRun] = {}
    for ord, run in sorted(runs.items()):
        if run.parent == ROOT or run.parent in kept:
            kept[ord] = run
    return kept


def _overlaid(runs: dict[int, TaskRun], changes: Changes) -> dict[int, TaskRun]:
    """The task runs with changes that may not be stored yet."""
    gone = with_all_below(runs, changes.removed)
    return {ord: run for ord, run in runs.items() if ord not in gone} | dict(changes.runs)
