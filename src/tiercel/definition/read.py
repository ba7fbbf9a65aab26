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
from tiercel.definition.document import Document, Span
from tiercel.definition.mistakes import explain
from tiercel.definition.problem import Problem, errors, sort
from tiercel.definition.syntax import explain_syntax
from tiercel.model.flow import Flow

_REVISION_LINE = re.compile(r"^revision:[^\n]*(?:\n|\Z)", re.MULTILINE)
_DOCUMENT_START = re.compile(r"^---(?:[ \t]*$|[ \t]+(?=#))\n?", re.MULTILINE)
_NOT_OF_THE_FLOW = frozenset({"source", "exception"})


class Reading(msgspec.Struct, frozen=True):
    """What was read. `flow` is there when nothing forbids it, `document` when the text is YAML at all."""

    flow: Flow | None
    problems: tuple[Problem, ...]
    document: Document | None = None
    filename: str | None = None

    @property
    def is_valid(self) -> bool:
        return self.flow is not None and not errors(self.problems)


def read(text: str, *, filename: str | None = None) -> Reading:
    """Read the text of one flow. Never raises: what is wrong stands in the problems."""
    document, problems = parse(text)
    if document is None:
        return Reading(None, sort(problems), None, filename)
    flow, mistakes = _validate(document)
    found = sort([*problems, *mistakes])
    return Reading(None if errors(found) else flow, found, document, filename)


def read_stored(text: str) -> Reading:
    """Read a flow that was accepted once: properties that are no longer known are left out instead of refused."""
    reading = read(text)
    refused = errors(reading.problems)
    if reading.document is None or not refused or any(problem.code != "unknown-property" for problem in refused):
        return reading
    return read_data(without_unknown(reading.document), text=text)


def read_data(data: dict[str, Any], *, text: str = "") -> Reading:
    """The flow of data that has no text of its own (a JSON body, a definition with defaults put in)."""
    return read_document(Document(data, None, text))


def read_document(document: Document) -> Reading:
    """The flow of a document that was parsed."""
    flow, mistakes = _validate(document)
    return Reading(None if errors(mistakes) else flow, sort(mistakes), document)


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


def split(text: str) -> tuple[str, ...]:
    """The texts of a file that holds several flows, one after the other, divided by `---`."""
    return tuple(part for part in _DOCUMENT_START.split(text) if part.strip())


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


def _not_a_mapping(document: Document) -> Problem:
    return document.problem(
        "not-a-flow",
        "a flow is a mapping: write `id: my_flow`, `namespace: my.team` and `tasks:` each on its own line",
        span=Span(1, 1, 1, 1),
        legacy="Illegal Flow source: YAML syntax error: Invalid structure. Check indentation and ensure all fields are"
        " properly formatted. (at line 1)",
    )
