"""The names that an expression may use at a place, what each means, what it holds, and where it is defined."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import msgspec

from tiercel.definition.class_schema import Schema
from tiercel.definition.editing import flow_names
from tiercel.definition.editing.node import Node
from tiercel.definition.editing.sketch import Sketch
from tiercel.definition.editing.types import Types


class Name(msgspec.Struct, frozen=True):
    """One name."""

    name: str
    meaning: str = ""
    kind: str = ""
    node: Node | None = None
    """Where the flow defines it."""
    holds: "Callable[[], list[Name]]" = list
    """What is in it."""


_OF_RUN: Mapping[str, Mapping[str, str]] = {
    "flow": {
        "id": "Its name.",
        "namespace": "Where it lives.",
        "revision": "Which revision runs.",
        "tenantId": "Its tenant.",
    },
    "execution": {
        "id": "Its name.",
        "startDate": "When it began.",
        "endDate": "When it ended: in `afterExecution`.",
        "state": "Its state: in `afterExecution` the one it ended with.",
        "originalId": "The first execution, where this one repeats another.",
        "outputs": "The outputs of the flow: in `afterExecution`.",
    },
    "task": {"id": "Its name.", "type": "Its type."},
    "taskrun": {
        "id": "Its name.",
        "startDate": "When it began.",
        "attemptsCount": "How many attempts failed before this one.",
        "parentId": "The task run that it stands in.",
        "value": "The value that this round of a loop is for.",
        "iteration": "The number of the round, from 0.",
    },
    "item": {
        "value": "The value that the iteration is for.",
        "index": "Its number, from 0.",
        "key": "Its key, where the loop goes over a mapping.",
        "parent": "The item of the loop around this one.",
        "parents": "The items of all loops around, outermost first.",
    },
    "parent": {"taskrun": "Of the task around: its `value`.", "outputs": "What the task around gave so far."},
    "kestra": {"environment": "The name of this installation.", "url": "The address of the web UI."},
}
_ROOTS: Mapping[str, str] = {
    "outputs": "What the tasks before this one gave, by their ids.",
    "inputs": "What the execution was started with.",
    "vars": "The variables of the flow. What holds expressions is rendered by `render(vars.x)`.",
    "trigger": "What the trigger that started the execution told.",
    "labels": "The labels of the execution.",
    "flow": "The flow.",
    "execution": "The execution.",
    "task": "This task.",
    "taskrun": "This run of the task.",
    "item": "What this iteration of a Loop is for.",
    "parent": "The task run that this one stands in.",
    "parents": "All task runs that this one stands in, the nearest first.",
    "tasks": "The states of the tasks, by their ids.",
    "envs": "Variables of the server's environment.",
    "globals": "Variables that the server's settings give to every flow.",
    "kestra": "The installation.",
    "error": "What failed: in `errors`.",
}


class Scope:
    """The names at one place."""

    def __init__(self, sketch: Sketch, node: Node, types: Types) -> None:
        self._sketch = sketch
        self._node = node
        self._types = types

    def roots(self) -> list[Name]:
        return [Name(name, meaning, holds=self._holder(name)) for name, meaning in _ROOTS.items()]

    def members(self, path: Iterable[str]) -> list[Name]:
        """What is in a name; nothing where that is not known."""
        names = self.roots()
        for step in path:
            found = next((each for each in names if each.name == step), None)
            if found is None:
                return []
            names = found.holds()
        return names

    def find(self, path: tuple[str, ...]) -> Name | None:
        """The name that a path leads to."""
        return next((each for each in self.members(path[:-1]) if each.name == path[-1]), None) if path else None

    def _holder(self, name: str) -> Callable[[], list[Name]]:
        if name in _OF_RUN:
            return lambda: [Name(one, meaning) for one, meaning in _OF_RUN[name].items()]
        known = _OF_FLOW.get(name)
        return list if known is None else lambda: known(self)

    def outputs(self) -> list[Name]:
        return [self._of_task(each) for each in flow_names.tasks_before(self._sketch, self._node)]

    def inputs(self) -> list[Name]:
        """A dot in the name of an input makes a group."""
        return _grouped({tuple(name.split(".")): node for name, node in flow_names.inputs(self._sketch).items()})

    def variables(self) -> list[Name]:
        node = flow_names.variables(self._sketch)
        return [] if node is None else _of_mapping(node)

    def labels(self) -> list[Name]:
        return _grouped({tuple(name.split(".")): node for name, node in flow_names.labels(self._sketch).items()})

    def trigger(self) -> list[Name]:
        found: dict[str, Name] = {}
        for each in flow_names.triggers(self._sketch):
            for one in self._given_by(each):
                found.setdefault(one.name, one)
        return list(found.values())

    def states(self) -> list[Name]:
        tasks = flow_names.tasks_before(self._sketch, self._node)
        state = [Name("state", "The state of the task.")]
        return [Name(each.said("id"), "", node=each, holds=lambda: state) for each in tasks]

    def _of_task(self, node: Node) -> Name:
        type_name = node.said("type")
        current = self._types.resolve(type_name) or type_name
        return Name(
            node.said("id"),
            f"What the task `{node.said('id')}` gave ({current}).",
            node=node.child("id"),
            holds=lambda: self._given_by(node),
        )

    def _given_by(self, node: Node) -> list[Name]:
        type_name = node.said("type")
        if not type_name or self._types.resolve(type_name) is None:
            return []
        given = [_of_schema(name, schema) for name, schema in _properties(self._types.outputs(type_name))]
        values = node.child("values")
        return [one if values is None or one.name != "values" else _written(one, values) for one in given]


_OF_FLOW: Mapping[str, Callable[[Scope], list[Name]]] = {
    "outputs": Scope.outputs,
    "inputs": Scope.inputs,
    "vars": Scope.variables,
    "labels": Scope.labels,
    "trigger": Scope.trigger,
    "tasks": Scope.states,
}


def _of_mapping(node: Node) -> list[Name]:
    return [
        Name(
            str(each.name),
            node=each,
            kind="" if each.children else each.text[:60],
            holds=lambda each=each: _of_mapping(each),
        )
        for each in node.children
        if not each.is_item and not each.is_loose
    ]


def _written(name: Name, values: Node) -> Name:
    """The values that a task gives as they stand in the flow."""
    return msgspec.structs.replace(name, holds=lambda: _of_mapping(values))


def _grouped(found: Mapping[tuple[str, ...], Node]) -> list[Name]:
    names: dict[str, Name] = {}
    for (first, *rest), node in found.items():
        if first in names:
            continue
        inner = {way[1:]: each for way, each in found.items() if way[0] == first and len(way) > 1}
        if rest:
            names[first] = Name(first, "A group.", holds=lambda inner=inner: _grouped(inner))
        else:
            at = node.child("id") or node.child("name") or node
            names[first] = Name(first, node.said("description"), node.said("type"), at)
    return list(names.values())


def _properties(schema: Mapping[str, Any]) -> list[tuple[str, Schema]]:
    return list(cast(Mapping[str, Schema], schema.get("properties", {})).items())


def _of_schema(name: str, schema: Schema) -> Name:
    kind = schema.get("type", "")
    return Name(
        name,
        str(schema.get("description", "")),
        kind if isinstance(kind, str) else "",
        holds=lambda: [_of_schema(one, inner) for one, inner in _properties(schema)],
    )
