"""For which version a flow was written: what is in it that was not always there, or is there no longer."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec

from tiercel.definition.defaults import prefixed
from tiercel.definition.document import Document, texts
from tiercel.definition.migration.expressions import EXPRESSION
from tiercel.definition.migration.step import Resolve
from tiercel.definition.problem import Path
from tiercel.definition.walk import entries, tasks
from tiercel.expression import FUNCTIONS, compile
from tiercel.expression.errors import ExpressionError

Version = tuple[int, ...]
_LAST_OF_1 = "1.x"
"""The last versions before 2.0."""
_LAST_OF_0 = "0.x"


class Evidence(msgspec.Struct, frozen=True):
    """One thing that tells something of the version."""

    line: int
    what: str
    since: str | None = None
    until: str | None = None


class Span(msgspec.Struct, frozen=True):
    """The versions that know all that is in a flow."""

    since: str | None
    until: str | None

    @property
    def is_empty(self) -> bool:
        """Is there something new beside something that was gone by then?"""
        return self.since is not None and self.until is not None and _number(self.until) < _number(self.since)


def span_of(evidence: Iterable[Evidence]) -> Span:
    found = list(evidence)
    since = [each.since for each in found if each.since is not None]
    until = [each.until for each in found if each.until is not None]
    return Span(max(since, key=_number, default=None), min(until, key=_number, default=None))


def _number(version: str) -> Version:
    """Versions in their order; `1.x` is the last of its kind."""
    return tuple(999 if part == "x" else int(part) for part in version.split("."))


def evidence(document: Document, resolve: Resolve) -> list[Evidence]:
    """All that tells something, in the order of the lines."""
    found = [*_of_flow(document), *_of_tasks(document, resolve), *_of_parts(document), *_of_expressions(document)]
    return sorted(found, key=lambda each: each.line)


_SINCE_OF_FLOW = {"sla": "0.20", "finally": "0.21", "afterExecution": "0.22", "checks": "1.1", "draft": "2.0", "quotas": "2.0", "workerSelector": "2.0", "policyRefs": "2.0"}  # fmt: skip
_UNTIL_OF_FLOW = {"taskDefaults": _LAST_OF_1, "pluginDefaults": _LAST_OF_1, "listeners": _LAST_OF_1, "workerGroup": _LAST_OF_1}  # fmt: skip
_CORE = "io.kestra.plugin.core."
_SINCE_OF_TYPES = {
    f"{_CORE}flow.LoopUntil": "0.21",
    f"{_CORE}storage.Write": "0.21",
    f"{_CORE}execution.Exit": "0.22",
    f"{_CORE}execution.Assert": "0.23",
    f"{_CORE}metric.Publish": "0.23",
    f"{_CORE}kv.PurgeKV": "0.24",
    f"{_CORE}flow.Loop": "2.0",
    f"{_CORE}flow.Approval": "2.0",
    f"{_CORE}kv.Put": "2.0",
    f"{_CORE}trigger.McpToolTrigger": "2.0",
}
_GONE = (
    "debug.Echo execution.Count execution.Resume flow.ForEach flow.ForEachItem flow.EachSequential flow.EachParallel"
    " flow.Template log.Fetch state.Get state.Set state.Delete storage.LocalFiles trigger.Toggle"
)
_UNTIL_OF_TYPES = {_CORE + name: _LAST_OF_1 for name in _GONE.split()}
_OLD_PACKAGES = ("io.kestra.core.tasks.", "io.kestra.core.models.")
_SINCE_OF_TASKS = {"when": "2.0", "onPause": "0.24", "behavior": "0.23", "workerSelector": "2.0", "taskCache": "2.0"}
_UNTIL_OF_TASKS = {"workerGroup": _LAST_OF_1, "runner": _LAST_OF_1, "docker": _LAST_OF_1}
_OF_TRIGGERS: dict[str, tuple[str | None, str | None]] = {
    "when": ("2.0", None),
    "dependsOn": ("2.0", None),
    "allowConcurrent": ("0.24", None),
    "failOnTriggerError": ("0.22", None),
    "conditions": (None, _LAST_OF_1),
    "scheduleConditions": (None, _LAST_OF_1),
    "preconditions": (None, _LAST_OF_1),
    "backfill": (None, _LAST_OF_1),
    "minLogLevel": (None, _LAST_OF_1),
}
_OF_INPUTS = {"FORM": "2.0", "REUSABLE_INPUTS": "2.0"}
_OLD_INPUTS = {"BOOLEAN", "ENUM"}


def _of_flow(document: Document) -> Iterator[Evidence]:
    yield from _named(document, (), document.data, since=_SINCE_OF_FLOW, until=_UNTIL_OF_FLOW)


def _of_tasks(document: Document, resolve: Resolve) -> Iterator[Evidence]:
    for task in tasks(document):
        yield from _of_type(document, (*task.path, "type"), task.type_name, resolve)
        yield from _named(document, task.path, task.data, since=_SINCE_OF_TASKS, until=_UNTIL_OF_TASKS)
        retry = cast(dict[str, Any], task.data["retry"]) if isinstance(task.data.get("retry"), dict) else {}
        yield from _named(document, (*task.path, "retry"), retry, until={"maxAttempt": _LAST_OF_1})
        if task.model.__name__ == "Pause":
            yield from _named(document, task.path, task.data, until={"delay": _LAST_OF_1, "tasks": _LAST_OF_1})
    for trigger in entries(document, "triggers"):
        yield from _of_type(document, (*trigger.path, "type"), trigger.type_name, resolve)


def _of_type(document: Document, path: Path, name: str, resolve: Resolve) -> Iterator[Evidence]:
    written = prefixed(name)
    current = resolve(name) or written
    is_old = written.startswith(_OLD_PACKAGES) and current != written
    since, until = _SINCE_OF_TYPES.get(current), _UNTIL_OF_TYPES.get(current)
    if is_old:
        yield Evidence(document.span(path).line, f"the type {name}", None, until or _LAST_OF_1)
    elif since or until:
        yield Evidence(document.span(path).line, f"the type {name}", since, until)


def _of_parts(document: Document) -> Iterator[Evidence]:
    since = {name: version for name, (version, _) in _OF_TRIGGERS.items() if version}
    until = {name: version for name, (_, version) in _OF_TRIGGERS.items() if version}
    for trigger in entries(document, "triggers"):
        yield from _named(document, trigger.path, trigger.data, since=since, until=until)
    for one in entries(document, "inputs"):
        path = (*one.path, "type")
        if one.type_name in _OF_INPUTS:
            yield Evidence(document.span(path).line, f"the input type {one.type_name}", _OF_INPUTS[one.type_name])
        if one.type_name in _OLD_INPUTS:
            yield Evidence(document.span(path).line, f"the input type {one.type_name}", None, _LAST_OF_1)
        yield from _named(document, one.path, one.data if "id" not in one.data else {}, until={"name": _LAST_OF_1})


def _of_expressions(document: Document) -> Iterator[Evidence]:
    for path, text in texts(document.data):
        if "{{" not in text and "{%" not in text:
            continue
        for name, since in _new_names(text):
            yield Evidence(document.span(path).line, f"`{name}` in an expression", since)
        for name, until in _removed_names(text):
            yield Evidence(document.span(path).line, f"`{name}` in an expression", None, until)


_CALL = re.compile(r"(?<![\w.])([A-Za-z]\w*)\s*\(")
_SINCE_OF_FUNCTIONS = {name: known.about.since for name, known in FUNCTIONS.items() if known.about.since}


def _new_names(text: str) -> list[tuple[str, str]]:
    """Functions that were not always there."""
    called = (found[1] for each in EXPRESSION.finditer(text) for found in _CALL.finditer(each.group()))
    return [(name, _SINCE_OF_FUNCTIONS[name]) for name in dict.fromkeys(called) if name in _SINCE_OF_FUNCTIONS]


def _removed_names(text: str) -> list[tuple[str, str]]:
    try:
        return [
            (old.name, old.about.until)
            for old in compile(text).old_names
            if old.about.until in (_LAST_OF_0, _LAST_OF_1)
        ]
    except ExpressionError:
        return []


def _named(
    document: Document,
    path: Path,
    written: Mapping[str, Any],
    *,
    since: Mapping[str, str] | None = None,
    until: Mapping[str, str] | None = None,
) -> Iterator[Evidence]:
    for name in written:
        first, last = (since or {}).get(name), (until or {}).get(name)
        if first or last:
            yield Evidence(document.key_span((*path, name)).line, f"`{name}`", first, last)
