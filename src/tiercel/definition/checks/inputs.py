"""Declared inputs: what each type takes, what depends on what, and literal values that their own type would refuse."""

from collections.abc import Iterator
from typing import Any

import msgspec
import regex
from pydantic import ValidationError

from tiercel.definition.checks.dependencies import check_dependencies
from tiercel.definition.checks.ids import check_repeated
from tiercel.definition.constraints import violations
from tiercel.definition.document import Document, texts
from tiercel.definition.input_types import INPUT_TYPES, own_properties
from tiercel.definition.inputs import Declared, flattened
from tiercel.definition.mistakes import closest, explain
from tiercel.definition.original import input_class, unrecognized
from tiercel.definition.problem import Problem, Severity
from tiercel.definition.typed import Cause, Refused, parse
from tiercel.definition.walk import Written, entries, mappings, tasks
from tiercel.model.flow import Input, InputType
from tiercel.model.flowable import Approval, Pause
from tiercel.model.task import Task

_COMMON = frozenset(
    {"id", "name", "type", "description", "displayName", "required", "defaults", "prefill", "dependsOn"}
)
_NO_ITEMS = (InputType.ARRAY, InputType.SECRET, InputType.MULTISELECT, InputType.SELECT)
_ASKING: dict[type[Task], str] = {Pause: "onResume", Approval: "inputs"}
"""Where tasks hold inputs that somebody is asked for."""
_CHOICES = (InputType.SELECT, InputType.ENUM, InputType.MULTISELECT)


def check_inputs(document: Document) -> Iterator[Problem]:
    written = list(entries(document, "inputs"))
    for one in written:
        yield from _input(document, one)
    yield from check_dependencies(document, written)
    for task in tasks(document):
        if task.model in _ASKING:
            yield from _asked_by(document, task, _ASKING[task.model])


def _asked_by(document: Document, task: Written, name: str) -> Iterator[Problem]:
    """The original looks neither at their ids nor at what they depend on: what is wrong with those is no error."""
    asked = list(mappings(task.data.get(name), (*task.path, name)))
    for one in asked:
        yield from _of_a_task(document, one)
        yield from _input(document, one)
    for problem in check_repeated(document, asked, "input"):
        yield msgspec.structs.replace(problem, severity=Severity.WARNING, legacy=None)
    for problem in check_dependencies(document, asked):
        yield msgspec.structs.replace(problem, severity=Severity.WARNING)


def declared(document: Document) -> dict[str, tuple[Written, Declared]]:
    """The inputs that can be read, by full id."""
    found: dict[str, tuple[Written, Declared]] = {}
    for one in entries(document, "inputs"):
        model = _model(one)
        if model is not None:
            found |= {name: (one, leaf) for name, leaf in flattened([model]).items()}
    return found


def literal_fault(one: Input, value: Any) -> list[Cause]:
    """Why an input would refuse a value that holds no expression."""
    if value is None or holds_expression(value) or one.type is InputType.FILE:
        return []
    kind = InputType.STRING if one.type is InputType.SECRET else one.type
    try:
        parsed = parse(kind, value, item=one.item_type)
        return violations(one, parsed, allowed=one.values)
    except Refused as error:
        return [error.cause]
    except ValueError:
        return []  # a bound of its own that cannot be read: told at the bound


def holds_expression(value: Any) -> bool:
    return any("{{" in text or "{%" in text for _, text in texts(value))


def _model(one: Written) -> Input | None:
    try:
        return Input.model_validate(one.data)
    except ValidationError:
        return None


def _of_a_task(document: Document, one: Written) -> list[Problem]:
    """Inputs of a Pause are raw in the model: their own mistakes are told here."""
    try:
        Input.model_validate(one.data)
    except ValidationError as error:
        return explain(error, document, base=one.path)
    return []


def _input(document: Document, one: Written) -> Iterator[Problem]:
    yield from _properties(document, one)
    model = _model(one)
    if model is None:
        return
    yield from _defaults(document, one, model)
    yield from _choices(document, one, model)
    yield from _limits(document, one, model)
    if model.type is InputType.FORM:
        yield from _form(document, one)
    if model.type is InputType.REUSABLE_INPUTS:
        yield from _reusable(document, one, model)


def _reusable(document: Document, one: Written, model: Input) -> Iterator[Problem]:
    if model.ref is None:
        yield _missing(document, one, "ref", "REUSABLE_INPUTS need the name of the set of inputs they stand for")
        return
    message = "this server keeps no reusable sets of inputs: write the inputs into the flow, as a FORM"
    yield document.problem("no-effect", message, (*one.path, "type"), severity=Severity.WARNING)


def _properties(document: Document, one: Written) -> Iterator[Problem]:
    if one.type_name not in InputType.__members__:
        return
    known = _COMMON | frozenset(INPUT_TYPES[InputType(one.type_name)].properties)
    for name in one.data.keys() & (own_properties() - known):
        meant = closest(name, known)
        hint = f"; did you mean `{meant}`?" if meant else ""
        path = (*one.path, name)
        yield document.problem(
            "unknown-property",
            f"an input of type {one.type_name} has no property `{name}`{hint}",
            path,
            span=document.key_span(path),
            legacy=unrecognized(name, input_class(one.type_name), known),
            fix=meant,
        )


