"""Every `{{ }}` of a flow: that it can be read, and that the tasks, inputs and variables it names are there.

What is found is a warning, for only the running flow knows all that will be there. One thing is refused: a dash after
`inputs.` or `outputs.`, which would be a subtraction.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from tiercel.definition.document import Document, texts
from tiercel.definition.mistakes import closest
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, entries, tasks
from tiercel.expression import ExpressionError, Template, compile
from tiercel.model.flowable import SetVariables, Subflow

_NO_TEMPLATES = frozenset({"description", "displayName"})
_INSIDE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_DASH = re.compile(r"(?<![\w.\]])(inputs|outputs)((?:\.[A-Za-z_]\w*)*\.[A-Za-z_]\w*)-([A-Za-z_]\w*)")
_OF_FLOWS = (
    "flow execution task taskrun parent parents outputs tasks inputs trigger labels vars envs globals kestra namespace"
    " item iteration schedule error"
)
_OF_TASKS = "workingDir outputDir inputFiles outputFiles response values value count row"
_ROOTS = frozenset(_OF_FLOWS.split())
_NOT_MEANT = frozenset(_OF_TASKS.split())
"""Names that single plugins bring along: right where they are, and so near to ours that they look like typing errors."""


class Known(msgspec.Struct, frozen=True):
    """The names that expressions of this flow may use, by root; a root that is not here takes any name."""

    names: Mapping[str, frozenset[str]]


def check_expressions(document: Document) -> Iterator[Problem]:
    known = _known(document)
    templates = [(path, text) for path, text in texts(document.data) if "{{" in text or "{%" in text]
    for path, text in templates:
        if path[-1] in _NO_TEMPLATES:
            continue
        try:
            template = compile(text)
        except ExpressionError as error:
            yield _unreadable(document, path, error)
        else:
            yield from _references(document, path, template, known)
    yield from _dashes(document, templates)


def _known(document: Document) -> Known:
    written = list(tasks(document))
    names = {"outputs": _outputs(written), "inputs": _inputs(document)}
    if not any(task.model is SetVariables for task in written):
        variables = document.data.get("variables")
        names["vars"] = frozenset(cast(dict[str, Any], variables) if isinstance(variables, dict) else ())
    return Known(names)


def _outputs(written: list[Written]) -> frozenset[str]:
    """ForEachItem runs three tasks of its own."""
    own = {task.id for task in written}
    parts = {
        task.id + part for task in written if "ForEachItem" in task.type_name for part in ("_split", "_items", "_merge")
    }
    return frozenset(own | parts)


def _inputs(document: Document) -> frozenset[str]:
    names = (str(one.data.get("id", one.data.get("name", ""))) for one in entries(document, "inputs"))
    return frozenset(name.split(".")[0] for name in names)


def _unreadable(document: Document, path: Path, error: ExpressionError) -> Problem:
    return document.problem(
        "expression",
        f"this expression cannot be read: {error.message}",
        path,
        span=document.span_within(path, error.offset or 0),
        severity=Severity.WARNING,
    )


def _references(document: Document, path: Path, template: Template, known: Known) -> Iterator[Problem]:
    subtracted = {found[2].split(".")[1] for found in _DASH.finditer(template.text)}
    for root, *inner in sorted(name for name in template.names if name):
        if _is_elsewhere(document, path, root) or subtracted.intersection(inner[:1]):
            continue
        if inner and root in known.names and inner[0] not in known.names[root]:
            yield _unknown_name(document, path, template, root, inner[0], known.names[root])
        elif root not in _ROOTS and (meant := _root_meant(root)):
            message = f"there is no `{root}`; did you mean `{meant}`?"
            yield _reference(document, path, template, root, message, meant)


def _is_elsewhere(document: Document, path: Path, root: str) -> bool:
    """Triggers see the outputs of other flows; `outputs` of a Subflow are rendered within the flow that is called."""
    if path[0] == "triggers":
        return root in ("outputs", "inputs")
    owner = document.at(path[:-1])
    return root in ("outputs", "inputs", "vars") and _within_subflow_outputs(document, path, owner)


def _within_subflow_outputs(document: Document, path: Path, owner: Any) -> bool:
    if "outputs" not in path[1:]:
        return False
    task = document.at(path[: path.index("outputs", 1)])
    if not isinstance(task, dict):
        return False
    written = Written((), cast(dict[str, Any], task))
    return written.model is Subflow or written.type_name.endswith("flow.Loop")


def _root_meant(name: str) -> str | None:
    return None if name in _NOT_MEANT or len(name) < 4 else closest(name, _ROOTS)


_KINDS = {"outputs": "task", "inputs": "input", "vars": "variable"}


def _unknown_name(
    document: Document, path: Path, template: Template, root: str, name: str, known: frozenset[str]
) -> Problem:
    meant = closest(name, known)
    hint = f"; did you mean `{meant}`?" if meant else ""
    message = f"there is no {_KINDS[root]} `{name}` in this flow{hint}"
    return _reference(document, path, template, name, message, meant)


def _reference(
    document: Document, path: Path, template: Template, name: str, message: str, meant: str | None
) -> Problem:
    found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", template.text)
    span = document.span_within(path, found.start()) if found else None
    if span is not None and span.end_line == span.line:
        span = msgspec.structs.replace(span, end_column=span.column + len(name))
    return document.problem("unknown-name", message, path, span=span, severity=Severity.WARNING, fix=meant)


def _dashes(document: Document, templates: list[tuple[Path, str]]) -> Iterator[Problem]:
    """The original names all offending tasks, or outputs, in one sentence: it goes with the first."""
    told: set[tuple[str, str]] = set()
    owners = _owners(document, templates)
    for path, text in templates:
        for inside in _INSIDE.finditer(text):
            for found in _DASH.finditer(inside.group()):
                of = (found[1].removesuffix("s"), "outputs" if path[0] == "outputs" else "tasks")
                legacy = "" if of in told else _dash_words(of, owners[of])
                told.add(of)
                key = f"{found[2].split('.')[-1]}-{found[3]}"
                yield document.problem(
                    "dash",
                    f"`{found[0]}` is a subtraction: write {found[1]}['{key}'] to name a key with a dash",
                    path,
                    span=document.span_within(path, inside.start() + found.start()),
                    legacy=legacy,
                    legacy_path="",
                )


def _owners(document: Document, templates: list[tuple[Path, str]]) -> dict[tuple[str, str], list[str]]:
    owners: dict[tuple[str, str], list[str]] = {}
    for path, text in templates:
        for inside in _INSIDE.finditer(text):
            for found in _DASH.finditer(inside.group()):
                of = (found[1].removesuffix("s"), "outputs" if path[0] == "outputs" else "tasks")
                owners.setdefault(of, []).append(document.legacy_path(path).split(".")[0])
    return owners


def _dash_words(of: tuple[str, str], owners: list[str]) -> str:
    kind, where = of
    return (
        f"Invalid Flow: Invalid {kind} reference: use {kind}s[key-name] instead of {kind}s.key-name — keys with dashes"
        f" require bracket notation, offending {where}: [{', '.join(dict.fromkeys(owners))}]"
    )
