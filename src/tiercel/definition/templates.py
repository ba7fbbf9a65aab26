"""Templates (1.x): read from their texts, and put into the flows whose `Template` tasks name them.

A template is written as a flow is, and has nothing but tasks. They are put in as data, so that plugin defaults of the flow
hold for them too. A task whose id the flow has already, since the template is used twice or the flow has a task of that
name, gets the id of the `Template` task before its own; to the tasks of that template it keeps the name that its author
knows. What cannot be put in says why, and fails when it is to run.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, cast

import msgspec

from tiercel.definition.defaults import NO_DEFAULTS, Defaults
from tiercel.definition.document import Document
from tiercel.definition.problem import errors, sort
from tiercel.definition.read import Reading, read, read_document, with_defaults
from tiercel.definition.walk import Written, mappings, tasks
from tiercel.model.flowable import ForEachItem, Template

FIELDS = ("id", "namespace", "description", "tasks", "errors")
Data = Mapping[str, Any]
Find = Callable[[str, str], Data | None]
"""The data of a template, by namespace and id."""


def read_template(text: str) -> Reading:
    """Read the text of one template. Never raises: what is wrong stands in the problems."""
    reading = read(text)
    if reading.document is None:
        return reading
    foreign = [name for name in reading.document.data if name not in FIELDS]
    problems = [
        reading.document.problem(
            "unknown-property", f"`{name}` is nothing that a template has; it has {', '.join(FIELDS)}", (name,)
        )
        for name in foreign
    ]
    found = sort([*reading.problems, *problems])
    return msgspec.structs.replace(reading, flow=None if errors(found) else reading.flow, problems=found)


def with_templates(reading: Reading, find: Find, *, defaults: Defaults = NO_DEFAULTS) -> Reading:
    """The reading with the tasks of its templates, and plugin defaults, put in."""
    document = reading.document
    if document is None or all(task.model is not Template for task in tasks(document)):
        return with_defaults(reading)
    filled = _Filling(document.data, find).filled()
    return with_defaults(read_document(Document(filled, None, ""), defaults=defaults))


class _Filling:
    """One flow whose templates are put in."""

    def __init__(self, data: Data, find: Find) -> None:
        self._data: dict[str, Any] = deepcopy(dict(data))
        self._find = find
        self._tasks = tasks(Document(self._data))
        self._ids = {task.id for task in self._tasks}

    def filled(self) -> dict[str, Any]:
        for task in self._tasks:
            self._fill(task, ())
        return self._data

    def _fill(self, task: Written, chain: tuple[str, ...]) -> None:
        if task.model is not Template:
            return
        name = f"{task.data.get('namespace')}.{task.data.get('templateId')}"
        found = self._find(str(task.data.get("namespace")), str(task.data.get("templateId")))
        body: dict[str, Any] = deepcopy({part: (found or {}).get(part) or [] for part in ("tasks", "errors")})
        inner = tasks(Document(body))
        aliases = self._aliases(task.id, inner)
        refusal = task.data["refusal"] = self._refusal(name, found, aliases, chain)
        if refusal:
            return
        _rename(inner, aliases)
        self._ids |= {each.id for each in inner}
        task.data["aliases"] = aliases | _steps(inner, aliases)
        task.data["tasks"] = body["tasks"]
        task.data["errors"] = body["errors"] or task.data.get("errors") or []
        for each in inner:
            self._fill(each, (*chain, name))

    def _aliases(self, owner: str, inner: tuple[Written, ...]) -> dict[str, str]:
        """The ids that the flow has already, and those their tasks get."""
        return {each.id: f"{owner}_{each.id}" for each in inner if each.id in self._ids}

    def _refusal(self, name: str, found: Data | None, aliases: Mapping[str, str], chain: tuple[str, ...]) -> str:
        """Why the tasks are not put in; empty where they are."""
        if name in chain:
            return f"the template `{name}` contains itself, by way of {', '.join(f'`{one}`' for one in chain)}"
        if found is None:
            return f"there is no template `{name}`: create it, or make a flow of its tasks and call that with a Subflow"
        if taken := sorted(self._ids.intersection(aliases.values())):
            return (
                f"the template `{name}` has tasks whose ids the flow has already, and the flow has also those that they "
                f"would get instead: {', '.join(f'`{id}`' for id in taken)}; give them others"
            )
        return ""


def _rename(inner: tuple[Written, ...], aliases: Mapping[str, str]) -> None:
    """Give the tasks their other ids, also where a Dag names them."""
    for each in inner:
        each.data["id"] = aliases.get(each.id, each.id)
        for entry in mappings(each.data.get("tasks"), ()):
            if isinstance(named := entry.data.get("dependsOn"), list):
                entry.data["dependsOn"] = [aliases.get(str(one), one) for one in cast(list[Any], named)]


def _steps(inner: tuple[Written, ...], aliases: Mapping[str, str]) -> dict[str, str]:
    """The steps of a ForEachItem bear its name."""
    old = {new: id for id, new in aliases.items()}
    items = [each.id for each in inner if each.model is ForEachItem and each.id in old]
    return {f"{old[id]}_{step}": f"{id}_{step}" for id in items for step in ("split", "items", "merge")}
