"""Limits of concurrency: how many executions of each limited flow hold a slot."""

import msgspec
from starlette.responses import Response

from tiercel.api.answers import Page, json_answer
from tiercel.api.call import Call
from tiercel.api.problems import not_found
from tiercel.api.routing import JSON, route
from tiercel.ports.flows import StoredFlow
from tiercel.ports.reader import Reader
from tiercel.services.registry import Registry, UnreadableFlow


class ConcurrencyLimit(msgspec.Struct, frozen=True, rename="camel"):
    tenant_id: str
    namespace: str
    flow_id: str
    running: int = msgspec.field(default_factory=int)


class ConcurrencyLimits:
    """The routes of limits. The numbers are those of executions that are alive, so there is nothing to correct."""

    def __init__(self, *, registry: Registry, reader: Reader) -> None:
        self._registry = registry
        self._reader = reader

    @route("GET", "/concurrency-limit/search", operation="searchConcurrencyLimits", answers=Page[ConcurrencyLimit])
    async def search(self, call: Call) -> Response:
        """Search for flow concurrency limits"""
        running = await self._reader.running(call.tenant)
        flows = [stored for stored in self._registry.all() if stored.tenant == call.tenant and self._is_limited(stored)]
        shown = [_shown(stored, running) for stored in sorted(flows, key=lambda each: (each.namespace, each.id))]
        return json_answer(Page(shown, len(shown)))

    @route(
        "PUT",
        "/concurrency-limit/{namespace}/{flowId}",
        operation="updateConcurrencyLimit",
        accepts=(JSON,),
        body=ConcurrencyLimit,
        answers=ConcurrencyLimit,
    )
    async def update(self, call: Call) -> Response:
        """Update a flow concurrency limit: changes nothing, as the number is counted, and answers with what it is"""
        await call.json(ConcurrencyLimit)
        stored = self._registry.latest(call.tenant, call.path["namespace"], call.path["flowId"])
        if stored is None or not self._is_limited(stored):
            raise not_found(f"Flow {call.path['namespace']}.{call.path['flowId']} has no concurrency limit")
        return json_answer(_shown(stored, await self._reader.running(call.tenant)))

    def _is_limited(self, stored: StoredFlow) -> bool:
        if "concurrency" not in stored.source:
            return False
        try:
            return self._registry.deployed(stored).flow.concurrency is not None
        except UnreadableFlow:
            return False


def _shown(stored: StoredFlow, running: dict[tuple[str, str], int]) -> ConcurrencyLimit:
    name = (stored.namespace, stored.id)
    return ConcurrencyLimit(stored.tenant, *name, running.get(name, 0))
