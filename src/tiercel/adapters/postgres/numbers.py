"""The numbers by which rows name tenants, namespaces and flows: given once, never changed, remembered by this process."""

from typing import Any, Protocol

from tiercel.adapters.postgres.sql import query
from tiercel.ports.flows import Place


class Asked(Protocol):
    """A connection or a pool."""

    async def fetchval(self, query: str, *args: Any) -> Any: ...


class Numbers:
    """Looks up and remembers."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, str], Place] = {}

    async def place(self, asked: Asked, *, tenant: str, namespace: str, flow_id: str) -> Place:
        """The numbers of a flow, which gets them now when it has none."""
        name = (tenant, namespace, flow_id)
        place = self._places.get(name)
        if place is None:
            tenant_key = await asked.fetchval(query("registry/tenant"), tenant)
            namespace_key = await asked.fetchval(query("registry/namespace"), tenant_key, namespace)
            flow_key = await asked.fetchval(query("registry/flow"), tenant_key, namespace_key, flow_id)
            place = self._places[name] = Place(tenant_key, namespace_key, flow_key)
        return place


async def namespace_number(asked: Asked, tenant: str, namespace: str) -> int:
    """The number of a namespace, which gets it now when it has none."""
    tenant_key = await asked.fetchval(query("registry/tenant"), tenant)
    return await asked.fetchval(query("registry/namespace"), tenant_key, namespace)
