"""What expressions begin with: names that nobody has are told where no plugin can bring them along."""

import pytest
from tests.definition.catalog import SmallCatalog

from tiercel.definition import Problem, check, read

INPUTS = "inputs: [{id: who, type: STRING}]\nvariables: {table: t}\n"


def problems(task: str) -> tuple[Problem, ...]:
    return check(read(f"id: one\nnamespace: my.team\n{INPUTS}tasks:\n  - {task}\n"), SmallCatalog())


def log(message: str) -> str:
    return f"{{id: a, type: core.log.Log, message: '{message}'}}"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("who", "there is no `who`; did you mean `inputs.who`?"),
        ("table", "there is no `table`; did you mean `vars.table`?"),
        ("inpts", "there is no `inpts`; did you mean `inputs`?"),
        ("zz", "there is no `zz`; an expression begins with `inputs`, `outputs`, `vars` …"),
    ],
)
def test_a_name_that_nobody_has_is_told_where_it_is_rendered(name: str, words: str) -> None:
    [problem] = problems(log(f"{name} is {{{{ {name} }}}}"))
    assert (problem.code, problem.message) == ("unknown-name", words)
    line = f"  - {log(f'{name} is {{{{ {name} }}}}')}"
    assert problem.column == line.rindex(name) + 1


@pytest.mark.parametrize(
    "message",
    [
        "{% for x in 1..3 %}{{ x }}{{ loop.last }}{% endfor %}",
        "{% set x = inputs.who %}{{ x }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(1) }}",
        "{{ item.value }} {{ taskrun.value }} {{ _context }} {{ workingDir }}",
        "{{ zz ?? inputs.who }} {{ zz is defined }}",
        "{% raw %}{{ zz }}{% endraw %}{# {{ zz }} #}",
    ],
)
def test_names_of_a_template_s_own_and_of_every_execution_are_there(message: str) -> None:
    assert problems(log(message)) == ()


def test_a_plugin_may_bring_names_along() -> None:
    told = problems("{id: q, type: jdbc.postgresql.Query, sql: '{{ zz }}', url: x}")
    assert [one.code for one in told if one.code == "unknown-name"] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("form.city", None),
        ("form.citty", "there is no input `form.citty`; did you mean `city`?"),
        ("a.b", None),
        ("a.z", "there is no input `a.z`"),
        ("who.length", None),
    ],
)
def test_what_stands_below_a_group_of_inputs_is_known(name: str, words: str | None) -> None:
    form = "{id: form, type: FORM, inputs: [{id: city, type: STRING}]}"
    text = f"id: one\nnamespace: my.team\n{INPUTS}tasks:\n  - {log(f'{{{{ inputs.{name} }}}}')}\n"
    text = text.replace("inputs: [", f"inputs: [{form}, {{id: a.b, type: INT}}, ", 1)
    assert [one.message for one in check(read(text), SmallCatalog())] == ([words] if words else [])
