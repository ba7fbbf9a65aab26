"""Reads an execution's rows into a resident."""

from tiercel.engine import restore
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.flows import Place
from tiercel.ports.journal import Journal, Loaded
from tiercel.services.creator import NoSuchFlow
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import Deployed, Registry, UnreadableFlow
from tiercel.services.residents import Resident
from tiercel.services.wreck import reason, wrecked


class Loader:
    """Header, open task runs, and those ended ones that expressions of the flow name."""

    def __init__(self, journal: Journal, registry: Registry, clock: Clock) -> None:
        self._journal = journal
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
        try:
            deployed = await self._deployed(header.tenant, header.namespace, header.flow_id, header.flow_revision)
        except (NoSuchFlow, UnreadableFlow) as error:
            self._give_up(resident, header, found[0], error)
        else:
            await self._restore(resident, header, found[0], deployed)
        return True

    async def _restore(self, resident: Resident, header: Execution, loaded: Loaded, deployed: Deployed) -> None:
        kept = deployed.context.kept if header.live else ()
        ended = await self._journal.ended_runs(resident.id, sorted(kept)) if kept else []
        runs = [read_run(run) for run in (*ended, *loaded.runs)]
        resident.execution = restore(deployed.context, header, runs)
        resident.context = deployed.context
        resident.valued = {run.ord for run, _ in runs if run.values is not None}

    def _give_up(self, resident: Resident, header: Execution, loaded: Loaded, error: Exception) -> None:
        """An execution whose flow is gone ends here: without it, nothing can be decided."""
        resident.execution = header
        if not header.live:
            return
        at = self._clock.now()
        runs = [read_run(row)[0] for row in loaded.runs]
        resident.execution = wrecked(header, runs, at=at)
        resident.outgoing.lines.append((reason(header, error, at=at), None))
        resident.outgoing.untimed = set(header.timers)
        resident.outgoing.dropped = resident.outgoing.stopped = {(run.ord, run.attempt) for run in runs}

    async def _deployed(self, tenant: str, namespace: str, flow_id: str, revision: int) -> Deployed:
        found = await self._registry.revision(tenant, namespace, flow_id, revision)
        if found is None:
            raise NoSuchFlow(namespace, flow_id, revision)
        return found
