"""Reads an execution's rows into a resident."""

from tiercel.engine import restore
from tiercel.ports.flows import Place
from tiercel.ports.journal import Journal, Loaded
from tiercel.services.creator import NoSuchFlow
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import Deployed, Registry
from tiercel.services.residents import Resident


class Loader:
    """Header, open task runs, and those ended ones that expressions of the flow name."""

    def __init__(self, journal: Journal, registry: Registry) -> None:
        self._journal = journal
        self._registry = registry

    async def load(self, resident: Resident) -> bool:
        """Fill a resident from its rows. False when there are none. Raises JournalError, UnreadableFlow, NoSuchFlow."""
        found = await self._journal.load([resident.id])
        if not found:
            return False
        await self._restore(resident, found[0])
        return True

    async def _restore(self, resident: Resident, loaded: Loaded) -> None:
        row = loaded.execution
        header = read_execution(row)
        deployed = await self._deployed(header.tenant, header.namespace, header.flow_id, header.flow_revision)
        kept = deployed.context.kept if header.live else ()
        ended = await self._journal.ended_runs(resident.id, sorted(kept)) if kept else []
        runs = [read_run(run) for run in (*ended, *loaded.runs)]
        resident.execution = restore(deployed.context, header, runs)
        resident.context = deployed.context
        resident.place = Place(row.tenant, row.namespace, row.flow)
        resident.labels = header.labels
        resident.live, resident.is_marked = row.live, row.marked
        resident.timed = set(header.timers)
        resident.valued = {run.ord for run, _ in runs if run.values is not None}
        resident.latest = header.state.histories[-1].date

    async def _deployed(self, tenant: str, namespace: str, flow_id: str, revision: int) -> Deployed:
        found = await self._registry.revision(tenant, namespace, flow_id, revision)
        if found is None:
            raise NoSuchFlow(namespace, flow_id, revision)
        return found
