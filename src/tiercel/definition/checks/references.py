"""`outputs.…` in expressions: that the task is there, can have run by then, and gives what is read of it.

What is found is a warning: only the running flow knows all that will be there.
"""

from collections.abc import Iterator

from tiercel.definition.catalog import Catalog
from tiercel.definition.checks.expressions import is_elsewhere, reference, subtracted, templates
from tiercel.definition.document import Document
from tiercel.definition.mistakes import closest
from tiercel.definition.problem import Path, Problem
from tiercel.definition.reach import BY_VALUE, Reach, Reason
from tiercel.definition.walk import Written
from tiercel.expression import Template
from tiercel.model.flowable import ForEachItem, If, Loop, LoopUntil, Pause, Subflow, Switch
from tiercel.model.task import Task

_OUTSIDE = ("pluginDefaults", "taskDefaults", "variables", "inputs", "labels")
"""Rendered wherever they are used."""
_OF_FLOWABLES: dict[type[Task], frozenset[str]] = {
    If: frozenset({"evaluationResult"}),
    Switch: frozenset({"value", "defaults"}),
    Loop: frozenset({"iterationCount", "runningIterations", "terminatedIterations", "nextOffset", "outputs", "uri"}),
    LoopUntil: frozenset({"iterationCount"}),
    Pause: frozenset({"onResume", "resumed"}),
    Subflow: frozenset({"executionId", "state", "outputs"}),
}
_PARTS = ("_split", "_items", "_merge")
"""ForEachItem runs three tasks of its own."""


def check_references(document: Document, catalog: Catalog) -> Iterator[Problem]:
    reach = Reach(document)
    for path, template in templates(document):
        if path[0] not in _OUTSIDE and not is_elsewhere(document, path, "outputs"):
            yield from _of_template(document, catalog, reach, path, template)


def _of_template(
    document: Document, catalog: Catalog, reach: Reach, path: Path, template: Template
) -> Iterator[Problem]:
    left_out = subtracted(template)
    reads = sorted({(name[1], *name[2:3]) for name in template.names if name[:1] == ("outputs",) and len(name) > 1})
    told: set[str] = set()
    for name, *inner in reads:
        if name in told or name in left_out:
            continue
        read = reach.task(name)
        found = _unknown(document, reach, path, template, name) if read is None else None
        if read is not None:
            found = _unreached(document, reach, path, template, read)
            found = found or (_property(document, catalog, reach, path, template, read, inner[0]) if inner else None)
        if found is not None:
            told.add(name)
            yield found


def _unknown(document: Document, reach: Reach, path: Path, template: Template, name: str) -> Problem | None:
    part = next((part for part in _PARTS if name.endswith(part)), None)
    whole = None if part is None else reach.task(name.removesuffix(part))
    if whole is not None and whole.model is ForEachItem:
        return None
    meant = closest(name, _readable(reach))
    hint = f"; did you mean `{meant}`?" if meant else ""
    message = f"there is no task `{name}` in this flow{hint}"
    return reference(document, path, template, name, message, fix=meant)


def _readable(reach: Reach) -> frozenset[str]:
    parts = {task.id + part for task in reach.tasks() if task.model is ForEachItem for part in _PARTS}
    return frozenset(parts | {task.id for task in reach.tasks()})


def _unreached(document: Document, reach: Reach, path: Path, template: Template, read: Written) -> Problem | None:
    if read.data.get("disabled") is True:
        message = f"`{read.id}` is disabled: it never has outputs"
        return reference(document, path, template, read.id, message, code="unreachable")
    reason = reach.hindrance(read, path)
    if reason is None:
        return None
    owner = reach.owner(path)
    message = _WORDS[reason].format(read=f"`{read.id}`", owner=f"`{owner.id}`" if owner else "the flow's end")
    return reference(document, path, template, read.id, message, code="unreachable")


_WORDS: dict[Reason, str] = {
    "itself": "{read} reads its own outputs, which are there only when it is over",
    "inside": "{read} runs after this is rendered: it stands inside of {owner}",
    "later": "{read} runs after {owner}: it has no outputs yet; put it above",
    "beside": "{read} and {owner} run side by side: nothing makes {owner} wait for the outputs of {read}",
    "other-branch": "{read} stands in another branch than {owner}: where one of them runs the other does not",
    "isolated": "{read} runs in the iterations of a Loop, which nobody outside sees: give the Loop `outputs`, and read those",
    "ending": "{read} runs only after {owner}: it has no outputs yet",
}


def _property(
    document: Document, catalog: Catalog, reach: Reach, path: Path, template: Template, read: Written, name: str
) -> Problem | None:
    if reach.is_within(read, BY_VALUE):
        return None
    known = _OF_FLOWABLES.get(read.model)
    if known is None:
        given = catalog.outputs(read.type_name)
        known = None if given is None else frozenset(given)
    if known is None or name in known:
        return None
    meant = closest(name, known)
    what = f"it gives {', '.join(f'`{one}`' for one in sorted(known))}" if known else "it gives none"
    hint = f"did you mean `{meant}`?" if meant else what
    message = f"`{read.id}` has no output `{name}`; {hint}"
    return reference(document, path, template, name, message, code="unknown-output", fix=meant)
