"""Variables that hold an expression, where they are put in as they are written: since 0.14 only `render` renders them.

Within `variables` nothing is told: rendering one renders those it names.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from tiercel.definition.checks.expressions import reference, templates
from tiercel.definition.document import Document
from tiercel.definition.problem import Problem
from tiercel.definition.walk import tasks
from tiercel.model.flowable import SetVariables

_RENDERING = frozenset({"render", "renderOnce"})


def check_unrendered(document: Document) -> Iterator[Problem]:
    holding = _holding_expressions(document)
    if not holding or any(task.model is SetVariables for task in tasks(document)):
        return
    for path, template in templates(document):
        if path[0] == "variables" or _RENDERING & set(template.calls):
            continue
        for name in sorted({each[1] for each in template.names if each[:1] == ("vars",) and len(each) > 1} & holding):
            message = f"`vars.{name}` holds an expression and is put in as it is written: write render(vars.{name})"
            yield reference(document, path, template, name, message, code="unrendered")


def _holding_expressions(document: Document) -> frozenset[str]:
    variables = document.data.get("variables")
    if not isinstance(variables, dict):
        return frozenset()
    written = cast(Mapping[str, Any], variables)
    return frozenset(name for name, value in written.items() if isinstance(value, str) and "{{" in value)