def _defaults(document: Document, one: Written, model: Input) -> Iterator[Problem]:
    if model.type is InputType.FORM:
        if model.defaults is not None or model.prefill is not None:
            words = "A FORM input groups other inputs and cannot declare a default value or a prefill."
            yield _fault(document, one, "a FORM has no value of its own; give defaults to the inputs in it", words)
        return
    if model.defaults is not None and model.prefill is not None:
        words = "Inputs with a default value cannot also have a prefill."
        yield _fault(document, one, "write either `defaults` or `prefill`, not both", words, at="prefill")
    if model.defaults is not None and not model.required:
        message = "an input with `defaults` always has a value: `required: false` has no effect here"
        path = (*one.path, "required")
        yield document.problem("no-effect", message, path, severity=Severity.WARNING)
    if model.type is InputType.FILE:
        yield from _file_defaults(document, one, model)
    for name in ("defaults", "prefill"):
        for cause in literal_fault(model, getattr(model, name)):
            words = f"Invalid value for input `{model.id}`. Cause: {cause.words}"
            message = f"`{name}` does not fit the input `{model.id}`: {cause.meaning}"
            yield _fault(document, one, message, words, at=name)


def _file_defaults(document: Document, one: Written, model: Input) -> Iterator[Problem]:
    value = str(model.defaults)
    if model.defaults is not None and not holds_expression(value) and not value.startswith(("file:", "nsfile:")):
        words = (
            "inputs of type 'FILE' only support `defaults` as local files using a file URI or as namespace files"
            " using a nsfile URI"
        )
        message = "`defaults` of a FILE is the URI of a file: write nsfile:///name or file:///path"
        yield _fault(document, one, message, words, at="defaults")


def _choices(document: Document, one: Written, model: Input) -> Iterator[Problem]:
    if model.item_type in _NO_ITEMS:
        message = f"the entries of a list cannot be of type {model.item_type}"
        yield _fault(document, one, message, f"`itemType` cannot be {model.item_type}", at="itemType")
    if model.type is InputType.ARRAY and model.item_type is None:
        yield _missing(document, one, "itemType", "an ARRAY needs the type of its entries")
    if model.type in _CHOICES and model.values is None and model.expression is None:
        yield _missing(document, one, "values", f"a {model.type} needs `values`, or an `expression` that gives them")
    yield from _options(document, one, model)
    if model.type in _CHOICES and model.values is not None and model.expression is not None:
        message = "write either `values` or `expression`, not both"
        yield _fault(document, one, message, "only one of `values` or `expression` can be set", at="expression")


def _options(document: Document, one: Written, model: Input) -> Iterator[Problem]:
    """An entry may be a mapping: its label is shown, its value is what the flow receives."""
    name = "options" if "options" in one.data else "values"
    values: tuple[Any, ...] = model.values or ()
    for place, entry in enumerate(values):
        if isinstance(entry, dict) and "value" not in entry:
            message = "an entry that is a mapping needs a `value`, which the flow receives; its `label` is only shown"
            path = (*one.path, name, place)
            words = "Select option object must define a `value` field"
            yield document.problem("input", message, path, legacy=words, legacy_path=document.legacy_path(one.path))


def _limits(document: Document, one: Written, model: Input) -> Iterator[Problem]:
    if model.validator is not None:
        try:
            regex.compile(model.validator)
        except regex.error as error:
            message = f"`validator` is no regular expression: {error}"
            yield _fault(document, one, message, f"invalid pattern [{model.validator}]", at="validator")
    for low, high in (("min", "max"), ("after", "before")):
        yield from _order(document, one, model, low, high)


def _order(document: Document, one: Written, model: Input, low: str, high: str) -> Iterator[Problem]:
    """Each bound must be a value of the input's type, and the lower one must not be above the higher one."""
    values = [(name, getattr(model, name)) for name in (low, high)]
    for name, value in values:
        if value is not None and name in INPUT_TYPES[model.type].properties:
            bare = model.model_copy(update={low: None, high: None})
            for cause in literal_fault(bare, value):
                message = f"`{name}` is no value of type {model.type}: {cause.meaning}"
                words = f"`{name}` is no value of type {model.type}: {cause.words}"
                yield _fault(document, one, message, words, at=name)
                return
    if None not in (values[0][1], values[1][1]) and literal_fault(model.model_copy(update={low: None}), values[0][1]):
        yield _fault(document, one, f"`{low}` is above `{high}`", f"`{low}` must be less than `{high}`", at=low)


def _form(document: Document, one: Written) -> Iterator[Problem]:
    if not one.data.get("inputs"):
        yield _missing(document, one, "inputs", "a FORM needs the inputs that it groups")
    for child in mappings(one.data.get("inputs"), (*one.path, "inputs")):
        if child.type_name == "FORM":
            yield _fault(document, child, "a FORM cannot stand in a FORM", "A FORM input cannot contain another FORM.")
        else:
            yield from _input(document, child)


def _missing(document: Document, one: Written, name: str, message: str) -> Problem:
    path = (*one.path, name)
    return document.problem("missing", message, path, legacy="must not be null", legacy_path=document.legacy_path(path))


def _fault(document: Document, one: Written, message: str, legacy: str, *, at: str = "type") -> Problem:
    legacy_path = document.legacy_path(one.path)
    return document.problem("input", message, (*one.path, at), legacy=legacy, legacy_path=legacy_path)
