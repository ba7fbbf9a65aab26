"""Outputs that expressions read: that the task can have run by then, and gives what is read."""

from textwrap import dedent

import pytest
from tests.definition.catalog import SmallCatalog

from tiercel.definition import Problem, Severity, check, read


def problems(body: str) -> tuple[Problem, ...]:
    return check(read(f"id: one\nnamespace: my.team\n{dedent(body)}"), SmallCatalog())


def told(body: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in problems(body)]


def task(name: str, *reads: str) -> str:
    expression = " ".join(f"{{{{ outputs.{one}.value }}}}" for one in reads)
    return f'{{id: {name}, type: core.debug.Return, format: "{expression}"}}'


def test_outputs_of_a_task_above_are_there() -> None:
    assert told(f"tasks:\n  - {task('a')}\n  - {task('b', 'a')}\n") == []


def test_outputs_of_a_task_below_and_of_the_task_itself_are_not() -> None:
    found = problems(f"tasks:\n  - {task('a', 'b', 'a')}\n  - {task('b')}\n")
    assert [(one.code, one.severity, one.line) for one in found] == [("unreachable", Severity.WARNING, 4)] * 2
    assert {one.message for one in found} == {
        "`b` runs after `a`: it has no outputs yet; put it above",
        "`a` reads its own outputs, which are there only when it is over",
    }


def test_the_place_is_that_of_the_name() -> None:
    (problem,) = problems(f"tasks:\n  - {task('first', 'later')}\n  - {task('later')}\n")
    line = f"  - {task('first', 'later')}"
    assert (problem.column, problem.end_column) == (line.index("later") + 1, line.index("later") + 6)


@pytest.mark.parametrize(
    ("holder", "is_there"),
    [
        ("type: core.flow.Sequential, tasks: [%s, %s]", True),
        ("type: core.flow.Parallel, tasks: [%s, %s]", False),
        ('type: core.flow.If, condition: "{{ inputs }}", then: [%s], else: [%s]', False),
        ("type: core.flow.Switch, value: x, cases: {x: [%s]}, defaults: [%s]", False),
        ("type: core.flow.Dag, tasks: [{task: %s}, {task: %s}]", False),
        ("type: core.flow.Dag, tasks: [{task: %s}, {task: %s, dependsOn: [a]}]", True),
        ("type: core.flow.ForEach, values: [1], tasks: [%s, %s]", True),
        ("type: core.flow.Loop, values: [1], tasks: [%s, %s]", True),
        ("type: core.flow.Sequential, tasks: [%s], errors: [%s]", True),
    ],
)
def test_tasks_of_one_flowable(holder: str, is_there: bool) -> None:
    body = f"tasks:\n  - {{id: holder, {holder % (task('a'), task('b', 'a'))}}}\n"
    assert told(body) == ([] if is_there else [("unreachable", 4)])


def test_a_dag_waits_over_others_too() -> None:
    chain = (
        f"[{{task: {task('a')}}}, {{task: {task('b')}, dependsOn: [a]}}, {{task: {task('c', 'a')}, dependsOn: [b]}}]"
    )
    assert told(f"tasks: [{{id: dag, type: core.flow.Dag, tasks: {chain}}}]\n") == []


def test_a_condition_is_rendered_before_what_it_decides_about() -> None:
    body = f'tasks: [{{id: c, type: core.flow.If, condition: "{{{{ outputs.a.value }}}}", then: [{task("a")}]}}]\n'
    assert told(body) == [("unreachable", 3)]


def test_a_loop_until_sees_its_own_tasks() -> None:
    condition = "{{ outputs.a.value == outputs.l.iterationCount }}"
    body = f'tasks: [{{id: l, type: core.flow.LoopUntil, condition: "{condition}", tasks: [{task("a", "b")}, {task("b")}]}}]\n'
    assert told(body) == []


def test_nobody_outside_sees_the_iterations_of_a_loop() -> None:
    body = f"""\
        tasks:
          - {{id: l, type: core.flow.Loop, values: [1], tasks: [{task("a")}]}}
          - {task("b", "a")}
        outputs:
          - {{id: o, type: STRING, value: "{{{{ outputs.a.value }}}}"}}
        """
    assert told(body) == [("unreachable", 5), ("unreachable", 7)]


def test_what_runs_at_the_end_sees_what_ran_before_and_not_after() -> None:
    body = f"""\
        tasks: [{task("a", "e", "f", "g")}]
        errors: [{task("e", "a", "f")}]
        finally: [{task("f", "a", "e", "g")}]
        afterExecution: [{task("g", "a", "e", "f")}]
        outputs: [{{id: o, type: STRING, value: "{{{{ outputs.f.value }}}} {{{{ outputs.g.value }}}}"}}]
        """
    assert told(body) == [("unreachable", line) for line in (3, 3, 3, 4, 5, 7)]


def test_a_disabled_task_never_has_outputs() -> None:
    off = "{id: a, type: core.debug.Return, disabled: true}"
    assert told(f"tasks:\n  - {off}\n  - {task('b', 'a')}\n") == [("unreachable", 5)]


def test_a_task_gives_what_its_type_gives() -> None:
    body = 'tasks:\n  - {id: a, type: core.debug.Return}\n  - {id: b, type: core.debug.Return, format: "%s"}\n'
    (problem,) = problems(body % "{{ outputs.a.valeu }}")
    assert (problem.code, problem.line, problem.fix) == ("unknown-output", 5, "value")
    assert told(body % "{{ outputs.a }} {{ outputs.a['value'] }} {{ outputs['a'].value }}") == []


def test_outputs_of_iterations_are_kept_by_value() -> None:
    loop = f"{{id: each, type: core.flow.ForEach, values: [x], tasks: [{task('a')}]}}"
    read_by_value = '{id: b, type: core.debug.Return, format: "{{ outputs.a.x.value }}"}'
    assert told(f"tasks:\n  - {loop}\n  - {read_by_value}\n") == []


def test_filters_functions_and_tests_that_are_not_there_are_told_at_their_names() -> None:
    expression = "{{ 'x' | uper }} {{ nwo() }} {{ 1 is evn }}"
    found = problems(f'tasks:\n  - id: a\n    type: core.debug.Return\n    format: "{expression}"\n')
    assert [(one.code, one.fix) for one in found] == [
        ("unknown-filter", "upper"),
        ("unknown-function", "now"),
        ("unknown-test", "even"),
    ]
    assert all(one.severity is Severity.WARNING and one.line == 6 for one in found)


def test_a_removed_function_is_an_info_with_the_new_one_beside() -> None:
    (problem,) = problems("tasks:\n  - id: a\n    type: core.debug.Return\n    format: \"{{ json('[]') }}\"\n")
    assert (problem.code, problem.severity, problem.fix) == ("old-name", Severity.INFO, "fromJson")
