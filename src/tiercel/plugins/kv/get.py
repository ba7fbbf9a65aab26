"""`io.kestra.plugin.core.kv.Get`: reads the value of a key."""

from typing import Any

from tiercel.sdk import Output, RunContext, Task, TaskFailed


class GetOutput(Output, frozen=True):
    value: Any = None
    """The value with its type; null where the key is absent."""


class Get(Task[GetOutput], type="io.kestra.plugin.core.kv.Get"):
    """Read a value from the key-value store. Without a namespace those above the flow's are searched too."""

    example = """
        id: read_setting
        namespace: company.team
        tasks:
          - id: threshold
            type: io.kestra.plugin.core.kv.Get
            key: threshold
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "the threshold is {{ outputs.threshold.value ?? 'not set' }}"
    """

    key: str
    """The name of the value, within its namespace."""
    namespace: str | None = None
    """Where to look; without it, in the flow's namespace and in those above it."""
    error_on_missing: bool = False
    """Fail where the key is absent."""

    async def run(self, ctx: RunContext) -> GetOutput:
        entry = await ctx.kv.get(self.key, self.namespace)
        if entry is None and self.error_on_missing:
            raise TaskFailed(missing(self.key, self.namespace or ctx.info.namespace))
        return GetOutput(value=entry.value if entry else None)


def missing(key: str, namespace: str) -> str:
    """In the words of the original, which people search their logs for."""
    return f"No value found for key '{key}' in namespace '{namespace}' and `errorOnMissing` is set to true"
