"""Functions that look at the context of the rendering, and those that render text of it."""

from collections.abc import Mapping
from typing import Any

from tiercel.expression.callables import EVERYTHING, Arguments, Function
from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import ensure_walkable
from tiercel.expression.passes import render_once, render_until_stable
from tiercel.expression.values import Value, is_list, is_map


def _render(arguments: Arguments) -> Value:
    if not arguments.has("toRender"):
        raise ExpressionError("argument", "`render` needs the argument `toRender`")
    return _render_all(arguments, arguments.flag("recursive", True))


def _render_once(arguments: Arguments) -> Value:
    if not arguments.has("toRender"):
        raise ExpressionError("argument", "`renderOnce` needs the argument `toRender`")
    return _render_all(arguments, False)


def _render_all(arguments: Arguments, is_recursive: bool) -> Value:
    ensure_walkable(arguments.get("toRender"))
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
    return arguments.get("default") if value is None or value == "" else value


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
        return [{"taskId": task, "state": state, **({"value": values[-1]} if values else {})}]
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
    parents = world.get("parents")
    scopes: list[Any] = [*reversed(list(parents)), world] if is_list(parents) else [world]
    for scope in scopes:
        run = scope.get("taskrun") if is_map(scope) else None
        value = run.get("value") if is_map(run) else None
        outputs = _step_into(outputs, value)
    return outputs


def _step_into(outputs: Value, value: Value) -> Value:
    if value is None or not is_map(outputs):
        return outputs
    if value not in outputs:
        raise ExpressionError("missing", f"there is no output for the value `{value}`")
    return outputs[value]


def _iteration_output(arguments: Arguments) -> Value:
    """The outputs of a task at one iteration of its loop."""
    task, iteration = arguments.text("taskId"), arguments.integer("iteration")
    outputs = arguments.rendering.world.get("outputs")
    runs = outputs.get(task) if is_map(outputs) else None
    values = list(runs.values()) if is_map(runs) else []
    if not 0 <= iteration < len(values):
        raise ExpressionError("missing", f"the task `{task}` has no iteration {iteration}")
    return values[iteration]


def _block(arguments: Arguments) -> Value:
    name, rendering = arguments.text("name"), arguments.rendering
    write = rendering.template.program.blocks.get(name)
    if write is None:
        raise ExpressionError("missing", f"there is no block `{name}`")
    rendering.spend()
    written: list[Value] = []
    write(rendering, written)
    return rendering.join(written)


_OF_LOOPS = (("taskrun",), ("parents",))
FUNCTIONS: Mapping[str, Function] = {
    "render": Function(_render, ("toRender", "recursive"), EVERYTHING),
    "renderOnce": Function(_render_once, ("toRender",), EVERYTHING),
    "fetchContext": Function(_fetch_context, reads=EVERYTHING),
    "printContext": Function(_fetch_context, reads=EVERYTHING),
    "env": Function(_env, ("name", "default"), (("envs",),)),
    "tasksWithState": Function(_tasks_with_state, ("state",), (("tasks",),)),
    "loopOutputs": Function(_loop_outputs, ("outputs", "name")),
    "currentEachOutput": Function(_current_each_output, ("outputs",), _OF_LOOPS),
    "iterationOutput": Function(_iteration_output, ("taskId", "iteration"), (("outputs",),)),
    "block": Function(_block, ("name",)),
}
