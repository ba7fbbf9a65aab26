"""Limits of concurrency as an execution meets them: which ones bind it, and how many each lets run.

A flow limits its own executions, or those of each value of its key; an installation limits namespaces and tenants. So of
two limits that bind one execution, one always counts everything that the other counts.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

Behavior = Literal["QUEUE", "CANCEL", "FAIL"]
"""What becomes of an execution for which there is no slot: it waits, is cancelled, or fails."""


class LimitKey(NamedTuple):
    """What a limit counts: the executions of a tenant, of a namespace and all below it, of a flow, of a value of its key."""

    tenant: str
    namespace: str = ""
    flow_id: str = ""
    value: str = ""
    """A checksum of what the key of the flow's `concurrency` says."""

    @property
    def whole(self) -> "LimitKey":
        """What is counted at once: all values of a key with their flow."""
        return self._replace(value="")

    def contains(self, tenant: str, namespace: str, flow_id: str) -> bool:
        """Whether executions of a flow count."""
        if self.flow_id:
            return (self.tenant, self.namespace, self.flow_id) == (tenant, namespace, flow_id)
        return self.tenant == tenant and (not self.namespace or f"{namespace}.".startswith(f"{self.namespace}."))


class Bound(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A limit that binds an execution."""

    limit: LimitKey
    size: int
    behavior: Behavior = "QUEUE"


class Room(msgspec.Struct, frozen=True):
    """How many executions an installation lets run, and what becomes of one more."""

    size: int
    behavior: Behavior = "QUEUE"


class Rooms(msgspec.Struct, frozen=True):
    """What an installation limits: namespaces, in every tenant, and tenants."""

    namespaces: Mapping[str, Room] = {}
    tenants: Mapping[str, Room] = {}

    def around(self, tenant: str, namespace: str) -> tuple[Bound, ...]:
        """What binds every execution in a namespace, from the inside out."""
        return tuple(self._around(tenant, namespace))

    def _around(self, tenant: str, namespace: str) -> Iterator[Bound]:
        for name in upwards(namespace):
            if (room := self.namespaces.get(name)) is not None:
                yield Bound(LimitKey(tenant, name), room.size, room.behavior)
        if (room := self.tenants.get(tenant)) is not None:
            yield Bound(LimitKey(tenant), room.size, room.behavior)


UNLIMITED = Rooms()


def upwards(namespace: str) -> Iterator[str]:
    """A namespace and those it is in, the innermost first."""
    while namespace:
        yield namespace
        namespace = namespace.rpartition(".")[0]
