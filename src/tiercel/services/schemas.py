"""What is to know of every type: its schema, its outputs, what it is for. For schemas, forms, completion and the API.

Types whose plugin is not installed are known by the facts of services/known_types; they are marked, and have no texts.
"""

import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any, cast

import msgspec

from tiercel.definition import read
from tiercel.definition.class_schema import Schema, class_schema
from tiercel.definition.schema import structural_names, structural_schema, structural_spellings
from tiercel.definition.walk import entries, tasks
from tiercel.model.conditions import CONDITIONS
from tiercel.model.flowable import FLOWABLES
from tiercel.sdk import Output, Plugin
from tiercel.sdk.docs import meanings
from tiercel.services.catalog import PREFIX, BrokenPlugin, PluginCatalog, UnknownType, output_class
from tiercel.services.known_schemas import known_schema
from tiercel.services.known_types import known_types


class PluginSchemas:
    """Answers `definition.schema.Schemas`, and `definition.editing.Types`, from a catalog."""

    def __init__(self, catalog: PluginCatalog) -> None:
        self.catalog = catalog
        self._schemas: dict[str, Schema] = {}

    def names(self, kind: str) -> Sequence[str]:
        """The present full names of the installed types of a kind, sorted."""
        return self._by_kind[kind]

    def other_names(self, kind: str) -> Sequence[str]:
        """Types of a kind that exist and are not installed."""
        return [name for name in self._known_by_kind[kind] if not self.is_installed(name)]

    def is_installed(self, name: str) -> bool:
        return self.catalog.resolve(name) is not None or name in CONDITIONS

    def resolve(self, name: str) -> str | None:
        """The present full name of a type that exists, whether it is installed or not."""
        for full in (name, PREFIX + name):
            if full in CONDITIONS:
                return CONDITIONS[full].names[0]
        return self.catalog.resolve(name) or known_types().current(name)

    def kind(self, name: str) -> str | None:
        """`task`, `trigger`, `condition` …; a class is imported only where nothing else tells."""
        current = self.resolve(name)
        known = None if current is None else known_types().types.get(current)
        if current in CONDITIONS:
            return "condition"
        return _kind(known.kind) if known is not None else self.catalog.kind(name)

    def spellings(self, name: str) -> Sequence[str]:
        """Everything a type may be called, its full name first."""
        return [name, *(other for other in self._aliases[name] if other != name)]

    def schema(self, name: str) -> Schema:
        """The properties of a type, without those that all of its kind have. Empty where nothing is known of it."""
        current = self.resolve(name) or name
        if current not in self._schemas:
            self._schemas[current] = self._made(current)
        return dict(self._schemas[current])

    def outputs(self, name: str) -> Schema:
        """What a task gives, or what expressions see as `trigger`: a schema with its properties."""
        current = self.resolve(name) or name
        structural = _OUTPUTS.get(current.removeprefix(PREFIX + "core."))
        if structural is not None:
            return {"type": "object", "properties": {one: {"description": told} for one, told in structural.items()}}
        plugin = self._plugin(current)
        given = None if plugin is None else output_class(plugin)
        return {} if given is None else _output_schema(given)

    def meaning(self, name: str) -> str:
        """What a type is for: the text at the top of its class."""
        current = self.resolve(name) or name
        known = FLOWABLES.get(current) or CONDITIONS.get(current) or self._plugin(current)
        return "" if known is None else inspect.cleandoc(known.__doc__ or "")

    def example(self, name: str) -> str:
        """A flow that shows the type at work."""
        current = self.resolve(name) or name
        known = FLOWABLES.get(current) or self._plugin(current)
        return "" if known is None else inspect.cleandoc(known.example)

    def meanings(self, known: type) -> Mapping[str, str]:
        """What the properties of a class mean."""
        return _meanings(known)

    @cached_property
    def _by_kind(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.catalog.names():
            found[self.kind(name) or ""].append(name)
        for kind in ("task", "condition"):
            found[kind] = sorted({*found[kind], *structural_names(kind)})
        return found

    @cached_property
    def _known_by_kind(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, known in sorted(known_types().types.items()):
            found[_kind(known.kind)].append(name)
        return found

    @cached_property
    def _aliases(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.catalog.every_name():
            current = self.catalog.resolve(name)
            if current is not None:
                found[current].append(name)
        for old, current in known_types().aliases.items():
            found[current].append(old)
        for name in structural_names("condition"):
            found[name].extend(structural_spellings(name))
        return found

    def _made(self, name: str) -> Schema:
        structural = structural_schema(name, self.meanings)
        if structural is not None:
            return structural
        plugin = self._plugin(name)
        if plugin is not None:
            return _class_schema(plugin)
        known = known_types().type(name)
        return {} if known is None else known_schema(known_types(), known)

    def _plugin(self, name: str) -> type[Plugin] | None:
        if name in FLOWABLES:
            return None
        try:
            return self.catalog.plugin(name)
        except (UnknownType, BrokenPlugin):
            return None


def _kind(known: str) -> str:
    """`trigger` for `trigger.polling`."""
    return known.partition(".")[0]


@cache
def _meanings(known: type) -> Mapping[str, str]:
    return meanings(known)


def _class_schema(plugin: type[Plugin]) -> Schema:
    made = class_schema(plugin, _meanings, is_dynamic=True)
    made.pop("additionalProperties", None)
    made["title"] = plugin.type_name or made.get("title", "")
    if examples := _examples(plugin):
        made["examples"] = examples
    return made


def _examples(plugin: type[Plugin]) -> list[dict[str, Any]]:
    """The tasks or triggers of the type in the flow that shows it."""
    document = read(inspect.cleandoc(plugin.example)).document
    if document is None:
        return []
    written = (*tasks(document), *entries(document, "triggers"))
    return [each.data for each in written if each.type_name == plugin.type_name]


def _output_schema(given: type[Output]) -> Schema:
    told = _meanings(given)
    fields = msgspec.structs.fields(given)
    return {
        "type": "object",
        "properties": {
            field.encode_name: {**_field_schema(field.type), **_described(told.get(field.name))} for field in fields
        },
    }


def _field_schema(kind: Any) -> Schema:
    try:
        made = msgspec.json.schema(kind)
    except TypeError:
        return {}
    return made if "$ref" not in made else cast(Schema, made["$defs"][made["$ref"].rpartition("/")[2]])


def _described(meaning: str | None) -> Schema:
    return {"description": meaning} if meaning else {}


_OUTPUTS: Mapping[str, Mapping[str, str]] = {
    "flow.Approval": {
        "decision": "APPROVED, DENIED or EXPIRED.",
        "auto": "Whether the flow approved by itself.",
        "by": "Who decided; null where nobody did.",
        "on": "When, as a local date and time.",
        "comment": "What was said with the decision.",
        "inputs": "The inputs given with the decision, by name.",
        "due": "Until when it waits, while it waits and after; null without a `timeout`.",
        "url": "The page of the execution; null where the server does not know its own address.",
    },
    "flow.If": {"evaluationResult": "Whether the condition held."},
    "flow.Switch": {"value": "What was looked at.", "defaults": "Whether no case fitted."},
    "flow.Pause": {
        "onResume": "The inputs given when it was resumed, by name.",
        "resumed": "How the wait ended: `on` (a local date and time), `to` (a state), and `by`, where it is known who resumed it.",
    },
    "flow.Subflow": {
        "executionId": "The execution of the other flow.",
        "state": "How it ended; with `wait: false` CREATED.",
        "outputs": "The outputs of the other flow, by name; with `wait`, and where it has any.",
    },
    "flow.Loop": {
        "outputs": "Where `outputs` is written: for each iteration, in order, its `item` (`value`, `iteration`, `key`) and its `outputs` by name.",
        "iterationCount": "How many values there are.",
        "terminatedIterations": "How many iterations ended, by state.",
        "runningIterations": "How many are still running.",
    },
    "flow.LoopUntil": {"iterationCount": "Which round it is, counted from 1; after the end, how many there were."},
    "flow.WorkingDirectory": {
        "outputFiles": "Where `outputFiles` is written: the URI of each file that was kept, by name."
    },
    "trigger.Schedule": {
        "date": "The date that was due, in the time zone of the trigger.",
        "next": "The date after it, for which the conditions hold too.",
        "previous": "The date before it, likewise.",
    },
    "trigger.ScheduleOnDates": {"date": "The date that was due."},
    "trigger.Webhook": {
        "body": "The body of the request: an object or a list of JSON as data, anything else as a text.",
        "headers": "Its headers, each with a list of values; found however their names are written.",
        "parameters": "Its query parameters, each with a list of values.",
        "uri": "With `fetchType: STORE`: where the body lies in internal storage.",
        "formFields": "Of a form: its fields.",
        "parts": "Of a form: its files, each with `name`, `filename`, `contentType`, `size` and `uri`.",
    },
    "trigger.Flow": {
        "executionId": "The execution that started this one.",
        "executionLabels": "Its labels.",
        "state": "How it ended.",
        "startDate": "When it began.",
        "endDate": "When it ended.",
        "namespace": "The namespace of its flow.",
        "flowId": "Its flow.",
        "flowRevision": "The revision of its flow.",
        "outputs": "The outputs of its flow, by name. Of several executions: of each by the id of its flow, and all together by name.",
        "firstFailedTaskId": "The first of its tasks that failed.",
        "lastTaskId": "Its last task.",
    },
}
"""What the types that the engine decides give, and the variables of its triggers."""
