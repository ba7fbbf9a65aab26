"""`io.kestra.plugin.core.templating.TemplatedTask`: a task whose definition is rendered."""

from collections.abc import Mapping
from typing import Any, cast

import yaml

from tiercel.sdk import AnyOutput, RunContext, Task, TaskFailed

TYPE = "io.kestra.plugin.core.templating.TemplatedTask"
_OWN = ("id", "type", "description")
_DECIDED = ("retry", "timeout", "runIf", "when", "disabled", "allowFailure", "allowWarning", "logLevel")
"""What the engine decides before anything is rendered: it has an effect in the task itself only."""


class TemplatedTask(Task[AnyOutput], type=TYPE):
    """Run a task whose whole definition, its type too, is made by expressions."""

    example = """
        id: run_what_is_asked_for
        namespace: company.team
        inputs:
          - id: type
            type: STRING
            defaults: io.kestra.plugin.core.debug.Return
        tasks:
          - id: templated
            type: io.kestra.plugin.core.templating.TemplatedTask
            spec: |
              type: {{ inputs.type }}
              format: It is {{ now() }}
    """

    spec: str
    """The definition of one runnable task as YAML."""

    async def run(self, ctx: RunContext) -> AnyOutput:
        written = _read(self.spec)
        for name in _DECIDED:
            if name in written:
                ctx.log.warning(f"`{name}` has no effect in `spec`: write it beside `spec`")
        properties = {name: value for name, value in written.items() if name not in _OWN + _DECIDED}
        return AnyOutput(values=dict(await ctx.run_task(str(written["type"]), properties)))


def _read(spec: str) -> Mapping[str, Any]:
    try:
        written: Any = yaml.safe_load(spec)
    except yaml.YAMLError as error:
        raise TaskFailed(f"`spec` is no YAML: {error}") from error
    task: Mapping[str, Any] = cast(dict[str, Any], written) if isinstance(written, dict) else {}
    if not task.get("type"):
        raise TaskFailed("`spec` must be the definition of a task, with its `type`")
    if str(task["type"]).endswith("templating.TemplatedTask"):
        raise TaskFailed("a TemplatedTask cannot be the task that a TemplatedTask runs")
    return task
