"""Executions that the server is told to ignore: so that one it cannot cope with does not keep it from all the others.

Nothing is decided about them. What they are told meanwhile is refused; jobs and timers stay where they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tiercel.model.execution import Execution

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ignoring:
    """Which executions are ignored; an empty one ignores none."""

    executions: frozenset[str] = frozenset()
    flows: frozenset[Name] = frozenset()
    """As (namespace, flow) or (tenant, namespace, flow)."""
    namespaces: frozenset[Name] = frozenset()
    """As (namespace,) or (tenant, namespace); not those below it."""
    tenants: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        *,
        executions: Iterable[str] = (),
        flows: Iterable[str] = (),
        namespaces: Iterable[str] = (),
        tenants: Iterable[str] = (),
    ) -> "Ignoring":
        """From names as people write them: `tenant|namespace|flow`, where the tenant may be left out."""
        return cls(
            frozenset(executions),
            frozenset(tuple(flow.split("|")) for flow in flows),
            frozenset(tuple(namespace.split("|")) for namespace in namespaces),
            frozenset(tenants),
        )

    def covers(self, execution: Execution) -> bool:
        place = (execution.tenant, execution.namespace)
        return (
            execution.id in self.executions
            or execution.tenant in self.tenants
            or not self.namespaces.isdisjoint((place, place[1:]))
            or not self.flows.isdisjoint(((*place, execution.flow_id), (*place[1:], execution.flow_id)))
        )


NOTHING = Ignoring()
