"""`io.kestra.plugin.core.state.Set`: keeps data for later executions."""

import json
from typing import Any, cast

from tiercel.plugins.state.place import StateTask
from tiercel.sdk import KvType, KvValue, Output, Raw, RunContext, TaskFailed


class SetOutput(Output, frozen=True):
    count: int
    """How many names the state has."""
    key: str
    """Where it is kept."""


class Set(StateTask[SetOutput], type="io.kestra.plugin.core.state.Set"):
    """Keep data for later executions; what is kept under other names stays. Today one would use `kv.Set`."""

    example = """
        id: remember_state
        namespace: company.team
        tasks:
          - id: remember
            type: io.kestra.plugin.core.state.Set
            data:
              last_run: "{{ execution.startDate }}"
    """

    data: Raw[dict[str, Any] | str] = {}
    """What to keep, by name: a map, or an expression that gives one."""

    async def run(self, ctx: RunContext) -> SetOutput:
        kept = {**(await self.kept(ctx) or {}), **_mapped(await ctx.render(self.data))}
        key = self.key(ctx)
        await ctx.kv.put(key, KvValue(KvType.JSON, kept))
        return SetOutput(count=len(kept), key=key)


def _mapped(rendered: Any) -> dict[str, Any]:
    """A rendered map, also as JSON text."""
    try:
        data: Any = json.loads(rendered) if isinstance(rendered, str) else rendered
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise TaskFailed(f"`data` must be a map or hold one as JSON, not {rendered!r}")
    return cast(dict[str, Any], data)
