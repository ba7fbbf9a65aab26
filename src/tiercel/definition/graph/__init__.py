"""The topology of a flow: what leads to what, which tasks stand together, and what comes after a task."""

from tiercel.definition.graph.drawing import graph_of
from tiercel.definition.graph.shape import Branch, Cluster, Edge, Graph, Node, NodeKind, Relation
from tiercel.definition.graph.successors import successors

__all__ = ["Branch", "Cluster", "Edge", "Graph", "Node", "NodeKind", "Relation", "graph_of", "successors"]
