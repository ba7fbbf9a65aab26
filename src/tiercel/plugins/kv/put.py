"""`io.kestra.plugin.core.kv.Put`: writes a value of whatever type it has."""

from typing import Any

from tiercel.plugins.kv.get import missing
from tiercel.sdk import NoOutput, RunContext, Task, TaskFailed, value_of


class Put(Task[NoOutput], type="io.kestra.plugin.core.kv.Put"):
    """Write a value into the key-value store as it is: a text stays a text, a list or a map stays one."""

    example = """
        id: keep_settings
        namespace: company.team
        tasks:
          - id: keep
            type: io.kestra.plugin.core.kv.Put
            key: settings
            value:
              threshold: 100
              countries: [de, fr]
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ kv('settings').threshold }}"
    """

    key: str
    """The name of the value, within its namespace."""
    value: Any
    """What to keep."""
    namespace: str | None = None
    """Without it, that of the flow."""
    error_on_missing: bool = False
    """Fail where the key is not there yet."""

    async def run(self, ctx: RunContext) -> None:
        namespace = self.namespace or ctx.info.namespace
        if self.error_on_missing and await ctx.kv.get(self.key, namespace) is None:
            raise TaskFailed(missing(self.key, namespace))
        await ctx.kv.put(self.key, value_of(self.value), namespace=namespace)
