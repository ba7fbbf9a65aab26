"""What comes after a task: what a replay from there runs again."""

from collections.abc import Iterable

from tiercel.definition.graph.shape import Graph, NodeKind


def successors(graph: Graph, chosen: Iterable[str]) -> frozenset[str]:
    """The uids of the chosen nodes and of all that an edge leads to from there.

    A cluster that begins with a chosen node begins anew: its root, and with it the chain of its errors, counts too.
    """
    targets: dict[str, list[str]] = {}
    for edge in graph.edges:
        targets.setdefault(edge.source, []).append(edge.target)
    wanted = frozenset(chosen)
    roots = (node.uid for node in graph.nodes if node.kind is NodeKind.ROOT)
    waiting = [*wanted, *(uid for uid in roots if wanted.intersection(targets.get(uid, ())))]
    found: set[str] = set()
    while waiting:
        uid = waiting.pop()
        if uid not in found and (uid in wanted or uid in targets):
            found.add(uid)
            waiting.extend(targets.get(uid, ()))
    return frozenset(found)
