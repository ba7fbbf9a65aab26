"""Variables that hold an expression are told where nothing renders them."""

import pytest
from tests.definition.catalog import SmallCatalog

from tiercel.definition import check, read

VARIABLES = "variables: {day: '{{ now() }}', file: '{{ vars.day }}.csv', plain: text}\n"


def messages(message: str, *, further: str = "") -> list[str]:
    flow = f"id: one\nnamespace: my.team\n{VARIABLES}tasks:\n{further}  - id: a\n    type: core.log.Log\n    message: >-\n      {message}\n"
    return [problem.message for problem in check(read(flow), SmallCatalog()) if problem.code == "unrendered"]


def test_what_would_be_shown_as_it_is_written_is_told() -> None:
    assert messages("{{ vars.plain }} {{ vars.file }} {{ vars['day'] }}") == [
        "`vars.file` holds an expression and is put in as it is written: write render(vars.file)",
        "`vars.day` holds an expression and is put in as it is written: write render(vars.day)",
    ]


@pytest.mark.parametrize("message", ["{{ render(vars.file) }}", "{{ renderOnce(vars.day) }}", "{{ vars.plain }}"])
def test_what_is_rendered_or_holds_no_expression_is_not(message: str) -> None:
    assert messages(message) == []


def test_nothing_is_said_of_variables_that_change() -> None:
    task = "  - {id: s, type: io.kestra.plugin.core.execution.SetVariables, variables: {day: x}}\n"
    assert messages("{{ vars.day }}", further=task) == []
