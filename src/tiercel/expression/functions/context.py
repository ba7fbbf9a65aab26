"""Functions that look at the context of the rendering, and those that render text of it."""

from collections.abc import Mapping
from typing import Any, NoReturn

from tiercel.expression.callables import EVERYTHING, About, Arguments, Function, Path
from tiercel.expression.errors import ExpressionError
from tiercel.expression.passes import render_once, render_until_stable
from tiercel.expression.values import Value, is_integer, is_list, is_map


def _render(arguments: Arguments) -> Value:
    return _render_all(arguments, arguments.flag("recursive", True))


def _render_once(arguments: Arguments) -> Value:
    return _render_all(arguments, False)


def _render_all(arguments: Arguments, is_recursive: bool) -> Value:
    return _rendered(arguments.get("toRender"), arguments, is_recursive)


def _rendered(value: Value, arguments: Arguments, is_recursive: bool) -> Value:
    if isinstance(value, str):
        renders = render_until_stable if is_recursive else render_once
        return renders(value, arguments.rendering)
    if is_map(value):
        return {key: _rendered(item, arguments, is_recursive) for key, item in value.items()}
    if is_list(value):
        return [_rendered(item, arguments, is_recursive) for item in value]
    return value


def _env(arguments: Arguments) -> Value:
    name = arguments.needed("name")
    variables = arguments.rendering.world.get("envs")
    value = variables.get(name) if is_map(variables) else None
    return arguments.get("default") if value is None or (isinstance(value, str) and not value) else value


def _fetch_context(arguments: Arguments) -> Value:
    return dict(arguments.rendering.world)


def _tasks_with_state(arguments: Arguments) -> Value:
    state = arguments.text("state").upper()
    tasks = arguments.rendering.world.get("tasks")
    if not is_map(tasks):
        return []
    return [run for task, runs in tasks.items() for run in _runs(str(task), runs, ()) if run["state"] == state]


def _runs(task: str, runs: Value, values: tuple[str, ...]) -> list[dict[str, Value]]:
    """The runs of a task: one with a state, or one for each value, however deep."""
    if not is_map(runs):
        return []
    state = runs.get("state")
    if isinstance(state, str):
        return [{"state": state, "taskId": task, **({"value": values[-1]} if values else {})}]
    return [run for value, inner in runs.items() for run in _runs(task, inner, (*values, str(value)))]


def _loop_outputs(arguments: Arguments) -> Value:
    iterations, name = arguments.needed("outputs"), arguments.text("name")
    if not is_list(iterations):
        raise arguments.refused("outputs", "the list of a loop's iterations", "argument")
    return [_output_of(iteration, name) for iteration in iterations]


def _output_of(iteration: Value, name: str) -> Value:
    outputs = iteration.get("outputs") if is_map(iteration) else None
    return outputs.get(name) if is_map(outputs) else None


def _current_each_output(arguments: Arguments) -> Value:
    """What the loops around this task run are at, outermost first."""
    outputs, world = arguments.needed("outputs"), arguments.rendering.world
    for scope in [*reversed(_parents(world)), world]:
        outputs = _step_into(outputs, _at(scope, "taskrun", "value"))
    return outputs


def _step_into(outputs: Value, value: Value) -> Value:
    if value is None or not is_map(outputs):
        return outputs
    if value not in outputs:
        raise ExpressionError("missing", f"there is no output for the value `{value}`")
    return outputs[value]


def _iteration_output(arguments: Arguments) -> Value:
    """The value that a task gave in one turn of its loop: this task in the turn before, where nothing is said."""
    world = arguments.rendering.world
    task = arguments.optional_text("taskId") or _at(world, "task", "id")
    iteration = arguments.integer("iteration") if arguments.get("iteration") is not None else _turn(world) - 1
    runs = _at(world, "outputs", task)
    for loop in reversed(_parents(world)):
        value = _at(loop, "taskrun", "value")
        runs = _at(runs, value) if value is not None else runs
    if not is_map(runs):
        return None
    if not 0 <= iteration < len(runs):
        raise ExpressionError("missing", f"the task `{task}` has {len(runs)} iterations, and none that is {iteration}")
    return _at(list(runs.values())[iteration], "value")


def _turn(world: Value) -> int:
    turn = _at(world, "taskrun", "iteration")
    if not is_integer(turn):
        raise ExpressionError("missing", "`iterationOutput` without `iteration` can be called in a task of a loop only")
    return turn


