"""The stored flows of a tenant, as checking another one asks for them."""

from tiercel.definition.neighbours import Neighbour
from tiercel.services.registry import Registry, UnreadableFlow


class RegisteredFlows:
    """Answers `definition.Neighbours` from the registry."""

    def __init__(self, registry: Registry, *, tenant: str) -> None:
        self._registry = registry
        self._tenant = tenant

    def find(self, namespace: str, flow_id: str) -> Neighbour:
        stored = self._registry.latest(self._tenant, namespace, flow_id)
        if stored is None:
            return Neighbour("absent")
        try:
            flow = self._registry.deployed(stored).flow
        except UnreadableFlow:
            return Neighbour("unreadable")
        return Neighbour("disabled" if stored.disabled else "ready", flow.inputs)
