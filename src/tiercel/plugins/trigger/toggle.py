"""`io.kestra.plugin.core.trigger.Toggle`: switches a trigger on or off."""

from tiercel.sdk import NoOutput, RunContext, Task


class Toggle(Task[NoOutput], type="io.kestra.plugin.core.trigger.Toggle"):
    """Switch a trigger of a flow on or off."""

    example = """
        id: stop_the_night_run
        namespace: company.team
        tasks:
          - id: stop
            type: io.kestra.plugin.core.trigger.Toggle
            flowId: night_run
            trigger: nightly
            enabled: false
    """

    trigger: str
    """The id of the trigger."""
    flow_id: str | None = None
    """The flow it stands in; without it, this one."""
    namespace: str | None = None
    """The flow's namespace; without it, that of this flow."""
    enabled: bool = False
    """On or off."""

    async def run(self, ctx: RunContext) -> None:
        await ctx.server.switch_trigger(
            self.trigger,
            namespace=self.namespace or ctx.info.namespace,
            flow_id=self.flow_id or ctx.info.flow_id,
            enabled=self.enabled,
        )
