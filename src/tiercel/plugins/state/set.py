"""`io.kestra.plugin.core.state.Set`: keeps data for later executions."""

from typing import Any

from tiercel.plugins.state.place import StateTask
from tiercel.sdk import KvType, KvValue, Output, Raw, RunContext


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

    data: Raw[dict[str, Any]] = {}
    """What to keep, by name."""

    async def run(self, ctx: RunContext) -> SetOutput:
        kept = {**(await self.kept(ctx) or {}), **await ctx.render(self.data)}
        key = self.key(ctx)
        await ctx.kv.put(key, KvValue(KvType.JSON, kept))
        return SetOutput(count=len(kept), key=key)
