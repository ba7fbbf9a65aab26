"""Every `{{ }}` of a flow: that it can be read, and that the filters, functions, inputs and variables it names are there.

What is found is a warning, for only the running flow knows all that will be there (outputs: checks.references). One thing is refused: a dash after
`inputs.` or `outputs.`, which would be a subtraction.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from tiercel.definition.defaults import full_name
from tiercel.definition.document import Document, Span
from tiercel.definition.mistakes import closest
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import OF_THE_FLOW, Written, entries, mappings, tasks
from tiercel.expression import ExpressionError, Template, UnknownError, compile
from tiercel.model.flowable import SetVariables, Subflow

_NO_TEMPLATES = frozenset({"description", "displayName"})
_TESTS = "tests"
"""Unit tests are rendered by whoever runs them, with names of their own."""
_INSIDE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_DASH = re.compile(r"(?<![\w.\]])(inputs|outputs)((?:\.[A-Za-z_]\w*)*\.[A-Za-z_]\w*)-([A-Za-z_]\w*)")
_OF_FLOWS = (
    "flow execution task taskrun parent parents outputs tasks inputs trigger labels vars envs globals kestra namespace"
    " item iteration schedule error _context"
)
_OF_TASKS = "workingDir outputDir inputFiles outputFiles response values value count row"
_CAREFUL = re.compile(r"\?\?|\bdefined\b|\|\s*default\b")
_OF_ROWS = frozenset({"expr", "filterCondition"})
"""Rendered for each row of a file, whose columns they name."""
_CORE = "io.kestra.plugin.core."
_ROOTS = frozenset(_OF_FLOWS.split())
_NOT_MEANT = frozenset(_OF_TASKS.split())
"""Names that single plugins bring along: right where they are, and so near to ours that they look like typing errors."""


def check_expressions(document: Document) -> Iterator[Problem]:
    known, groups = _known(document), _groups(document)
    written = [(path, text) for path, text in document.texts if path[0] != _TESTS and ("{{" in text or "{%" in text)]
    for path, text in written:
        if path[-1] in _NO_TEMPLATES:
            continue
        try:
            template = compile(text)
        except ExpressionError as error:
            yield _unreadable(document, path, error)
        else:
            yield from _faults(document, path, template)
            yield from _references(document, path, template, known)
            yield from _within_groups(document, path, template, groups)
    yield from _dashes(document, written)


def templates(document: Document) -> Iterator[tuple[Path, Template]]:
    """Every expression that can be read, with its place."""
    for path, text in document.texts:
        if ("{{" in text or "{%" in text) and path[-1] not in _NO_TEMPLATES and path[0] != _TESTS:
            try:
                yield path, compile(text)
            except ExpressionError:
                continue  # told by check_expressions


def _known(document: Document) -> Mapping[str, frozenset[str]]:
    """The names that expressions of this flow may use, by root; a root that is not here takes any name."""
    names = {"inputs": _inputs(document)}
    if not any(task.model is SetVariables for task in tasks(document)):
        variables = document.data.get("variables")
        names["vars"] = frozenset(cast(dict[str, Any], variables) if isinstance(variables, dict) else ())
    return names


def _inputs(document: Document) -> frozenset[str]:
    names = (str(one.data.get("id", one.data.get("name", ""))) for one in entries(document, "inputs"))
    return frozenset(name.split(".")[0] for name in names)


def _groups(document: Document) -> Mapping[str, frozenset[str]]:
    """The names right below those inputs that are no value but a group: forms, and ids with dots."""
    ids = [f"{one.id}.{name}" for one in entries(document, "inputs") for name in _below(one)]
    ids += [one.id for one in entries(document, "inputs") if one.type_name != "FORM"]
    found: dict[str, set[str]] = {}
    for first, *inner in (name.split(".") for name in ids):
        if inner:
            found.setdefault(first, set()).add(inner[0])
    return {name: frozenset(below) for name, below in found.items() if name not in ids}


def _below(one: Written) -> list[str]:
    return [child.id for child in mappings(one.data.get("inputs"), (*one.path, "inputs")) if child.id]


def _within_groups(
    document: Document, path: Path, template: Template, groups: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    if is_elsewhere(document, path, "inputs"):
        return
    for name in sorted(each for each in template.names if each[:1] == ("inputs",) and len(each) > 2):
        group, inner = name[1], name[2]
        if group in groups and inner not in groups[group]:
            meant = closest(inner, groups[group])
            hint = f"; did you mean `{meant}`?" if meant else ""
            yield reference(document, path, template, inner, f"there is no input `{group}.{inner}`{hint}", fix=meant)


def _unreadable(document: Document, path: Path, error: ExpressionError) -> Problem:
    return document.problem(
        "expression",
        f"this expression cannot be read: {error.message}",
        path,
        span=document.span_within(path, error.offset or 0),
        severity=Severity.WARNING,
    )


def _faults(document: Document, path: Path, template: Template) -> Iterator[Problem]:
    """What fails whenever it is reached, and names that the original has given up."""
    for fault in template.faults:
        meant = fault.meant if isinstance(fault, UnknownError) else None
        name = fault.name if isinstance(fault, UnknownError) else None
        span = _of_word(document, path, fault.offset or 0, name)
        code, message = _CODES.get(fault.kind, "expression"), fault.message
        yield document.problem(code, message, path, span=span, severity=Severity.WARNING, fix=meant)
    for old in template.old_names:
        hint = f"; write `{old.about.instead}`" if old.about.instead else ""
        message = f"`{old.name}` was removed after {old.about.until}{hint}"
        span = _of_word(document, path, old.offset, old.name)
        instead = old.about.instead or ""
        fix = instead if instead.isidentifier() else None
        yield document.problem("old-name", message, path, span=span, severity=Severity.INFO, fix=fix)


_CODES = {"unknown_filter": "unknown-filter", "unknown_function": "unknown-function", "unknown_test": "unknown-test"}


def _of_word(document: Document, path: Path, offset: int, name: str | None) -> Span:
    """The place of a name in an expression: as long as the name."""
    span = document.span_within(path, offset)
    if name is None or span.end_line != span.line:
        return span
    return msgspec.structs.replace(span, end_column=span.column + len(name))


def subtracted(template: Template) -> set[str]:
    """Names around a dash: what is wrong with those is told as a dash."""
    dashes = list(_DASH.finditer(template.text))
    return {found[2].split(".")[1] for found in dashes} | {found[3] for found in dashes}


def _references(
    document: Document, path: Path, template: Template, known: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    left_out = subtracted(template)
    for root, *inner in sorted({name[:2] for name in template.names if name}):
        if is_elsewhere(document, path, root) or left_out.intersection((root, *inner)):
            continue
        if inner and root in known and inner[0] not in known[root]:
            yield _unknown_name(document, path, template, root, inner[0], known[root])
        elif root not in _ROOTS | template.bound:
            yield from _unknown_root(document, path, template, root, known)


def is_elsewhere(document: Document, path: Path, root: str) -> bool:
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


def _unknown_root(
    document: Document, path: Path, template: Template, root: str, known: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """Of a plugin that is not ours only what looks like a typing error: it may bring names along."""
    meant = _root_meant(root) or next((f"{kind}.{root}" for kind, names in known.items() if root in names), None)
    if root not in _NOT_MEANT and (meant or _is_surely_missing(document, path, template)):
        hint = f"did you mean `{meant}`?" if meant else "an expression begins with `inputs`, `outputs`, `vars` …"
        yield reference(document, path, template, root, f"there is no `{root}`; {hint}", fix=meant)


def _is_surely_missing(document: Document, path: Path, template: Template) -> bool:
    """Not so where the template itself says what to do without it."""
    return path[-1] not in _OF_ROWS and not _CAREFUL.search(template.text) and _is_in_a_core_task(document, path)


def _is_in_a_core_task(document: Document, path: Path) -> bool:
    """Do the innermost task and all around it know no names but ours?"""
    if path[0] not in OF_THE_FLOW:
        return False
    around = (document.at((*path[:length], "type")) for length in range(2, len(path)))
    types = [kind for kind in around if isinstance(kind, str)]
    return bool(types) and all(full_name(kind).startswith(_CORE) for kind in types)


def _root_meant(name: str) -> str | None:
    return None if name in _NOT_MEANT or len(name) < 4 else closest(name, _ROOTS)


_KINDS = {"inputs": "input", "vars": "variable"}


def _unknown_name(
    document: Document, path: Path, template: Template, root: str, name: str, known: frozenset[str]
) -> Problem:
    meant = closest(name, known)
    hint = f"; did you mean `{meant}`?" if meant else ""
    message = f"there is no {_KINDS[root]} `{name}` in this flow{hint}"
    return reference(document, path, template, name, message, fix=meant)


def reference(
    document: Document,
    path: Path,
    template: Template,
    name: str,
    message: str,
    *,
    code: str = "unknown-name",
    fix: str | None = None,
) -> Problem:
    """A warning at the first place where a template names something."""
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    inside = _INSIDE.finditer(template.text)
    found = next((one for part in inside if (one := word.search(template.text, part.start(), part.end()))), None)
    span = _of_word(document, path, found.start(), name) if found else None
    return document.problem(code, message, path, span=span, severity=Severity.WARNING, fix=fix)


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
