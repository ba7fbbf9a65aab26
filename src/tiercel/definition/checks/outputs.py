"""Flow outputs: a literal value must be one that the output's type takes."""

from collections.abc import Iterator

from pydantic import ValidationError

from tiercel.definition.checks.inputs import holds_expression
from tiercel.definition.document import Document
from tiercel.definition.problem import Problem
from tiercel.definition.typed import Refused, parse
from tiercel.definition.walk import entries
from tiercel.model.flow import InputType, Output

_SCALARS = frozenset(InputType) - {
    InputType.ARRAY,
    InputType.MULTISELECT,
    InputType.JSON,
    InputType.YAML,
    InputType.FORM,
    InputType.REUSABLE_INPUTS,
    InputType.SECRET,
    InputType.FILE,
}


def check_outputs(document: Document) -> Iterator[Problem]:
    for one in entries(document, "outputs"):
        try:
            output = Output.model_validate(one.data)
        except ValidationError:
            continue
        if output.type in _SCALARS and not holds_expression(output.value):
            yield from _literal(document, output, (*one.path, "value"))


def _literal(document: Document, output: Output, path: tuple[str | int, ...]) -> Iterator[Problem]:
    try:
        parse(output.type, output.value)
    except Refused as error:
        words = f"Invalid value for output `{output.id}`. Cause: {error}"
        message = f"`value` is no {output.type}: {error.cause.meaning}"
        yield document.problem("output", message, path, legacy=words, legacy_path=document.legacy_path(path[:-1]))