def _parent_output(arguments: Arguments) -> Value:
    """The outputs of the task around this one; `index` counts from the outermost one."""
    parents = _parents(arguments.rendering.world)
    index = arguments.integer("index") if arguments.has("index") else len(parents) - 1
    if not 0 <= index < len(parents):
        raise ExpressionError("missing", f"the task has {len(parents)} parents, and none that is {index}")
    parent = parents[::-1][index]
    outputs = _at(arguments.rendering.world, "outputs", _at(parent, "task", "id"))
    value = _at(parent, "taskrun", "value")
    return outputs if value is None else _at(outputs, value)


def _parents(world: Value) -> list[Any]:
    """The tasks around this one, nearest first."""
    parents = _at(world, "parents")
    return list(parents) if is_list(parents) else []


def _at(value: Value, *names: Value) -> Value:
    """What lies at the end of these names; null where one of them is missing."""
    for name in names:
        value = value.get(name) if is_map(value) else None
    return value


def _block(arguments: Arguments) -> Value:
    name, rendering = arguments.text("name"), arguments.rendering
    write = rendering.template.program.blocks.get(name)
    if write is None:
        raise ExpressionError("missing", f"there is no block `{name}`")

    def run() -> str:
        written: list[Value] = []
        write(rendering, written)
        return rendering.join(written)

    return rendering.deeper(run)


def _parent(arguments: Arguments) -> NoReturn:
    raise ExpressionError("missing", "`parent()` has no meaning here: no template extends another one")


_OF_LOOPS: tuple[Path, ...] = (("taskrun",), ("task", "id"), ("parents",), ("outputs",))
FUNCTIONS: Mapping[str, Function] = {
    "render": Function(
        _render,
        "toRender, recursive=true",
        About(
            "A text, or every text in a list or map, rendered as a template, again and again until nothing changes.",
            "{% set name = 'Ada' %}{{ render('Hello {{ name }}') }} → Hello Ada",
        ),
        EVERYTHING,
    ),
    "renderOnce": Function(
        _render_once,
        "toRender",
        About(
            "A text, or every text in a list or map, rendered as a template once.",
            "{{ renderOnce('{{ 1 + 1 }}') }} → 2",
        ),
        EVERYTHING,
    ),
    "fetchContext": Function(
        _fetch_context,
        "",
        About("All variables that are there, as a map.", "{{ fetchContext() | keys | first }} → flow"),
        EVERYTHING,
    ),
    "printContext": Function(
        _fetch_context,
        "",
        About("All variables that are there, as a map.", "{{ printContext().inputs.name }} → Ada"),
        EVERYTHING,
    ),
    "env": Function(
        _env,
        "name, default?",
        About(
            "A variable of the server's environment: what `envs` holds, or the default.",
            "{{ env('region', 'nowhere') }} → nowhere",
            since="2.0",
        ),
        (("envs",),),
    ),
    "tasksWithState": Function(
        _tasks_with_state,
        "state",
        About(
            "The task runs in a state, each with `state`, `taskId` and, in loops, `value`.",
            '{{ tasksWithState(\'FAILED\') | first }} → {"state":"FAILED","taskId":"load"}',
        ),
        (("tasks",),),
    ),
    "loopOutputs": Function(
        _loop_outputs,
        "outputs, name",
        About(
            "One output of each iteration of a Loop; null where an iteration has none.",
            "{{ loopOutputs(outputs.each.outputs, 'rows') }} → [10,20]",
            since="2.0",
        ),
    ),
    "currentEachOutput": Function(
        _current_each_output,
        "outputs",
        About(
            "The outputs of a task for the values that the loops around are at.",
            "{{ currentEachOutput({'a': {'value': 1}, 'b': {'value': 2}}).value }} → 2",
            until="1.x",
            instead="outputs.task[taskrun.value]",
        ),
        _OF_LOOPS,
    ),
    "iterationOutput": Function(
        _iteration_output,
        "taskId?, iteration?",
        About(
            "The value that a task gave in one turn of its ForEach, counted from 0.",
            "{{ iterationOutput('fetch', 0) }} → 7",
            until="1.x",
            instead="loopOutputs",
        ),
        _OF_LOOPS,
    ),
    "parentOutput": Function(
        _parent_output,
        "index?",
        About(
            "The outputs of the task around this one, or of one further out, counted from the outermost.",
            "{{ parentOutput().total }} → 3",
            until="1.x",
            instead="parents",
        ),
        _OF_LOOPS,
    ),
    "block": Function(
        _block,
        "name",
        About("What a block of this template prints.", "{% block b %}x{% endblock %}{{ block('b') }} → xx"),
    ),
    "parent": Function(
        _parent,
        "",
        About("Understood, and an error: no template extends another one."),
    ),
}
