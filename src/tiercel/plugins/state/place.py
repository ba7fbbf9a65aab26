"""What the state tasks have in common: where a state is kept. `kv.*` is the way to write it today."""

from typing import Any, cast

from tiercel.sdk import OutputT, RunContext, Task


class StateTask(Task[OutputT]):
    """Base of the three."""

    name: str = "default"
    """The name of the state."""
    namespace: bool = False
    """Shared by all flows of the namespace, instead of kept for this flow."""
    taskrun_value: bool = True
    """Within a loop: one state for each value."""

    def key(self, ctx: RunContext) -> str:
        """The key of the key-value store."""
        flow = () if self.namespace else (ctx.info.flow_id,)
        value = (ctx.info.value,) if self.taskrun_value and ctx.info.value is not None else ()
        return "_".join((*flow, "states", self.name, *value))

    async def kept(self, ctx: RunContext) -> dict[str, Any] | None:
        """What is kept; None where nothing is."""
        entry = await ctx.kv.get(self.key(ctx), ctx.info.namespace)
        return None if entry is None else cast(dict[str, Any], entry.value)
