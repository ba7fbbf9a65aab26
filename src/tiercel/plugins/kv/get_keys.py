"""`io.kestra.plugin.core.kv.GetKeys`: lists the keys of a namespace."""

from tiercel.sdk import Output, RunContext, Task


class GetKeysOutput(Output, frozen=True):
    keys: list[str]
    """In alphabetical order; expired ones are left out."""


class GetKeys(Task[GetKeysOutput], type="io.kestra.plugin.core.kv.GetKeys"):
    """List the keys of a namespace."""

    example = """
        id: list_settings
        namespace: company.team
        tasks:
          - id: settings
            type: io.kestra.plugin.core.kv.GetKeys
            prefix: setting_
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.settings.keys }}"
    """

    prefix: str = ""
    """Only keys that begin with it."""
    namespace: str | None = None
    """Without it, that of the flow."""

    async def run(self, ctx: RunContext) -> GetKeysOutput:
        return GetKeysOutput(keys=[entry.key async for entry in ctx.kv.entries(self.namespace, prefix=self.prefix)])
