"""From the text of a flow to the flow, and to everything that is wrong with the text: all at once, with line and column.

`check` (definition.check) goes on from here: it asks the catalog about types and looks at what belongs together.
"""

import re
from typing import Any, cast

import msgspec
from pydantic import ValidationError
from yaml import YAMLError

from tiercel.definition import yaml
from tiercel.definition.build import Builder
from tiercel.definition.defaults import NO_DEFAULTS, Defaults
from tiercel.definition.document import Document, Span
from tiercel.definition.mistakes import explain
from tiercel.definition.problem import Problem, errors, sort
from tiercel.definition.syntax import explain_syntax
from tiercel.model.flow import Flow

_REVISION_LINE = re.compile(r"^revision:[^\n]*(?:\n|\Z)", re.MULTILINE)
_NOT_OF_THE_FLOW = frozenset({"source", "exception"})


class Reading(msgspec.Struct, frozen=True):
    """What was read. `flow` is there when nothing forbids it, `document` when the text is YAML at all."""

    flow: Flow | None
    problems: tuple[Problem, ...]
    document: Document | None = None
    filename: str | None = None
    merged: Document | None = None
    """The document with plugin defaults put in, where there are any."""
    is_of_tests: bool = False
    """It is a file of unit tests, and no flow."""

    @property
    def is_valid(self) -> bool:
        return self.flow is not None and not errors(self.problems)


def read(text: str, *, filename: str | None = None, defaults: Defaults = NO_DEFAULTS) -> Reading:
    """Read the text of one flow. Never raises: what is wrong stands in the problems."""
    document, problems = parse(text)
    if document is None:
        return Reading(None, sort(problems), None, filename)
    if "testCases" in document.data and "tasks" not in document.data:
        return Reading(None, sort([*problems, _tests(document)]), None, filename, is_of_tests=True)
    reading = read_document(document, defaults=defaults)
    found = sort([*problems, *reading.problems])
    flow = None if errors(found) else reading.flow
    return msgspec.structs.replace(reading, flow=flow, problems=found, filename=filename)


def read_stored(text: str, *, defaults: Defaults = NO_DEFAULTS) -> Reading:
    """Read a flow that was accepted once: properties that are no longer known are left out instead of refused."""
    reading = read(text, defaults=defaults)
    refused = errors(reading.problems)
    if reading.document is None or not refused or any(problem.code != "unknown-property" for problem in refused):
        return reading
    return read_document(Document(without_unknown(reading.document), None, text), defaults=defaults)


def read_data(data: dict[str, Any], *, text: str = "") -> Reading:
    """The flow of data that has no text of its own (a JSON body)."""
    return read_document(Document(data, None, text))


def read_document(document: Document, *, defaults: Defaults = NO_DEFAULTS) -> Reading:
    """The flow of a document that was parsed."""
    flow, mistakes = _validate(document)
    given = defaults.over(document.data)
    merged = None if given is None else Document(given, document.root, document.text)
    if merged is not None and mistakes:
        flow, mistakes = _completed(merged, mistakes)
    return Reading(None if errors(mistakes) else flow, sort(mistakes), document, merged=merged)


def with_defaults(reading: Reading) -> Reading:
    """The reading with plugin defaults put in; itself where there are none.

    Properties that a default brings and a type does not know are left out. Where the defaults break the flow, the
    answer has their problems and no flow: the caller says so and runs the flow without them.
    """
    if reading.flow is None or reading.merged is None:
        return reading
    merged = read_document(reading.merged)
    if all(problem.code == "unknown-property" for problem in errors(merged.problems)):
        return read_data(without_unknown(reading.merged))
    return merged


def _completed(merged: Document, mistakes: list[Problem]) -> tuple[Flow | None, list[Problem]]:
    """What a default gives is not missing: the flow that has it, and the mistakes that are left."""
    flow, of_merged = _validate(Document(without_unknown(merged)))
    missing = {problem.path for problem in of_merged if problem.code == "missing"}
    return flow, [one for one in mistakes if one.code != "missing" or one.path in missing]


def parse(text: str) -> tuple[Document | None, list[Problem]]:
    """The data of a YAML text, where it is a mapping."""
    try:
        root = yaml.compose(text)
        if root is None:
            return None, [
                Problem("empty", "there is nothing here; a flow needs id, namespace and tasks", line=1, column=1)
            ]
        builder = Builder(text, root)
        data = builder.build(root)
    except (YAMLError, UnicodeEncodeError) as error:
        return None, [explain_syntax(error, text)]
    document = Document(cast(dict[str, Any], data) if isinstance(data, dict) else {}, root, text)
    if not isinstance(data, dict):
        return None, [*builder.problems, _not_a_mapping(document)]
    return document, builder.problems


def without_revision(text: str) -> str:
    """The text as it is stored: a `revision:` line of the flow itself is left out, the server counts revisions."""
    return _REVISION_LINE.sub("", text, count=1)


def _validate(document: Document) -> tuple[Flow | None, list[Problem]]:
    data = {name: value for name, value in document.data.items() if name not in _NOT_OF_THE_FLOW}
    try:
        return Flow.model_validate(data), []
    except ValidationError as error:
        return None, explain(error, document)


def without_unknown(document: Document) -> dict[str, Any]:
    """The data without the properties that nobody knows."""
    data = msgspec.json.decode(msgspec.json.encode(document.data))
    try:
        Flow.model_validate(data)
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False, include_context=False):
            if mistake["type"] == "extra_forbidden":
                owner = Document(data).at(mistake["loc"][:-1])
                cast(dict[str, Any], owner).pop(str(mistake["loc"][-1]), None)
    return data


def _tests(document: Document) -> Problem:
    path = ("testCases",)
    message = "this is a file of tests, which `tiercel test` runs; a flow has `tasks`"
    return document.problem("not-a-flow", message, path, span=document.key_span(path))


def _not_a_mapping(document: Document) -> Problem:
    return document.problem(
        "not-a-flow",
        "a flow is a mapping: write `id: my_flow`, `namespace: my.team` and `tasks:` each on its own line",
        span=Span(1, 1, 1, 1),
        legacy="Illegal Flow source: YAML syntax error: Invalid structure. Check indentation and ensure all fields are"
        " properly formatted. (at line 1)",
    )
