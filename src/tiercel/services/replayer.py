"""Replays: the execution they begin from is read here, and what a person gives anew for its inputs is checked.

What the copy looks like is engine.replays'.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tiercel import engine
from tiercel.engine import FlowContext
from tiercel.engine.events import Replay
from tiercel.model.execution import Execution
from tiercel.ports.flows import Place
from tiercel.services.creator import Creator, InvalidInputs, NoSuchFlow, Wish
from tiercel.services.loader import Loader, Whole
from tiercel.services.registry import Deployed, Registry
from tiercel.services.residents import NoSuchExecution


class Copy(NamedTuple):
    """An execution that is not stored yet, and the revision it runs."""

    execution: Execution
    context: FlowContext


class Replayer:
    """Raises NoSuchExecution, NoSuchFlow, UnreadableFlow, NotReplayable."""

    def __init__(self, loader: Loader, registry: Registry) -> None:
        self._loader = loader
        self._registry = registry

    async def make(self, event: Replay, *, id: str) -> tuple[Copy, Place]:
        """The new execution that a replay asks for, and its place among the rows."""
        source = await self._loader.whole(event.source)
        if source is None:
            raise NoSuchExecution(event.source)
        deployed = await self._deployed(source, event.revision)
        context = deployed.context.of_iteration(source.execution.iteration)
        execution = engine.replay(context, source.execution, source.runs, event, id=id)
        return Copy(execution, context), deployed.stored.place

    async def _deployed(self, source: Whole, revision: int | None) -> Deployed:
        """The revision with the templates of now, whatever the source began with."""
        old = source.execution
        wanted = old.flow_revision if revision is None else revision
        found = await self._registry.revision(old.tenant, old.namespace, old.flow_id, wanted)
        if found is None:
            raise NoSuchFlow(old.namespace, old.flow_id, wanted)
        return found


async def replayed_inputs(
    creator: Creator, source: Execution, given: Mapping[str, Any], *, revision: int | None = None
) -> dict[str, Any]:
    """The inputs of a replay: what is given, and for the rest what the source had. Raises InvalidInputs."""
    wish = Wish(
        tenant=source.tenant,
        namespace=source.namespace,
        flow_id=source.flow_id,
        revision=source.flow_revision if revision is None else revision,
        inputs=given,
        kept=source.inputs,
    )
    resolution = (await creator.judge(wish)).resolution
    if resolution.errors:
        raise InvalidInputs(resolution)
    return resolution.values
